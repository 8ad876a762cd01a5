"""The server as this page sees it: woken, then given one picture, then asked for the result.

What speaks to the network is given as ``transport.Http``, so all of this runs without a browser too.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fourxl import events
from fourxl.errors import (
    FourxlError,
    ImageTooLarge,
    ServerFailed,
    ServerUnreachable,
    UnknownModel,
    UploadTooLarge,
)
from fourxl_web.page import error_words, messages, server_words
from fourxl_web.page.remote import answers, steps
from fourxl_web.page.remote.sse import Parser
from fourxl_web.page.remote.transport import Lost, Patience
from fourxl_web.page.work import Outcome, Sent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fourxl_web.page.remote.answers import Finished, Health
    from fourxl_web.page.remote.place import Server
    from fourxl_web.page.remote.transport import Http
    from fourxl_web.page.work import Work


class ServerClient:
    """One server, for one picture at a time."""

    def __init__(
        self,
        server: Server,
        http: Http,
        tell: Callable[[messages.Message], None],
        patience: Patience | None = None,
    ) -> None:
        """Ask ``server`` by ``http``; ``tell`` hears where the job is."""
        self._http, self._tell, self._patience = http, tell, patience or Patience()
        self.host = server.host
        self._api = f"{server.base}gradio_api/"
        self._goodbyes: set[asyncio.Task[None]] = set()

    async def upscale(self, work: Work, failed: FourxlError | None = None) -> Outcome:
        """Return the result; ``failed`` is why this device could not make it, if it was asked first.

        The badge and the status tell that the picture leaves before it does.

        Raises:
            FourxlError: what is wrong, and what to do.
        """
        health = await self.wake()
        self._check(work, health)
        self._tell(events.Placed(health.runtime, "Cloud", server_words.reason(self.host, failed)))
        self._tell(steps.Sending(self.host, work.name))
        at = time.strftime("%H:%M")
        event_id = await self._queue(await self._send(work), work)
        found = await self._listen(event_id, failed)
        self._tell(steps.Fetching(self.host))
        return Outcome(await self._fetch(found), found.done, Sent(self.host, at, found.runtime, found.device))

    async def wake(self) -> Health:
        """Return what the server says of itself, once it does; no picture has been sent by then.

        Raises:
            ServerUnreachable: nobody has answered for long.
            FourxlError: there is no server of 4XL.
        """
        ticking = asyncio.ensure_future(self._tick())
        try:
            async with asyncio.timeout(self._patience.wake_s):
                while True:
                    with suppress(answers.Asleep, Lost, TimeoutError):
                        return await self.health()
                    if self._http.is_offline():
                        raise error_words.make(ServerUnreachable, "offline", host=self.host)
                    await asyncio.sleep(self._patience.pause_s)
        except TimeoutError as exc:
            minutes = round(self._patience.wake_s / 60)
            raise error_words.make(ServerUnreachable, "asleep", host=self.host, minutes=minutes) from exc
        finally:
            ticking.cancel()

    async def health(self) -> Health:
        """Return what the server says of itself now.

        Raises:
            Asleep, Lost, TimeoutError: nothing, but it may soon.
            FourxlError: there is no server of 4XL.
        """
        async with (
            asyncio.timeout(self._patience.answer_s),
            self._http.get(f"{self._api}health") as reply,
        ):
            return answers.health(reply.status, reply.kind, await reply.text(), self.host)

    async def _tick(self) -> None:
        started = time.monotonic()
        while True:
            self._tell(steps.Waking(self.host, round(time.monotonic() - started)))
            await asyncio.sleep(1)

    def _check(self, work: Work, health: Health) -> None:
        """Return when the server can be expected to take the picture, so that none is sent in vain."""
        if work.wanted.model_id not in health.models:
            model_id = work.wanted.model_id
            model = server_words.label(work.spec) if work.spec else model_id
            raise error_words.make(
                UnknownModel, "not-at-server", host=self.host, model=model, model_id=model_id
            )
        if work.size_bytes > health.max_upload_bytes:
            sizes = {"size_bytes": work.size_bytes, "max_bytes": health.max_upload_bytes}
            raise error_words.make(UploadTooLarge, "more-than-server-takes", host=self.host, **sizes)
        if work.sides_px and max(work.sides_px) > health.max_side_px:
            width, height = work.sides_px
            sides = {"width": width, "height": height, "max_side_px": health.max_side_px}
            raise error_words.make(ImageTooLarge, "more-than-server-takes", host=self.host, **sides)

    async def _send(self, work: Work) -> str:
        """Return where the server put the picture."""
        patience_s = self._patience.silence_s + work.size_bytes / self._patience.slowest_bytes_a_second
        async with (
            self._unbroken("sending", patience_s),
            self._http.post_file(f"{self._api}upload", work.file) as reply,
        ):
            text = await reply.text()
            if reply.status != HTTPStatus.OK:
                raise answers.refusal(reply.status, text, self.host, work)
            return answers.path_of_upload(text, self.host)

    async def _queue(self, path: str, work: Work) -> str:
        """Return by what the job is known to the server.

        A cancel in the middle does not leave a job behind that nobody waits for.
        """
        asking = asyncio.ensure_future(self._ask_for_job(path, work))
        try:
            await asyncio.wait({asking})  # a shield would report to the console what fails after the cancel
        except asyncio.CancelledError:
            goodbye = asyncio.ensure_future(self._leave(asking))
            self._goodbyes.add(goodbye)
            goodbye.add_done_callback(self._goodbyes.discard)
            raise
        return asking.result()

    async def _ask_for_job(self, path: str, work: Work) -> str:
        wanted = work.wanted
        picture = {"path": path, "meta": {"_type": "gradio.FileData"}}
        data = [
            picture, wanted.model_id, wanted.format, wanted.quality, wanted.depth, wanted.keep_exif,
            wanted.keep_location, wanted.scale, wanted.width, wanted.strength, wanted.denoise, wanted.tile_px,
        ]  # fmt: skip
        async with (
            self._unbroken("asking", self._patience.silence_s),
            self._http.post(f"{self._api}call/upscale", json.dumps({"data": data})) as reply,
        ):
            text = await reply.text()
            if reply.status != HTTPStatus.OK:
                raise answers.refusal(reply.status, text, self.host)
            return answers.event_id(text, self.host)

    async def _leave(self, asking: asyncio.Future[str]) -> None:
        """Open a job's stream and close it, which is how the server learns that nobody wants it."""
        with suppress(FourxlError, Lost, TimeoutError):
            stream = self._http.get(self._stream(await asking))
            async with asyncio.timeout(self._patience.answer_s), stream:
                """Closed at once."""

    async def _listen(self, event_id: str, failed: FourxlError | None) -> Finished:
        """Tell what the job tells, and return how it ended."""
        parser, loop = Parser(), asyncio.get_running_loop()
        async with (
            self._unbroken("enlarging", self._patience.silence_s) as patience,
            self._http.get(self._stream(event_id)) as reply,
        ):
            if reply.status == HTTPStatus.NOT_FOUND:
                raise error_words.make(ServerFailed, "lost-job", host=self.host)
            if reply.status != HTTPStatus.OK:
                raise answers.refusal(reply.status, await reply.text(), self.host)
            async for piece in reply.pieces():
                patience.reschedule(loop.time() + self._patience.silence_s)
                for sent in parser.feed(piece):
                    match sent.event:
                        case "complete":
                            return answers.finished(sent.data, self.host)
                        case "error":
                            raise answers.failure(sent.data, self.host)
                        case "generating":
                            self._pass_on(answers.event(sent.data), failed)
            raise Lost

    def _stream(self, event_id: str) -> str:
        return f"{self._api}call/upscale/{quote(event_id, safe='')}"

    def _pass_on(self, event: events.Event | None, failed: FourxlError | None) -> None:
        """Tell what a job at the server tells; where it is computed is the cloud, seen from here."""
        match event:
            case events.Placed(runtime, device, _):
                reason = server_words.reason(self.host, failed, f"{device}, {runtime}")
                self._tell(events.Placed(runtime, "Cloud", reason))
            case events.Waiting() | events.Stage() | events.Progress() | events.SmallerTiles():
                self._tell(event)

    async def _fetch(self, found: Finished) -> Any:
        """Return the result; the server deletes it then."""
        patience_s = self._patience.silence_s + found.done.size_bytes / self._patience.slowest_bytes_a_second
        async with (
            self._unbroken("fetching", patience_s),
            self._http.get(f"{self._api}file={quote(found.path)}") as reply,
        ):
            if reply.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.GONE):
                raise error_words.make(ServerFailed, "lost-result", host=self.host)
            if reply.status != HTTPStatus.OK:
                raise answers.refusal(reply.status, await reply.text(), self.host)
            blob = await reply.blob()
            if blob.size != found.done.size_bytes:
                raise error_words.make(ServerFailed, "no-server", host=self.host)
            return blob

    @asynccontextmanager
    async def _unbroken(self, doing: str, patience_s: float) -> AsyncIterator[asyncio.Timeout]:
        """Bound the silence of what is asked inside, and tell a broken connection by its sentence."""
        try:
            async with asyncio.timeout(patience_s) as patience:
                yield patience
        except (Lost, TimeoutError) as exc:
            raise error_words.make(ServerUnreachable, f"cut-while-{doing}", host=self.host) from exc
