"""What can be called: the same functions for gradio_client, for MCP and for Gradio's own page.

Gradio reads names, defaults and descriptions of arguments from them; so types are imported for real here.
"""

import base64
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import gradio as gr

from backend.files import Files
from backend.gate import Gate
from backend.listening import Listeners
from backend.service import Service
from backend.work import Finished, Step
from fourxl import encode, events, settings
from fourxl.errors import FourxlError, InputError, ServerFailed

_FORMATS = {"jpg": "jpeg"}
_ENDINGS = {"png": "png", "jpeg": "jpg", "webp": "webp"}

Argument = Any
"""As it came; ``settings.from_wire`` checks it, for all callers with the same sentences."""


class Api:
    """The functions of one server."""

    def __init__(
        self,
        service: Service,
        gate: Gate,
        listeners: Listeners,
        files: Files,
        health: Callable[[], Mapping[str, Any]],
    ) -> None:
        """Enlarge with ``service`` for whom ``gate`` lets through and who listens."""
        self._service, self._gate, self._listeners = service, gate, listeners
        self._files, self._health = files, health
        self.ended: Callable[[str], object] = bool
        """Called with a session of Gradio's when its job has ended; Gradio remembers what jobs give otherwise."""

    async def upscale(
        self,
        image: Argument,
        model_name: Argument = "swift",
        output_format: Argument = "png",
        quality: Argument = 92,
        depth: Argument = "same",
        keep_exif: Argument = False,  # noqa: FBT002 - Gradio's callers give arguments by position
        keep_location: Argument = False,  # noqa: FBT002 - as above
        scale: Argument = None,
        width: Argument = None,
        strength: Argument = 1.0,
        denoise: Argument = 0.5,
        tile_px: Argument = None,
        request: gr.Request = None,  # type: ignore[assignment]
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - by which Gradio knows that progress is told
    ) -> AsyncGenerator[tuple[Any, dict[str, Any]], None]:
        """Enlarge a picture up to four times with a neural network. The picture is deleted as soon as it has been read.

        Args:
            image: The picture: PNG, JPEG, WebP, GIF or BMP.
            model_name: A model of /models.
            output_format: png, jpeg or webp.
            quality: Of JPEG and WebP, 1 to 100.
            depth: Bits per channel of a PNG: same (as in the picture), 8 or 16.
            keep_exif: Whether EXIF data is copied. Orientation is applied and colour profiles are kept in any case.
            keep_location: With keep_exif, whether the position is copied too.
            scale: How many times larger, 2, 3 or 4; without it, as large as the model makes it.
            width: Width of the result in pixels, in place of scale.
            strength: How much of the network shows, 0 to 1; the rest is plain enlargement.
            denoise: How much noise is taken out, 0 to 1, by models with a denoise strength.
            tile_px: Side of a tile in pixels; without it the server chooses.

        Returns:
            The enlarged picture, and what was done and where; until it is there, nothing and the last event.
        """
        wire = {
            "model_id": model_name,
            "format": output_format,
            "quality": quality,
            "depth": depth,
            "keep_exif": keep_exif,
            "keep_location": keep_location,
            "scale": scale,
            "width": width,
            "strength": strength,
            "denoise": denoise,
            "tile_px": tile_px,
        }
        async with _telling(), aclosing(self._steps(image, wire, request)) as steps:
            async for job, step in steps:
                if isinstance(step, Finished):
                    yield self._result(image, job, step), report(job, step)
                else:
                    _show(progress, step)
                    yield None, events.to_wire(step)

    async def upscale_base64(
        self,
        image: Argument,
        model_name: Argument = "swift",
        output_format: Argument = "png",
        request: gr.Request = None,  # type: ignore[assignment]
    ) -> AsyncGenerator[str | None, None]:
        """Enlarge a picture four times and return it as a data address, for callers of the original 4XL.

        Args:
            image: The picture: PNG, JPEG, WebP, GIF or BMP.
            model_name: A model of /models.
            output_format: png, jpeg or webp.

        Returns:
            The enlarged picture as data:image/…;base64,…; until it is there, nothing.
        """
        async with (
            _telling(),
            aclosing(self._steps(image, {"model_id": model_name, "format": output_format}, request)) as steps,
        ):
            async for job, step in steps:
                if isinstance(step, Finished):
                    coded = base64.b64encode(step.file).decode()
                    yield f"data:{encode.MIME_TYPES[job.format]};base64,{coded}"
                else:
                    yield None

    def models(self) -> list[dict[str, Any]]:
        """Return the models that this server enlarges with: id, label, purpose, scale, licence and source."""
        names = ("id", "label", "purpose", "scale", "licence", "source", "can_denoise")
        ready = (spec for spec in self._service.table.models if spec.is_ready)
        return [{name: getattr(spec, name) for name in names} for spec in ready]

    def health(self) -> dict[str, Any]:
        """Return how the server is: what it computes with, its models, its queue and its limits."""
        return dict(self._health())

    async def _steps(
        self, image: Argument, wire: dict[str, Any], request: gr.Request
    ) -> AsyncGenerator[tuple[settings.JobSettings, Step], None]:
        """Yield what happens to an upload, which is gone from the disk before anything else is done."""
        client = request.client
        ticket = self._gate.claim(request.headers, client.host if client else None)
        try:
            data = self._files.take(Path(_path(image)))
            job = read_settings(wire)
            await self._listeners.expect(request.session_hash or "")
        except BaseException:
            ticket.release()
            raise
        try:
            async with aclosing(self._service.enlarge(data, job, ticket)) as steps:
                del data
                async for step in steps:
                    yield job, step
        finally:
            self.ended(request.session_hash or "")

    def _result(self, image: Argument, job: settings.JobSettings, finished: Finished) -> dict[str, Any]:
        """Return the file's description as Gradio hands it on; its name is the upload's, with its size."""
        path = self._files.write(f"result.{_ENDINGS[job.format]}", finished.file)
        stem = Path(str(image.get("orig_name") or "picture")).stem
        return {
            "path": str(path),
            "orig_name": f"{stem}_{finished.done.size_label}.{_ENDINGS[job.format]}",
            "size": len(finished.file),
            "mime_type": encode.MIME_TYPES[job.format],
            "meta": {"_type": "gradio.FileData"},
        }


