// What the page must say while Python does not run: what keeps 4XL from starting here, and that a
// picture was taken.
const notice = document.getElementById("notice");

const tell = (sentence) => {
  notice.hidden = false;
  notice.textContent = [notice.textContent, sentence].filter(Boolean).join(" ");
};

const storage_is_forbidden = () => {
  try {
    return !window.localStorage;
  } catch {
    return true;
  }
};

if (typeof WebAssembly === "undefined") {
  tell("This browser does not allow WebAssembly, which 4XL computes with. Allow it for this page, or use another browser.");
}
if (typeof Worker === "undefined") {
  tell("This browser does not allow web workers, in which 4XL computes. Allow them for this page, or use another browser.");
}
if (storage_is_forbidden()) {
  tell("Storage is forbidden for this page. 4XL works all the same, but keeps nothing and loads its parts anew each time.");
}


// Either interpreter, the page's or the worker's, tells here why it did not start (interpreter.mjs).
new BroadcastChannel("4xl-boot").addEventListener("message", ({ data }) =>
  tell(`4XL could not start: ${data}. Check the connection and reload the page.`),
);

// A picture can be chosen before Python runs; it stays in the input, and this shows that it was taken.
const file = document.getElementById("file");
file.addEventListener("change", () => {
  if (file.files.length) document.getElementById("picked").textContent = file.files[0].name;
});
