"""The record of a tracked frame, from what an engine found in it."""

import time
from collections.abc import Mapping
from dataclasses import replace

from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.tracking.handedness import TrackedParts


def tracked(frame: Frame, parts: TrackedParts, started_at_ns: int, *, next_is_light: bool = False) -> Tracked:
    """Return the record of a frame. Its tracking ends now and began at ``started_at_ns`` on the monotonic clock."""
    tracked_at_ns = time.monotonic_ns()
    return Tracked(
        frame=frame.number,
        pts=frame.pts,
        decoded_at_ns=frame.decoded_at_ns,
        size_wh=frame.size_wh,
        tracked_at_ns=tracked_at_ns,
        tracking_ns=tracked_at_ns - started_at_ns,
        next_is_light=next_is_light,
        **parts,
    )


def tracked_people(frame: Frame, found: Mapping[int, TrackedParts], started_at_ns: int) -> Tracked:
    """Return the record of a frame with several people, by their indices: the first of them, who holds the others.

    Nobody is person 0 of whom nothing was found.
    """
    people = [replace(tracked(frame, found[person], started_at_ns), person=person) for person in sorted(found)]
    return replace(people[0], others=tuple(people[1:])) if people else tracked(frame, {}, started_at_ns)
