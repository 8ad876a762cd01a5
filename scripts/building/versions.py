"""Versions of the vendored packages and the folders they get in the built site.

Files under site/ name the folders without a version (`vendor/pyodide/pyodide.mjs`); the build writes
the version in (`vendor/pyodide-314.0.4/pyodide.mjs`). What a versioned folder holds never changes, so
browsers may keep it for ever, and a new version is a new address.
"""

import json
import re
from pathlib import Path

PACKAGES = {
    "pyscript": "@pyscript/core",
    "pyodide": "pyodide",
    "onnxruntime": "onnxruntime-web",
    "client-zip": "client-zip",
    "sora": "@fontsource-variable/sora",
    "manrope": "@fontsource-variable/manrope",
}
"""Our folder name of each vendored package, and its name in the lock."""


def vendor_folders(package_lock: Path) -> dict[str, str]:
    """Versioned folder name of each vendored package, such as `{"pyodide": "pyodide-314.0.4"}`."""
    packages = json.loads(package_lock.read_text())["packages"]
    return {
        folder: f"{folder}-{packages[f'node_modules/{name}']['version']}" for folder, name in PACKAGES.items()
    }


def write_versions(text: str, folders: dict[str, str]) -> str:
    """Text in which every `vendor/NAME/` has become `vendor/NAME-VERSION/`."""
    names = "|".join(map(re.escape, folders))
    return re.sub(rf"\bvendor/({names})/", lambda match: f"vendor/{folders[match[1]]}/", text)
