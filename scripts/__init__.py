"""What builds, checks, measures and trains 4XL; run from the top folder, as scripts/NAME or -m scripts.NAME."""

import fourxl_native  # noqa: F401 - before onnxruntime, which it keeps from reporting its use
