"""The engine on a computer: the runtimes it can have there, and the command line."""

import os

# onnxruntime 1.30 reports its use to its makers and keeps an id of the computer; it looks here when it is imported.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
