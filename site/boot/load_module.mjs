// Loads JavaScript modules for Python when they are first needed. In Python:
//     from pyscript.js_modules import boot
//     ort = await boot.load_module(f"{boot.onnxruntime_url}ort.wasm.min.mjs")
//     ort.env.wasm.wasmPaths = boot.onnxruntime_url
// Addresses that are not absolute are taken relative to this file's folder.

export const onnxruntime_url = new URL("../vendor/onnxruntime/", import.meta.url).href;

export const client_zip_url = new URL("../vendor/client-zip/index.js", import.meta.url).href;

export const load_module = (address) => import(new URL(address, import.meta.url).href);

// A worker for networks that nobody knows yet.
export const trial_url = new URL("./trial.mjs", import.meta.url).href;
