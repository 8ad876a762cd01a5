"""What nginx serves a built site by: its configuration, with our headers and types, and compressed copies."""

import gzip
import json
import shutil
import sys
from pathlib import Path

from scripts.building.policy import HEADERS
from scripts.serving import content_type

TEMPLATES = Path(__file__).parent / "nginx"

COMPRESSED = {".html", ".css", ".js", ".mjs", ".json", ".svg", ".wasm", ".webmanifest"}
"""Kinds of files that are worth sending compressed. Models are none: their progress counts the bytes that came."""

SMALLEST_BYTES = 1024
"""Below this, a packet holds the file either way."""


def prepare(site: Path, configuration: Path) -> None:
    """Make the folder of nginx's configuration for a built site, and put compressed copies beside its files."""
    shutil.copytree(TEMPLATES, configuration)
    headers: dict[str, str] = json.loads((site / HEADERS).read_text())
    (configuration / "headers.conf").write_text(header_lines(headers))
    (configuration / "types.conf").write_text(type_lines({path.suffix for path in site.rglob("*.*")}))
    for path in sorted(site.rglob("*")):
        if path.suffix in COMPRESSED and path.stat().st_size >= SMALLEST_BYTES:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def header_lines(headers: dict[str, str]) -> str:
    """Lines of nginx's configuration that put the headers on every answer, whatever the server says itself.

    Raises:
        ValueError: a header holds what nginx would not take as it is.

    """
    if any({*name, *value} & set('"$\\\n') for name, value in headers.items()):
        raise ValueError(
            "a header with a quote, a dollar, a backslash or a line break has no place in nginx's"
        )
    lines = [
        f'add_header {name} "{value}" always;\nproxy_hide_header {name};' for name, value in headers.items()
    ]
    return "\n".join(lines) + "\n"


def type_lines(suffixes: set[str]) -> str:
    """Lines of nginx's configuration that give files the content types which scripts/serve gives them."""
    kinds = {suffix: content_type(Path(f"file{suffix}")) for suffix in suffixes if suffix != ".gz"}
    lines = [f"    {kind.partition(';')[0]} {suffix[1:]};" for suffix, kind in sorted(kinds.items())]
    told = {kind.partition(";")[0] for kind in kinds.values() if "charset" in kind}
    # nginx tells the encoding of HTML by itself, and warns when it is asked for twice.
    texts = " ".join(sorted(told - {"text/html"}))
    return "\n".join(
        ["types {", *lines, "}", "charset utf-8;", f"charset_types {texts};" if texts else "", ""]
    )


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
