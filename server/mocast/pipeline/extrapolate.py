"""Extrapolation of landmarks, so that every input frame can be drawn while tracking runs at its own rate."""

from dataclasses import replace

import numpy as np

from mocast.model.tracked import Face, Hand, Landmarks, Pose, Tracked

HORIZON_TICKS = 9_000
"""At most 100 ms (90 kHz) ahead: beyond it a straight line is a worse guess than standing still."""

TRUST = 0.7
"""The part of the measured velocity that is used: all of it overshoots where a hand changes its direction."""


def extrapolate(previous: Tracked | None, latest: Tracked, pts: int) -> Tracked:
    """Return ``latest`` moved in a straight line to ``pts``, with the velocity since ``previous``.

    A part that was not there in both stands still. World landmarks and visibility are kept as they are: they are not
    drawn. ``pts`` before ``latest`` gives ``latest``.
    """
    ahead = min(pts - latest.pts, HORIZON_TICKS)
    elapsed = latest.pts - previous.pts if previous is not None else 0
    if previous is None or ahead <= 0 or elapsed <= 0 or previous.size_wh != latest.size_wh:
        return latest
    step = TRUST * ahead / elapsed

    def pose() -> Pose | None:
        if previous.pose is None or latest.pose is None:
            return latest.pose
        return replace(latest.pose, image=_move(previous.pose.image, latest.pose.image, step))

    def face() -> Face | None:
        if previous.face is None or latest.face is None:
            return latest.face
        return Face(_move(previous.face.image, latest.face.image, step))

    def hand(before: Hand | None, now: Hand | None) -> Hand | None:
        if before is None or now is None:
            return now
        return replace(now, image=_move(before.image, now.image, step))

    return replace(
        latest,
        pose=pose(),
        face=face(),
        left_hand=hand(previous.left_hand, latest.left_hand),
        right_hand=hand(previous.right_hand, latest.right_hand),
    )


def _move(before: Landmarks, now: Landmarks, step: float) -> Landmarks:
    return now + np.float32(step) * (now - before)
