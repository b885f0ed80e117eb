"""Wrist sources: which tracked hands are accepted, and whether a wrist follows the hand's palm or the pose's.

Near the face and where hands touch, the tracker swaps, flips and loses them; implausible hands are rejected.
"""

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
"""A palm whose axis or normal is more than 66° away from that of the last one is rejected..."""
FLIP_DOUBT_S: Final = 0.1
"""...for this long, then accepted: hands do turn over, but not between two frames."""
TRUSTED_SCORE: Final = 0.9
"""A hand that was lost for a moment often comes back flipped, for a frame or two. With a score above this it is
accepted at once; with a lower one it is rejected for as long as a flipped one."""
FOLDED_COSINE: Final = -0.1
"""A palm bent by more than 96° from the forearm is of the other arm, or badly seen, as wrists bend by 80°: it is
rejected..."""
FOLD_DOUBT_S: Final = 0.3
"""...for this long where it is trusted: then it is the forearm that is wrong."""
TURNED_COSINE: Final = 0.7
"""A palm whose axis or normal is more than 45° away from that of the last one turned..."""
STILL_SIZES: Final = 0.1
"""...which it cannot have done while its landmarks moved by less than this on average in the picture, from the hand's
middle, in its sizes: it is the sign of its depth that flipped. The last palm is kept..."""
STILL_DOUBT_S: Final = 1.5
"""...for this long: what stays is right."""

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
    "(2, 21, 2): in the picture, from the hand's middle, in sizes of the hand; 0 for those that are not usable."


def plausible_hands(tracked: Tracked, body: BodyPlacement | None, level: Matrices | None) -> PlausibleHands:
    """Return the usable hands: with possible numbers, not at the other arm's wrist, not the other one found twice.

    ``body``: where the pose is. ``level``: see ``BodySolver.measure``.
    """
    world, outlines = np.zeros((2, HAND_COUNT, 3)), np.zeros((2, HAND_COUNT, 2))
    are_usable, are_trusted = np.zeros(2, bool), np.zeros(2, bool)
    for side, hand in enumerate((tracked.left_hand, tracked.right_hand)):
        if hand is not None and not _is_at_other_wrist(hand, tracked, side):
            at_px = hand.image[:, :2] * np.array(tracked.size_wh, np.float64)
            middle_px = _MEAN @ at_px
            world[side] = hand.world if body is None else turned_to_body(hand, middle_px, body, tracked.size_wh)
            outlines[side] = _outline(at_px - middle_px)
            are_usable[side], are_trusted[side] = True, hand.score > TRUSTED_SCORE
    # What is not a number is not less than anything, so it is refused, too.
    are_usable &= np.abs(world).max((1, 2)) < MAX_HAND_M
    if are_usable.all():
        are_usable[_duplicates(tracked)] = False
    world[~are_usable] = 0.0
    points = world * WORLD_TO_AVATAR
    if level is not None:
        points = points @ level.T
    return PlausibleHands(world, points * _AS_LEFT, are_usable, are_trusted, outlines)


def _outline(off_px: Numbers) -> Numbers:
    outline: Numbers = off_px / max(float(np.abs(off_px).max()), 1.0)
    return outline


def _is_at_other_wrist(hand: Hand, tracked: Tracked, side: int) -> bool:
    """Whether a hand is at the other arm's wrist, far from its own."""
    if tracked.pose is None:
        return False
    own, other = (_apart_px(hand, tracked.pose, WRISTS[wrist], tracked.size_wh) for wrist in (side, 1 - side))
    if not own > other:
        return False
    width, height = (np.ptp(hand.image[:, :2], axis=0) * tracked.size_wh).tolist()
    return bool(own > OTHER_WRIST_HAND_SIZES * max(width, height))


def _duplicates(tracked: Tracked) -> list[int]:
    """Return the hands, one at most, that are the other one found twice: the one further from its own arm's wrist."""
    left, right = tracked.left_hand, tracked.right_hand
    if left is None or right is None or tracked.pose is None:
        return []
    if not is_same_hand(left.image[:, :2] * tracked.size_wh, right.image[:, :2] * tracked.size_wh):
        return []
    from_own = [
        _apart_px(hand, tracked.pose, wrist, tracked.size_wh) for hand, wrist in zip((left, right), WRISTS, strict=True)
    ]
    return [int(from_own[1] > from_own[0])]


def _apart_px(hand: Hand, pose: Pose, wrist: PoseLandmark, size_wh: tuple[int, int]) -> float:
    """Return how far a hand's wrist is from the pose's, |dx| + |dy| in pixels."""
    at, wanted = hand.image[0], pose.image[wrist]
    return abs(float(at[0] - wanted[0])) * size_wh[0] + abs(float(at[1] - wanted[1])) * size_wh[1]


