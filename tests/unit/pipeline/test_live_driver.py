"""A room's worker with fakes around it: which frames it takes, what it returns, and how it ends."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs
from tests.fakes import CentreTracker, CollectingSink, CountingRigger, NoFaces, ReadyFrame, SettableClock

from mocast.model.canvas import HudStats
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions, SessionOptions
from mocast.model.rig import Rig
from mocast.model.tracked import FaceBoxes, Tracked
from mocast.pipeline import failure_log, live_driver
from mocast.pipeline.extrapolate import TRUST
from mocast.pipeline.fanout import Fanout
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.live_driver import MAX_FAILURES_IN_A_ROW, LiveDriver
from mocast.pipeline.processor import FrameProcessor

WAIT_S = 60
DEFAULTS = SessionOptions()


def square(number: int) -> ReadyFrame:
    """A frame whose bright square is further to the right with each number."""
    rgb = np.zeros((48, 64, 3), np.uint8)
    rgb[20:28, 2 * number : 2 * number + 8] = 255
    return ReadyFrame(number, rgb)


def centre(number: int) -> float:
    """Where ``CentreTracker`` sees it, in image space."""
    return (2 * number + 3.5) / 64


class HeldTracker(CentreTracker):
    """Tracks a frame only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[int] = []
        self.started = threading.Semaphore(0)
        self.let = threading.Semaphore(0)

    def track(self, frame: Frame) -> Tracked:
        self.begun.append(frame.number)
        self.started.release()
        assert self.let.acquire(timeout=WAIT_S)
        return super().track(frame)

    def wait_until_busy(self) -> None:
        assert self.started.acquire(timeout=WAIT_S)


class Recorder:
    """A renderer and an output in one: keeps what was drawn for which picture."""

    def __init__(self, wanted: bool = True) -> None:
        self.wanted = wanted
        self.drawn: list[tuple[int, Tracked, DrawOptions, HudStats | None]] = []
        self.fail_on: Callable[[int], bool] = lambda _: False
        self._last: tuple[Tracked, DrawOptions, HudStats | None] | None = None
        self._changed = threading.Condition()
        self.attempts = 0

    def render(
        self, rgb: RgbImage, tracked: Tracked, options: DrawOptions, stats: HudStats | None, faces: FaceBoxes
    ) -> RgbImage:
        with self._changed:
            self.attempts += 1
            self._changed.notify_all()
        if self.fail_on(self.attempts - 1):
            raise RuntimeError("told to fail")
        self._last = (tracked, options, stats)
        return rgb

    def send(self, rgb: RgbImage, pts: int) -> bool:
        assert self._last is not None
        with self._changed:
            self.drawn.append((pts, *self._last))
            self._changed.notify_all()
        return False

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.drawn) >= count, WAIT_S), len(self.drawn)

    def wait_for_attempts(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.attempts >= count, WAIT_S), self.attempts


class Room:
    """A live driver with fakes on all sides."""

    def __init__(
        self,
        tracker: CentreTracker,
        options: SessionOptions = DEFAULTS,
        *,
        picture: bool = True,
        scheduler: FrameScheduler | None = None,
    ):
        self.tracker = tracker
        self.released: list[CentreTracker] = []
        self.sink = CollectingSink()
        self.recorder = Recorder(picture)
        self.rigger = CountingRigger()
        self.rigs: Fanout[Rig] = Fanout()
        self.landmarks: Fanout[Tracked] = Fanout()
        self.landmarks.add(self.sink)
        self.failures: list[str] = []
        self.failed = threading.Event()
        processor = FrameProcessor(
            tracker,
            self.recorder,  # type: ignore[arg-type]
            every_face=NoFaces(),
            rigger=self.rigger,
            rigs=self.rigs,
            landmarks=self.landmarks,
        )
        self.driver = LiveDriver(
            processor,
            release=self.released.append,  # type: ignore[arg-type]
            pictures=self.recorder,
            scheduler=scheduler or FrameScheduler(2),
            options=options,
            on_failure=self._fail,
        )
        self.driver.start()

    def _fail(self, reason: str) -> None:
        self.failures.append(reason)
        self.failed.set()

    def give(self, number: int) -> None:
        self.driver.offer(square(number))


