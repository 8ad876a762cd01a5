// What the page must say while Python does not run: what keeps 4XL from starting here, and that a
// picture was taken.
import { say } from "./language.mjs";

const notice = document.getElementById("notice");

// Each sentence keeps its key, so that it is told again in a language chosen later.
const tell = (key, values = {}) => {
  const sentence = document.createElement("span");
  sentence.dataset.say = key;
  sentence.dataset.sayValues = JSON.stringify(values);
  sentence.textContent = say(key, values);
  notice.append(notice.hidden ? "" : " ", sentence);
  notice.hidden = false;
};

if (typeof WebAssembly === "undefined") tell("start.no-wasm");
if (typeof Worker === "undefined") tell("start.no-workers");
// PyScript opens a database of its own when it starts; a browser may refuse at once, or in the answer.
try {
  const name = "4xl-preflight";
  const request = indexedDB.open(name);
  request.onerror = () => tell("start.no-storage");
  request.onsuccess = () => {
    request.result.close();
    indexedDB.deleteDatabase(name);
  };
} catch {
  tell("start.no-storage");
}

const tell_not_started = (reason) => tell("start.not-started", { reason: `${reason?.message ?? reason}` });

const is_started = () => document.documentElement.dataset.engine === "ready"; // page/engine.py says so

// From interpreter.mjs and start.mjs, which know when an interpreter does not start.
document.addEventListener("4xl:not-started", ({ detail }) => {
  document.documentElement.dataset.notStarted = "yes"; // the page's Python may come later, and reads it
  tell_not_started(detail);
});

// Whatever else PyScript cannot fetch or start ends here …
addEventListener("unhandledrejection", ({ reason }) => {
  if (!is_started()) document.dispatchEvent(new CustomEvent("4xl:not-started", { detail: reason }));
});

// … or nowhere: Pyodide waits for ever for a WebAssembly file that does not come.
const PATIENCE_MS = 60_000;
setTimeout(() => {
  if (!is_started() && notice.hidden) {
    tell("start.slow");
  }
}, PATIENCE_MS);

// A picture can be chosen before Python runs; it stays in the input, and this shows that it was taken.
const file = document.getElementById("file");
const show_name = () => {
  const is_network = file.files[0]?.name.toLowerCase().endsWith(".onnx");
  if (file.files.length && !is_network) document.getElementById("picked").textContent = file.files[0].name;
};
file.addEventListener("change", show_name);
show_name(); // it may have been chosen even before this ran
