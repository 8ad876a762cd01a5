// Starts PyScript: `<script type="module" src="boot/start.mjs">` is what a page needs.
import { decided } from "./service_worker.mjs";

// PyScript prepares MicroPython on every page, with every plugin; ours has none, and ships no plugins.
const unused = document.createElement("mpy-config");
unused.textContent = JSON.stringify({
  plugins: ["!codemirror", "!deprecations-manager", "!donkey", "!py-editor", "!py-game", "!py-terminal"],
});
document.head.append(unused);

await decided; // or the page may reload
const { hooks } = await import("../vendor/pyscript/core.js");

// PyScript hands this one hook to its workers as a string to eval, which our Content-Security-Policy
// forbids. It only provides pyscript.fs, which the engine does not use. PyScript looks at the hooks
// after it has fetched a further file, so this comes in time.
hooks.worker.onBeforeRunAsync.clear();

// The page's Python would wait for a worker that failed to start, so the person is told from here.
hooks.main.onWorker.add((_, worker) =>
  worker.ready.catch((error) => document.dispatchEvent(new CustomEvent("4xl:not-started", { detail: error }))),
);
