"""Where a job goes: never to the server unless its person chose that or said yes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from fourxl import errors, events
from fourxl.errors import BrokenImage, FourxlError, OutOfMemory, ServerBusy
from fourxl.manifest import OWN as OWN_ARCHITECTURE
from fourxl.manifest import ModelFile, ModelSpec
from fourxl.settings import JobSettings
from fourxl_web.page import error_words, messages
from fourxl_web.page.jobs import Jobs
from fourxl_web.page.remote import steps
from fourxl_web.page.remote.place import NOWHERE_ELSE, Place, Server
from fourxl_web.page.work import Outcome, Sent, Work

GRAPH = ModelFile("a.onnx", 9, "0" * 64)
SWIFT = ModelSpec(
    "swift", "Swift", "Any.", "swift", 4, 8, 16, 512, "MIT", "ours", {"wasm": GRAPH}, None, None, None
)
OWN, ABSENT = replace(SWIFT, architecture=OWN_ARCHITECTURE, label="Own: mine.onnx"), replace(SWIFT, graphs={})
WORK = Work("an id", "a File", "photo.png", 2000, None, JobSettings(), SWIFT)
DONE = events.Done(288, 224, 6, 1.5, 1.2, 4, (), "4x")
SENT = Sent("space.example", "14:03", "openvino", "CPU")
SERVER = Server("https://space.example/", "space.example")
DEVICE, AUTO, AWAY = Place(SERVER, "device"), Place(SERVER, "auto"), Place(SERVER, "server")
NO_MEMORY = OutOfMemory("No memory.")
each = pytest.mark.parametrize


@dataclass
class Engine:
    """The device: fails with ``error``, or waits for ``cancel`` when it hangs."""

    error: Exception | None = None
    hangs: bool = False
    calls: int = 0
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def upscale(self, file: Any, settings: JobSettings, job_id: str) -> Outcome:
        """Return a result, or fail."""
        self.calls += 1
        assert (file, settings, job_id) == (WORK.file, WORK.wanted, WORK.id)
        if self.hangs:
            self.begun.set()
            await self.cancelled.wait()
            raise self.error or asyncio.CancelledError
        if self.error:
            raise self.error
        return Outcome("here", DONE)

    async def cancel(self) -> None:
        """Let what hangs go on."""
        self.cancelled.set()


@dataclass
class Remote:
    """The server: remembers why it was asked."""

    error: FourxlError | None = None
    hangs: bool = False
    host: str = "space.example"
    reasons: list[FourxlError | None] = field(default_factory=list)

    async def upscale(self, work: Work, failed: FourxlError | None = None) -> Outcome:
        """Return another result, or fail."""
        assert work.file == WORK.file
        self.reasons.append(failed)
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
        return Outcome("there", DONE, SENT)


@dataclass
class Person:
    """Answers the question, and remembers it."""

    says: bool = True
    may_send: bool = False
    """Whether "do not ask again" holds."""

    has_more: bool = False
    """Whether the batch has more pictures to do."""

    asked: list[tuple[str, FourxlError, bool]] = field(default_factory=list)

    async def ask(self, host: str, failed: FourxlError, is_for_all: bool) -> bool:
        """Return what the person says."""
        self.asked.append((host, failed, is_for_all))
        return self.says


def jobs_of(device: Engine | None, remote: Remote, person: Person) -> tuple[Jobs, list[messages.Message]]:
    """Return the jobs of these three, and what they tell."""
    told: list[messages.Message] = []
    jobs = Jobs(told.append, lambda: person.may_send, person.ask, lambda: person.has_more)
    jobs.device, jobs.remote = device, remote
    return jobs, told


@each("place", [NOWHERE_ELSE, DEVICE, AUTO, replace(AUTO, may_send=True)])
def test_a_device_that_can(place: Place) -> None:
    """What this device can do is done here, and nobody is asked anything."""
    remote, person = Remote(), Person(may_send=place.may_send)
    jobs, told = jobs_of(Engine(), remote, person)
    assert asyncio.run(jobs.run(WORK, place)) == Outcome("here", DONE)
    assert (remote.reasons, person.asked, told) == ([], [], [])


@each("place", [NOWHERE_ELSE, DEVICE, replace(DEVICE, may_send=True)])
def test_this_device_only(place: Place) -> None:
    """A device that cannot is an error and no more."""
    remote, person = Remote(), Person(may_send=place.may_send)
    jobs, _ = jobs_of(Engine(NO_MEMORY), remote, person)
    with pytest.raises(OutOfMemory):
        asyncio.run(jobs.run(WORK, place))
    assert (remote.reasons, person.asked) == ([], [])


@each("says", [True, False])
def test_the_first_fallback_asks(says: bool) -> None:
    """With a yes the server does it; with a no the device's own error stands, and the server knows of nothing."""
    remote, person = Remote(), Person(says)
    jobs, told = jobs_of(Engine(NO_MEMORY), remote, person)
    if says:
        assert asyncio.run(jobs.run(WORK, AUTO)) == Outcome("there", DONE, SENT)
    else:
        with pytest.raises(OutOfMemory) as info:
            asyncio.run(jobs.run(WORK, AUTO))
        assert info.value is NO_MEMORY
    assert person.asked == [("space.example", NO_MEMORY, False)]
    assert told == [steps.Asking("space.example")]
    assert remote.reasons == ([NO_MEMORY] if says else [])


