import threading

import numpy as np
import pytest
from tests.fakes import CallLimit, CentreTracker
from tests.pictures import as_frame
from tests.polling import wait_until

from mocast.errors import TrackingError, Unprocessable
from mocast.model.frame import Frame
from mocast.model.options import Quality, TrackerName
from mocast.model.tracked import Tracked
from mocast.tracking.engines import NetworkChoice
from mocast.tracking.pool import MOST_HUNG, TrackerPool

PICTURE = np.full((4, 4, 3), 255, np.uint8)


class FakeEngine:
    """Builds trackers that fail on frame 1, until it is told that it cannot."""

    def __init__(self) -> None:
        self.asked: list[tuple[TrackerName, Quality, bool]] = []
        self.built: list[CentreTracker] = []
        self.several: tuple[TrackerName, ...] = ("holistic", "pose")
        self.several_asked: list[tuple[int, bool]] = []
        self.is_able = True
        self.closed = False

    def build(
        self, tracker: TrackerName, quality: Quality, *, still: bool, people: int = 1, takes_turns: bool = False
    ) -> CentreTracker:
        self.asked.append((tracker, quality, still))
        if people > 1:
            self.several_asked.append((people, takes_turns))
        if not self.is_able:
            raise TrackingError("out of memory")
        self.built.append(CentreTracker(tracker, quality))
        self.built[-1].fail_on = {1}
        return self.built[-1]

    def tracks_several(self, tracker: TrackerName) -> bool:
        return tracker in self.several

    def keep(self) -> None: ...

    def describe(self) -> str:
        return "nothing"

    def choices(self) -> dict[str, NetworkChoice]:
        return {"hand_landmark": NetworkChoice("int8", "faster"), "pose_landmark": NetworkChoice("bf16", "nearer")}

    def close(self) -> None:
        self.closed = True


def test_it_lends_what_is_asked_for_and_closes_what_comes_back() -> None:
    engine = FakeEngine()
    pool = TrackerPool(engine)
    tracker = pool.acquire("hands", "fast", still=True)
    assert (engine.asked, pool.lent) == ([("hands", "fast", True)], 1)
    pool.release(tracker)
    pool.release(tracker)
    assert (engine.built[0].closed, pool.lent) == (True, 0)


def test_warm_builds_what_it_was_told() -> None:
    engine = FakeEngine()
    pool = TrackerPool(engine, warm=[("holistic", "balanced"), ("pose", "fast")])
    pool.warm()
    assert engine.asked == [("holistic", "balanced", False), ("pose", "fast", False)]
    assert (pool.built, pool.lent) == (2, 0)


def test_failures_on_frames_are_counted_and_told() -> None:
    engine, heard = FakeEngine(), []
    pool = TrackerPool(engine)
    tracker = pool.acquire("pose", "exact", on_failure=heard.append)
    assert [tracker.track(as_frame(PICTURE, number)).is_empty for number in range(3)] == [False, True, False]
    assert (pool.failures, pool.built, len(heard)) == (1, 2, 1)


def test_a_tracker_that_cannot_be_built_is_counted_and_an_error() -> None:
    engine = FakeEngine()
    engine.is_able = False
    pool = TrackerPool(engine)
    with pytest.raises(TrackingError, match="out of memory"):
        pool.acquire("pose", "exact")
    assert (pool.failures, pool.built, pool.lent) == (1, 0, 0)


def test_closed_it_lends_nothing_more() -> None:
    engine = FakeEngine()
    pool = TrackerPool(engine)
    pool.close()
    assert engine.closed
    with pytest.raises(TrackingError, match="closed"):
        pool.acquire("pose", "exact")


def test_its_engine_has_a_name() -> None:
    assert TrackerPool(FakeEngine()).engine_name == "FakeEngine"


def test_it_lends_nothing_while_too_many_trackers_hang() -> None:
    may_return = threading.Event()

    class Stuck(CentreTracker):
        def track(self, frame: Frame) -> Tracked:
            assert may_return.wait(60)
            return super().track(frame)

    engine = FakeEngine()
    engine.build = lambda *_, **__: Stuck()  # type: ignore[method-assign]
    limit = CallLimit(is_short=True)
    pool = TrackerPool(engine, timeout_s=limit)
    lent = [pool.acquire("pose", "exact") for _ in range(MOST_HUNG)]
    for tracker in lent:
        assert tracker.track(as_frame(PICTURE)).is_empty
    assert (pool.hung, pool.hanging, pool.failures) == (MOST_HUNG, MOST_HUNG, MOST_HUNG)
    with pytest.raises(TrackingError, match="hang"):
        pool.acquire("pose", "exact")
    limit.is_short = False
    may_return.set()
    wait_until(lambda: pool.hanging == 0)
    pool.release(pool.acquire("pose", "exact"))
    assert pool.hung == MOST_HUNG


def test_several_people_are_refused_where_nobody_can_track_them() -> None:
    engine = FakeEngine()
    pool = TrackerPool(engine, max_people=3)
    for people in (1, 2, 3):
        pool.require_people("holistic", people)
    pool.require_people("face", 1)
    with pytest.raises(Unprocessable, match="3 people at most"):
        pool.require_people("holistic", 4)
    with pytest.raises(Unprocessable, match='"face" tracks one person; "holistic" and "pose" track several'):
        pool.require_people("face", 2)
    engine.several = ()
    with pytest.raises(Unprocessable, match="The engine FakeEngine tracks one person"):
        pool.require_people("pose", 2)


def test_a_live_stream_of_several_people_may_have_them_take_turns() -> None:
    engine = FakeEngine()
    pool = TrackerPool(engine)
    pool.release(pool.acquire("pose", "balanced", people=2, takes_turns=True))
    assert engine.several_asked == [(2, True)]