def read_settings(wire: dict[str, Any]) -> settings.JobSettings:
    """Return the settings that a caller asks for; formats may be written as people write them.

    Raises:
        InvalidSettings: names the setting and what it may be.
    """
    name = str(wire["format"]).lower()
    return settings.from_wire({**wire, "format": _FORMATS.get(name, name)})


def report(job: settings.JobSettings, finished: Finished) -> dict[str, Any]:
    """Return what was done, and where."""
    return {
        "model": job.model_id,
        "runtime": finished.placed.runtime,
        "device": finished.placed.device,
        "reason": finished.placed.reason,
        "done": events.to_wire(finished.done),
    }


def _path(image: Argument) -> str:
    if not isinstance(image, dict) or not image.get("path"):
        raise InputError("There is no picture in the request. Choose one.")
    return str(image["path"])


def _show(progress: gr.Progress, event: events.Event) -> None:
    match event:
        case events.Waiting(ahead):
            progress(0, desc=f"waiting, {ahead} before this one")
        case events.Stage(name):
            progress(0 if name == "reading" else None, desc=name)
        case events.Progress():
            progress(event.fraction, desc=f"tile {event.tile} of {event.tiles}")


@asynccontextmanager
async def _telling() -> AsyncGenerator[None, None]:
    """Turn our errors into Gradio's, with the sentence as message and the code as title; hide all others."""
    try:
        yield
    except FourxlError as error:
        raise gr.Error(error.message, title=error.code, print_exception=False) from error
    except Exception as error:
        words = f"Something went wrong in the server itself ({type(error).__name__})."
        raise gr.Error(words, title=ServerFailed.code, print_exception=False) from error
