// Starts PyScript: `<script type="module" src="boot/start.mjs">` is what a page needs.
import { hooks } from "../vendor/pyscript/core.js";

// PyScript hands this one hook to its workers as a string to eval, which our Content-Security-Policy
// forbids. It only provides pyscript.fs, which the engine does not use. PyScript looks at the hooks
// after it has imported a further chunk, so this comes in time.
hooks.worker.onBeforeRunAsync.clear();
