"""What the engine's worker runs; PyScript offers the page what __export__ names."""

from fourxl_web.worker.main import bring, cancel, delete, download, shelf, start, stop_download, upscale

__export__ = ["bring", "cancel", "delete", "download", "shelf", "start", "stop_download", "upscale"]
