"""Checks a deployed 4XL from outside; `python scripts/test_e2e.py --help` says how. Needs Python and no packages."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

if __name__ == "__main__":
    # From its own folder: the package `scripts` needs what has to be installed.
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    sys.exit(importlib.import_module("deployed.command").main())
