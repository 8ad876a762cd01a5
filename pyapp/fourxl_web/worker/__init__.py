"""The engine's worker: onnxruntime-web as its runtime, the site as its source of models."""
