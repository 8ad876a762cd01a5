// The interpreter PyScript is told to use, for the page and for the engine alike: Pyodide from our own
// folder. Both take the same address, so the browser compiles its WebAssembly once.
import { loadPyodide as loadPlain, version } from "../vendor/pyodide/pyodide.mjs";

export { version };

const indexURL = new URL("../vendor/pyodide/", import.meta.url).href;

// packageBaseUrl keeps Pyodide from asking its content delivery network for anything.
export const loadPyodide = (options) => loadPlain({ ...options, indexURL, packageBaseUrl: indexURL });
