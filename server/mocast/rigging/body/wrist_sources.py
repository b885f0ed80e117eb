"""Wrist sources: which tracked hands are accepted, and whether a wrist follows the hand's palm or the pose's.

Near the face and where hands touch, the tracker swaps, flips and loses them; implausible hands are rejected.
"""

from typing import Final

import numpy as np

from mocast.model.quaternions import MIRROR_VECTOR, Matrices, Vectors, dot
from mocast.model.topology import HAND_COUNT, WRISTS, PoseLandmark
from mocast.model.tracked import Hand, Pose, Tracked
from mocast.rigging.body.pose_frames import WORLD_TO_AVATAR, Flags
from mocast.rigging.body.visibility import PART_HOLD_S

MAX_HAND_M: Final = 10.0
"""A hand with a landmark further from its centre than this, or with one that is not finite, is rejected."""
OTHER_WRIST_HAND_SIZES: Final = 1.5
"""A hand whose wrist is further from the pose's than this, in sizes of the hand, may be the other arm's."""
DUPLICATE_L1_SIZES: Final = 0.3
"""Two hands whose landmarks are this near on average (|dx| + |dy|, in sizes of the larger) were found twice..."""
DUPLICATE_WRIST_L1_SIZES: Final = 0.35
"""...as are two whose wrists are so near, however their fingers are turned. In recorded signing this holds in 59 of the
402 frames with two hands: where palms touch or cross and one hides the other."""
FLIPPED_COSINE: Final = 0.4
"""A palm whose axis or normal is more than 66° away from that of the last one is rejected..."""
FLIP_DOUBT_S: Final = 0.1
"""...for this long, then accepted: hands do turn over, but not between two frames."""
TRUSTED_SCORE: Final = 0.9
"""A hand that was lost for a moment often comes back flipped, for a frame or two. With a score above this it is
accepted at once; with a lower one it is rejected for as long as a flipped one."""
FOLDED_COSINE: Final = -0.1
"""A palm bent by more than 96° from the forearm is of the other arm, or badly seen: wrists bend by 80°."""

_AS_LEFT: Final = np.stack([np.ones(3), MIRROR_VECTOR])[:, None]


def plausible_hands(tracked: Tracked, level: Matrices | None) -> tuple[Vectors, Flags, Flags]:
    """Return both hands' points as left ones, in avatar space, (2, 21, 3); which are usable, (2,); which trusted, (2,).

    A hand is usable if its numbers are possible, it is not at the other arm's wrist and not the other hand found twice;
    trusted, if its score is above ``TRUSTED_SCORE``. ``level``: see ``BodySolver.measure``.
    """
    points = np.zeros((2, HAND_COUNT, 3))
    are_hands, are_trusted = np.zeros(2, bool), np.zeros(2, bool)
    for side, hand in enumerate((tracked.left_hand, tracked.right_hand)):
        if hand is not None and not _is_at_other_wrist(hand, tracked, side):
            points[side] = hand.world
            are_hands[side] = True
            are_trusted[side] = hand.score > TRUSTED_SCORE
    # What is not a number is not less than anything, so it is refused, too.
    are_hands &= np.abs(points).max((1, 2)) < MAX_HAND_M
    points[~are_hands] = 0.0
    if are_hands.all():
        are_hands[_duplicates(tracked)] = False
    points *= WORLD_TO_AVATAR
    if level is not None:
        points = points @ level.T
    return points * _AS_LEFT, are_hands, are_trusted


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
    both_px = np.stack([left.image[:, :2], right.image[:, :2]]) * np.array(tracked.size_wh)
    size_px = (both_px.max(1) - both_px.min(1)).max()
    apart_px = np.abs(both_px[0] - both_px[1]).sum(-1)
    if not (apart_px[0] < DUPLICATE_WRIST_L1_SIZES * size_px or apart_px.mean() < DUPLICATE_L1_SIZES * size_px):
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
        self._doubted_s = np.full(2, np.inf)

    def accepted(
        self, palms: Matrices, are_hands: Flags, are_trusted: Flags, forearms: Vectors, step_s: float
    ) -> Flags:
        """Return which hands are accepted, (2,), of those that ``are_hands``, (2,), by their palms, (2, 3, 3).

        ``are_trusted``: see ``plausible_hands``. ``forearms``: their directions, (2, 3), of any length; 0 where the arm
        is not seen.
        """
        agreement = (palms * self._palms).sum(-2)[:, :2].min(-1)
        are_back = ~self._are_followed & (self._handless_s <= PART_HOLD_S)
        doubt_s = np.where(are_back & are_trusted, 0.0, FLIP_DOUBT_S)
        is_doubtful = (agreement < FLIPPED_COSINE) & (self._doubted_s < doubt_s)
        bend = dot(forearms, palms[:, :, 0])[:, 0]
        is_doubtful |= bend < FOLDED_COSINE * np.sqrt(dot(forearms, forearms))[:, 0]
        while_gone_s = np.where(self._handless_s > PART_HOLD_S, np.inf, self._doubted_s)
        self._doubted_s = np.where(are_hands, np.where(is_doubtful, self._doubted_s + step_s, 0.0), while_gone_s)
        accepted: Flags = are_hands & ~is_doubtful
        self._palms[accepted] = palms[accepted]
        self._are_followed = are_hands & (accepted | self._are_followed)
        return accepted

    def seen(self, are_hands: Flags, are_in_pose: Flags, step_s: float) -> tuple[Flags, Flags]:
        """Return which wrists are seen, (2,), and which follow the hand, not the pose, (2,).

        ``are_hands``, ``are_in_pose``, (2,): where the hand's palm, and the pose's, are there.
        """
        self._handless_s = np.where(are_hands, 0.0, self._handless_s + step_s)
        is_long = self._handless_s > PART_HOLD_S
        before, self._are_hands = self._are_hands, are_hands | (self._are_hands & ~is_long)
        seen: Flags = (self._are_hands == before) & np.where(are_hands, True, is_long & are_in_pose)
        return seen, self._are_hands
