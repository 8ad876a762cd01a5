// Boots Pyodide once, here, so that browsers need not: writes two files, both gzipped.
//   interpreter.bin   memory of an interpreter that has booted and imported common modules
//   packages.bin      a tar of the engine's packages, already compiled
// usage: node make_snapshots.mjs PYODIDE_FOLDER OUTPUT_FOLDER PACKAGE...
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const [pyodideFolder, outputFolder, ...packages] = process.argv.slice(2);
const indexURL = resolve(pyodideFolder);
const { loadPyodide } = await import(pathToFileURL(join(indexURL, "pyodide.mjs")).href);

const python = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const write = (name, data) => writeFileSync(join(outputFolder, name), gzipSync(data, { level: 9 }));

// The memory of a page's interpreter holds no packages: compiled extensions cannot be in a snapshot.
const booted = await loadPyodide({ indexURL, packageBaseUrl: indexURL, _makeSnapshot: true });
booted.runPython(python("warm_up.py"));
write("interpreter.bin", booted.makeMemorySnapshot());

const complete = await loadPyodide({ indexURL, packageBaseUrl: indexURL, packages });
write("packages.bin", complete.runPython(python("pack_packages.py")).toJs());

process.exit(0); // An interpreter keeps its process alive.