MakeRoom = Callable[..., Room]


@pytest.fixture
def make() -> Iterator[MakeRoom]:
    rooms: list[Room] = []

    def make_room(tracker: CentreTracker, options: SessionOptions = DEFAULTS, **more: Any) -> Room:
        rooms.append(Room(tracker, options, **more))
        return rooms[-1]

    yield make_room
    for room in rooms:
        if isinstance(room.tracker, HeldTracker):
            room.tracker.let.release(1_000)
        if not room.released:
            room.driver.stop()


def test_in_overload_only_the_newest_frame_is_tracked(make: MakeRoom) -> None:
    tracker = HeldTracker()
    room = make(tracker)
    room.give(0)
    tracker.wait_until_busy()
    for number in range(1, 10):
        room.give(number)
    assert room.driver.queue_depths == {"frame": 1, "track": 0}
    tracker.let.release(2)
    room.recorder.wait_for(2)
    assert tracker.begun == [0, 9]
    totals = room.driver.statistics.totals
    assert (totals.counts["frames_in"], totals.counts["frames_tracked"], totals.counts["frames_dropped"]) == (10, 2, 8)


def test_in_sync_every_picture_carries_its_own_landmarks(make: MakeRoom) -> None:
    room = make(CentreTracker())
    for number in range(20):
        room.give(number)
        room.recorder.wait_for(number + 1)
    for number, (pts, tracked, _, _) in enumerate(room.recorder.drawn):
        assert (pts, tracked.pts, tracked.frame) == (3000 * number, 3000 * number, number)
        assert tracked.pose is not None
        assert tracked.pose.image[0, 0] == pytest.approx(centre(number))
    assert [tracked.frame for tracked in room.sink.tracked] == list(range(20))


def test_in_smooth_every_frame_comes_back_while_the_tracker_is_busy(make: MakeRoom) -> None:
    tracker = HeldTracker()
    room = make(tracker, SessionOptions(pace="smooth"))
    room.give(0)
    tracker.wait_until_busy()
    for number in range(1, 10):
        room.give(number)
        room.recorder.wait_for(number + 1)
    assert [pts for pts, *_ in room.recorder.drawn] == [3000 * number for number in range(10)]
    assert all(tracked.is_empty for _, tracked, _, _ in room.recorder.drawn), "nothing was tracked yet"
    tracker.let.release(2)
    room.sink.wait_for(2)
    assert tracker.begun == [0, 9], "of those that waited, the newest"


def test_in_smooth_landmarks_are_predicted_to_the_picture(make: MakeRoom) -> None:
    tracker = HeldTracker()
    room = make(tracker, SessionOptions(pace="smooth"))
    for number in range(2):
        room.give(number)
        tracker.wait_until_busy()
        tracker.let.release()
        room.sink.wait_for(number + 1)
    room.give(2)
    room.recorder.wait_for(3)
    pts, tracked, _, _ = room.recorder.drawn[2]
    assert pts == 6000
    assert tracked.pose is not None
    assert tracked.pose.image[0, 0] == pytest.approx(centre(1) + TRUST * (centre(2) - centre(1)))


def test_privacy_forces_sync(make: MakeRoom) -> None:
    options = SessionOptions(pace="smooth", draw=DrawOptions(privacy="blur"))
    room = make(CentreTracker(), options)
    for number in range(10):
        room.give(number)
        room.recorder.wait_for(number + 1)
        pts, tracked, draw, _ = room.recorder.drawn[-1]
        assert (tracked.frame, tracked.pts, draw.privacy) == (number, pts, "blur")


