"""Zero-phase smoothing of landmarks in files: each frame comes out as soon as the frames after it are known."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mocast.model.pts import PTS_PER_S
from mocast.model.tracked import PARTS, Face, Hand, PartName, Tracked
from mocast.model.zero_phase import MAX_REACH, REACH_S, zero_phase_at

T = TypeVar("T")


def smoothed(frames: Iterable[tuple[Tracked, T]]) -> Iterator[tuple[Tracked, T]]:
    """Yield all frames with smoothed landmarks, each with the object that came with it, such as its picture.

    Each part is smoothed by itself; where it is missing it stays missing, and nothing is mixed across a gap longer than
    ``REACH_S``. The body's landmarks are weighted by their visibility, hands by their score. A frame is held back until
    those of the next ``REACH_S`` are known, ``MAX_REACH`` frames at most.
    """
    before: deque[Tracked] = deque(maxlen=MAX_REACH)
    waiting: deque[tuple[Tracked, T]] = deque()
    for newest in frames:
        waiting.append(newest)
        while _seconds(waiting[0][0], newest[0]) > REACH_S or len(waiting) > MAX_REACH:
            yield _next(before, waiting)
    while waiting:
        yield _next(before, waiting)


def _next(before: deque[Tracked], waiting: deque[tuple[Tracked, T]]) -> tuple[Tracked, T]:
    """Take out the frame that waits longest, smoothed."""
    earlier = [one for one in before if _seconds(one, waiting[0][0]) <= REACH_S]
    later = (one for one, _ in islice(waiting, 1, None))
    tracked, beside = waiting[0]
    frames = [*earlier, tracked, *(one for one in later if _seconds(tracked, one) <= REACH_S)]
    before.append(tracked)
    waiting.popleft()
    first, *others = (_smoothed(person, frames) for person in tracked.people)
    return replace(first, others=tuple(others)), beside


def _smoothed(tracked: Tracked, frames: list[Tracked]) -> Tracked:
    """Return a person of one of the frames with the landmarks smoothed over all of them."""
    same = [person for one in frames for person in one.people if person.person == tracked.person]
    parts = {name: _part(name, tracked, same) for name in PARTS if getattr(tracked, name) is not None}
    return replace(tracked, **parts)


def _part(name: PartName, tracked: Tracked, frames: list[Tracked]) -> Any:
    """Return a part of ``tracked``, which is one of the frames, smoothed over those of them that have it."""
    frames = [one for one in frames if getattr(one, name) is not None]
    parts = [getattr(one, name) for one in frames]
    times_s = np.array([one.pts for one in frames], np.float64) / PTS_PER_S
    here = next(index for index, one in enumerate(frames) if one is tracked)

    def over_time(field: str, trust: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        return zero_phase_at(here, times_s, np.stack([getattr(part, field) for part in parts]), trust)

    part = parts[here]
    if isinstance(part, Face):
        return replace(part, image=over_time("image"))
    if isinstance(part, Hand):
        sure = np.array([hand.score for hand in parts], np.float32)
        return replace(part, image=over_time("image", sure), world=over_time("world", sure))
    seen = np.stack([pose.visibility for pose in parts])
    return replace(
        part,
        image=over_time("image", seen),
        world=over_time("world", seen),
        visibility=over_time("visibility").clip(0, 1),
    )


def _seconds(earlier: Tracked, later: Tracked) -> float:
    return (later.pts - earlier.pts) / PTS_PER_S
