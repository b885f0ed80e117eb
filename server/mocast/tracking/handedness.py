"""Which of the hands in a picture is the left one and which the right one."""

from typing import Literal, TypedDict

import numpy as np

from mocast.model.tracked import Face, Hand, Landmarks, Pose

SAME_HAND = 0.25
"""Two hands whose landmarks are less than this part of a hand's size apart, on average, are one."""

_SIDES: tuple[Literal["right_hand"], Literal["left_hand"]] = ("right_hand", "left_hand")


class Parts(TypedDict, total=False):
    """The parts of a ``Tracked`` that were found."""

    pose: Pose | None
    face: Face | None
    left_hand: Hand | None
    right_hand: Hand | None


def assign_sides(hands: list[tuple[Hand, float]]) -> Parts:
    """Say which hand is the left one, from how sure the network is that each is a right one (0..1).

    Where it takes two hands for the same side, the surer one keeps that side. The other is taken for the opposite
    one, as a person has one of each, unless both are where one hand is: then it is the same hand, found twice.
    """
    parts: Parts = {}
    for hand, right in sorted(hands, key=lambda one: abs(one[1] - 0.5), reverse=True):
        side, other = _SIDES if right > 0.5 else _SIDES[::-1]
        surer = parts.get(side)
        if surer is None:
            parts[side] = hand
        elif other not in parts and not are_one(hand.image, surer.image):
            parts[other] = hand
    return parts


def are_one(hand: Landmarks, other: Landmarks) -> bool:
    """Whether two hands' landmarks, both (21, 3) in the same space, are of one hand that was found twice."""
    size = np.ptp(other[:, :2], axis=0).max()
    apart = np.linalg.norm(hand[:, :2] - other[:, :2], axis=1).mean()
    return bool(apart < SAME_HAND * size)
