"""What the first bytes of a file say it is, whatever its name says."""

from __future__ import annotations

from fourxl.errors import BrokenImage, InputError, NotAnImage

READABLE = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
"""Pillow's names of the formats that are read; its JPEG reader takes MPO too, a phone's several views in one file."""

_OURS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
"""How PNG, JPEG and GIF start; BMP's two letters start many a text as well and tell nothing."""

_HEAD_BYTES = 1024
"""As far as a name is looked for: an SVG may begin with a long preamble."""

_FOREIGN = (
    ((b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1"), "heic", "an HEIC photo"),
    ((b"ftypavif", b"ftypavis"), "avif", "an AVIF picture"),
    ((b"jxl \r\n\x87\n",), "jpeg-xl", "a JPEG XL picture"),
    ((b"%pdf-",), "pdf", "a PDF"),
    ((b"ii*\0", b"mm\0*"), "tiff", "a TIFF picture"),
    ((b"<!doctype html", b"<html"), "web-page", "a web page"),
    ((b"<svg",), "svg", "an SVG drawing"),
)


def refusal(data: bytes) -> InputError:
    """Return why ``data``, in which no decoder found a picture, is refused."""
    if data.startswith(_OURS) or (data.startswith(b"RIFF") and data[8:12] == b"WEBP"):
        return BrokenImage(
            "The picture is damaged or incomplete: it ends or breaks before its first pixel.",
            about="no-first-pixel",
        )
    head = data[:_HEAD_BYTES].lower()
    for marks, kind, name in _FOREIGN:
        if any(mark in head for mark in marks):
            return NotAnImage(
                f"This is {name}; 4XL reads PNG, JPEG, WebP, GIF and BMP. Save it as PNG or JPEG first.",
                about=f"is-{kind}",
            )
    return NotAnImage(
        "This file is not a picture that 4XL can read (PNG, JPEG, WebP, GIF, BMP).", about="no-picture"
    )
