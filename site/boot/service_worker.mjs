// Registers sw.js, which gives the page several threads on any host and keeps it for use without a network.
// Whatever goes wrong here leaves the page working, in one thread and with a network.
import { say } from "./language.mjs";

const scope = new URL("../", import.meta.url).href;
const script = new URL("sw.js", scope).href;
const container = navigator.serviceWorker;
const [file, status, kept, wanted] = ["file", "status", "kept", "service-worker"].map((id) => document.getElementById(id));
const [arrived] = new URLSearchParams(location.search).keys(); // how the page was opened, in one word

const CHOICE = "4xl-service-worker"; // in localStorage: "off"
const RELOADED = "4xl-reloaded"; // in sessionStorage, while the reload has not brought what it was for
const PATIENCE_MS = 3_000;
const late = new Error("the service worker takes its time");

// Storage may be forbidden: then nothing is remembered, and the page never reloads by itself.
const attempt = (action) => {
  try {
    return action();
  } catch {
    return null;
  }
};
const recall = (storage, name) => attempt(() => globalThis[storage].getItem(name));
const forget = (storage, name) => attempt(() => globalThis[storage].removeItem(name));
const remember = (storage, name, value) =>
  attempt(() => globalThis[storage].setItem(name, value)) !== null && recall(storage, name) === value;

let isTouched = ["shared", "opened"].includes(arrived); // pictures are on their way in
for (const kind of ["pointerdown", "keydown", "dragenter"]) {
  addEventListener(kind, () => (isTouched = true), { once: true, passive: true });
}

// Settles when this visit goes on; Python must not start before a reload. What it settles with, Python
// reads too: why there is one thread, in a word of fourxl_web/worker/threads.py, or "".
export const decided = decide()
  .catch(() => "failed")
  .then((word) => (document.documentElement.dataset.oneThread = word));

async function decide() {
  const asked = new URLSearchParams(location.search).get("isolation");
  wanted.checked = asked === "on" || (asked !== "off" && recall("localStorage", CHOICE) !== "off");
  wanted.addEventListener("change", choose);
  if (asked) choose();
  if (!wanted.checked) return "off";
  if (arrived === "forgotten") {
    document.documentElement.dataset.forgotten = "yes"; // page/timing/estimating.py stores nothing unasked then
    forget("sessionStorage", RELOADED); // it comes back with a page that is not isolated, as this one may be
    return crossOriginIsolated ? "" : "later"; // a visit that keeps nothing
  }
  if (top !== self) return crossOriginIsolated ? "" : "framed"; // the page around this one decides
  if (!container) return crossOriginIsolated ? "" : isSecureContext ? "unsupported" : "insecure";
  keepWhenReady();
  const controlled = container.controller?.scriptURL === script;
  if (controlled) await takeOver();
  if (crossOriginIsolated) {
    forget("sessionStorage", RELOADED);
    return "";
  }
  // Where a reload has changed nothing, another one would not either.
  if (controlled || recall("sessionStorage", RELOADED)) return "failed";
  return await isolate();
}

// Why there is one thread in this visit; without one the page reloads, isolated by the service worker.
async function isolate() {
  const said = status.textContent;
  if (!isInUse()) status.textContent = say("start.reload-threads");
  try {
    await within(PATIENCE_MS, activeWorker());
    await reload();
    return "later";
  } catch (error) {
    return error === late ? "later" : "failed";
  } finally {
    status.textContent = said;
  }
}

// A newer build that is kept completely takes over before this one has started, unless other pages run this one.
async function takeOver() {
  const waiting = (await container.getRegistration(scope))?.waiting;
  if (!waiting || isInUse() || recall("sessionStorage", RELOADED)) return;
  const pages = await within(PATIENCE_MS, ask(waiting, "count pages")).catch(() => Infinity);
  if (pages > 1 || isInUse()) return;
  const taken = new Promise((resolve) => container.addEventListener("controllerchange", resolve, { once: true }));
  waiting.postMessage("take over");
  status.textContent = say("start.reload-version");
  await taken; // as soon as the old one has answered what it was asked; going on now would mix the two
  await reload();
}

// Ends only where the page goes on as it is, so as not to lose the picture the person has chosen.
function reload() {
  return new Promise((resolve) => {
    if (isInUse() || !remember("sessionStorage", RELOADED, "yes")) return resolve();
    const stay = () => {
      stop();
      resolve();
    };
    file.addEventListener("change", stay, { once: true });
    location.reload();
  });
}

// A person who has clicked may be looking for a picture right now.
function isInUse() {
  return isTouched || file.files.length > 0;
}

// Once the engine is ready, so that nothing slows the start down.
function keepWhenReady() {
  const keep = async () => (kept.hidden = !(await ask(await activeWorker(), "keep")));
  const watcher = new MutationObserver(() => {
    watcher.disconnect();
    setTimeout(() => keep().catch(() => {})); // it goes on without being kept
  });
  watcher.observe(document.documentElement, { attributeFilter: ["data-engine"] }); // page/engine.py says so
}

function choose() {
  if (wanted.checked) return forget("localStorage", CHOICE);
  remember("localStorage", CHOICE, "off");
  kept.hidden = true;
  remove().catch(() => {}); // what cannot be reached cannot be registered either
}

// Deletes what the service worker has kept, and the service worker. page/device/forgetting.py calls it too.
export async function remove() {
  if (!container || !globalThis.caches) return; // nothing can be kept here
  const registration = await container.getRegistration(scope);
  if (registration?.scope === scope) {
    const { active } = registration;
    if (active) await within(PATIENCE_MS, ask(active, "forget")).catch(() => {}); // or it would fill them again
    await registration.unregister();
  }
  const names = [`4xl-site ${scope} `, `4xl-shared ${scope} `];
  const own = (await caches.keys()).filter((name) => names.some((start) => name.startsWith(start)));
  await Promise.all(own.map((name) => caches.delete(name)));
}

async function activeWorker() {
  const { active, waiting, installing } = await container.register(script, { scope });
  const worker = active ?? waiting ?? installing;
  return new Promise((resolve, reject) => {
    const look = () => {
      if (worker.state === "activated") resolve(worker);
      if (worker.state === "redundant") reject(new Error("the service worker could not be installed"));
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

export function ask(worker, word) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    worker.postMessage(word, [port2]);
  });
}

function within(patience_ms, promise) {
  return Promise.race([promise, new Promise((_, reject) => setTimeout(reject, patience_ms, late))]);
}
