"""The finder of every face in a stream or a picture, for privacy: both detectors, and parts of the picture enlarged."""

import weakref
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from mocast.errors import TrackerHung, TrackingError
from mocast.model.frame import RgbImage
from mocast.model.tracked import NO_FACES, FaceBoxes
from mocast.tracking.engines import FaceFinder, FaceRange
from mocast.tracking.tracker_thread import TIMEOUT_S, CallThread

EVERY_TICKS: Final = 4500
"""A twentieth of a second (90 kHz): at 30 frames/s every second frame is searched, at 15 each."""
MIN_OVERLAP: Final = 1 / 5
"""Of two neighbouring squares, as a share of their side: a far face that is cut by one is whole in the other. So two
squares are enough for a picture of 16:9."""

MOST_SQUARES: Final = 8
"""Of a picture, so that an endless strip takes no longer; they do not cover it then."""


class EveryFaceFinder:
    """Finds every face, also of people who are not tracked. Used from one thread at a time.

    Both detectors see the whole picture. The one of far faces also sees a square as high as the picture, where a face
    is larger in the network's input: another square in each search of a stream, all of them in a still picture.
    """

    def __init__(
        self,
        build: Callable[[FaceRange], FaceFinder],
        *,
        still: bool = False,
        on_hang: Callable[[CallThread], None] = lambda thread: None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """``build`` makes the detectors, with the first search and after one failed.

        ``timeout_s``: limit of a search; ``on_hang`` gets the thread of one that takes longer.
        """
        self._build = build
        self._on_hang = on_hang
        self._timeout_s = timeout_s
        self._thread: CallThread | None = None
        self._is_still = still
        self._finders: tuple[FaceFinder, FaceFinder] | None = None
        self._searched_pts: int | None = None
        self._searches = 0

    def find(self, rgb: RgbImage, pts: int) -> FaceBoxes:
        """Return the faces in the stream's next frame: none where the last search was a moment ago.

        Raises ``TrackingError`` where a detector failed, or did not return, twice in a row: what may show a face must
        not be sent.
        """
        if self._searched_pts is not None and 0 <= pts - self._searched_pts < EVERY_TICKS:
            return NO_FACES
        try:
            faces = self._search_in_time(rgb)
        except TrackingError:
            self._finders = None
            faces = self._search_in_time(rgb)
        self._searched_pts = pts
        return faces

    def _search_in_time(self, rgb: RgbImage) -> FaceBoxes:
        """Search on a thread that ends with this finder."""
        if self._thread is None:
            self._thread = CallThread(self._timeout_s)
            weakref.finalize(self, self._thread.abandon)
        try:
            return self._thread.call(lambda: self._search(rgb))
        except TrackerHung:
            hung, self._thread = self._thread, None
            hung.abandon()
            self._on_hang(hung)
            raise

    def _search(self, rgb: RgbImage) -> FaceBoxes:
        if self._finders is None:
            self._finders = self._build("near"), self._build("far")
        near, far = self._finders
        found = [near.find(rgb), far.find(rgb)]
        squares = _squares(rgb)
        self._searches += 1
        for left, top, side in squares if self._is_still else squares[self._searches % max(1, len(squares)) :][:1]:
            faces = far.find(rgb[top : top + side, left : left + side])
            found.append(_in_whole(faces, (left, top), side, rgb))
        return np.concatenate(found)


def _squares(rgb: RgbImage) -> Sequence[tuple[int, int, int]]:
    """Return left, top and side of the overlapping squares that cover a picture; none where it is nearly square."""
    height, width = rgb.shape[:2]
    side, longer = min(width, height), max(width, height)
    if longer < side * (1 + MIN_OVERLAP):
        return ()
    count = min(MOST_SQUARES, int(np.ceil((longer - side) / (side * (1 - MIN_OVERLAP)))) + 1)
    starts = [round(start) for start in np.linspace(0, longer - side, count)]
    return [(start, 0, side) if width >= height else (0, start, side) for start in starts]


def _in_whole(faces: FaceBoxes, corner: tuple[int, int], side: int, rgb: RgbImage) -> FaceBoxes:
    """Return faces that were found in a square, in the space of the whole picture."""
    height, width = rgb.shape[:2]
    placed: FaceBoxes = (faces * side + np.array(2 * corner, np.float32)) / np.array(2 * (width, height), np.float32)
    return placed
