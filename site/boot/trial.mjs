// Runs a network that nobody knows yet, in a worker that can be ended with all that it holds: one
// that never finishes, or takes all memory, harms nothing else. Asked and answered by
// fourxl_web/worker/trial.py, one question at a time.

let ort, session;

const described = (ports) =>
  ports.map((port) => ({ name: port.name, dtype: port.isTensor ? port.type : "other than a tensor", shape: port.shape ?? [] }));

const open = async ({ folder, module, graph }) => {
  ort = await import(folder + module);
  ort.env.wasm.wasmPaths = folder;
  ort.env.wasm.numThreads = 1; // its memory goes with this worker only while no other shares it
  ort.env.logLevel = "fatal"; // what fails is told in the answer
  session = await ort.InferenceSession.create(graph, { executionProviders: ["wasm"] });
  return { inputs: described(session.inputMetadata), outputs: described(session.outputMetadata) };
};

const run = async ({ values, shape, most_values }) => {
  const feeds = { [session.inputNames[0]]: new ort.Tensor("float32", values, shape) };
  const result = (await session.run(feeds, [session.outputNames[0]]))[session.outputNames[0]];
  if (result.size > most_values) throw new Error(`out of memory for a result of ${result.dims.join(" x ")}`);
  return { values: await result.getData(), shape: result.dims };
};

addEventListener("message", async ({ data }) => {
  try {
    postMessage(await (data.graph ? open(data) : run(data)));
  } catch (error) {
    postMessage({ error: `${error?.message ?? error}` });
  }
});
