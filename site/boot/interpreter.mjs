// The interpreter PyScript is told to use, for the page and for the engine alike: Pyodide from our own
// folder, started from a snapshot of its memory instead of from nothing. PyScript knows no difference.
// Both take the same addresses, so the browser fetches and compiles everything once.
import { loadPyodide as loadPlain, version } from "../vendor/pyodide/pyodide.mjs";
import { unpack } from "./unpack.mjs";

export { version };

const indexURL = new URL("../vendor/pyodide/", import.meta.url).href;
const home = "/home/pyodide";
const sitePackages = "/lib/python3.14/site-packages";

// packageBaseUrl keeps Pyodide from asking its content delivery network for anything.
const places = { indexURL, packageBaseUrl: indexURL };

// Fetching starts with this module, before PyScript asks for an interpreter. Rejections are looked at then.
let fetched = {
  memory: inflate("../vendor/snapshots/interpreter.bin"),
  pyscript: inflate("../vendor/snapshots/pyscript.bin"),
  packed: "WorkerGlobalScope" in globalThis ? inflate("../vendor/snapshots/packages.bin") : null,
};
for (const promise of Object.values(fetched)) promise?.catch(() => {});

export async function loadPyodide(options) {
  try {
    return await restore(options);
  } catch (error) {
    console.warn("The interpreter's snapshot could not be used; starting without it.", error);
    return loadPlain({ ...options, ...places }).catch(report);
  }
}

// Nothing is left to try: preflight.mjs tells the person. In a worker the rejection itself gets there.
function report(error) {
  globalThis.document?.dispatchEvent(new CustomEvent("4xl:not-started", { detail: error }));
  throw error;
}

async function restore({ packages = [], ...options }) {
  // Awaited first: a missing file must fail here, not inside a half-started interpreter.
  const [memory, pyscript, packed] = await Promise.all([fetched.memory, fetched.pyscript, fetched.packed]);
  fetched = null; // or their 40 MB would stay for good
  const pyodide = await loadPlain({ ...options, ...places, _loadSnapshot: memory });
  const tars = { [home]: pyscript, ...(packages.length && { [sitePackages]: packed }) };
  for (const [folder, tar] of Object.entries(tars)) unpack(tar, pyodide.FS, folder);
  // PyScript unpacks our own Python with this; Pyodide's way is to have Python do it.
  const { unpackArchive } = pyodide;
  pyodide.unpackArchive = (data, format, { extractDir }) =>
    format === "tar"
      ? unpack(new Uint8Array(data), pyodide.FS, `${home}/${extractDir}`)
      : unpackArchive.call(pyodide, data, format, { extractDir });
  // What came out of the snapshot would otherwise be the same numbers for everybody.
  pyodide.runPython("import importlib, random; importlib.invalidate_caches(); random.seed()");
  return pyodide;
}

// Inflated here and not by the server: a plain host would send 30 MB.
async function inflate(address) {
  const answer = await fetch(new URL(address, import.meta.url));
  if (!answer.ok) throw new Error(`${answer.status} for ${answer.url}`);
  const stream = answer.body.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
