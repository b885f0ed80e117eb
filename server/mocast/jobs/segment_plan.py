"""The plan of a file: which frames are wanted, and the segments that they are tracked in side by side."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from mocast.jobs.file_task import Numbers
from mocast.model.options import JobOptions, TrackerName
from mocast.model.zero_phase import MAX_REACH, REACH_S
from mocast.tracking.engines import AUTO, REFERENCE

WARM_UP: Final = 24
"""Frames before a segment that are tracked, too, until hands and face are as if it had begun earlier."""
BODY_WARM_UP: Final = 16
"""The same for a body alone, whose landmarks follow its region within 12 frames: those over which segments are faded,
and four to smooth the first of them with. Not with the engine ``REFERENCE``, whose first region does not settle."""
FOLLOW_BODY: Final[tuple[TrackerName, ...]] = ("holistic", "pose")
"""The trackers of bodies, which begin with ``far_frames``."""
FAR_BACK: Final = 240
FAR_STEP: Final = 8
NEAR_BACK: Final = 96
NEAR_STEP: Final = 4
"""Every eighth of so many frames before a segment has its body tracked, alone, and every fourth of the nearer ones, or
each where nothing but a body is tracked: the region that it is tracked in is averaged over many seconds. What is left
of the difference to a run in one piece is a fifth of that without (``docs/files.md``)."""
FADE: Final = 12
"""The last of these, over which one segment's landmarks go over to the next one's, so that nothing jumps."""
ALIGNED: Final = 2
"""Trackers do some things in every second frame: warming up begins with one of even number, as in one piece."""

SHORTEST: Final = 180
LONGEST: Final = 7200
"""Frames of a segment. Long ones spend less on warming up; toward the end of a file they get shorter, so that all cores
are done at the same time (guided self-scheduling: Polychronopoulos and Kuck, 1987). ``SHORTEST`` was chosen among 120,
180 and 240 in a simulation of two cores, where the frames' cost varies by 15%. A file of 3,600 frames took 1% longer
with 120 than with 180, and no less time with 240. A file of 18,000 frames took the same time with each, within 1%."""
TAKEN_SHARE: Final = 0.8
"""The next segment's part of an even share of the frames that are left: with a smaller one more frames are tracked
twice, with a larger one cores are done at different times."""

DECODED_SHARE: Final = 3
"""Where key frames are far apart, a segment is at least a third as long as what must be decoded before it: decoding a
frame takes about an eighth of tracking it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames in a row, by their place among those that are wanted."""

    far: Numbers
    "(f,) those long before whose body is tracked alone."
    warm_up: int
    "The first that is tracked whole."
    begin: int
    "The first that counts."
    end: int
    "The one after the last."
    key: int
    "The index of the key frame from which decoding begins."

    @property
    def first(self) -> int:
        """The first frame that must be decoded."""
        return int(self.far[0]) if len(self.far) else self.warm_up

    def tracked(self, beyond: int) -> Numbers:
        """Return all frames that are tracked for it, with so many after the last one."""
        return np.concatenate([self.far, np.arange(self.warm_up, self.end + beyond)])


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


def plan_segments(
    wanted: Numbers,
    key_pts: Numbers,
    at_a_time: int,
    every: int = 1,
    *,
    tracker: TrackerName = "holistic",
    engine: str = AUTO,
) -> list[Segment]:
    """Return the segments of the frames whose display times are ``wanted``, (n,) in order, one in ``every``.

    A cut is put as far after a key frame as a segment is led in, where there is one near, so that nothing is decoded in
    vain. With one worker the file is one segment.
    """
    lead = FAR_BACK // every if tracker in FOLLOW_BODY else warm_up_frames(tracker, engine)
    count = len(wanted)
    if count == 0:
        return []
    # The first wanted frame that can be decoded from each key frame.
    keys = np.searchsorted(wanted, key_pts)
    segments: list[Segment] = []
    begin = 0
    while begin < count:
        end = _end(begin, count, keys, at_a_time, lead) if at_a_time > 1 else count
        warm_up = max(begin - warm_up_frames(tracker, engine), 0) // ALIGNED * ALIGNED
        far = far_frames(begin, warm_up, every, tracker=tracker, engine=engine)
        key = max(int(np.searchsorted(key_pts, wanted[far[0] if len(far) else warm_up], side="right")) - 1, 0)
        segments.append(Segment(far, warm_up, begin, end, key))
        begin = end
    return segments


def warm_up_frames(tracker: TrackerName, engine: str = AUTO) -> int:
    """Return how many frames before a segment are tracked whole."""
    return BODY_WARM_UP if _settles_alone(tracker, engine) else WARM_UP


def _settles_alone(tracker: TrackerName, engine: str) -> bool:
    """Whether nothing but a body is tracked, whose first region settles."""
    return tracker == "pose" and engine != REFERENCE


def far_frames(
    begin: int, warm_up: int, every: int = 1, *, tracker: TrackerName = "holistic", engine: str = AUTO
) -> Numbers:
    """Return the (f,) frames long before a segment that are tracked, one in ``every`` of the file's being wanted.

    An even number of them, as of those that follow; none where no body is tracked.
    """
    if tracker not in FOLLOW_BODY:
        return np.arange(0)
    near_step = 1 if _settles_alone(tracker, engine) else max(NEAR_STEP // every, 1)
    near: Numbers = np.arange(warm_up, max(begin - NEAR_BACK // every, 0), -near_step)
    end = near[-1] if len(near) else warm_up
    farther = np.arange(end, max(begin - FAR_BACK // every, 0), -max(FAR_STEP // every, 1))[1:]
    far: Numbers = np.concatenate([near[1:], farther])[::-1]
    return far[len(far) % ALIGNED :]


def _end(begin: int, count: int, keys: Numbers, at_a_time: int, lead: int) -> int:
    """Return where a segment that begins there ends; ``lead``: how many frames before the next one it is led in."""
    before = keys[keys <= begin]
    length = int(np.clip(TAKEN_SHARE * (count - begin) / at_a_time, SHORTEST, LONGEST))
    length = max(length, (begin - int(before[-1]) if len(before) else begin) // DECODED_SHARE)
    if count - begin < 1.5 * length:
        return count
    cuts = -(-keys // ALIGNED) * ALIGNED + lead
    near = cuts[(cuts >= begin + length // 2) & (cuts <= begin + 3 * length // 2) & (cuts < count)]
    wished = begin + length
    return int(near[np.argmin(np.abs(near - wished))]) if len(near) else wished
