// What 4XL is measured against: the shortest honest way from a picture to its enlargement without Python.
// A canvas decodes, tiles of 192 px that overlap by 16 px go through onnxruntime-web one by one on the page's
// own thread, a canvas joins and encodes them. Address: ?model=NAME&threads=1&tile=192
import * as ort from "../vendor/onnxruntime/ort.wasm.min.mjs";

const SCALE = 4;
const OVERLAP = 16;

const wanted = new URLSearchParams(location.search);
const tile = Number(wanted.get("tile") ?? 192);

ort.env.wasm.wasmPaths = new URL("../vendor/onnxruntime/", import.meta.url).href;
ort.env.wasm.numThreads = Number(wanted.get("threads") ?? 1);
ort.env.logLevel = "error";
const session = await ort.InferenceSession.create(`../models/${wanted.get("model")}.onnx`, {
  executionProviders: ["wasm"],
  graphOptimizationLevel: "all",
});

const [file, button, status, link] = ["file", "enhance", "status", "download"].map((id) =>
  document.getElementById(id),
);
file.addEventListener("change", () => {
  button.disabled = !file.files.length;
});
button.addEventListener("click", async () => {
  try {
    const blob = await enlarge(file.files[0]);
    URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(blob);
  } catch (error) {
    status.textContent = String(error);
    status.classList.add("error");
  }
});
status.textContent = "Ready";

// Returns the PNG of the picture in a file, four times larger.
async function enlarge(picture) {
  const bitmap = await createImageBitmap(picture);
  const { width, height } = bitmap;
  // Both canvases are read back, so they belong into main memory.
  const source = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  source.drawImage(bitmap, 0, 0);
  bitmap.close();
  const canvas = document.createElement("canvas");
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const target = canvas.getContext("2d", { willReadFrequently: true });
  for (const top of starts(height)) {
    for (const left of starts(width)) {
      const region = source.getImageData(left, top, Math.min(tile, width - left), Math.min(tile, height - top));
      const result = await run(region);
      // Half of the overlap with the tile before is that tile's.
      const [x, y] = [left, top].map((start) => (start ? (OVERLAP / 2) * SCALE : 0));
      target.putImageData(result, left * SCALE, top * SCALE, x, y, result.width - x, result.height - y);
    }
  }
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

// Returns where the tiles begin along a side of that length.
function starts(length) {
  const found = [0];
  while (found.at(-1) + tile < length) found.push(found.at(-1) + tile - OVERLAP);
  return found;
}

// Returns the ImageData of a region, four times larger.
async function run({ data, width, height }) {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let pixel = 0; pixel < area; pixel++) {
    planes[pixel] = data[4 * pixel] / 255;
    planes[area + pixel] = data[4 * pixel + 1] / 255;
    planes[2 * area + pixel] = data[4 * pixel + 2] / 255;
  }
  const input = new ort.Tensor("float32", planes, [1, 3, height, width]);
  const { [session.outputNames[0]]: output } = await session.run({ [session.inputNames[0]]: input });
  const values = output.data;
  const result = new ImageData(width * SCALE, height * SCALE);
  const [pixels, count] = [result.data, area * SCALE * SCALE];
  for (let pixel = 0; pixel < count; pixel++) {
    // A clamped array rounds and clips by itself.
    pixels[4 * pixel] = values[pixel] * 255;
    pixels[4 * pixel + 1] = values[count + pixel] * 255;
    pixels[4 * pixel + 2] = values[2 * count + pixel] * 255;
    pixels[4 * pixel + 3] = 255;
  }
  input.dispose();
  output.dispose();
  return result;
}
