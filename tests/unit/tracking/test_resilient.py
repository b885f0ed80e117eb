import threading
from collections.abc import Iterable

import numpy as np
import pytest
from tests.fakes import CallLimit, CentreTracker
from tests.pictures import as_frame

from mocast.errors import TrackerHung, TrackingError
from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.tracking.resilient import MAX_FAILURES, ResilientTracker
from mocast.tracking.tracker_thread import TrackerThread

PICTURE = np.full((4, 4, 3), 255, np.uint8)


class Factory:
    """Builds trackers that fail on the frames of these numbers; the builds of these numbers fail, too."""

    def __init__(self, bad: Iterable[int] = (), bad_builds: Iterable[int] = ()) -> None:
        self.bad, self.bad_builds = set(bad), set(bad_builds)
        self.calls = 0
        self.built: list[CentreTracker] = []

    def __call__(self) -> CentreTracker:
        self.calls += 1
        if self.calls - 1 in self.bad_builds:
            raise TrackingError("cannot be built")
        self.built.append(CentreTracker())
        self.built[-1].fail_on = self.bad
        return self.built[-1]


def frames(*numbers: int) -> list[Frame]:
    return [as_frame(PICTURE, number) for number in numbers]


def test_a_failed_frame_comes_back_empty_and_the_next_is_tracked_by_a_new_tracker() -> None:
    factory, heard = Factory(bad={1}), []
    tracker = ResilientTracker(factory, on_failure=heard.append)
    results = [tracker.track(frame) for frame in frames(0, 1, 2)]
    assert [result.is_empty for result in results] == [False, True, False]
    assert [(result.frame, result.pts) for result in results] == [(0, 0), (1, 3000), (2, 6000)]
    assert [built.closed for built in factory.built] == [True, False]
    assert (tracker.failures, [str(error) for error in heard]) == (1, ["told to fail"])


def test_a_rebuild_that_fails_costs_a_frame_and_is_tried_again() -> None:
    tracker = ResilientTracker(Factory(bad={1}, bad_builds={1}))
    assert [tracker.track(frame).is_empty for frame in frames(0, 1, 2, 3)] == [False, True, True, False]
    assert tracker.failures == 2


def test_it_gives_up_when_it_fails_on_one_frame_after_another() -> None:
    tracker = ResilientTracker(Factory(bad=range(10)))
    for frame in frames(*range(MAX_FAILURES - 1)):
        assert tracker.track(frame).is_empty
    with pytest.raises(TrackingError, match="in a row"):
        tracker.track(as_frame(PICTURE, MAX_FAILURES - 1))


def test_failures_with_successes_between_them_are_borne_for_ever() -> None:
    tracker = ResilientTracker(Factory(bad=range(0, 40, 2)))
    assert [tracker.track(frame).is_empty for frame in frames(*range(40))] == [True, False] * 20
    assert tracker.failures == 20


def test_what_cannot_be_built_at_first_is_an_error() -> None:
    with pytest.raises(TrackingError):
        ResilientTracker(Factory(bad_builds={0}))


def test_closed_it_closes_what_it_drives_and_tracks_no_more() -> None:
    factory = Factory()
    tracker = ResilientTracker(factory)
    tracker.close()
    tracker.close()
    assert factory.built[0].closed
    with pytest.raises(TrackingError, match="closed"):
        tracker.track(as_frame(PICTURE))
    assert factory.calls == 1


class HangingTracker(CentreTracker):
    """Hangs on the frames of these numbers until it is told to return."""

    def __init__(self, hang_on: Iterable[int]) -> None:
        super().__init__()
        self.hang_on = set(hang_on)
        self.may_return = threading.Event()
        self.has_closed = threading.Event()

    def track(self, frame: Frame) -> Tracked:
        if frame.number in self.hang_on:
            assert self.may_return.wait(60)
        return super().track(frame)

    def close(self) -> None:
        super().close()
        self.has_closed.set()


def test_a_tracker_that_hangs_is_abandoned_and_another_one_takes_over() -> None:
    hanging, other = HangingTracker([1]), CentreTracker()
    trackers, hung, heard, limit = iter([hanging, other]), [], [], CallLimit()
    tracker = ResilientTracker(lambda: next(trackers), on_failure=heard.append, on_hang=hung.append, timeout_s=limit)
    for frame in frames(0, 1, 2):
        limit.is_short = frame.number == 1
        assert tracker.track(frame).is_empty == limit.is_short
    limit.is_short = False
    assert (other.frames, hanging.closed) == ([2], False)
    (thread,) = hung
    assert thread.is_running
    assert isinstance(heard[0], TrackerHung)
    hanging.may_return.set()
    assert hanging.has_closed.wait(60), "what returns late closes its tracker and ends"
    tracker.close()
    assert other.closed


def test_trackers_that_hang_one_after_the_other_end_it() -> None:
    made = [HangingTracker(range(10)) for _ in range(MAX_FAILURES)]
    trackers = iter(made)
    tracker = ResilientTracker(lambda: next(trackers), timeout_s=CallLimit(is_short=True))
    for frame in frames(*range(MAX_FAILURES - 1)):
        assert tracker.track(frame).is_empty
    with pytest.raises(TrackingError, match="in a row"):
        tracker.track(as_frame(PICTURE, MAX_FAILURES - 1))
    for one in made:
        one.may_return.set()


def test_an_exception_of_any_kind_is_a_failure_of_the_tracker() -> None:
    class Broken(CentreTracker):
        def track(self, frame: Frame) -> Tracked:
            raise IndexError("no such landmark")

    trackers, heard = iter([Broken(), CentreTracker()]), []
    tracker = ResilientTracker(lambda: next(trackers), on_failure=heard.append)
    assert [tracker.track(frame).is_empty for frame in frames(0, 1)] == [True, False]
    assert "no such landmark" in str(heard[0])


def test_a_tracker_that_cannot_be_closed_counts_as_hung() -> None:
    closing = threading.Event()

    class Stuck(CentreTracker):
        def close(self) -> None:
            assert closing.wait(60)

    hung: list[TrackerThread] = []
    tracker = ResilientTracker(Stuck, on_hang=hung.append, timeout_s=CallLimit(is_short=True))
    tracker.close()
    assert len(hung) == 1
    closing.set()
