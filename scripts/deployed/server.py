"""The checks of a server: that it enlarges what it is sent, refuses what it should, and keeps nothing."""

import base64
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from .asking import Answer, events, get, get_ok, post_json, upload
from .checking import Check, Failed, Skipped
from .drawing import png, png_size

WIDTH, HEIGHT = 24, 16
ENDPOINTS = {"/upscale", "/upscale_base64", "/models", "/health"}
SETTINGS = ["png", 92, "same", False, False, None, None, 1.0, 0.5, None]
"""What the page sends after picture and model when nobody has chosen anything."""


class Server:
    """The server at an address, for the page at another or the same."""

    def __init__(self, url: str, page: str | None) -> None:
        """Look at the server at `url`, which ends in a slash; `page` is where the page is, if there is one."""
        self.api = f"{url}gradio_api/"
        self.alias = f"{url}api/"
        self.page = page

    def checks(self) -> list[Check]:
        """Return what there is to check."""
        return [
            Check("health", self.healthy),
            Check("API info", self.info),
            Check("proxy", self.proxy),
            Check("upload", self.upload),
            Check("full upscale", self.enlarge),
            Check("full upscale, as a data address", self.enlarge_for_old_callers),
            Check("uploads are forgotten", self.forget),
            Check("refusals", self.refuse),
            Check("other origins", self.share),
        ]

    @cached_property
    def health(self) -> dict[str, Any]:
        """What the server says of itself."""
        told: dict[str, Any] = get_ok(f"{self.api}health").json()
        return told

    def healthy(self) -> str:
        """Check that it is well, and has a model."""
        if self.health["status"] != "ok" or not self.health["models"]:
            raise Failed(
                f"status {self.health['status']}, models: {', '.join(self.health['models']) or 'none'}"
            )
        return (
            f"{self.health['runtime']} on {self.health['device']}, models: {', '.join(self.health['models'])}"
        )

    def info(self) -> str:
        """Check that it describes what it can be asked."""
        known = get_ok(f"{self.api}info").json()["named_endpoints"].keys()
        if missing := ENDPOINTS - known:
            raise Failed(f"there is no {', no '.join(sorted(missing))}")
        return ", ".join(sorted(known))

    def proxy(self) -> str:
        """Check that its older address leads to the same."""
        if get_ok(f"{self.alias}info").json() != get_ok(f"{self.api}info").json():
            raise Failed(f"{self.alias} leads to something else than {self.api}")
        return f"{self.alias} is {self.api}"

    def upload(self) -> str:
        """Check that it takes a picture, under a name that nobody can guess from the picture."""
        first, second = self._send(), self._send()
        if first == second:
            raise Failed("the same picture gets the same address twice")
        return f"{len(png(WIDTH, HEIGHT))} bytes"

    def enlarge(self) -> str:
        """Check that a picture comes back four times as large, with events on the way."""
        told = list(events(self._ask("upscale", self._send(), *SETTINGS)))
        if told[-1][0] != "complete":
            raise Failed(f"it ends with {told[-1][0]}: {told[-1][1]}")
        if not any(name == "generating" for name, _ in told):
            raise Failed("it tells nothing on the way")
        file, report = told[-1][1]
        width, height = png_size(get_ok(f"{self.api}file={file['path']}").body)
        if (width, height) != (4 * WIDTH, 4 * HEIGHT):
            raise Failed(f"{WIDTH}x{HEIGHT} became {width}x{height}")
        return f"{WIDTH}x{HEIGHT} became {width}x{height} by {report['model']}, {report['runtime']}"

    def enlarge_for_old_callers(self) -> str:
        """Check that the original's callers get the result in the answer itself."""
        name, told = list(events(self._ask("upscale_base64", self._send(), "png")))[-1]
        kind, _, coded = str(told[0] if told else "").partition(",")
        if name != "complete" or kind != "data:image/png;base64":
            raise Failed(f"it ends with {name}: {str(told)[:100]}")
        width, height = png_size(base64.b64decode(coded))
        if (width, height) != (4 * WIDTH, 4 * HEIGHT):
            raise Failed(f"{WIDTH}x{HEIGHT} became {width}x{height}")
        return f"{WIDTH}x{HEIGHT} became {width}x{height}"

    def forget(self) -> str:
        """Check that a picture that was read is gone."""
        path = self._send()
        list(events(self._ask("upscale", path, *SETTINGS)))
        again = post_json(f"{self.api}call/upscale", {"data": self._arguments(path, *SETTINGS)})
        if again.status == 200:
            *_, (name, _) = events(f"{self.api}call/upscale/{again.json()['event_id']}")
            if name != "error":
                raise Failed("a picture can be enlarged twice from one upload")
        if get(f"{self.api}file={path}").status == 200:
            raise Failed("an upload can be fetched")
        return "read once"

    def refuse(self) -> str:
        """Check that what it cannot do it refuses, with a code and a sentence."""
        picture = self._send()
        answer = post_json(
            f"{self.api}call/upscale", {"data": self._arguments(picture, *SETTINGS, model="nonsuch")}
        )
        code, sentence = _refusal(answer, self.api)
        if code != "unknown-model" or not sentence:
            raise Failed(f"an unknown model gets the code {code!r} and the sentence {sentence!r}")
        return f"{code}: {sentence}"

    def share(self) -> str:
        """Check that a page of another origin may ask it."""
        if self.page is None or urlsplit(self.page)[:2] == urlsplit(self.api)[:2]:
            raise Skipped("the page comes from the same origin, or there is none")
        origin = "{}://{}".format(*urlsplit(self.page)[:2])
        allowed = get(f"{self.api}health", Origin=origin).headers.get("Access-Control-Allow-Origin")
        if allowed not in {"*", origin}:
            raise Failed(f"it allows {allowed}, not {origin}")
        return f"it allows {allowed}"

    def _send(self) -> str:
        """Send a picture, and return its address on the server."""
        [path] = upload(f"{self.api}upload", "check.png", png(WIDTH, HEIGHT)).json()
        return str(path)

    def _arguments(self, path: str, *settings: object, model: str | None = None) -> list[object]:
        picture = {"path": path, "orig_name": "check.png", "meta": {"_type": "gradio.FileData"}}
        return [picture, model or self.health["models"][0], *settings]

    def _ask(self, name: str, path: str, *settings: object) -> str:
        """Ask for an upload to be enlarged, and return the address of the events."""
        answer = post_json(f"{self.api}call/{name}", {"data": self._arguments(path, *settings)})
        if answer.status != 200:
            raise Failed(
                f"{answer.url} answers {answer.status}: {answer.body.decode(errors='replace')[:200]}"
            )
        return f"{self.api}call/{name}/{answer.json()['event_id']}"


def _refusal(answer: Answer, api: str) -> tuple[str | None, str | None]:
    """Code and sentence of a refusal, be it the answer or the last event."""
    if answer.status != 200:
        told = answer.json()
        return told.get("code"), told.get("detail")
    *_, (_, last) = events(f"{api}call/upscale/{answer.json()['event_id']}")
    return last.get("title"), last.get("error")
