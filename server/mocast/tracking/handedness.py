"""Handedness: which of the hands in a picture is the left one and which the right one."""

import math
from dataclasses import dataclass
from typing import Final, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from mocast.model.same_hand import is_same_hand
from mocast.model.tracked import Face, Hand, Pose

SAME_WITHIN_SIZES: Final = 1.0
"""A hand whose wrist is less than this, in sizes of the hand, from where one was in the frame before is that hand."""
NEW_SHARE: Final = 0.15
"""Of a frame's probability that a hand is a right one, in the probability over several frames: it takes five frames
of the opposite to turn a sure one."""

_SIDES: tuple[Literal["right_hand"], Literal["left_hand"]] = ("right_hand", "left_hand")


class TrackedParts(TypedDict, total=False):
    """The parts of a ``Tracked`` that were found."""

    pose: Pose | None
    face: Face | None
    left_hand: Hand | None
    right_hand: Hand | None


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A hand of the frame before."""

    wrist_px: NDArray[np.float64]
    right: float


class HandSides:
    """The sides of the hands in consecutive frames: a hand keeps its side, whatever the network says of one frame."""

    def __init__(self) -> None:
        self._before: list[_Seen] = []

    def assign(self, hands: list[tuple[Hand, float]], size_wh: tuple[int, int]) -> TrackedParts:
        """Return the hands of the next frame by side; see ``assign_sides``."""
        lasting, before = [], list(self._before)
        self._before = []
        for hand, says_right in hands:
            points_px = _px(hand, size_wh)
            wrist_px, reach_px = points_px[0], SAME_WITHIN_SIZES * float(np.ptp(points_px, axis=0).max())
            near = [seen for seen in before if math.dist(seen.wrist_px, wrist_px) < reach_px]
            same = min(near, key=lambda seen: math.dist(seen.wrist_px, wrist_px), default=None)
            if same is not None:
                before.remove(same)
            right = says_right if same is None else same.right + NEW_SHARE * (says_right - same.right)
            lasting.append((hand, right))
            self._before.append(_Seen(wrist_px, right))
        return assign_sides(lasting, size_wh)

    def reset(self) -> None:
        """Start afresh with the next frame, as if it were the first."""
        self._before = []


def assign_sides(hands: list[tuple[Hand, float]], size_wh: tuple[int, int]) -> TrackedParts:
    """Return the left and the right hand, by the network's probability that each is a right one (0..1).

    Where two hands are of the same side, the one with the surer probability keeps it. The other takes the opposite
    side, as a person has one of each, unless it is the same hand, found twice: then it is dropped.
    """
    parts: TrackedParts = {}
    for hand, right in sorted(hands, key=lambda one: abs(one[1] - 0.5), reverse=True):
        side, other = _SIDES if right > 0.5 else _SIDES[::-1]
        surer = parts.get(side)
        if surer is None:
            parts[side] = hand
        elif other not in parts and not is_same_hand(_px(hand, size_wh), _px(surer, size_wh)):
            parts[other] = hand
    return parts


def _px(hand: Hand, size_wh: tuple[int, int]) -> NDArray[np.float64]:
    points_px: NDArray[np.float64] = hand.image[:, :2] * np.array(size_wh, np.float64)
    return points_px
