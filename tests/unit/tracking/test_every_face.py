import threading

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.fakes import CallLimit

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.model.tracked import FaceBoxes
from mocast.tracking.engines import FaceRange
from mocast.tracking.every_face import EVERY_TICKS, MOST_SQUARES, EveryFaceFinder
from mocast.tracking.tracker_thread import CallThread

WIDE = np.zeros((90, 160, 3), np.uint8)
WIDE[:, 150:] = 255


class Finders:
    """Detectors whose only face is what is white, with its edges; they note which pictures they were given."""

    def __init__(self) -> None:
        self.seen: list[tuple[FaceRange, int, int]] = []
        self.failures = 0
        self.built = 0

    def __call__(self, reach: FaceRange) -> "Finder":
        self.built += 1
        return Finder(self, reach)


class Finder:
    def __init__(self, finders: Finders, reach: FaceRange) -> None:
        self._finders = finders
        self._reach = reach

    def find(self, rgb: RgbImage) -> FaceBoxes:
        if self._finders.failures:
            self._finders.failures -= 1
            raise TrackingError("told to fail")
        height, width = rgb.shape[:2]
        self._finders.seen.append((self._reach, width, height))
        rows, columns = np.nonzero(rgb[..., 0])
        edges: list[NDArray[np.float64]] = []
        if len(rows):
            edges = [np.array([columns.min() / width, rows.min() / height, (columns.max() + 1) / width, 1.0])]
        return np.array(edges, np.float32).reshape(-1, 4)


def test_a_stream_is_searched_every_twentieth_of_a_second() -> None:
    finders = Finders()
    finder = EveryFaceFinder(finders)
    found = [len(finder.find(WIDE, pts)) for pts in (0, 3000, 6000, 9000, 9000 + EVERY_TICKS)]
    assert [bool(count) for count in found] == [True, False, True, False, True]
    assert finder.find(WIDE, 5).size, "a clock that went back is another stream"


def test_squares_of_the_picture_are_searched_in_turns_and_their_faces_placed_in_the_whole() -> None:
    finders = Finders()
    finder = EveryFaceFinder(finders)
    for search in range(3):
        for face in finder.find(WIDE, search * 6000):
            assert face == pytest.approx([150 / 160, 0, 1, 1])
    shapes = [seen[1:] for seen in finders.seen]
    assert shapes == [(160, 90), (160, 90), (90, 90)] * 3
    assert [seen[0] for seen in finders.seen] == ["near", "far", "far"] * 3
    still = Finders()
    assert len(EveryFaceFinder(still, still=True).find(np.ascontiguousarray(WIDE.transpose(1, 0, 2)), 0)) > 2
    assert len(still.seen) == 4, "a still picture is searched whole and in both squares"
    strip = Finders()
    EveryFaceFinder(strip, still=True).find(np.zeros((1, 2000, 3), np.uint8), 0)
    assert len(strip.seen) == 2 + MOST_SQUARES


def test_a_detector_that_failed_is_built_anew_and_the_picture_not_let_through() -> None:
    finders = Finders()
    finder = EveryFaceFinder(finders)
    finders.failures = 1
    assert len(finder.find(WIDE, 0))
    assert finders.built == 4
    finders.failures = 2
    with pytest.raises(TrackingError):
        finder.find(WIDE, 6000)
    assert len(finder.find(WIDE, 6001)), "it is searched again, as nobody knows where faces are"


def test_a_detector_that_hangs_is_abandoned_and_another_one_searches() -> None:
    may_return, hung, limit = threading.Event(), list[CallThread](), CallLimit(is_short=True)

    class HangingFinder(Finder):
        def find(self, rgb: RgbImage) -> FaceBoxes:
            if not hung:
                assert may_return.wait(60)
            return super().find(rgb)

    finders = Finders()

    def hangs(thread: CallThread) -> None:
        hung.append(thread)
        limit.is_short = False

    finder = EveryFaceFinder(lambda reach: HangingFinder(finders, reach), on_hang=hangs, timeout_s=limit)
    assert finder.find(WIDE, 0).size
    (thread,) = hung
    assert thread.is_running
    may_return.set()
    assert thread.close(), "its thread ends when its call returns"


def test_its_thread_ends_with_it() -> None:
    finder = EveryFaceFinder(Finders())
    finder.find(WIDE, 0)
    thread = finder._thread
    assert thread is not None
    assert thread.is_running
    del finder
    thread._thread.join(60)
    assert not thread.is_running
