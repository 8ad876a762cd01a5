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

// What PyScript cannot fetch or start, on the page or in the worker, ends as a rejected promise here.
// Once the engine offers its models it has started.
addEventListener("unhandledrejection", ({ reason }) => {
  if (document.getElementById("purpose").textContent) return;
  tell(`4XL could not start (${reason?.message ?? reason}). Check the connection and reload the page.`);
});

// A picture can be chosen before Python runs; it stays in the input, and this shows that it was taken.
const file = document.getElementById("file");
file.addEventListener("change", () => {
  if (file.files.length) document.getElementById("picked").textContent = file.files[0].name;
});
