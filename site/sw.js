// The service worker. It isolates the page on hosts that send no headers for that, which is what several
// threads need, it keeps the site's files, so that 4XL starts without a network, and it takes the pictures
// that other apps share, which never reach the network.
// The build writes a line in front (scripts/building/keeping.py): const BUILT = { version, headers,
// files, files_on_use, size_bytes }; files are paths with their sha256, those on use only kept once used.

const SCOPE = registration.scope;
const OWN_CACHES = `4xl-site ${SCOPE} `; // boot/service_worker.mjs deletes them by these names
const HANDED_OVER = `4xl-shared ${SCOPE} `; // followed by when; page/picking/receiving.py reads and deletes them
const CACHE = OWN_CACHES + BUILT.version;
const SHA256 = { __proto__: null, ...BUILT.files, ...BUILT.files_on_use };
const MARK = `${SCOPE}sw.js?whole`; // in a cache that holds every file

// Whether this build's files are all here: answers come from them or from the network, never mixed.
let whole; // not known before the cache has been looked at
const looked = isWhole(CACHE).then((found) => (whole ??= found), () => (whole ??= false));
let keeping = null;
let isForgotten = false; // then nothing is kept any more, whatever is still under way

addEventListener("install", (event) => event.waitUntil(prepare()));
addEventListener("activate", (event) => event.waitUntil(tidy()));
addEventListener("message", (event) => event.waitUntil(obey(event)));
addEventListener("notificationclick", (event) => event.waitUntil(show(event)));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (isShared(request)) return event.respondWith(handOver(request));
  const path = pathOf(request);
  if (path === null) return;
  if (whole !== false && path in SHA256) event.respondWith(answer(event, path));
  else if (path === "config.json") event.respondWith(configuration(request));
  // Otherwise the browser asks the network itself, which is fastest.
  else if (isContext(request)) event.respondWith(isolate(request));
});

// An update takes over with all its files; a first installation must not wait for them.
async function prepare() {
  const whole_ones = await Promise.all((await ownCaches()).map(isWhole));
  if (whole_ones.some(Boolean)) await keepOnce();
}

async function tidy() {
  for (const name of await ownCaches()) if (name !== CACHE) await caches.delete(name);
  await dropStale();
}

async function obey({ data, ports: [reply] }) {
  if (data === "keep") reply.postMessage(await dropStale().then(keepOnce).then(() => true, () => false));
  if (data === "count pages") reply.postMessage(await countPages());
  if (data === "take over") await skipWaiting();
  if (data === "forget") reply.postMessage(await forget().then(() => true, () => false));
}

async function forget() {
  isForgotten = true;
  whole = false;
  const names = [...(await ownCaches()), ...(await handOvers())];
  await Promise.all(names.map((name) => caches.delete(name)));
}

// Where a page cannot show a notification itself, it is shown by the service worker, and so clicked on here.
async function show({ notification }) {
  notification.close();
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const own = pages.filter(({ url }) => url.startsWith(SCOPE));
  await (own.find(({ visibilityState }) => visibilityState === "hidden") ?? own[0])?.focus();
}

// The address that site/manifest.webmanifest names as its share target.
function isShared({ method, url }) {
  return method === "POST" && url === addressOf("share");
}

// Keeps the shared files until the page that opens now has read them.
async function handOver(request) {
  const name = HANDED_OVER + Date.now();
  try {
    await dropStale(); // or the page would take them, too
    const shared = await request.formData();
    const files = shared.getAll("pictures").filter((entry) => entry instanceof File);
    const cache = await caches.open(name);
    for (const [index, file] of files.entries()) {
      const headers = { "content-type": file.type, "x-name": encodeURIComponent(file.name) };
      await cache.put(addressOf(`shared/${index}`), new Response(file, { headers }));
    }
    return Response.redirect(addressOf("?shared"), 303);
  } catch {
    await caches.delete(name).catch(() => {}); // some may have found room
    return Response.redirect(addressOf("?not-shared"), 303);
  }
}

