"""The server: ``python -m backend.app``. Limits come from the environment, see ``settings``."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from backend import logs
from backend.running import serving
from backend.settings import BadSetting, read_limits
from fourxl.errors import FourxlError
from fourxl_native import provider

if TYPE_CHECKING:
    from collections.abc import Sequence

_PREFIX = "fourxl-"
"""Of the folders for uploads and results; the number of the process comes next."""

_MODELS = Path(__file__).resolve().parents[1] / "models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; exit code 1 when that could not start, 2 for a setting that cannot be meant."""
    options = _parser().parse_args(arguments)
    os.environ.update(GRADIO_ANALYTICS_ENABLED="False", HF_HUB_DISABLE_TELEMETRY="1")
    for ending in (signal.SIGTERM, signal.SIGHUP):  # a container is stopped like a terminal's program
        signal.signal(ending, signal.default_int_handler)
    _remove_leftovers()
    try:
        limits = read_limits()
        chosen = provider.choose(os.environ.get("FOURXL_RUNTIME", provider.AUTO))
        with (
            tempfile.TemporaryDirectory(prefix=f"{_PREFIX}{os.getpid()}-") as folder,
            serving(
                options.models, chosen, limits, Path(folder), options.host, options.port, options.site
            ) as url,
        ):
            print(f"· serving on {url}  ({chosen.name}; stop with Ctrl+C)", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    except BadSetting as error:
        print(error, file=sys.stderr)
        return 2
    except FourxlError as error:
        print(error.message, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Port {options.port} cannot be used ({error}); choose another with --port.", file=sys.stderr)
        return 1
    return 0


def _remove_leftovers() -> None:
    """Remove the folders of servers that were killed before they could do so."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        number = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if number.isdecimal() and not Path(f"/proc/{number}").exists() and Path("/proc").exists():
            shutil.rmtree(folder, ignore_errors=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend.app", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, default=7860, help="port to listen on (7860)")
    parser.add_argument(
        "--models", type=Path, default=_MODELS, help="folder with manifest.json and the model files"
    )
    parser.add_argument(
        "--site", type=Path, help="folder with a built page, to be served at / beside the API"
    )
    return parser


if __name__ == "__main__":
    logs.keep_values_out()
    sys.exit(main())