@each("says", [True, False])
@each("is_for_all", [True, False])
def test_an_answer_holds_for_what_was_asked(is_for_all: bool, says: bool) -> None:
    """What was said of all pictures of a batch holds to its end; what was said of one, for that one."""

    async def run() -> None:
        for has_more in (is_for_all, True, False):
            person.has_more = has_more
            with suppress(OutOfMemory):
                await jobs.run(WORK, AUTO)
        asked.append([is_all for _, _, is_all in person.asked])
        jobs.begin_batch()
        with suppress(OutOfMemory):
            await jobs.run(WORK, AUTO)

    remote, person = Remote(), Person(says)
    jobs, _ = jobs_of(Engine(NO_MEMORY), remote, person)
    asked: list[list[bool]] = []
    asyncio.run(run())
    assert asked == [[True] if is_for_all else [False, True]]
    assert len(person.asked) == len(asked[0]) + 1
    assert len(remote.reasons) == (4 if says else 0)


def test_who_may_send_is_not_asked() -> None:
    """After "do not ask again" the server does it at once."""
    remote, person = Remote(), Person(may_send=True)
    jobs, _ = jobs_of(Engine(NO_MEMORY), remote, person)
    assert asyncio.run(jobs.run(WORK, AUTO)).sent == SENT
    assert (remote.reasons, person.asked) == ([NO_MEMORY], [])


@each("may_send", [True, False])
def test_what_counts_is_what_is_allowed_when_the_device_fails(may_send: bool) -> None:
    """Consent that is taken back, or given, in the middle of a job holds for that job."""

    async def go() -> None:
        device, remote, person = Engine(NO_MEMORY, hangs=True), Remote(), Person(False, not may_send)
        jobs, _ = jobs_of(device, remote, person)
        job = asyncio.ensure_future(jobs.run(WORK, replace(AUTO, may_send=not may_send)))
        await device.begun.wait()
        person.may_send = may_send
        device.cancelled.set()
        if may_send:
            assert (await job).sent == SENT
        else:
            with pytest.raises(OutOfMemory):
                await job
        assert (len(remote.reasons), len(person.asked)) == (int(may_send), int(not may_send))

    asyncio.run(go())


@each("error", [BrokenImage("Broken."), errors.InvalidSettings("No."), errors.SideTooLong("Long.")])
def test_a_bad_picture_stays(error: FourxlError) -> None:
    """What is wrong with the picture or the form is wrong everywhere."""
    remote = Remote()
    jobs, _ = jobs_of(Engine(error), remote, Person(may_send=True))
    with pytest.raises(type(error)):
        asyncio.run(jobs.run(WORK, AUTO))
    assert not remote.reasons


