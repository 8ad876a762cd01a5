"""A GPU that is lent for one job: what a process of its own tells comes back as it was."""

from __future__ import annotations

import inspect
import multiprocessing
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from backend import lending
from backend.library import Library
from backend.settings import Limits
from backend.work import Finished
from fourxl import events
from fourxl.errors import BrokenImage, DeviceLost, FourxlError, ServerBusy, TooSlow
from fourxl.manifest import Manifest
from fourxl.settings import JobSettings
from fourxl.testing import NearestRuntime
from fourxl.weights import FolderSource
from fourxl_native.provider import TORCH, NativeProvider
from tests.engine.jobs import Job
from tests.pictures import encoded, scene

from .doubles import Opening, named

PICTURE = encoded(scene(90, 70))
JOB = JobSettings(model_id="a", tile_px=40)
TABLE = Manifest((named("a"), named("b", denoises=True), replace(named("none"), graphs={})))
SECONDS = 33

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")


class _GradioError(Exception):
    """Stands for Gradio's."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Spaces:
    """Stands for the package ``spaces``: a process is forked for each job, and only values come back from it whole."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.pids: set[int] = set()
        self.refusal: str | None = None

    def GPU(self, duration: int) -> Callable[[Any], Any]:  # noqa: N802 - its name
        """Return what lends a GPU to a generator function."""
        self.asked.append(duration)
        return self._lend

    def _lend(self, task: Any) -> Any:
        assert inspect.isgeneratorfunction(task)
        forking = multiprocessing.get_context("fork")

        def lent(*given: Any) -> Iterator[Any]:
            if self.refusal:
                raise _GradioError(self.refusal)
            ours, theirs = forking.Pipe(duplex=False)
            arguments = pickle.dumps(given)

            def compute() -> None:
                theirs.send(("pid", os.getpid()))
                try:
                    for step in task(*pickle.loads(arguments)):  # noqa: S301 - our own
                        theirs.send(("step", step))
                    theirs.send(("end", None))
                except Exception as error:  # noqa: BLE001 - as the package does
                    theirs.send(("error", type(error).__name__))

            process = forking.Process(target=compute)
            process.start()
            theirs.close()
            try:
                while (message := ours.recv())[0] != "end":
                    match message:
                        case "pid", pid:
                            self.pids.add(pid)
                        case "step", step:
                            yield step
                        case "error", name:
                            raise _GradioError(name)
            finally:
                ours.close()
                process.join()

        return lent


@pytest.fixture
def spaces(monkeypatch: pytest.MonkeyPatch) -> Spaces:
    """Be on ZeroGPU, as far as can be seen."""
    found = Spaces()
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setitem(sys.modules, "spaces", found)
    monkeypatch.setitem(sys.modules, "gradio", SimpleNamespace(Error=_GradioError))
    return found


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> Opening:
    """Have models opened by a stand-in."""
    return Opening(monkeypatch)


def lend(**limits: int) -> Any:
    """Return the work of a server."""
    shelf = Library(FolderSource(Path("nowhere")), NativeProvider(TORCH, "GPU", "A test."), 2**30)
    return lending.work(shelf, Limits(**{"max_seconds": SECONDS, **limits}))


def test_all_steps_come_back(spaces, opening):
    """From another process, in order, the file byte for byte; and a GPU was asked for as long as a job may take."""
    *told, finished = lend()(PICTURE, JOB, TABLE.find("a"))
    job = Job(PICTURE, tile_px=40).run()
    assert [type(event) for event in told] == [type(event) for event in job.events]
    assert isinstance(finished, Finished)
    assert finished.file == job.sink.getvalue()
    assert spaces.asked == [SECONDS]
    assert len(spaces.pids) == 1
    assert os.getpid() not in spaces.pids
    assert opening.opened == []


def test_models_are_loaded_where_the_card_is(spaces, opening):
    """Nothing is loaded in the process that has no card; each job loads its model in its own."""
    work = lend()
    for name in ("a", "b"):
        *_, finished = work(PICTURE, replace(JOB, model_id=name), TABLE.find(name))
        assert isinstance(finished, Finished)
    assert opening.opened == []
    assert len(spaces.pids) == 2


class _Lost(NearestRuntime):
    """Loses its device at the third tile of a picture."""

    error: Exception = DeviceLost("gone", runtime="torch", tile=3)

    async def run(self, tile_f32: Any) -> Any:
        if len(self.shapes) == 4:  # two timed it
            raise self.error
        return await super().run(tile_f32)


@pytest.mark.usefixtures("spaces")
@pytest.mark.parametrize(
    ("data", "limits", "runtime", "error"),
    [
        (PICTURE[:300], {}, NearestRuntime, BrokenImage),
        (PICTURE, {}, _Lost, DeviceLost),
        (PICTURE, {"max_seconds": 1}, NearestRuntime, TooSlow),
    ],
)
def test_errors_of_ours_come_back_whole(opening, monkeypatch, data, limits, runtime, error):
    """With class, sentence and fields, though the package brings back no more of an exception than its name."""
    monkeypatch.setattr("tests.backend.doubles.NearestRuntime", runtime)
    if error is TooSlow:

        async def forever(_runtime: Any) -> float:
            return 1.0

        monkeypatch.setattr("backend.pace.measure", forever)
    del opening
    told = []
    with pytest.raises(error) as raised:
        told.extend(lend(**limits)(data, JOB, TABLE.find("a")))
    assert raised.value.message
    assert raised.value.code == error.code
    if error is DeviceLost:
        assert raised.value.to_wire() == _Lost.error.to_wire()  # type: ignore[attr-defined]
    if error is TooSlow:
        assert raised.value.fields["max_seconds"] == 1


def test_what_else_breaks_there_tells_nothing(spaces, opening, monkeypatch):
    """A fault in the other process is an error here, without its words."""
    monkeypatch.setattr(_Lost, "error", ValueError("private"))
    monkeypatch.setattr("tests.backend.doubles.NearestRuntime", _Lost)
    with pytest.raises(FourxlError) as told:
        list(lend()(PICTURE, JOB, TABLE.find("a")))
    assert "private" not in told.value.message
    assert spaces.pids
    assert opening.opened == []


def test_a_gpu_that_is_not_lent_is_told(spaces, opening):
    """With the package's own words: whose time is used up, and when there is more."""
    work = lend()
    spaces.refusal = "You have exceeded your quota. Try again in 1:00:00."
    with pytest.raises(ServerBusy, match=r"exceeded your quota\. Try again in 1:00:00"):
        list(work(PICTURE, JOB, TABLE.find("a")))
    assert opening.opened == []


def test_closing_ends_the_other_process(spaces, opening):
    """Who goes away in the middle leaves nothing running."""
    work = lend()
    steps = work(PICTURE, JOB, TABLE.find("a"))
    assert next(steps) == events.Stage("reading")
    steps.close()
    (pid,) = spaces.pids
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert opening.opened == []


def test_elsewhere_nothing_is_lent(opening, monkeypatch):
    """Without ZeroGPU a job runs here, and a model is loaded when somebody wants it."""
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    work = lend()
    assert opening.opened == []
    *_, finished = work(PICTURE, JOB, TABLE.find("a"))
    assert isinstance(finished, Finished)
    assert len(opening.opened) == 1
