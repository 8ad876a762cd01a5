"""Tells how long pictures will take, and learns it from what happens."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import js

from fourxl.errors import FourxlError
from fourxl.geometry import Size
from fourxl_web.page import batch, messages
from fourxl_web.page.device.memory import Memory
from fourxl_web.page.timing import estimate, speeds
from fourxl_web.page.timing.stopwatch import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from fourxl.manifest import ModelSpec
    from fourxl_web.page.engine import EngineClient
    from fourxl_web.page.messages import Message
    from fourxl_web.page.running import Orders
    from fourxl_web.page.state import Item, State
    from fourxl_web.page.timing.speeds import Speeds


class Estimates:
    """The line at Enhance and a time on each model's card."""

    def __init__(
        self,
        line: Any,
        cards: Any,
        engine: Callable[[], EngineClient | None],
        orders: Callable[[], Orders],
        do: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        """Write into the elements ``line`` and ``cards``; ``orders`` is what the form asks for now."""
        self._line, self._cards = line, cards
        self._engine, self._orders, self._do = engine, orders, do
        self._memory = Memory("4xl-speeds")
        self._speeds = speeds.recall(self._memory.read(), _origin())
        self._stopwatch = Stopwatch()
        self._expected: dict[str, float] = {}
        """What each picture of the running batch was to take, by the orders of its start."""

        self._shown: object = None
        self._state: State | None = None
        """What was shown last; the device may be measured when nothing else happens."""

    def hear(self, message: Message, state: State) -> None:
        """Learn from ``message``, after which the page is in ``state``."""
        self._stopwatch.hear(message, time.monotonic())
        if not state.queue:
            self._expected = {}  # the next batch may be of another model
        match message:
            case messages.EngineReady() if not self._speeds.runtime:
                self._do(self._measure())
            case messages.Queued() | messages.JobStarted():
                self._expect(state)
            case messages.JobFinished():
                self._learn(message, state)

    def show(self, state: State) -> None:
        """Say how long what is to come will take, if that has changed."""
        self._state = state
        seen = (
            state.items,
            state.selected,
            state.place,
            state.models,
            state.shelf,
            self._speeds,
            self._orders(),
        )
        if seen != self._shown:
            self._shown = seen
            self.say(state)

    def say(self, state: State) -> None:
        """Say it again: the form, or the language, is another."""
        if state.queue:
            _say(self._line, self._left(state))
            return
        orders = self._orders()
        wanted, spec = orders.wanted, orders.spec
        if isinstance(wanted, FourxlError) or spec is None:
            _say(self._line, "")
            return
        _say(self._line, estimate.before(state, wanted, spec, self._speeds))
        for card in self._cards.querySelectorAll("label"):
            found = _model(state, card.querySelector("input").value)
            told = estimate.of_model(state, wanted, found, self._speeds) if found else ""
            _say(card.querySelector("[data-part=time]"), told)

    async def _measure(self) -> None:
        """Learn how quick this device is, while nothing else is done."""
        engine = self._engine()
        if engine is None or hasattr(js.document.documentElement.dataset, "forgotten"):
            return  # trying a model stores it, which a person who has just forgotten everything does not want
        try:
            found = await engine.measure()
        except (FourxlError, asyncio.CancelledError) as error:
            js.console.info(f"not measured: {error}")  # the first job will show it
        else:
            self._remember(speeds.measured(self._speeds, found))
            if self._state is not None:
                self.show(self._state)

    def _expect(self, state: State) -> None:
        """Note what the pictures of a batch will take that have not been noted yet."""
        orders, queued = self._orders(), batch.queued(state)
        is_known = all(item.id in self._expected for item in queued)
        if is_known or isinstance(orders.wanted, FourxlError) or orders.spec is None:
            return
        found = estimate.expected(queued, orders.wanted, orders.spec, state.models, self._speeds)
        self._expected = {**found, **self._expected}

    def _learn(self, message: messages.JobFinished, state: State) -> None:
        """Take up what the job showed that has just ended."""
        item = next((item for item in state.items if _is_result(item, message)), None)
        if item is None:
            return
        if message.sent is not None:
            upload_s = self._stopwatch.upload_s
            if upload_s is not None:
                self._remember(speeds.sent(self._speeds, message.sent.host, item.picked.size_bytes, upload_s))
            return
        spec = _model(state, message.model_id)
        if spec is None or item.placed is None or item.picked.sides_px is None:
            return
        made_px = round(
            estimate.made_px(Size(*item.picked.sides_px), spec) * (1 - message.done.resumed_share)
        )
        found = speeds.learned(
            self._speeds, message.done, item.placed.runtime, spec.id, message.format, made_px,
            self._stopwatch.waited_s,
        )  # fmt: skip
        is_automatic = message.wanted is not None and message.wanted.device == "auto"
        self._remember(replace(found, runtime=item.placed.runtime) if is_automatic else found)

    def _left(self, state: State) -> str:
        """Return how long the batch goes on; nothing for one picture, of which the status tells."""
        queued = batch.queued(state)
        open_items = [item for item in queued if item.phase in ("waiting", "running")]
        if len(queued) < 2 or any(item.id not in self._expected for item in open_items):  # noqa: PLR2004 - a batch
            return ""
        running = state.running
        progress = running.job.progress if running and running.job else None
        ended = [
            (self._expected[item.id], item.result.done.seconds)
            for item in queued
            if item.phase == "done" and item.result and item.id in self._expected
        ]
        left_s = estimate.batch_left(
            progress.seconds_left if progress else None,
            self._expected[running.id] if running else 0.0,
            [self._expected[item.id] for item in open_items if item is not running],
            ended,
        )
        return estimate.during(left_s, len(open_items)) if open_items else ""

    def _remember(self, found: Speeds) -> None:
        self._speeds = found
        self._memory.write(found.to_text())


def _is_result(item: Item, message: messages.JobFinished) -> bool:
    return item.result is not None and item.result.done is message.done


def _model(state: State, model_id: str) -> ModelSpec | None:
    return next((spec for spec in state.models if spec.id == model_id), None)


def _origin() -> str:
    """Return the build, and what of the browser decides how quick it is."""
    mark = js.document.querySelector("meta[name=version]")
    navigator = js.navigator
    threads = navigator.hardwareConcurrency if js.crossOriginIsolated else 1
    return f"{mark.content if mark else ''} {threads} {navigator.userAgent}"


def _say(target: Any, text: str) -> None:
    if target and target.textContent != text:
        target.textContent = text