def test_own_networks_stay() -> None:
    """A network of the person's own falls back to nothing, and is refused by the server's mode in words."""
    remote = Remote()
    jobs, _ = jobs_of(Engine(NO_MEMORY), remote, Person(may_send=True))
    with pytest.raises(OutOfMemory):
        asyncio.run(jobs.run(replace(WORK, spec=OWN), AUTO))
    with pytest.raises(errors.UnknownModel, match=r"Own: mine\.onnx is on this device only"):
        asyncio.run(jobs.run(replace(WORK, spec=OWN), AWAY))
    assert not remote.reasons


def test_the_server_chosen() -> None:
    """The server does it without a question, and this device's engine is left alone, there or not."""
    for device in (Engine(), None):
        person = Person()
        jobs, _ = jobs_of(device, Remote(), person)
        assert asyncio.run(jobs.run(WORK, AWAY)).blob == "there"
        assert not person.asked
        assert device is None or device.calls == 0


def test_an_engine_that_never_started() -> None:
    """Its reason is what the person is asked with."""
    person = Person()
    jobs, _ = jobs_of(None, Remote(), person)
    jobs.fault = errors.BadManifest("The table cannot be read.")
    assert asyncio.run(jobs.run(WORK, AUTO)).blob == "there"
    assert person.asked[0][1].message == "The table cannot be read."


def test_a_model_that_this_site_lacks() -> None:
    """The engine is not bothered with it."""
    device, person = Engine(), Person()
    jobs, _ = jobs_of(device, Remote(), person)
    assert asyncio.run(jobs.run(replace(WORK, spec=ABSENT), AUTO)).blob == "there"
    assert person.asked[0][1].message == "The model Swift is not on this site."
    assert device.calls == 0


def test_when_both_fail() -> None:
    """The server's error comes with the device's sentence before it; both places can be tried again."""
    remote = Remote(ServerBusy("The queue is full.", waiting=32))
    jobs, _ = jobs_of(Engine(NO_MEMORY), remote, Person())
    with pytest.raises(ServerBusy) as info:
        asyncio.run(jobs.run(WORK, AUTO))
    assert info.value.message == "No memory. The queue is full."
    assert info.value.fields["waiting"] == 32
    assert error_words.sentence(info.value) == info.value.message
    remote.error = None
    assert asyncio.run(jobs.run(WORK, AUTO)).blob == "there"


@each(
    ("device", "place"),
    [
        (Engine(hangs=True), DEVICE),
        (Engine(hangs=True), AUTO),
        (Engine(NO_MEMORY), replace(AUTO, may_send=True)),
        (Engine(), AWAY),
    ],
)
def test_cancelling(device: Engine, place: Place) -> None:
    """Cancel ends the job wherever it is, and the next one works."""

    async def go() -> None:
        device.cancelled = asyncio.Event()
        remote = Remote(hangs=True)
        jobs, _ = jobs_of(device, remote, Person(may_send=place.may_send))
        job = asyncio.ensure_future(jobs.run(WORK, place))
        await asyncio.sleep(0.01)
        await jobs.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        remote.hangs = False
        assert (await jobs.run(WORK, AWAY)).blob == "there"

    asyncio.run(go())


def test_a_device_that_fails_while_it_is_cancelled() -> None:
    """Who has pressed Cancel is not asked about the server any more."""

    async def go() -> Person:
        device, person = Engine(NO_MEMORY, hangs=True), Person()
        device.cancelled = asyncio.Event()
        jobs, _ = jobs_of(device, Remote(), person)
        job = asyncio.ensure_future(jobs.run(WORK, AUTO))
        await asyncio.sleep(0.01)
        await jobs.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        return person

    assert not asyncio.run(go()).asked
