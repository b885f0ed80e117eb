"""Handedness: which of the hands in a picture is the left one and which the right one."""

from typing import Literal, TypedDict

import numpy as np

from mocast.model.tracked import Face, Hand, Landmarks, Pose

DUPLICATE_HAND_SIZES = 0.25
"""Two hands whose landmarks are less than this apart on average, in sizes of a hand, are one that was found twice."""

_SIDES: tuple[Literal["right_hand"], Literal["left_hand"]] = ("right_hand", "left_hand")


class TrackedParts(TypedDict, total=False):
    """The parts of a ``Tracked`` that were found."""

    pose: Pose | None
    face: Face | None
    left_hand: Hand | None
    right_hand: Hand | None


def assign_sides(hands: list[tuple[Hand, float]]) -> TrackedParts:
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
        elif other not in parts and not is_same_hand(hand.image, surer.image):
            parts[other] = hand
    return parts


def is_same_hand(hand: Landmarks, other: Landmarks) -> bool:
    """Whether two hands' landmarks, (21, 3) in the same space, are of one hand that was found twice."""
    size = np.ptp(other[:, :2], axis=0).max()
    apart = np.linalg.norm(hand[:, :2] - other[:, :2], axis=1).mean()
    return bool(apart < DUPLICATE_HAND_SIZES * size)
