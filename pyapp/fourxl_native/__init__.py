"""The engine on a computer: onnxruntime as its runtime, and the command line."""
