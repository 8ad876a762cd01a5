// What the page must say while Python does not run: what keeps 4XL from starting here, and that a
// picture was taken.
const notice = document.getElementById("notice");

const tell = (sentence) => {
  notice.hidden = false;
  notice.textContent = [notice.textContent, sentence].filter(Boolean).join(" ");
};

if (typeof WebAssembly === "undefined") {
  tell("This browser does not allow WebAssembly, which 4XL computes with. Allow it for this page, or use another browser.");
}
if (typeof Worker === "undefined") {
  tell("This browser does not allow web workers, in which 4XL computes. Allow them for this page, or use another browser.");
}
// PyScript opens a database of its own when it starts; a browser may refuse at once, or in the answer.
const storage_sentence =
  "This browser forbids this page to store anything, and PyScript, which 4XL runs on, does not start without a store. " +
  "Allow cookies and site data for this page, or open it in a tab of its own.";
try {
  const name = "4xl-preflight";
  const request = indexedDB.open(name);
  request.onerror = () => tell(storage_sentence);
  request.onsuccess = () => {
    request.result.close();
    indexedDB.deleteDatabase(name);
  };
} catch {
  tell(storage_sentence);
}

const tell_not_started = (reason) =>
  tell(`4XL could not start (${reason?.message ?? reason}). Check the connection and reload the page.`);

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
    tell("Starting takes unusually long. On a slow connection, wait; if nothing happens, reload the page.");
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