def test_a_frame_left_over_from_smooth_is_not_tracked_after_a_newer_one(make: MakeRoom) -> None:
    tracker = HeldTracker()
    room = make(tracker, SessionOptions(pace="smooth"))
    room.give(0)
    tracker.wait_until_busy()
    room.give(1)
    room.recorder.wait_for(2)
    room.driver.options = SessionOptions(pace="sync")
    room.give(2)
    tracker.let.release(10)
    room.recorder.wait_for(3)
    room.driver.stop()
    numbers = [tracked.frame for tracked in room.sink.tracked]
    assert numbers == sorted(numbers)
    assert 2 in numbers


def test_with_no_picture_to_return_nothing_is_drawn(make: MakeRoom) -> None:
    room = make(CentreTracker(), picture=False)
    for number in range(5):
        room.give(number)
        room.sink.wait_for(number + 1)
    room.driver.stop()
    assert room.recorder.attempts == 0
    assert sum(room.driver.statistics.totals.delay.counts) == 5


def test_pictures_are_drawn_from_when_somebody_watches(make: MakeRoom) -> None:
    room = make(CentreTracker(), picture=False)
    room.give(0)
    room.sink.wait_for(1)
    room.recorder.wanted = True
    room.give(1)
    room.recorder.wait_for(1)
    assert [pts for pts, *_ in room.recorder.drawn] == [3000]


