"""What the engine's worker runs; PyScript offers the page what __export__ names."""

from fourxl_web.worker.main import (
    bring,
    cancel,
    delete,
    download,
    drop,
    forget,
    guess_size,
    keep,
    kept,
    measure,
    saved,
    shelf,
    start,
    stop_download,
    take_up,
    upscale,
)

__export__ = [
    "bring",
    "cancel",
    "delete",
    "download",
    "drop",
    "forget",
    "guess_size",
    "keep",
    "kept",
    "measure",
    "saved",
    "shelf",
    "start",
    "stop_download",
    "take_up",
    "upscale",
]
