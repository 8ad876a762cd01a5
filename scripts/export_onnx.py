"""Makes Real-ESRGAN's models for 4XL; `python scripts/export_onnx.py --help` says how."""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]

if __name__ == "__main__":
    sys.path[:0] = [] if __package__ else [str(REPOSITORY)]  # else Python looks for packages beside this file
    try:
        from scripts.exporting.command import main
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"export_onnx: the package {error.name} is missing. Run scripts/install train, "
            f"and this with {REPOSITORY}/.venv/bin/python."
        ) from error
    main()
