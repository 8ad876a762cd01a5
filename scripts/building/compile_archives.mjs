// Compiles tars of Python sources with the Python that will run them, each in its place.
// usage: node compile_archives.mjs PYODIDE_FOLDER SNAPSHOTS_FOLDER TAR...
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";

const [pyodideFolder, snapshotsFolder, ...tars] = process.argv.slice(2);
const indexURL = resolve(pyodideFolder);
const { loadPyodide } = await import(pathToFileURL(join(indexURL, "pyodide.mjs")).href);

const memory = new Uint8Array(gunzipSync(readFileSync(join(snapshotsFolder, "interpreter.bin"))));
const pyodide = await loadPyodide({ indexURL, packageBaseUrl: indexURL, _loadSnapshot: memory });
pyodide.runPython(readFileSync(new URL("pack_compiled.py", import.meta.url), "utf8"));
const pack = pyodide.globals.get("pack_compiled");

for (const [number, tar] of tars.entries()) {
  const folder = `/sources-${number}`;
  pyodide.unpackArchive(new Uint8Array(readFileSync(tar)), "tar", { extractDir: folder });
  writeFileSync(tar, pack(folder, "/home/pyodide").toJs());
}

process.exit(0); // An interpreter keeps its process alive.
