"""The models in memory: loaded once for all who wait, given up when there is no room, never half or wrong."""

from __future__ import annotations

import asyncio
import shutil
import threading
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from backend import pace
from backend.library import COPIES, Library, Loaded
from fourxl import manifest
from fourxl.errors import (
    DeviceLost,
    OutOfMemory,
    RuntimeUnavailable,
    WeightsMismatch,
    WeightsUnavailable,
    WrongNumbers,
)
from fourxl.weights import FolderSource
from fourxl_native.provider import ONNXRUNTIME, OPENVINO, TORCH, NativeProvider

from .doubles import FILE_BYTES, Opening, named

if TYPE_CHECKING:
    from fourxl.manifest import ModelSpec
    from fourxl.testing import NearestRuntime

ONNX = NativeProvider(ONNXRUNTIME, "CPU", "It is a test.")
OTHER = NativeProvider(OPENVINO, "CPU", "It is a test.")
NOWHERE = FolderSource(Path("nowhere"))


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> Opening:
    """Have models opened by a stand-in."""
    return Opening(monkeypatch)


def library(models: int = 100, provider: NativeProvider = ONNX) -> Library:
    """Return a library with room for so many of the models above."""
    return Library(NOWHERE, provider, models * COPIES * FILE_BYTES)


async def borrow(shelf: Library, spec: ModelSpec, denoise: float = 1.0) -> Loaded:
    """Return what is lent, and give it back at once."""
    async with shelf.lend(spec, denoise) as lent:
        return lent


async def until_asked(shelf: Library, count: int) -> None:
    """Return when so many have asked for the model ``a``."""
    while shelf._lent["a", 1.0] < count:  # noqa: ASYNC110 - in threads, with loops of their own
        await asyncio.sleep(0)


def is_closed(runtime: NearestRuntime) -> bool:
    """Return whether a runtime has been closed."""
    return runtime._closed


def test_a_model_is_loaded_once_for_all_who_ask_at_first(opening):
    """Threads with loops of their own that ask while it is being loaded all get the one runtime."""
    shelf, spec, count = library(), named("a"), 8
    found: list[Loaded] = []

    opening.meanwhile = lambda: until_asked(shelf, count)
    threads = [
        threading.Thread(target=lambda: found.append(asyncio.run(borrow(shelf, spec)))) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opening.opened) == 1
    assert [lent.runtime for lent in found] == opening.runtimes * count
    assert shelf.loaded == ["a"]


def test_a_failure_is_told_to_all_who_waited_and_to_nobody_later(opening):
    """Who asks next has it loaded again."""
    shelf, spec = library(), named("a")

    async def fail() -> None:
        await until_asked(shelf, 3)
        raise WeightsUnavailable("not here")

    async def scenario() -> None:
        opening.meanwhile = fail
        told = await asyncio.gather(*(borrow(shelf, spec) for _ in range(3)), return_exceptions=True)
        assert [type(error) for error in told] == [WeightsUnavailable] * 3
        assert (len(opening.opened), shelf.loaded) == (1, [])
        opening.meanwhile = lambda: asyncio.sleep(0)
        assert (await borrow(shelf, spec)).runtime is opening.runtimes[0]

    asyncio.run(scenario())


def test_who_is_cancelled_while_loading_harms_nobody(opening):
    """One of those who wait loads it then, and gets it; so do the others."""
    shelf, spec = library(), named("a")

    async def scenario() -> None:
        forever, begun = asyncio.Event(), asyncio.Event()

        async def wait() -> None:
            begun.set()
            await forever.wait()

        opening.meanwhile = wait
        first = asyncio.create_task(borrow(shelf, spec))
        await begun.wait()
        others = [asyncio.create_task(borrow(shelf, spec)) for _ in range(3)]
        await asyncio.sleep(0)
        opening.meanwhile = lambda: asyncio.sleep(0)
        first.cancel()
        found = await asyncio.gather(*others)
        assert [lent.runtime for lent in found] == opening.runtimes * 3
        assert len(opening.opened) == 2
        with pytest.raises(asyncio.CancelledError):
            await first

    asyncio.run(scenario())


def test_who_is_cancelled_while_waiting_harms_nobody(opening):
    """The model goes on being loaded, once, for those who still want it."""
    shelf, spec = library(), named("a")

    async def scenario() -> None:
        go_on = asyncio.Event()
        opening.meanwhile = go_on.wait
        tasks = [asyncio.create_task(borrow(shelf, spec)) for _ in range(3)]
        await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.wait(tasks[1:2])
        go_on.set()
        assert (await tasks[0]).runtime is (await tasks[2]).runtime
        assert len(opening.opened) == 1

    asyncio.run(scenario())


def test_the_model_used_longest_ago_makes_room(opening):
    """With room for two, the third pushes out and closes the one that was not used since; that is loaded anew."""
    shelf = library(models=2)

    async def scenario() -> None:
        for name in "abac":
            await borrow(shelf, named(name))
        assert shelf.loaded == ["a", "c"]
        assert list(shelf.seconds_a_pixel) == ["a", "c"]
        assert [is_closed(runtime) for runtime in opening.runtimes] == [False, True, False]
        await borrow(shelf, named("b"))
        assert shelf.loaded == ["b", "c"]
        assert [name for name, *_ in opening.opened] == ["a", "b", "c", "b"]

    asyncio.run(scenario())


