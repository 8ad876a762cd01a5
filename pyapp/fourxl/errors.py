"""Every error the engine raises, each with a stable code and a sentence that says what to do.

FourxlError
├── InputError               the file that was given
│   ├── NotAnImage           no picture in a format we read
│   ├── BrokenImage          starts like a picture, but cannot be decoded to its end
│   ├── ImageTooLarge        more pixels than the limit
│   └── EmptyImage           no pixels
├── OutputError              the result does not fit what was asked for
│   └── SideTooLong          longer than the format can hold
├── InvalidSettings          a value outside its range
├── ModelError
│   ├── UnknownModel         no such model in the manifest
│   ├── BadManifest          the manifest itself cannot be read
│   ├── WeightsUnavailable   the file could not be fetched
│   ├── WeightsMismatch      the file is not the published one
│   ├── BrokenWeights        weights cannot be read, or two do not belong together
│   └── UnsuitableModel      a person's own network that enlarges no pictures here
├── RuntimeFailure           raised by a tile runtime
│   ├── OutOfMemory          the tile does not fit; a smaller one may
│   ├── DeviceLost           the GPU went away
│   ├── WrongNumbers         the device answered with something that is not a picture
│   └── RuntimeUnavailable   the provider cannot start here
└── ServerError              about a server that enlarges for others
    ├── ServerUnreachable    nobody answers there
    ├── ServerBusy           the queue is full, or one person has too many in it
    ├── UploadTooLarge       a file with more bytes than it takes
    ├── TooSlow              would take longer than a job may; it was not started
    ├── TimedOut             took longer than a job may
    └── ServerFailed         broke down, or answered with nonsense

Cancelling is ``asyncio.CancelledError`` and not in this tree.
"""

from __future__ import annotations

from typing import ClassVar

Wire = dict[str, str | int | float | bool | None]
"""What crosses to another thread or to JSON: one flat mapping."""


class FourxlError(Exception):
    """The base of the tree; ``fields`` holds what the message was made of.

    ``about`` tells the sentences of one class apart, for those who say them in another language:
    it stays when the English words change. It is empty where nobody needs that.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, about: str = "", **fields: str | float | bool | None) -> None:
        """Keep the sentence for people, and for programs what it is about and the fields."""
        super().__init__(message)
        self.message = message
        self.about = about
        self.fields = fields

    def to_wire(self) -> Wire:
        """Return a flat mapping from which ``from_wire`` makes an equal error."""
        about = {"about": self.about} if self.about else {}
        return {"code": self.code, "message": self.message, **about, **self.fields}


class InputError(FourxlError):
    """The file that was given cannot be used."""

    code = "input"


class NotAnImage(InputError):
    """The bytes are no picture in a format that 4XL reads."""

    code = "not-an-image"


class BrokenImage(InputError):
    """The bytes start like a picture but cannot be decoded to the end."""

    code = "broken-image"


class ImageTooLarge(InputError):
    """The picture has more pixels than the limit; nothing was unpacked."""

    code = "image-too-large"


class EmptyImage(InputError):
    """The file, or the picture in it, is empty."""

    code = "empty-image"


class OutputError(FourxlError):
    """The result cannot be written as asked."""

    code = "output"


class SideTooLong(OutputError):
    """A side of the result is longer than the chosen format can hold."""

    code = "side-too-long"


class InvalidSettings(FourxlError):
    """A setting has a value outside its range."""

    code = "invalid-settings"


class ModelError(FourxlError):
    """Something about a model."""

    code = "model"


class UnknownModel(ModelError):
    """The manifest has no model of that name."""

    code = "unknown-model"


class BadManifest(ModelError):
    """models/manifest.json cannot be understood."""

    code = "bad-manifest"


class WeightsUnavailable(ModelError):
    """A model's file could not be fetched."""

    code = "weights-unavailable"


class WeightsMismatch(ModelError):
    """A model's file is not, byte for byte, the published one."""

    code = "weights-mismatch"


class BrokenWeights(ModelError):
    """A model's weights cannot be read, or two files of them do not belong together."""

    code = "broken-weights"


class UnsuitableModel(ModelError):
    """A network that a person brought cannot enlarge pictures here."""

    code = "unsuitable-model"


class RuntimeFailure(FourxlError):
    """A tile runtime could not compute a tile."""

    code = "runtime"


class OutOfMemory(RuntimeFailure):
    """The device has no room for a tile of this size."""

    code = "out-of-memory"


class DeviceLost(RuntimeFailure):
    """The device went away while it worked."""

    code = "device-lost"


class WrongNumbers(RuntimeFailure):
    """The device answered, but not with a picture (NaN or infinite values, wrong shape)."""

    code = "wrong-numbers"


class RuntimeUnavailable(RuntimeFailure):
    """The provider cannot be started on this device."""

    code = "runtime-unavailable"


class ServerError(FourxlError):
    """Something about a server that enlarges pictures for others."""

    code = "server"


class ServerUnreachable(ServerError):
    """Nobody answers at the server's address, or the browser may not talk to it."""

    code = "server-unreachable"


class ServerBusy(ServerError):
    """The queue is full, or this person has too many pictures in it."""

    code = "server-busy"


class UploadTooLarge(ServerError):
    """The file has more bytes than the server takes."""

    code = "upload-too-large"


class TooSlow(ServerError):
    """The job would take longer than the server allows; it was not started."""

    code = "too-slow"


class TimedOut(ServerError):
    """The job took longer than the server allows, and was ended."""

    code = "timed-out"


class ServerFailed(ServerError):
    """The server broke down, was stopped in the middle, or answered with nonsense."""

    code = "server-failed"


def _tree(cls: type[FourxlError]) -> dict[str, type[FourxlError]]:
    found = {cls.code: cls}
    for child in cls.__subclasses__():
        found |= _tree(child)
    return found


def from_wire(wire: Wire) -> FourxlError:
    """Return the error that ``to_wire`` described; an unknown code gives a plain ``FourxlError``."""
    fields = {name: value for name, value in wire.items() if name not in ("code", "message", "about")}
    cls = _tree(FourxlError).get(str(wire.get("code")), FourxlError)
    return cls(str(wire.get("message", "")), about=str(wire.get("about", "")), **fields)
