"""How far what one tracker found is from what a reference found in the same frames.

Positions are compared in pixels of the picture (x and y only), and as a share of the size that the part has in the
reference: a body's is its torso (middle of the shoulders to middle of the hips), a hand's and a face's is the longer
side of the box around its landmarks. World landmarks are compared in millimetres, in all three axes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import PoseLandmark
from mocast.model.tracked import Tracked

Part = Literal["pose", "face", "left_hand", "right_hand"]
PARTS: tuple[Part, ...] = get_args(Part)
HANDS: tuple[Part, ...] = ("left_hand", "right_hand")

VISIBLE = 0.5
"""A body's landmark counts where the reference says that it is more visible than that."""

SMALLEST_PX = 1.0
"""A part's size is at least this, lest a share of nothing be taken."""

NEAR_FRAMES = 5
"""A hand that the reference has at most so many frames earlier or later was seen, if not at the same moment."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Distances between landmarks, of all frames in which both have the part, one after another."""

    px: NDArray[np.float64]
    "(n,)"
    share: NDArray[np.float64]
    "(n,), of the part's size; 1 is the whole size."


def errors(ours: Sequence[Tracked], reference: Sequence[Tracked], *parts: Part) -> Errors:
    """Return how far the landmarks of these parts are from the reference's.

    Raises ``ValueError`` where a landmark is no number.
    """
    px, share = [np.zeros(0)], [np.zeros(0)]
    for one, other in zip(ours, reference, strict=True):
        for part in parts:
            mine, theirs = points_px(one, part), points_px(other, part)
            if mine is None or theirs is None:
                continue
            distance = np.linalg.norm(mine - theirs, axis=1)[counted(other, part)]
            px.append(finite(distance))
            share.append(distance / size_px(other, part))
    return Errors(np.concatenate(px), np.concatenate(share))


def world_errors_mm(ours: Sequence[Tracked], reference: Sequence[Tracked], *parts: Part) -> NDArray[np.float64]:
    """Return how far the world landmarks of bodies and hands are apart, (n,) millimetres; see ``errors``."""
    apart = [np.zeros(0)]
    for one, other in zip(ours, reference, strict=True):
        for part in parts:
            mine, theirs = getattr(one, part), getattr(other, part)
            if mine is not None and theirs is not None:
                distance = 1e3 * np.linalg.norm(mine.world.astype(float) - theirs.world, axis=1)
                apart.append(finite(distance[counted(other, part)]))
    return np.concatenate(apart)


def agreement(ours: Sequence[Tracked], reference: Sequence[Tracked], part: Part) -> float:
    """Return the share of frames, 0..1, in which both have the part or neither has it; NaN where there are none."""
    same = [has(one, part) == has(other, part) for one, other in zip(ours, reference, strict=True)]
    return float(np.mean(same)) if same else float("nan")


def alone(ours: Sequence[Tracked], reference: Sequence[Tracked], *parts: Part, near: int = 0) -> int:
    """Count what only we have: frames in which we have the part and the reference has not, of all ``parts`` together.

    With ``near`` those do not count where the reference has the part at most so many frames earlier or later.
    """
    count = 0
    for part in parts:
        mine = np.array([has(one, part) for one in ours], bool)
        theirs = np.array([has(one, part) for one in reference], bool)
        around = theirs.copy()
        for shift in range(1, near + 1):
            around[shift:] |= theirs[:-shift]
            around[:-shift] |= theirs[shift:]
        count += int((mine & ~around).sum())
    return count


@dataclass(frozen=True, slots=True)
class Stutter:
    """How much positions jump: the length of their second difference, |x(t+1) - 2 x(t) + x(t-1)|, in pixels a frame².

    Both are of the same landmarks in the same frames: where both trackers have the part three times in a row.
    """

    ours_px: NDArray[np.float64]
    "(n,)"
    reference_px: NDArray[np.float64]
    "(n,)"


def stutter(ours: Sequence[Tracked], reference: Sequence[Tracked], *parts: Part) -> Stutter:
    """Return how much these parts' landmarks jump, ours beside the reference's."""
    pairs = list(zip(ours, reference, strict=True))
    mine, theirs = [np.zeros(0)], [np.zeros(0)]
    for part in parts:
        for three in zip(pairs, pairs[1:], pairs[2:], strict=False):
            if not (in_a_row(three) and all(has(one, part) for pair in three for one in pair)):
                continue
            counts = np.logical_and.reduce([counted(other, part) for _, other in three])
            for jumps, found in zip((mine, theirs), zip(*three, strict=True), strict=True):
                positions = np.stack([points_px(one, part) for one in found])
                jumps.append(finite(np.linalg.norm(np.diff(positions, 2, axis=0)[0], axis=1)[counts]))
    return Stutter(np.concatenate(mine), np.concatenate(theirs))


def in_a_row(pairs: Sequence[tuple[Tracked, Tracked]]) -> bool:
    """Whether each is of the frame after the one before; several runs may be chained."""
    return all(after.frame == before.frame + 1 for (_, before), (_, after) in pairwise(pairs))


def has(tracked: Tracked, part: Part) -> bool:
    """Whether the part was found."""
    return getattr(tracked, part) is not None


def points_px(tracked: Tracked, part: Part) -> NDArray[np.float64] | None:
    """Return where a part's landmarks are, (n, 2) pixels, or ``None`` where it was not found."""
    found = getattr(tracked, part)
    return None if found is None else found.image[:, :2].astype(float) * tracked.size_wh


def counted(tracked: Tracked, part: Part) -> NDArray[np.bool_]:
    """Return which of a part's landmarks are compared, (n,): of a body the visible ones, else all."""
    if part == "pose":
        assert tracked.pose is not None
        return tracked.pose.visibility > VISIBLE
    return np.ones(len(getattr(tracked, part).image), bool)


def size_px(tracked: Tracked, part: Part) -> float:
    """Return the size of a part that was found: of a body its torso's length, else its box's longer side."""
    points = points_px(tracked, part)
    assert points is not None
    if part == "pose":
        shoulders = points[[PoseLandmark.LEFT_SHOULDER, PoseLandmark.RIGHT_SHOULDER]].mean(axis=0)
        hips = points[[PoseLandmark.LEFT_HIP, PoseLandmark.RIGHT_HIP]].mean(axis=0)
        size = float(np.linalg.norm(shoulders - hips))
    else:
        size = float(np.ptp(points, axis=0).max())
    return max(size, SMALLEST_PX)


def finite(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return them as they are; raises ``ValueError`` where one is no number."""
    if not np.isfinite(distances).all():
        raise ValueError("a landmark is no number")
    return distances