def test_what_is_lent_stays(opening):
    """However little room there is, a model goes only when nobody has it; then it goes at once."""
    shelf = library(models=0)

    async def scenario() -> None:
        async with AsyncExitStack() as stack:
            for name in "aab":
                await stack.enter_async_context(shelf.lend(named(name), 1.0))
            await borrow(shelf, named("c"))
            assert shelf.loaded == ["a", "b"]
            assert [is_closed(runtime) for runtime in opening.runtimes] == [False, False, True]
        assert shelf.loaded == []
        assert all(is_closed(runtime) for runtime in opening.runtimes)

    asyncio.run(scenario())


@pytest.mark.parametrize("error", [RuntimeUnavailable("no"), WrongNumbers("no")])
def test_a_provider_that_will_not_do_is_replaced_and_says_so(opening, error):
    """A model that it cannot load or computes wrong is taken over by onnxruntime, and the badge can say why."""

    async def refuse() -> None:
        if opening.opened[-1][2] is OTHER:
            raise error

    opening.meanwhile = refuse
    runtime = asyncio.run(borrow(library(provider=OTHER), named("a"))).runtime
    assert [(chosen.name, chosen.device) for *_, chosen in opening.opened] == [
        (OPENVINO, "CPU"),
        (ONNXRUNTIME, "CPU"),
    ]
    word = "wrong numbers" if isinstance(error, WrongNumbers) else "could not load"
    assert word in runtime.reason
    assert "openvino" in runtime.reason.lower()
    assert "onnxruntime" in runtime.reason


def test_after_a_lost_graphics_card_the_processor_computes(opening):
    """Whoever asks next gets the model from onnxruntime, which says why, and so does the server of itself."""
    shelf, spec = library(provider=NativeProvider(TORCH, "GPU", "It is a test.")), named("a")

    async def scenario() -> None:
        with pytest.raises(DeviceLost):
            async with shelf.lend(spec, 1.0):
                raise DeviceLost("gone")
        assert shelf.loaded == []
        lent = await borrow(shelf, spec)
        assert "graphics card stopped" in lent.runtime.reason
        assert (shelf.provider.name, shelf.provider.device) == (ONNXRUNTIME, "CPU")
        assert [chosen.name for *_, chosen in opening.opened] == [TORCH, ONNXRUNTIME]

    asyncio.run(scenario())


@pytest.mark.parametrize("error", [RuntimeUnavailable("no"), WrongNumbers("no"), WeightsUnavailable("no")])
def test_there_is_nothing_behind_onnxruntime(opening, error):
    """What it cannot load is told; so is a missing file, which no other runtime would have."""
    for provider in (ONNX, OTHER):

        async def refuse() -> None:
            raise error

        opening.opened.clear()
        opening.meanwhile = refuse
        with pytest.raises(type(error)):
            asyncio.run(borrow(library(provider=provider), named("a")))
        is_final = provider is ONNX or isinstance(error, WeightsUnavailable)
        assert len(opening.opened) == (1 if is_final else 2)


def test_denoise_strengths_are_models_of_their_own(opening):
    """A model with a denoise strength is loaded for each that is asked for; for others it makes no difference."""
    shelf = library()

    async def scenario() -> None:
        mixes = [
            (await borrow(shelf, named("a", denoises=True), share)).runtime for share in (0, 0.5, 1, 0.5)
        ]
        assert [share for _, share, _ in opening.opened] == [0, 0.5, 1]
        assert mixes[1] is mixes[3]
        plain = {(await borrow(shelf, named("b"), share)).runtime for share in (0, 0.5, 1)}
        assert len(plain) == 1
        assert shelf.loaded == ["a", "b"]

    asyncio.run(scenario())


@pytest.mark.parametrize("error", [OutOfMemory("no"), asyncio.CancelledError()])
def test_a_runtime_that_cannot_be_timed_is_closed(opening, monkeypatch, error):
    """What was opened before it failed, or before who asked for it went away, is not left in memory."""

    async def fail(_runtime: Any) -> float:
        raise error

    monkeypatch.setattr(pace, "measure", fail)
    shelf = library()
    with pytest.raises(type(error)):
        asyncio.run(borrow(shelf, named("a")))
    assert [is_closed(runtime) for runtime in opening.runtimes] == [True]
    assert shelf.loaded == []


def test_a_damaged_file_is_never_used_and_may_be_repaired(tmp_path):
    """One wrong bit in the real model is told as such; once the file is right again, the next one gets it."""
    models = Path(shutil.copytree(Path(__file__).parents[2] / "models", tmp_path / "models"))
    spec = manifest.parse((models / "manifest.json").read_bytes()).find("swift")
    path = models / spec.graphs[ONNXRUNTIME].path
    content = path.read_bytes()
    path.write_bytes(content[:1000] + bytes([content[1000] ^ 1]) + content[1001:])
    shelf = Library(FolderSource(models), ONNX, 2**30)
    with pytest.raises(WeightsMismatch):
        asyncio.run(borrow(shelf, spec))
    assert shelf.loaded == []
    path.write_bytes(content)
    lent = asyncio.run(borrow(shelf, spec))
    assert lent.runtime.name == ONNXRUNTIME
    assert 0 < lent.seconds_a_pixel < 1
    assert shelf.loaded == ["swift"]