class Watching:
    """A sink for rigs that says what else there was when each came."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.frames: list[int] = []
        self.before: list[tuple[int, int]] = []

    def send(self, rig: Rig) -> None:
        self.frames.append(rig.frame)
        self.before.append((len(self.room.sink.tracked), self.room.recorder.attempts))

    def close(self) -> None: ...


def test_the_rig_leaves_before_the_landmarks_and_before_anything_is_drawn(make: MakeRoom) -> None:
    room = make(CentreTracker())
    watching = Watching(room)
    room.rigs.add(watching)
    for number in range(3):
        room.give(number)
        room.recorder.wait_for(number + 1)
    assert watching.frames == [0, 1, 2]
    assert watching.before == [(0, 0), (1, 1), (2, 2)]
    assert sum(room.driver.statistics.totals.rigging.counts) == 3


def test_no_rig_is_solved_while_nobody_wants_one(make: MakeRoom) -> None:
    room = make(CentreTracker())
    watching = Watching(room)
    for number in range(6):
        if number == 2:
            room.rigs.add(watching)
        if number == 4:
            room.rigs.remove(watching)
        room.give(number)
        room.recorder.wait_for(number + 1)
    assert watching.frames == [2, 3]
    assert room.rigger.made == 2


def test_a_rig_that_fails_costs_only_itself(make: MakeRoom) -> None:
    room = make(CentreTracker())
    watching = Watching(room)
    room.rigs.add(watching)
    room.rigger.fail_on = {1}
    for number in range(3):
        room.give(number)
        room.recorder.wait_for(number + 1)
    assert watching.frames == [0, 2]
    assert [tracked.frame for tracked in room.sink.tracked] == [0, 1, 2]
    assert room.driver.statistics.totals.counts["frames_dropped"] == 0


def test_figures_are_worked_out_only_for_the_hud(make: MakeRoom) -> None:
    room = make(CentreTracker(takes_s=0.002))
    room.give(0)
    room.recorder.wait_for(1)
    room.driver.options = replace(room.driver.options, hud=True)
    room.give(1)
    room.recorder.wait_for(2)
    assert room.recorder.drawn[0][3] is None
    stats = room.recorder.drawn[1][3]
    assert stats is not None
    assert min(stats.delay_ms, stats.tracking_ms) >= 2


@pytest.mark.parametrize("pace", ["sync", "smooth"])
def test_a_tracker_is_replaced_between_frames_and_released_once(make: MakeRoom, pace: str) -> None:
    first, second = HeldTracker(), CentreTracker()
    room = make(first, SessionOptions(pace=pace))  # type: ignore[arg-type]
    room.give(0)
    first.wait_until_busy()
    swap = threading.Thread(target=room.driver.replace_tracker, args=(second,))
    swap.start()
    assert room.released == [], "the old one still works on a frame"
    first.let.release()
    swap.join(WAIT_S)
    assert room.released == [first]
    room.give(1)
    room.sink.wait_for(2)
    assert (first.frames, second.frames) == ([0], [1])
    room.driver.stop()
    assert room.released == [first, second]


def test_a_tracker_that_comes_after_the_end_is_released_and_no_other_twice(make: MakeRoom) -> None:
    first, late = CentreTracker(), CentreTracker()
    room = make(first)
    room.driver.stop()
    room.driver.replace_tracker(late)
    assert room.released == [first, late]


def test_a_failed_tracker_ends_its_own_room_only(make: MakeRoom) -> None:
    failing = CentreTracker()
    failing.fail_on = {0}
    room, other = make(failing), make(CentreTracker())
    room.give(0)
    assert room.failed.wait(WAIT_S)
    assert room.failures == [live_driver.TRACKER_FAILED], "what went wrong inside is for the log"
    other.give(0)
    other.recorder.wait_for(1)
    assert other.failures == []
    room.driver.stop()
    assert room.released == [failing]


def test_pictures_that_cannot_be_drawn_are_survived_and_counted_as_dropped(make: MakeRoom) -> None:
    room = make(CentreTracker())
    room.recorder.fail_on = lambda attempt: attempt < MAX_FAILURES_IN_A_ROW - 1
    for number in range(MAX_FAILURES_IN_A_ROW):
        room.give(number % 20)
        room.recorder.wait_for_attempts(number + 1)
    room.recorder.wait_for(1)
    assert room.failures == []
    assert room.driver.statistics.totals.counts["frames_dropped"] == MAX_FAILURES_IN_A_ROW - 1
    assert room.sink.tracked, "landmarks went out all the same"


def test_failures_between_good_frames_are_logged_once_a_second(make: MakeRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SettableClock()
    monkeypatch.setattr(failure_log, "time", clock)
    room = make(CentreTracker())
    room.recorder.fail_on = lambda attempt: attempt % 2 == 0
    with capture_logs() as logged:
        for number in range(20):
            room.give(number)
            room.recorder.wait_for_attempts(number + 1)
        room.recorder.wait_for(10)
        assert [entry["event"] for entry in logged] == ["frame failed"]
        clock.now += failure_log.LOG_EVERY_S
        room.give(0)
        room.recorder.wait_for_attempts(21)
        room.driver.stop()
    assert len(logged) == 2


@pytest.mark.parametrize("pace", ["sync", "smooth"])
def test_what_keeps_failing_ends_the_room(make: MakeRoom, pace: str) -> None:
    room = make(CentreTracker(), SessionOptions(pace=pace))  # type: ignore[arg-type]
    room.recorder.fail_on = lambda _: True
    for number in range(MAX_FAILURES_IN_A_ROW):
        room.give(number % 20)
        room.recorder.wait_for_attempts(number + 1)
    assert room.failed.wait(WAIT_S)
    assert len(room.failures) == 1


def test_stopping_joins_the_threads_and_gives_the_tracker_back(make: MakeRoom) -> None:
    tracker = HeldTracker()
    room = make(tracker)
    room.give(0)
    tracker.wait_until_busy()
    stopping = threading.Thread(target=room.driver.stop)
    stopping.start()
    assert room.released == [], "not while it works on a frame"
    tracker.let.release()
    stopping.join(WAIT_S)
    assert room.released == [tracker]
    assert not room.sink.closed, "the room's sinks outlive its publisher"
    assert not any(thread.is_alive() for thread in room.driver._threads)
    room.give(1)
    assert tracker.begun == [0], "nothing is taken any more"


def test_a_room_that_never_started_can_be_stopped() -> None:
    tracker, recorder, released = CentreTracker(), Recorder(), []
    driver = LiveDriver(
        FrameProcessor(tracker, recorder, every_face=NoFaces()),  # type: ignore[arg-type]
        release=released.append,
        pictures=recorder,
        scheduler=FrameScheduler(1),
        options=SessionOptions(),
        on_failure=lambda _: None,
    )
    driver.stop()
    assert released == [tracker]


def until_waiting(scheduler: FrameScheduler, rooms: int) -> None:
    deadline = time.monotonic() + WAIT_S
    while scheduler.waiting != rooms:
        assert time.monotonic() < deadline, scheduler.waiting
        time.sleep(0.001)


@pytest.mark.parametrize("pace", ["sync", "smooth"])
def test_a_room_that_waits_for_its_turn_tracks_the_newest_frame_then(make: MakeRoom, pace: str) -> None:
    scheduler, busy = FrameScheduler(1), HeldTracker()
    make(busy, scheduler=scheduler).give(0)
    busy.wait_until_busy()
    room = make(CentreTracker(), SessionOptions(pace=pace), scheduler=scheduler)  # type: ignore[arg-type]
    for number in range(10):
        room.give(number)
        if pace == "smooth":
            room.recorder.wait_for(number + 1)  # drawing needs no turn
        elif number == 0:
            until_waiting(scheduler, 1)
    assert room.sink.tracked == []
    busy.let.release()
    room.recorder.wait_for(1)
    room.sink.wait_for(1)
    assert [tracked.frame for tracked in room.sink.tracked] == [9]


@pytest.mark.parametrize(("next_is_light", "turns"), [(False, "abcabcabca"), (True, "ababcacabc")])
def test_rooms_that_always_have_a_frame_are_tracked_in_turn(make: MakeRoom, next_is_light: bool, turns: str) -> None:
    """With a light frame soon after each that is not; while it comes, the one that has waited longest has its turn."""
    scheduler, order = FrameScheduler(1), list[str]()

    class Noting(HeldTracker):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def track(self, frame: Frame) -> Tracked:
            order.append(self.name)
            return replace(super().track(frame), next_is_light=next_is_light)

    trackers = {name: Noting(name) for name in "abc"}
    rooms = {name: make(tracker, scheduler=scheduler) for name, tracker in trackers.items()}
    for waiting, (name, room) in enumerate(rooms.items()):
        room.give(0)
        if waiting == 0:
            trackers[name].wait_until_busy()
        until_waiting(scheduler, waiting)
    for number, (name, following) in enumerate(pairwise(turns), 1):
        rooms[name].give(number)
        trackers[name].let.release()
        trackers[following].wait_until_busy()
        until_waiting(scheduler, 2)
    assert "".join(order) == turns


def test_a_room_that_waits_for_its_turn_can_be_stopped_and_its_tracker_replaced(make: MakeRoom) -> None:
    scheduler, busy = FrameScheduler(1), HeldTracker()
    make(busy, scheduler=scheduler).give(0)
    busy.wait_until_busy()
    first, second = CentreTracker(), CentreTracker()
    room = make(first, scheduler=scheduler)
    room.give(0)
    until_waiting(scheduler, 1)
    room.driver.replace_tracker(second)
    room.driver.stop()
    assert room.released == [first, second]
    assert scheduler.waiting == 0
    busy.let.release()
    after = make(CentreTracker(), scheduler=scheduler)
    after.give(0)
    after.recorder.wait_for(1)


def test_a_room_whose_tracker_fails_gives_its_turn_on(make: MakeRoom) -> None:
    scheduler, failing = FrameScheduler(1), CentreTracker()
    failing.fail_on = {0}
    room, other = make(failing, scheduler=scheduler), make(CentreTracker(), scheduler=scheduler)
    room.give(0)
    assert room.failed.wait(WAIT_S)
    other.give(0)
    other.recorder.wait_for(1)
