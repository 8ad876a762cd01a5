// Unpacks a tar into Pyodide's file system. Python's own tarfile takes fifty times as long.
const BLOCK = 512;
const decoder = new TextDecoder();

// The tar's bytes become the files' bytes without a copy, so they must not be changed afterwards.
export function unpack(tar, FS, folder) {
  const known = new Set();
  for (let at = 0; tar[at]; ) {
    const field = (start, length) => text(tar.subarray(at + start, at + start + length));
    const prefix = field(345, 155);
    const path = `${folder}/${prefix ? `${prefix}/` : ""}${field(0, 100)}`;
    const size = parseInt(field(124, 12), 8);
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (!known.has(parent)) FS.mkdirTree(parent);
    known.add(parent);
    at += BLOCK;
    FS.writeFile(path, tar.subarray(at, at + size), { canOwn: true });
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
}

// Fields of a tar's header are filled up with zeros.
function text(field) {
  const end = field.indexOf(0);
  return decoder.decode(end < 0 ? field : field.subarray(0, end));
}
