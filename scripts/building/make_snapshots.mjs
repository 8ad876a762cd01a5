// Boots Pyodide once, here, so that browsers need not: writes three files, all gzipped.
//   interpreter.bin   memory of an interpreter that has booted and imported common modules
//   packages.bin      a tar of the engine's packages, already compiled
//   pyscript.bin      a tar of what PyScript's own Python modules compile to
// usage: node make_snapshots.mjs PYODIDE_FOLDER PYSCRIPT_PACKAGE OUTPUT_FOLDER PACKAGE...
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const [pyodideFolder, pyscriptPackage, outputFolder, ...packages] = process.argv.slice(2);
const load = async (...path) => await import(pathToFileURL(resolve(join(...path))).href);
const { loadPyodide } = await load(pyodideFolder, "pyodide.mjs");
const { default: pyscriptSources } = await load(pyscriptPackage, "src/stdlib/pyscript.js");

const indexURL = resolve(pyodideFolder);
const python = (name) => readFileSync(new URL(name, import.meta.url), "utf8");
const write = (name, data) => writeFileSync(join(outputFolder, name), gzipSync(data, { level: 9 }));

// The memory holds no packages: compiled extensions cannot be in a snapshot.
const booted = await loadPyodide({ indexURL, packageBaseUrl: indexURL, _makeSnapshot: true });
booted.runPython(python("warm_up.py"));
write("interpreter.bin", booted.makeMemorySnapshot());

const complete = await loadPyodide({ indexURL, packageBaseUrl: indexURL, packages });
complete.runPython(python("pack_compiled.py"));
const pack = complete.globals.get("pack_compiled");
const sitePackages = complete.runPython("import sysconfig; sysconfig.get_path('purelib')");
write("packages.bin", pack(sitePackages, sitePackages).toJs());

writeSources("/sources", pyscriptSources);
write("pyscript.bin", pack.callKwargs("/sources", "/home/pyodide", { as_cache: true }).toJs());

process.exit(0); // An interpreter keeps its process alive.

// PyScript keeps its modules as an object: a folder is an object, a file a string.
function writeSources(folder, sources) {
  complete.FS.mkdirTree(folder);
  for (const [name, content] of Object.entries(sources)) {
    if (typeof content === "string") complete.FS.writeFile(`${folder}/${name}`, content);
    else writeSources(`${folder}/${name}`, content);
  }
}
