"""What the page can ask of the engine: one plain function each, offered by PyScript.

Every answer is an object with ``ok``. Errors travel as their wire form, since an exception
would arrive as a traceback; events go out as JSON through ``sync.on_event``, pictures of finished
strips through ``sync.on_preview``.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import to_js

from fourxl import manifest
from fourxl.errors import FourxlError, OutOfMemory
from fourxl_web.worker import providers, threads
from fourxl_web.worker.engine import Engine
from fourxl_web.worker.site import Site

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_engine: Engine | None = None


async def start(site_url: str, one_thread: str, touch_points: int) -> Any:
    """Read the table of models; ``manifest`` in the answer is its JSON.

    Args:
        site_url: where the page lies; ends in a slash.
        one_thread: why the page can have only one thread, in a word of ``threads``; "" if it can have several.
        touch_points: fingers the screen tells apart.
    """

    async def begin() -> dict[str, Any]:
        global _engine  # noqa: PLW0603 - a worker has one engine, and its exports are plain functions
        site = Site(site_url)
        text = await site.read_table()
        count = threads.choose(providers.look_around(one_thread, touch_points))
        _engine = Engine(manifest.parse(text), site, count)
        return await _engine.begin()

    return await _answer(begin)


async def upscale(file: Any, wire: str, job_id: str, keeps: bool) -> Any:  # noqa: FBT001 - from JavaScript
    """Enlarge ``file``; the answer is that of ``desks.answer``, or holds ``cancelled``."""
    return await _answer(lambda: _running().upscale(file, wire, job_id, keeps=keeps))


def cancel() -> None:
    """Stop the running job at its next tile."""
    if _engine is not None:
        _engine.cancel()


async def shelf() -> Any:
    """Tell what is on this device; ``shelf`` in the answer is its JSON."""
    return await _answer(lambda: _running().shelf())


async def download(model_id: str) -> Any:
    """Bring a model to this device; the answer holds ``cancelled`` after ``stop_download``."""
    return await _answer(lambda: _running().download(model_id))


def stop_download() -> None:
    """Stop the running ``download``."""
    if _engine is not None:
        _engine.stop_download()


async def delete(model_id: str) -> Any:
    """Remove a model from this device; the answer is as ``shelf``'s."""
    return await _answer(lambda: _running().delete(model_id))


async def bring(file: Any) -> Any:
    """Take a network of the person's own; the answer holds ``manifest``, with that model alone, and ``shelf``."""
    return await _answer(lambda: _running().bring(file))


async def keep(job_id: str, file: Any, wire: str, path: str) -> Any:
    """Copy the picture of a job to come; ``is_kept`` in the answer tells whether there was room."""

    async def copy() -> dict[str, Any]:
        return {"is_kept": await _running().kept.keep(job_id, file, wire, path) is not None}

    return await _answer(copy)


async def kept() -> Any:
    """Tell which jobs of earlier visits no tab has; ``kept`` in the answer is a JSON list of them."""

    async def look() -> dict[str, Any]:
        return {"kept": json.dumps([job.to_wire() for job in await _running().kept.listed()])}

    return await _answer(look)


async def take_up(job_id: str) -> Any:
    """Claim a job of an earlier visit; the answer holds ``file``, and ``blob`` and so on if it is done."""
    return await _answer(lambda: _running().take_up(job_id))


async def drop(job_id: str) -> Any:
    """Delete all that is kept of a job."""
    return await _answer(lambda: _nothing(_running().kept.drop(job_id)))


async def saved(job_id: str) -> Any:
    """Take note that a result was saved: it is kept for the rest of this visit only."""
    return await _answer(lambda: _nothing(_running().kept.saved(job_id)))


async def measure() -> Any:
    """Tell how quick this device is, as ``measured`` (JSON); ``cancelled`` when a job came."""
    return await _answer(lambda: _running().measure())


async def guess_size(file: Any, wire: str) -> Any:
    """Tell about how many bytes the result will have, as ``size_bytes``."""
    return await _answer(lambda: _running().guess_size(file, wire))


async def forget() -> Any:
    """Delete models, own models and kept jobs from this device."""
    return await _answer(lambda: _running().forget())


async def _nothing(work: Awaitable[None]) -> dict[str, Any]:
    await work
    return {}


def _running() -> Engine:
    if _engine is None:
        raise FourxlError("The engine has not been started.", about="engine-not-started")
    return _engine


async def _answer(work: Callable[[], Awaitable[dict[str, Any]]]) -> Any:
    """Return what ``work`` returns, or its error, as a JavaScript object."""
    try:
        answer = {"ok": True, **await work()}
    except asyncio.CancelledError:
        answer = {"ok": False, "cancelled": True}
    except MemoryError:
        answer = _failed(
            OutOfMemory(
                "This device has no memory left for this picture. Try PNG, or a smaller picture.",
                about="no-memory-for-picture",
            )
        )
    except FourxlError as error:
        answer = _failed(error)
    except Exception as error:  # noqa: BLE001 - the last edge before JavaScript: say it in words and keep the worker alive
        js.console.error(f"{type(error).__name__}: {error}")
        fault = f"{type(error).__name__}: {error}"
        answer = _failed(
            FourxlError(f"Something went wrong in 4XL itself ({fault}).", about="fault", fault=fault)
        )
    return to_js(answer, dict_converter=js.Object.fromEntries)


def _failed(error: FourxlError) -> dict[str, Any]:
    return {"ok": False, "error": json.dumps(error.to_wire())}
