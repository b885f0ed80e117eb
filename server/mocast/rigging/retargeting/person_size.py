"""The person's size: how long their segments are in comparison with the skeleton at rest, learnt from the landmarks."""

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np

from mocast.model.hand_targets import REST_HAND_M, REST_MIDDLES, REST_SIZES, Anchor
from mocast.model.humanoid import REST_OFFSETS, REST_POSITIONS, HumanoidBone
from mocast.model.names import SIDES
from mocast.model.quaternions import Vectors
from mocast.model.topology import EARS, ELBOWS, HIPS, SHOULDERS, WRISTS, HandLandmark
from mocast.rigging.body.pose_frames import Flags
from mocast.rigging.retargeting.proportions import Proportions, rows

FIRST_S: Final = 2.0
"""For this long each length is the mean of what was seen."""
LEARNING_S: Final = 15.0
"""Time constant with which a length follows what is seen from then on: lengths of a person do not change, their errors
do."""
MIN_RATIO: Final = 0.6
MAX_RATIO: Final = 1.6
"""Bounds of a ratio: what is beyond is no person's."""
NOISE_RATIO: Final = 0.35
"""A length that is further than this from what is known is an error of the frame."""

_EARS_APART_M: Final = 0.15
"""The distance between the ears of the skeleton at rest."""
_EARS_OVER_SHOULDERS_M: Final = 0.175
"""From the middle of the shoulders to that of the ears, of the skeleton at rest: 5.5 cm above the head's joint."""
_SHOULDERS_OVER_CHEST_M: Final = float(
    REST_POSITIONS[HumanoidBone.LEFT_UPPER_ARM, 1] - REST_POSITIONS[HumanoidBone.UPPER_CHEST, 1]
)
_PALM: Final = [HandLandmark.WRIST, HandLandmark.MIDDLE_MCP]
_POINTS: Final = np.array([*SHOULDERS, *ELBOWS, *WRISTS, *HIPS, *EARS])

B = HumanoidBone


class LearntRatio:
    """The ratio of a length to that of the skeleton at rest, over the frames in which it was seen."""

    def __init__(self, rest_m: float) -> None:
        self.value: float | None = None
        "``None`` until it was seen."
        self._rest_m = rest_m
        self._seen_s = 0.0

    def learn(self, lengths_m: Iterable[float], step_s: float) -> None:
        """Take in the lengths of a frame, of one side or of both."""
        for length_m in lengths_m:
            seen = length_m / self._rest_m
            if not MIN_RATIO <= seen <= MAX_RATIO:
                continue
            if self.value is None:
                self.value = seen
            elif abs(seen - self.value) < NOISE_RATIO:
                self._seen_s += step_s
                share = step_s / max(self._seen_s, step_s) if self._seen_s < FIRST_S else step_s / LEARNING_S
                self.value += min(share, 1.0) * (seen - self.value)


class PersonSize:
    """One person's lengths; a length that was not seen yet is taken to be as the others are."""

    def __init__(self) -> None:
        rest = REST_OFFSETS.astype(np.float64)
        self._shoulders = LearntRatio(2 * float(REST_POSITIONS[B.LEFT_UPPER_ARM, 0]))
        self._upper_arm = LearntRatio(float(np.linalg.norm(rest[B.LEFT_LOWER_ARM])))
        self._forearm = LearntRatio(float(np.linalg.norm(rest[B.LEFT_HAND])))
        self._hand = LearntRatio(REST_HAND_M)
        self._trunk = LearntRatio(float(REST_POSITIONS[B.LEFT_UPPER_ARM, 1] - REST_POSITIONS[B.LEFT_UPPER_LEG, 1]))
        self._neck = LearntRatio(_EARS_OVER_SHOULDERS_M)
        self._head = LearntRatio(_EARS_APART_M)

    def learn(self, points: Vectors, are_visible: Flags, hands: Vectors, are_hands: Flags, step_s: float) -> None:
        """Take in a frame: (33, 3) points of the pose, which are visible, (33,), and those of the hands, (2, 21, 3)."""
        seen = are_visible[_POINTS].tolist()
        at = points[_POINTS].tolist()
        # Rows of ``_POINTS``: left and right of shoulders, elbows, wrists, hips and ears.
        if seen[0] and seen[1]:
            self._shoulders.learn([math.dist(at[0], at[1])], step_s)
            middle = _middle(at[0], at[1])
            if seen[6] and seen[7]:
                self._trunk.learn([math.dist(middle, _middle(at[6], at[7]))], step_s)
            if seen[8] and seen[9]:
                self._neck.learn([math.dist(middle, _middle(at[8], at[9]))], step_s)
                self._head.learn([math.dist(at[8], at[9])], step_s)
        self._upper_arm.learn((math.dist(at[i], at[i + 2]) for i in (0, 1) if seen[i] and seen[i + 2]), step_s)
        self._forearm.learn((math.dist(at[i], at[i + 2]) for i in (2, 3) if seen[i] and seen[i + 2]), step_s)
        for palm, is_hand in zip(hands[:, _PALM].tolist(), are_hands.tolist(), strict=True):
            if is_hand:
                self._hand.learn([math.dist(*palm)], step_s)

    def proportions(self) -> Proportions:
        """Return the skeleton at rest with the person's lengths."""
        # Rounded, as lengths change a little in every frame.
        return _proportions(tuple(round(ratio, 2) for ratio in self._ratios()))

    def _ratios(self) -> tuple[float, ...]:
        shoulders = self._shoulders.value or 1.0
        upper_arm = self._upper_arm.value or shoulders
        return (
            shoulders,
            upper_arm,
            self._forearm.value or upper_arm,
            *(ratio.value or shoulders for ratio in (self._hand, self._trunk, self._neck, self._head)),
        )


@lru_cache(maxsize=64)
def _proportions(ratios: tuple[float, ...]) -> Proportions:
    """Return the skeleton at rest with each part times its ratio."""
    shoulders, upper_arm, forearm, hand, trunk, neck, head = ratios
    offsets = REST_OFFSETS.astype(np.float64)
    offsets[B.SPINE : B.NECK] *= trunk
    offsets[B.NECK, 1] = trunk * _SHOULDERS_OVER_CHEST_M + neck * (offsets[B.NECK, 1] - _SHOULDERS_OVER_CHEST_M)
    offsets[B.HEAD] *= neck
    for side in SIDES:
        offsets[HumanoidBone[f"{side}_SHOULDER"]] *= shoulders, trunk, shoulders
        offsets[HumanoidBone[f"{side}_UPPER_ARM"]] *= shoulders
        offsets[HumanoidBone[f"{side}_LOWER_ARM"]] *= upper_arm
        offsets[HumanoidBone[f"{side}_HAND"]] *= forearm
    offsets[B.LEFT_THUMB_METACARPAL :] *= hand
    scales = np.array([[head] * 3, [shoulders, trunk, shoulders], [shoulders] * 3])
    ears = REST_MIDDLES[Anchor.HEAD] - REST_POSITIONS[B.HEAD]
    middles = np.array([ears * head, *(REST_MIDDLES[1:] - REST_POSITIONS[[B.UPPER_CHEST, B.HIPS]]) * trunk])
    return Proportions(rows(offsets), rows(middles), rows(REST_SIZES * scales), REST_HAND_M * hand)


def _middle(one: list[float], other: list[float]) -> list[float]:
    return [0.5 * (a + b) for a, b in zip(one, other, strict=True)]
