"""What the engine's worker runs; PyScript offers the page what __export__ names."""

from fourxl_web.worker.main import cancel, start, upscale

__export__ = ["cancel", "start", "upscale"]
