from fourxl_web.worker.main import cancel, start, upscale

__export__ = ["cancel", "start", "upscale"]
