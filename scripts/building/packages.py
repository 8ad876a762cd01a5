"""The npm packages of package-lock.json, installed into node_modules."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path


class MissingPackagesError(Exception):
    """npm is missing, or could not install the packages; the message says what to do."""


def install_packages(package_lock: Path, say: Callable[[str], None]) -> Path:
    """Folder node_modules beside the lock, holding what the lock pins; does nothing when it does already.

    Raises:
        MissingPackagesError: npm is missing or failed.

    """
    node_modules = package_lock.with_name("node_modules")
    stamp = node_modules / ".installed"
    lock = package_lock.read_bytes()
    if stamp.is_file() and stamp.read_bytes() == lock:
        return node_modules
    npm = shutil.which("npm")
    if npm is None:
        raise MissingPackagesError(
            f"What {package_lock.name} pins needs Node.js 20 or newer with npm, and npm was not found."
        )
    say("installing npm packages")
    done = subprocess.run([npm, "ci"], cwd=package_lock.parent, check=False, capture_output=True, text=True)
    if done.returncode:
        raise MissingPackagesError(
            f"npm could not install the packages of {package_lock.name}:\n{done.stderr}"
        )
    stamp.write_bytes(lock)
    return node_modules
