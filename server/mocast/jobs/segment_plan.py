"""The plan of a file: which frames are wanted, what is tracked before a segment of them, and where one is cut."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import takewhile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.jobs.file_task import Numbers
from mocast.model.options import JobOptions, TrackerName
from mocast.model.zero_phase import MAX_REACH, REACH_S

WARM_UP: Final = 24
"""Frames before a segment that are tracked, too: by then hands and face are found as in one piece."""
FOLLOW_BODY: Final[tuple[TrackerName, ...]] = ("holistic", "pose")
"""The trackers of bodies, which begin with ``far_frames``."""
FAR_BACK: Final = 240
FAR_STEP: Final = 8
"""Of the frames from this many before a segment on, every eighth has its body tracked, and nothing else: the region in
which a body is tracked is averaged over many seconds. That leaves a fifth of the difference to a run in one piece
(``docs/files-speed.md``)."""
NEAR_BACK: Final = 96
NEAR_STEP: Final = 4
"""The same of the nearer frames, every fourth; every one where only bodies are tracked."""
FADE: Final = 12
"""The last of the ``WARM_UP`` frames, over which one segment's landmarks go over to the next one's: nothing jumps."""
ALIGNED: Final = 2
"""Trackers do some things in every second frame: warming up begins with one of even number, as in one piece."""

BODY_SHARE: Final = 1 / 3
DECODING_SHARE: Final = 1 / 8
JOINING_SHARE: Final = 1 / 6
"""Time that it takes to track a body alone, to decode a frame, and to join one (rig, analysis, writing), as shares of
the time that it takes to track all of a frame and draw it."""
WORTH: Final = 30
"""A cut must save the time that it takes to track this many frames, some 0.4 s: the estimate of the time that is left
is not more exact than that, and each cut makes a seam."""
SHORTEST: Final = 60
"""Least frames of a part: enough for the worker that gives the rest away to be told before it comes there, and for
``FADE``."""


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """Frames in a row, by their place among those that are wanted."""

    far: Numbers
    "(f,) frames long before it, of which only the body is tracked."
    warm_up: int
    "The first frame that is tracked whole."
    begin: int
    "The first frame that counts."
    end: int
    "The frame after the last one."
    key: int
    "The index of the key frame from which decoding begins."

    @property
    def first(self) -> int:
        """The first frame that must be decoded."""
        return int(self.far[0]) if len(self.far) else self.warm_up

    def tracked(self, beyond: int) -> Numbers:
        """Return all frames that are tracked for it, with so many after the last one."""
        return np.concatenate([self.far, np.arange(self.warm_up, self.end + beyond)])


@dataclass(frozen=True, slots=True, eq=False)
class FilePlan:
    """The frames of a file that are wanted, and how segments of them begin."""

    wanted: Numbers
    "(n,) display times of these, in order."
    key_pts: Numbers
    "(k,) display times of the frames at which decoding can begin, in order."
    every: int = 1
    "One in so many of the file's frames is wanted."
    tracker: TrackerName = "holistic"

    def segment(self, begin: int, end: int) -> PlannedSegment:
        """Return the segment of these frames, with what is tracked before it."""
        warm_up = max(begin - WARM_UP, 0) // ALIGNED * ALIGNED
        far = far_frames(begin, warm_up, self.every, tracker=self.tracker)
        first = self.wanted[far[0] if len(far) else warm_up]
        key = max(int(np.searchsorted(self.key_pts, first, side="right")) - 1, 0)
        return PlannedSegment(far, warm_up, begin, end, key)

    def place_after(self, pts: int) -> int:
        """Return the place of the first frame that is shown after a display time."""
        return int(np.searchsorted(self.wanted, pts, side="right"))

    def cuts(self, begin: int, end: int, workers: int, unjoined: int) -> list[int]:
        """Return where to cut the rest of a segment for ``workers`` workers, the present one included; empty: nowhere.

        ``begin``: the next frame to be tracked. ``unjoined``: how many frames are still to be joined, of all segments.
        Frames are joined in order, so each part is shorter than the one after it by the time that joining takes: then
        the joining ends with the last worker.
        """
        left, joining = end - begin, JOINING_SHARE * unjoined
        lead = self._lead_in(begin + left // 2)

        def time(parts: int) -> float:  # in frames that one worker tracks
            return max((left + (parts - 1) * lead + joining) / parts, joining)

        def lengths(parts: int) -> NDArray[np.float64]:
            shares = (1 - JOINING_SHARE) ** np.arange(parts)[::-1]
            tracked: NDArray[np.float64] = shares * (left + (parts - 1) * lead) / shares.sum()
            tracked[1:] -= lead
            return tracked

        # Not for workers that are still led in when all others have ended.
        worth = takewhile(lambda parts: lengths(parts).min() > 0, range(2, min(workers, left // SHORTEST) + 1))
        parts = min(worth, key=time, default=1)
        if parts == 1 or max(left, joining) - time(parts) < WORTH:
            return []
        ends = np.cumsum(np.maximum(lengths(parts), SHORTEST))
        return sorted({self._near_key(begin + round(left * end / ends[-1])) for end in ends[:-1].tolist()})

    def _near_key(self, cut: int) -> int:
        """Return the place of a cut, or one near it as far after a key frame as a segment is led in, if that is worth
        it: then nothing is decoded in vain."""
        others = -(-np.searchsorted(self.wanted, self.key_pts) // ALIGNED) * ALIGNED + self._back()
        near = others[np.abs(others - cut) < SHORTEST // 2]
        places: list[int] = [cut, *near.tolist()]
        return min(places, key=lambda place: abs(place - cut) / 2 + self._lead_in(place))

    def _back(self) -> int:
        return FAR_BACK // self.every if self.tracker in FOLLOW_BODY else WARM_UP

    def _lead_in(self, begin: int) -> float:
        """Return what it takes to begin a segment there, in frames that are tracked whole."""
        segment = self.segment(begin, begin + 1)
        decoded = begin - int(np.searchsorted(self.wanted, self.key_pts[segment.key]))
        far = len(segment.far) * (1 if self.tracker == "pose" else BODY_SHARE)
        return begin - segment.warm_up + far + decoded * self.every * DECODING_SHARE


def wanted_frames(pts: Numbers, time_base: Fraction, start: int, options: JobOptions) -> Numbers:
    """Return the (n,) numbers of the frames that options ask for: ``pts`` are all, ``start`` is time 0."""
    times = (pts - start) * float(time_base)
    first = int(np.searchsorted(times, options.start - 1e-6))
    end = len(pts) if options.end is None else int(np.searchsorted(times, options.end - 1e-6))
    return np.arange(first, end, options.every)


def frames_beyond(wanted: Numbers, end: int, time_base: Fraction) -> int:
    """Return how many frames after a segment's last one, of those whose display times are ``wanted``, smooth it."""
    reach = REACH_S / float(time_base)
    return min(int(np.searchsorted(wanted, wanted[end - 1] + reach, side="right")) - end, MAX_REACH)


def far_frames(begin: int, warm_up: int, every: int = 1, *, tracker: TrackerName = "holistic") -> Numbers:
    """Return the (f,) frames long before a segment whose body is tracked; none for trackers without a body.

    ``every``: one in so many frames of the file is wanted. Their number is a multiple of ``ALIGNED``.
    """
    if tracker not in FOLLOW_BODY:
        return np.arange(0)
    near_step = 1 if tracker == "pose" else max(NEAR_STEP // every, 1)
    near: Numbers = np.arange(warm_up, max(begin - NEAR_BACK // every, 0), -near_step)
    end = near[-1] if len(near) else warm_up
    farther = np.arange(end, max(begin - FAR_BACK // every, 0), -max(FAR_STEP // every, 1))[1:]
    far: Numbers = np.concatenate([near[1:], farther])[::-1]
    return far[len(far) % ALIGNED :]
