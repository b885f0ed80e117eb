"""Wrist sources: which tracked hands are accepted, and whether a wrist follows the hand's palm or the pose's.

Near the face and where hands touch, the tracker swaps, flips and loses them; implausible hands are rejected.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from mocast.model.quaternions import MIRROR_VECTOR, Matrices, Vectors, dot
from mocast.model.same_hand import is_same_hand
from mocast.model.topology import HAND_COUNT, WRISTS, PoseLandmark
from mocast.model.tracked import Hand, Pose, Tracked
from mocast.rigging.body.body_placement import BodyPlacement
from mocast.rigging.body.hand_sight import turned_to_body
from mocast.rigging.body.pose_frames import WORLD_TO_AVATAR, Flags, Numbers
from mocast.rigging.body.visibility import PART_HOLD_S

MAX_HAND_M: Final = 10.0
"""A hand with a landmark further from its centre than this, or with one that is not finite, is rejected."""
OTHER_WRIST_HAND_SIZES: Final = 1.5
"""A hand whose wrist is further from the pose's than this, in sizes of the hand, may be the other arm's."""
FLIPPED_COSINE: Final = 0.4
"""A palm whose axis or normal is more than 66° away from that of the last one is rejected for ``FLIP_DOUBT_S``."""
FLIP_DOUBT_S: Final = 0.1
"""After this long it is accepted: hands do turn over, but not between two frames."""
TRUSTED_SCORE: Final = 0.9
"""A hand that was lost for a moment often comes back flipped, for a frame or two. With a score above this it is
accepted at once; with a lower one it is rejected for as long as a flipped one."""
FOLDED_COSINE: Final = -0.1
"""A palm bent by more than 96° from the forearm is of the other arm, or badly seen, as wrists bend by 80°: it is
rejected."""
FOLD_DOUBT_S: Final = 0.3
"""A trusted palm is rejected for that reason no longer than this: then it is the forearm that is wrong."""
TURNED_COSINE: Final = 0.7
"""A palm whose axis or normal is more than 45° away from that of the last one has turned."""
STILL_SIZES: Final = 0.1
"""A palm cannot have turned while its landmarks moved by less than this on average in the picture (relative to the
hand's middle, in sizes of the hand): the sign of its depth has flipped, and the last palm is kept."""
STILL_DOUBT_S: Final = 1.5
"""It is kept no longer than this: a new palm that stays is right."""

_MEAN: Final = np.full(HAND_COUNT, 1 / HAND_COUNT)
"""Times a hand's points, their mean: ``numpy.mean`` takes five times as long for so few."""
_AS_LEFT: Final = np.stack([np.ones(3), MIRROR_VECTOR])[:, None]


class PlausibleHands(NamedTuple):
    """The hands of a frame that are usable, left and right."""

    world: Vectors
    "(2, 21, 3): in the ray space of their body, without one in world space; 0 for those that are not usable."
    points: Vectors
    "(2, 21, 3): the same in avatar space, as left ones."
    are_usable: Flags
    "(2,)."
    are_trusted: Flags
    "(2,): whether their score is above ``TRUSTED_SCORE``."
    outlines: Numbers
    "(2, 21, 2): in the picture, pixels from the hand's middle; 0 for those that are not usable."


def plausible_hands(tracked: Tracked, body: BodyPlacement | None, level: Matrices | None) -> PlausibleHands:
    """Return the usable hands: with possible numbers, not at the other arm's wrist, not the other one found twice.

    ``body``: where the pose is. ``level``: see ``BodySolver.measure``.
    """
    world, outlines = np.zeros((2, HAND_COUNT, 3)), np.zeros((2, HAND_COUNT, 2))
    are_usable, are_trusted = np.zeros(2, bool), np.zeros(2, bool)
    size_px, hands_px = np.array(tracked.size_wh, np.float64), []
    for side, hand in enumerate((tracked.left_hand, tracked.right_hand)):
        if hand is not None and not _is_at_other_wrist(hand, tracked, side):
            at_px = hand.image[:, :2] * size_px
            middle_px = _MEAN.dot(at_px)
            seen = hand.world if body is None else turned_to_body(hand, middle_px, body, tracked.size_wh)
            if np.abs(seen).max() < MAX_HAND_M:  # what is not a number is not less than anything, so it is refused, too
                world[side], outlines[side] = seen, at_px - middle_px
                are_usable[side], are_trusted[side] = True, hand.score > TRUSTED_SCORE
                hands_px.append(at_px)
    if len(hands_px) == 2:
        for side in _duplicates(tracked, *hands_px):
            are_usable[side], world[side] = False, 0.0
    points = world * WORLD_TO_AVATAR
    if level is not None:
        points = points.dot(level.T)
    return PlausibleHands(world, points * _AS_LEFT, are_usable, are_trusted, outlines)


def _is_at_other_wrist(hand: Hand, tracked: Tracked, side: int) -> bool:
    """Whether a hand is at the other arm's wrist, far from its own."""
    if tracked.pose is None:
        return False
    own, other = (_apart_px(hand, tracked.pose, WRISTS[wrist], tracked.size_wh) for wrist in (side, 1 - side))
    if not own > other:
        return False
    width, height = (np.ptp(hand.image[:, :2], axis=0) * tracked.size_wh).tolist()
    return bool(own > OTHER_WRIST_HAND_SIZES * max(width, height))


def _duplicates(tracked: Tracked, left_px: Numbers, right_px: Numbers) -> list[int]:
    """Return the hands, one at most, that are the other one found twice: the one further from its own arm's wrist.

    ``left_px``, ``right_px``, (21, 2): where they are in the picture.
    """
    left, right = tracked.left_hand, tracked.right_hand
    if left is None or right is None or tracked.pose is None or not is_same_hand(left_px, right_px):
        return []
    from_own = [
        _apart_px(hand, tracked.pose, wrist, tracked.size_wh) for hand, wrist in zip((left, right), WRISTS, strict=True)
    ]
    return [int(from_own[1] > from_own[0])]


def _apart_px(hand: Hand, pose: Pose, wrist: PoseLandmark, size_wh: tuple[int, int]) -> float:
    """Return how far a hand's wrist is from the pose's, |dx| + |dy| in pixels."""
    (x, y, *_), (wrist_x, wrist_y, *_) = hand.image[0].tolist(), pose.image[wrist].tolist()
    return float(abs(x - wrist_x) * size_wh[0] + abs(y - wrist_y) * size_wh[1])


class WristSources:
    """The source of each wrist's rotation: the hand's palm; ``PART_HOLD_S`` after that was lost, the pose's; or none.

    The pose hardly knows how a hand is turned about its forearm (in recorded signing it is wrong by 55° in the median),
    so a wrist whose hand is lost for a moment is better held. In the frame in which one source takes over from the
    other the wrist counts as not seen, so that the gate eases from one to the other.
    """

    def __init__(self) -> None:
        self._wrists = (_Wrist(), _Wrist())

    def accepted(
        self, palms: Matrices, are_palms: Flags, hands: PlausibleHands, forearms: Vectors, step_s: float
    ) -> tuple[Flags, Matrices]:
        """Return which hands are accepted, (2,), by their palms, (2, 3, 3), of which (2,) are valid; and their palms.

        Where a palm turned over while its hand is still, that is the one before. ``forearms``: their directions,
        (2, 3), of any length; 0 for one that is not seen, which does not judge.
        """
        are_hands = (hands.are_usable & are_palms).tolist()
        accepted = np.zeros(2, bool)
        for side, wrist in enumerate(self._wrists):
            if not are_hands[side]:
                wrist.miss()
                continue
            accepted[side] = wrist.accept(
                palms[side], hands.outlines[side], forearms[side], bool(hands.are_trusted[side]), step_s
            )
            if wrist.is_kept:
                palms = palms.copy()
                palms[side] = wrist.palm
        return accepted, palms

    def seen(
        self, are_hands: Sequence[bool], are_in_pose: Sequence[bool], step_s: float
    ) -> tuple[list[bool], list[bool]]:
        """Return which wrists are seen, left and right, and which follow the hand, not the pose.

        ``are_hands``, ``are_in_pose``: where the hand's palm, and the pose's, are there.
        """
        wrists = zip(self._wrists, are_hands, are_in_pose, strict=True)
        seen = [wrist.is_seen(is_hand, is_in_pose, step_s) for wrist, is_hand, is_in_pose in wrists]
        return seen, [wrist.is_of_hand for wrist in self._wrists]


class _Wrist:
    """One wrist in consecutive frames. In plain numbers: numpy's calls would cost more than all this."""

    def __init__(self) -> None:
        self.is_of_hand = False
        "Whether the wrist follows the hand, not the pose."
        self.is_kept = False
        "Whether in this frame the palm is the one before, as it turned over while its hand is still."
        self.palm: Matrices = np.zeros((3, 3))
        "(3, 3): the last one that was accepted."
        self._outline: Numbers = np.zeros((HAND_COUNT, 2))
        "(21, 2): of its hand, pixels."
        self._is_followed = False
        "Whether the hand was accepted since it was last found."
        self._handless_s = math.inf
        self._doubted_s = math.inf
        self._turned_s = 0.0
        self._folded_s = 0.0

    def miss(self) -> None:
        """Take in a frame without a hand."""
        self.is_kept = self._is_followed = False
        self._turned_s = self._folded_s = 0.0
        if self._handless_s > PART_HOLD_S:
            self._doubted_s = math.inf

    def accept(self, palm: Matrices, outline: Numbers, forearm: Vectors, is_trusted: bool, step_s: float) -> bool:
        """Return whether a hand is accepted by its palm, (3, 3).

        ``outline``, (21, 2): in the picture, pixels. ``forearm``, (3,): see ``WristSources.accepted``.
        """
        rows = palm.tolist()
        agreement = _agreement(rows, self.palm.tolist())
        is_turned = self._is_followed and agreement < TURNED_COSINE and self._is_still(outline)
        self._turned_s = self._turned_s + step_s if is_turned else 0.0
        self.is_kept = is_turned and self._turned_s <= STILL_DOUBT_S
        if self.is_kept:
            agreement, palm, rows = 1.0, self.palm, self.palm.tolist()
        is_back = not self._is_followed and self._handless_s <= PART_HOLD_S
        doubt_s = 0.0 if is_back and is_trusted else FLIP_DOUBT_S
        is_doubtful = agreement < FLIPPED_COSINE and self._doubted_s < doubt_s
        x, y, z = forearm.tolist()
        bend = x * rows[0][0] + y * rows[1][0] + z * rows[2][0]
        is_folded = bend < FOLDED_COSINE * math.sqrt(x * x + y * y + z * z)
        self._folded_s = self._folded_s + step_s if is_folded and is_trusted else 0.0
        is_doubtful = is_doubtful or (is_folded and self._folded_s <= FOLD_DOUBT_S)
        if is_doubtful:
            self._doubted_s += step_s
            return False
        self._doubted_s, self._is_followed, self.palm = 0.0, True, palm
        if self._turned_s == 0.0 or self._turned_s > STILL_DOUBT_S:
            self._outline = outline
        return True

    def _is_still(self, outline: Numbers) -> bool:
        off = _in_sizes(outline) - _in_sizes(self._outline)
        return bool(np.sqrt(dot(off, off))[:, 0].dot(_MEAN) < STILL_SIZES)

    def is_seen(self, is_hand: bool, is_in_pose: bool, step_s: float) -> bool:
        """Return whether the wrist is seen, in the hand or in the pose."""
        self._handless_s = 0.0 if is_hand else self._handless_s + step_s
        is_long = self._handless_s > PART_HOLD_S
        before, self.is_of_hand = self.is_of_hand, is_hand or (self.is_of_hand and not is_long)
        return self.is_of_hand == before and (is_hand or (is_long and is_in_pose))


def _in_sizes(outline_px: Numbers) -> Numbers:
    """Return an outline, (21, 2), in sizes of its hand."""
    outline: Numbers = outline_px / max(float(np.abs(outline_px).max()), 1.0)
    return outline


def _agreement(one: list[list[float]], other: list[list[float]]) -> float:
    """Return the lesser of the cosines between two palms' axes and between their normals."""
    (ax, ay, _), (bx, by, _), (cx, cy, _) = one
    (dx, dy, _), (ex, ey, _), (fx, fy, _) = other
    return min(ax * dx + bx * ex + cx * fx, ay * dy + by * ey + cy * fy)
