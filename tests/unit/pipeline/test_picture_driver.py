"""Pictures take turns with the rooms: as any of them does, and no more than that, however many are posted."""

import asyncio
import contextlib
import gc
import io
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image
from tests.fakes import CentreTracker, FailingTrackers, FakeTrackers, make_limiter
from tests.polling import until

from mocast.errors import TrackingError, Unavailable
from mocast.model.frame import Frame
from mocast.model.options import Quality, SessionOptions, TrackerName
from mocast.model.tracked import Tracked
from mocast.pipeline.frame_scheduler import FrameScheduler, Ticket
from mocast.pipeline.picture_driver import PictureDriver
from mocast.rendering.renderer import Renderer

WAIT_S = 60
POSTED = 4


class HeldTracker(CentreTracker):
    """Says that it tracks, and goes on when it is let."""

    def __init__(self, began: threading.Semaphore, let: threading.Semaphore) -> None:
        super().__init__()
        self._began = began
        self._let = let

    def track(self, frame: Frame) -> Tracked:
        self._began.release()
        assert self._let.acquire(timeout=WAIT_S)
        return super().track(frame)


class HeldTrackers(FakeTrackers):
    """Gives out trackers that go on when they are let; says when one was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Semaphore(0)
        self.began = threading.Semaphore(0)
        self.let = threading.Semaphore(0)

    def acquire(self, tracker: TrackerName, quality: Quality, **_: Any) -> CentreTracker:
        self.asked.release()
        return HeldTracker(self.began, self.let)


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(POSTED) as executor:
        yield executor


@pytest.fixture
def trackers(executor: ThreadPoolExecutor) -> Iterator[HeldTrackers]:
    trackers = HeldTrackers()
    yield trackers
    trackers.let.release(POSTED)


class Body(bytearray):
    """Tells when it is freed."""


class Rooms:
    """Takes a room's turns among others; at the end of a test nobody waits for it any more."""

    def __init__(self) -> None:
        self.scheduler = FrameScheduler(1)
        self._taken: list[Ticket] = []

    def enter(self) -> Ticket:
        """A room that asks for its turn."""
        room = self.scheduler.ticket()
        self._taken.append(room)
        self.scheduler.join(room)
        return room

    def end(self) -> None:
        for room in self._taken:
            room.cancel()
            self.scheduler.leave(room)


@pytest.fixture
def rooms(trackers: HeldTrackers) -> Iterator[Rooms]:
    rooms = Rooms()
    yield rooms
    rooms.end()


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48)).save(file, "PNG")
    return file.getvalue()


def post(pictures: PictureDriver) -> asyncio.Task[bytes]:
    return asyncio.create_task(pictures.answer(png(), SessionOptions(), "application/json"))


async def taken(semaphore: threading.Semaphore) -> None:
    assert await asyncio.to_thread(semaphore.acquire, timeout=WAIT_S)


async def test_a_picture_waits_for_its_turn_and_gives_it_back(
    executor: ThreadPoolExecutor, trackers: HeldTrackers, rooms: Rooms
) -> None:
    room, answer = rooms.enter(), post(PictureDriver(trackers, Renderer, executor, rooms.scheduler, make_limiter()))
    await until(lambda: rooms.scheduler.waiting == 1)
    after = rooms.enter()
    assert not trackers.began.acquire(blocking=False)
    rooms.scheduler.leave(room)
    await taken(trackers.began)
    assert not after.has_slot
    trackers.let.release()
    assert await answer
    assert after.has_slot


async def test_a_picture_that_fails_gives_its_turn_back(executor: ThreadPoolExecutor, rooms: Rooms) -> None:
    with pytest.raises(TrackingError):
        await post(PictureDriver(FailingTrackers(), Renderer, executor, rooms.scheduler, make_limiter()))
    assert rooms.enter().has_slot


async def test_however_many_pictures_wait_one_at_most_begins_before_a_room_that_asks(
    executor: ThreadPoolExecutor, trackers: HeldTrackers, rooms: Rooms
) -> None:
    scheduler, pictures = rooms.scheduler, PictureDriver(trackers, Renderer, executor, rooms.scheduler, make_limiter())
    working = rooms.enter()
    answers = [post(pictures) for _ in range(POSTED)]
    for _ in answers:
        await taken(trackers.asked)
    for left in reversed(range(POSTED)):
        await until(lambda: scheduler.waiting == 1)
        room = rooms.enter()
        scheduler.leave(working)
        await taken(trackers.began)
        await until(lambda left=left: scheduler.waiting == 1 + (left > 0))  # type: ignore[misc]
        trackers.let.release()
        await until(lambda room=room: room.has_slot)  # type: ignore[misc]
        assert not trackers.began.acquire(blocking=False)
        working = room
    assert all([await answer for answer in answers])


async def test_pictures_use_all_places_that_rooms_leave(executor: ThreadPoolExecutor, trackers: HeldTrackers) -> None:
    pictures = PictureDriver(trackers, Renderer, executor, FrameScheduler(POSTED), make_limiter())
    answers = [post(pictures) for _ in range(POSTED)]
    for _ in answers:
        await taken(trackers.began)
    trackers.let.release(POSTED)
    assert all([await answer for answer in answers])


async def test_a_picture_that_has_not_begun_in_time_is_refused_and_dropped(
    executor: ThreadPoolExecutor, trackers: HeldTrackers
) -> None:
    may_go_on = threading.Event()
    busy = [executor.submit(may_go_on.wait, WAIT_S) for _ in range(POSTED)]
    limiter = make_limiter()
    with pytest.raises(Unavailable) as refused:
        await post(PictureDriver(trackers, Renderer, executor, FrameScheduler(1), limiter, answer_timeout_s=0.01))
    assert refused.value.retry_after_s > 0
    may_go_on.set()
    assert all(one.result() for one in busy)
    executor.shutdown()
    assert not trackers.asked.acquire(blocking=False)


async def test_a_picture_that_nobody_wants_any_more_is_freed_at_once(executor: ThreadPoolExecutor) -> None:
    may_go_on = threading.Event()
    busy = [executor.submit(may_go_on.wait, WAIT_S) for _ in range(POSTED)]
    picture = Body(png())
    freed = weakref.ref(picture)
    pictures = PictureDriver(FakeTrackers(), Renderer, executor, FrameScheduler(1), make_limiter())
    answer = asyncio.create_task(pictures.answer(picture, SessionOptions(), "application/json"))
    del picture
    await asyncio.sleep(0)
    answer.cancel()
    await asyncio.wait([answer])
    del answer
    gc.collect()
    is_freed = freed() is None
    may_go_on.set()
    assert all(one.result() for one in busy)
    assert is_freed


async def test_a_picture_whose_turn_does_not_come_in_time_is_refused_and_its_place_is_free_in_the_end(
    executor: ThreadPoolExecutor, rooms: Rooms
) -> None:
    limiter = make_limiter(pictures=1)
    pictures = PictureDriver(FakeTrackers(), Renderer, executor, rooms.scheduler, limiter, answer_timeout_s=0.01)
    room = rooms.enter()
    with pytest.raises(Unavailable):
        await post(pictures)
    rooms.scheduler.leave(room)

    def is_free() -> bool:
        with contextlib.suppress(Unavailable):
            limiter.require("pictures")
            return True
        return False

    await until(is_free)
    assert rooms.enter().has_slot
