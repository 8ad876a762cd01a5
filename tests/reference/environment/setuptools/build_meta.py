"""Makes a wheel of a source archive of pure Python without running its setup.py.

basicsr's asks for torch and Cython to be built with, and ends with an error under Python 3.13; its Python
files need no building. pip finds this module because scripts/install_reference puts it before setuptools.
Source: PEP 517 (the two functions), the wheel format 1.0 (what lies in *.dist-info).
"""

from __future__ import annotations

import zipfile
from email.parser import HeaderParser
from pathlib import Path


def _describe(folder: Path) -> tuple[str, str]:
    """Return what the wheel's name begins with, and the text of its metadata."""
    metadata = (folder / "PKG-INFO").read_text("utf-8")
    fields = HeaderParser().parsestr(metadata, headersonly=True)
    return f"{fields['Name'].replace('-', '_')}-{fields['Version']}", metadata


def prepare_metadata_for_build_wheel(target: str, config_settings: object = None) -> str:
    """Return the name of the metadata folder that was made in ``target``."""
    del config_settings
    stem, metadata = _describe(Path.cwd())
    folder = Path(target, f"{stem}.dist-info")
    folder.mkdir()
    (folder / "METADATA").write_text(metadata, "utf-8")
    return folder.name


def build_wheel(target: str, config_settings: object = None, metadata_directory: object = None) -> str:
    """Return the name of the wheel that was made in ``target``: the Python files and who made them."""
    del config_settings, metadata_directory
    root = Path.cwd()
    stem, metadata = _describe(root)
    package = stem.partition("-")[0]
    files = {str(path.relative_to(root)): path.read_text("utf-8") for path in root.glob(f"{package}/**/*.py")}
    files[f"{stem}.dist-info/METADATA"] = metadata
    files[f"{stem}.dist-info/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = f"{stem}.dist-info/RECORD"
    files[record] = "".join(f"{name},,\n" for name in (*files, record))
    name = f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(Path(target, name), "w", zipfile.ZIP_DEFLATED) as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)
    return name