// What nobody has come for by then was shared with a page that was closed before it had started.
async function dropStale() {
  const PATIENCE_MS = 600_000;
  const isStale = (name) => Date.now() - Number(name.slice(HANDED_OVER.length)) > PATIENCE_MS;
  for (const name of await handOvers()) if (isStale(name)) await caches.delete(name);
}

async function handOvers() {
  return (await caches.keys()).filter((name) => name.startsWith(HANDED_OVER));
}

async function countPages() {
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  return pages.filter(({ url }) => url.startsWith(SCOPE)).length;
}

async function answer(event, path) {
  await looked;
  if (!whole) return fromNetwork(event.request);
  const found = await caches.match(addressOf(path), { cacheName: CACHE });
  if (found) return found;
  event.waitUntil(keep(path).catch(() => {})); // the network's answer will do
  return fromNetwork(event.request);
}

function fromNetwork(request) {
  return isContext(request) ? isolate(request) : fetch(request);
}

// Which server helps is up to the host of the moment, and never kept: without a network none does.
async function configuration(request) {
  return fetch(request).catch(() => Response.json({ server: null }));
}

function keepOnce() {
  keeping ??= keepAll().finally(() => (keeping = null));
  return keeping;
}

async function keepAll() {
  await looked;
  if (whole) return;
  const { quota = Infinity, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota - usage < BUILT.size_bytes) throw new Error("there is no room for the site's files");
  try {
    for (const path of Object.keys(BUILT.files)) await keep(path);
    await (await caches.open(CACHE)).put(MARK, new Response());
    whole = true;
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

async function keep(path) {
  if (isForgotten) throw new Error("nothing is kept any more");
  const cache = await caches.open(CACHE);
  if (await cache.match(addressOf(path))) return;
  for await (const found of sources(addressOf(path))) {
    if (!found?.ok) continue;
    const content = await found.arrayBuffer();
    if ((await isBuilt(path, content)) && !isForgotten) {
      const headers = isolated(found.headers);
      for (const name of ["content-encoding", "content-length", "vary"]) headers.delete(name); // of the transfer
      return cache.put(addressOf(path), new Response(content, { headers }));
    }
  }
  throw new Error(`${path} is not the one of build ${BUILT.version}`);
}

// Where a file may be, the cheapest first: in the build before, in the browser's cache however old, at the host.
async function* sources(address) {
  for (const cacheName of await ownCaches()) yield caches.match(address, { cacheName });
  yield fetch(address, { cache: "force-cache" });
  yield fetch(address, { cache: "reload" });
}

// Hosts write things of their own into pages, so a page is known by the version written in it.
async function isBuilt(path, content) {
  if (path.endsWith(".html")) return new TextDecoder().decode(content).includes(BUILT.version);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return sha256 === SHA256[path];
}

async function isolate(request) {
  const found = await fetch(request);
  if (found.type === "opaqueredirect") return found;
  const { status, statusText } = found;
  return new Response(found.body, { status, statusText, headers: isolated(found.headers) });
}

// The host's own headers stand; those it lacks are added.
function isolated(given) {
  const headers = new Headers(given);
  for (const [name, value] of Object.entries(BUILT.headers)) if (!headers.has(name)) headers.set(name, value);
  return headers;
}

// Pages and workers are what headers isolate.
function isContext({ mode, destination }) {
  return mode === "navigate" || destination === "worker" || destination === "sharedworker";
}

// Path below the scope as the build names it; null for what is not read, or not from there.
function pathOf({ method, url }) {
  const { origin, pathname } = new URL(url);
  const address = origin + pathname;
  if (method !== "GET" || !address.startsWith(SCOPE)) return null;
  return address.slice(SCOPE.length) || "index.html";
}

function addressOf(path) {
  return new URL(path, SCOPE).href;
}

async function ownCaches() {
  return (await caches.keys()).filter((name) => name.startsWith(OWN_CACHES));
}

async function isWhole(cacheName) {
  return Boolean(await caches.match(MARK, { cacheName }));
}