class WristSources:
    """The source of each wrist's rotation: the hand's palm; ``PART_HOLD_S`` after that was lost, the pose's; or none.

    The pose hardly knows how a hand is turned about its forearm (in recorded signing it is wrong by 55° in the median),
    so a wrist whose hand is lost for a moment is better held. In the frame in which one source takes over from the
    other the wrist counts as not seen, so that the gate eases from one to the other.
    """

    def __init__(self) -> None:
        self._handless_s = np.full(2, np.inf)
        self._are_hands: Flags = np.zeros(2, bool)
        self._are_followed: Flags = np.zeros(2, bool)
        "Hands that were accepted since they were last found."
        self._palms: Matrices = np.zeros((2, 3, 3))
        self._outlines: Numbers = np.zeros((2, HAND_COUNT, 2))
        self._doubted_s = np.full(2, np.inf)
        self._turned_s = np.zeros(2)
        self._folded_s = np.zeros(2)

    def accepted(
        self, palms: Matrices, are_palms: Flags, hands: PlausibleHands, forearms: Vectors, step_s: float
    ) -> tuple[Flags, Matrices]:
        """Return which hands are accepted, (2,), by their palms, (2, 3, 3), of which (2,) are valid; and their palms.

        Where a palm turned over while its hand is still, that is the one before. ``forearms``: their directions,
        (2, 3), of any length; 0 for one that is not seen, which does not judge.
        """
        are_hands = hands.are_usable & are_palms
        palms, agreement = self._without_flips(palms, hands.outlines, are_hands, step_s)
        are_back = ~self._are_followed & (self._handless_s <= PART_HOLD_S)
        doubt_s = np.where(are_back & hands.are_trusted, 0.0, FLIP_DOUBT_S)
        is_doubtful = (agreement < FLIPPED_COSINE) & (self._doubted_s < doubt_s)
        bend = dot(forearms, palms[:, :, 0])[:, 0]
        is_folded = are_hands & (bend < FOLDED_COSINE * np.sqrt(dot(forearms, forearms))[:, 0])
        self._folded_s = np.where(is_folded & hands.are_trusted, self._folded_s + step_s, 0.0)
        is_doubtful |= is_folded & (self._folded_s <= FOLD_DOUBT_S)
        while_gone_s = np.where(self._handless_s > PART_HOLD_S, np.inf, self._doubted_s)
        self._doubted_s = np.where(are_hands, np.where(is_doubtful, self._doubted_s + step_s, 0.0), while_gone_s)
        accepted: Flags = are_hands & ~is_doubtful
        self._palms[accepted] = palms[accepted]
        moved = accepted & ((self._turned_s == 0) | (self._turned_s > STILL_DOUBT_S))
        self._outlines[moved] = hands.outlines[moved]
        self._are_followed = are_hands & (accepted | self._are_followed)
        return accepted, palms

    def _without_flips(
        self, palms: Matrices, outlines: Numbers, are_hands: Flags, step_s: float
    ) -> tuple[Matrices, Numbers]:
        """Return the palms, (2, 3, 3), without those that turned over while the outlines, (2, 21, 2), stand still.

        And how they agree with the last ones, (2,): the lesser of the cosines of axis and normal.
        """
        agreement = (palms * self._palms).sum(-2)[:, :2].min(-1)
        off = outlines - self._outlines
        is_still = np.sqrt(dot(off, off))[:, :, 0] @ _MEAN < STILL_SIZES
        is_turned = are_hands & self._are_followed & is_still & (agreement < TURNED_COSINE)
        self._turned_s = np.where(is_turned, self._turned_s + step_s, 0.0)
        kept = is_turned & (self._turned_s <= STILL_DOUBT_S)
        return np.where(kept[:, None, None], self._palms, palms), np.where(kept, 1.0, agreement)

    def seen(self, are_hands: Flags, are_in_pose: Flags, step_s: float) -> tuple[Flags, Flags]:
        """Return which wrists are seen, (2,), and which follow the hand, not the pose, (2,).

        ``are_hands``, ``are_in_pose``, (2,): where the hand's palm, and the pose's, are there.
        """
        self._handless_s = np.where(are_hands, 0.0, self._handless_s + step_s)
        is_long = self._handless_s > PART_HOLD_S
        before, self._are_hands = self._are_hands, are_hands | (self._are_hands & ~is_long)
        seen: Flags = (self._are_hands == before) & np.where(are_hands, True, is_long & are_in_pose)
        return seen, self._are_hands
