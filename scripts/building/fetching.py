"""The wheels of a Pyodide release, from wherever they can be had, checked against that release's lock.

Wheels for Pyodide are not on npm and mostly not on PyPI. They come from Pyodide's own distribution;
where that cannot be reached, from a PyPI package which ships the very same files. The source does not
have to be trusted: only bytes whose SHA-256 is the one in `pyodide-lock.json` are accepted.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

DISTRIBUTION = "https://cdn.jsdelivr.net/pyodide/v{version}/full/"
"""Where the Pyodide project publishes the files of a release."""

BUNDLE_REQUIREMENT = "open-webui==0.12.4"
"""A PyPI package whose wheel carries wheels of this Pyodide; used as a mirror, never installed."""

TIMEOUT_S = 30


class FetchError(Exception):
    """A source could not hand over a file; the message says why."""


class MissingWheelError(Exception):
    """No source had the right bytes of a wheel."""

    def __init__(self, wheel: "Wheel", attempts: Sequence[str]) -> None:
        """Tell which file is missing and what was tried, one line each."""
        self.wheel = wheel
        self.attempts = tuple(attempts)
        lines = [f"{wheel.file_name} could not be had from any source.", f"  wanted: sha256 {wheel.sha256}"]
        lines += [f"  tried: {attempt}" for attempt in attempts]
        lines.append("  Try again with a network, or put the file with that SHA-256 into the cache:")
        lines.append(f"  .cache/wheels/{wheel.sha256}/{wheel.file_name}")
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Wheel:
    """One wheel of a Pyodide release."""

    file_name: str
    sha256: str
    """Lower-case hexadecimal, as in `pyodide-lock.json`."""


class Source(Protocol):
    """Something that may have the files of a Pyodide release."""

    @property
    def name(self) -> str:
        """What to call this source in a message."""

    def read(self, file_name: str) -> bytes:
        """Bytes of the file; raises FetchError."""


@dataclass(frozen=True)
class WebFolder:
    """Files under one web address."""

    base_url: str
    """Ends with a slash."""

    @property
    def name(self) -> str:
        """The address."""
        return self.base_url

    def read(self, file_name: str) -> bytes:
        """Bytes the server answered with."""
        try:
            with urllib.request.urlopen(self.base_url + file_name, timeout=TIMEOUT_S) as answer:  # noqa: S310
                data: bytes = answer.read()
                return data
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            status = f"{error.code} " if isinstance(error, urllib.error.HTTPError) else ""
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise FetchError(f"{status}{reason}") from error


class BundledWheels:
    """Files inside the wheel of a PyPI package, which pip downloads once, when first asked."""

    def __init__(self, requirement: str = BUNDLE_REQUIREMENT, pip_options: Sequence[str] = ()) -> None:
        """Remember what to download; nothing is fetched yet."""
        self.name = f"pip download {requirement}"
        self._command = ["download", "--no-deps", "--quiet", "--disable-pip-version-check", *pip_options]
        self._requirement = requirement
        self._files: dict[str, bytes] | FetchError | None = None

    def read(self, file_name: str) -> bytes:
        """Bytes of the file of that name, wherever in the package it lies."""
        if self._files is None:
            self._files = self._download()
        if isinstance(self._files, FetchError):
            raise self._files
        if file_name not in self._files:
            raise FetchError("the package does not hold this file")
        return self._files[file_name]

    def _download(self) -> dict[str, bytes] | FetchError:
        """Wheels inside the package, by file name, or why there are none."""
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "pip", *self._command, "--dest", folder, self._requirement]
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            if done.returncode:
                lines = done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"]
                return FetchError(lines[-1])
            (package,) = Path(folder).iterdir()
            with zipfile.ZipFile(package) as archive:
                names = [name for name in archive.namelist() if name.endswith("_wasm32.whl")]
                return {name.rsplit("/", 1)[-1]: archive.read(name) for name in names}


def wheels_of(pyodide_lock: Path, names: Sequence[str]) -> list[Wheel]:
    """Wheels of the named packages, as the lock of a Pyodide release describes them."""
    packages = json.loads(pyodide_lock.read_text())["packages"]
    return [Wheel(packages[name]["file_name"], packages[name]["sha256"]) for name in names]


def default_sources(pyodide_version: str) -> list[Source]:
    """Pyodide's own distribution first, then the bundle on PyPI."""
    return [WebFolder(DISTRIBUTION.format(version=pyodide_version)), BundledWheels()]


def fetch_wheel(wheel: Wheel, cache: Path, sources: Sequence[Source]) -> Path:
    """Path of the wheel in the cache, fetched from the first source with the right bytes.

    Raises:
        MissingWheelError: no source had them.

    """
    path = cache / wheel.sha256 / wheel.file_name
    if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == wheel.sha256:
        return path
    attempts: list[str] = []
    for source in sources:
        try:
            data = source.read(wheel.file_name)
        except FetchError as error:
            attempts.append(f"{source.name}: {error}")
            continue
        found = hashlib.sha256(data).hexdigest()
        if found == wheel.sha256:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".part")
            partial.write_bytes(data)
            partial.replace(path)
            return path
        kind = " (a web page, not a wheel)" if data.lstrip()[:1] == b"<" else ""
        attempts.append(f"{source.name}: other bytes, {len(data)} with sha256 {found}{kind}")
    raise MissingWheelError(wheel, attempts)
