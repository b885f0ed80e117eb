"""Which hands are believed, and what wrists follow meanwhile: near the face, hands swap, flip and vanish."""

from typing import Final

import numpy as np

from mocast.model.quaternions import Matrices, Vectors, dot
from mocast.model.topology import HAND_COUNT
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Hand, Pose, Tracked
from mocast.rigging.body.pose_frames import MIRROR, TO_AVATAR, Flags
from mocast.rigging.body.visibility import HOLD_S

LARGEST_M: Final = 10.0
"""Landmarks of a hand further from its centre are none, nor are those that are not numbers."""
WRIST_APART: Final = 1.5
"""A hand whose wrist is further from the pose's than this, in hands, may be the other arm's."""
SAME_HAND: Final = 0.3
"""Two hands whose landmarks are this near to each other, in hands, are one that was found twice..."""
SAME_WRIST: Final = 0.35
"""...as are two with wrists so near, however the one of them is turned. On recorded signing 59 of the 402 frames with
two hands have one twice: where palms touch or cross, and one hides the other."""
FLIPPED_COSINE: Final = 0.4
"""A palm that points, or faces, more than 66° away from where the last one did is doubted..."""
DOUBTED_S: Final = 0.1
"""...for this long: then it is believed. Hands do turn over, but not between two frames."""
SURE: Final = 0.9
"""A hand that vanished for a moment often comes back turned over, for a frame or two: a score above this is believed at
once, others are doubted as long as flipped ones."""
FOLDED_COSINE: Final = -0.1
"""A palm bent further than 96° from the forearm is not of that arm, or badly seen: wrists bend by 80°."""

_SIDES: Final = np.stack([np.ones(3), MIRROR])[:, None]
_WRISTS: Final = (P.LEFT_WRIST, P.RIGHT_WRIST)


def usable_hands(tracked: Tracked, level: Matrices | None) -> tuple[Vectors, Flags, Flags]:
    """Return the (2, 21, 3) points of both hands as left ones, in avatar space; which are there; and which surely.

    ``level``, (3, 3), takes the camera's space to the subject's upright one.
    """
    points = np.zeros((2, HAND_COUNT, 3))
    are_hands, are_sure = np.zeros(2, bool), np.zeros(2, bool)
    for side, hand in enumerate((tracked.left_hand, tracked.right_hand)):
        if hand is not None and not _is_others(hand, tracked, side):
            points[side] = hand.world
            are_hands[side] = True
            are_sure[side] = hand.score > SURE
    # What is not a number is not smaller than anything.
    are_hands &= np.abs(points).max((1, 2)) < LARGEST_M
    points[~are_hands] = 0.0
    if are_hands.all():
        are_hands[_doubled(tracked)] = False
    points *= TO_AVATAR
    if level is not None:
        points = points @ level.T
    return points * _SIDES, are_hands, are_sure


def _is_others(hand: Hand, tracked: Tracked, side: int) -> bool:
    """Say whether a hand is at the other arm's wrist, far from its own."""
    if tracked.pose is None:
        return False
    own, other = (_apart_px(hand, tracked.pose, _WRISTS[wrist], tracked.size_wh) for wrist in (side, 1 - side))
    if not own > other:
        return False
    width, height = (np.ptp(hand.image[:, :2], axis=0) * tracked.size_wh).tolist()
    return bool(own > WRIST_APART * max(width, height))


def _doubled(tracked: Tracked) -> list[int]:
    """Return which of both hands, if any, is the other one found twice: the one that is further from its own wrist."""
    left, right = tracked.left_hand, tracked.right_hand
    if left is None or right is None or tracked.pose is None:
        return []
    both_px = np.stack([left.image[:, :2], right.image[:, :2]]) * np.array(tracked.size_wh)
    size_px = (both_px.max(1) - both_px.min(1)).max()
    apart_px = np.abs(both_px[0] - both_px[1]).sum(-1)
    if not (apart_px[0] < SAME_WRIST * size_px or apart_px.mean() < SAME_HAND * size_px):
        return []
    from_own = [
        _apart_px(hand, tracked.pose, wrist, tracked.size_wh)
        for hand, wrist in zip((left, right), _WRISTS, strict=True)
    ]
    return [int(from_own[1] > from_own[0])]


def _apart_px(hand: Hand, pose: Pose, wrist: P, size_wh: tuple[int, int]) -> float:
    at, wanted = hand.image[0], pose.image[wrist]
    return abs(float(at[0] - wanted[0])) * size_wh[0] + abs(float(at[1] - wanted[1])) * size_wh[1]


class PalmSources:
    """Says what each wrist follows: the hand; after a while without one the palm that the pose has; or nothing.

    The pose hardly knows how a hand is turned about its forearm (on recorded signing it is wrong by 55° in the median),
    so a hand that is lost for a moment is better held. Where one takes over from the other there is one frame with
    neither, from which the gate eases over.
    """

    def __init__(self) -> None:
        self._handless_s = np.full(2, np.inf)
        self._are_hands: Flags = np.zeros(2, bool)
        self._are_followed: Flags = np.zeros(2, bool)
        "Those that were believed since they were last found."
        self._palms: Matrices = np.zeros((2, 3, 3))
        self._doubted_s = np.full(2, np.inf)

    def believed(self, palms: Matrices, are_hands: Flags, are_sure: Flags, forearms: Vectors, step_s: float) -> Flags:
        """Return which of (2, 3, 3) palms of hands are believed, of those that are hands, (2,).

        ``are_sure``, (2,): those with a high score. ``forearms``: their directions, (2, 3), of any length; none where
        the arms are not seen.
        """
        agreement = (palms * self._palms).sum(-2)[:, :2].min(-1)
        are_back = ~self._are_followed & (self._handless_s <= HOLD_S)
        doubt_s = np.where(are_back & are_sure, 0.0, DOUBTED_S)
        is_doubtful = (agreement < FLIPPED_COSINE) & (self._doubted_s < doubt_s)
        bend = dot(forearms, palms[:, :, 0])[:, 0]
        is_doubtful |= bend < FOLDED_COSINE * np.sqrt(dot(forearms, forearms))[:, 0]
        while_gone_s = np.where(self._handless_s > HOLD_S, np.inf, self._doubted_s)
        self._doubted_s = np.where(are_hands, np.where(is_doubtful, self._doubted_s + step_s, 0.0), while_gone_s)
        believed: Flags = are_hands & ~is_doubtful
        self._palms[believed] = palms[believed]
        self._are_followed = are_hands & (believed | self._are_followed)
        return believed

    def seen(self, are_hands: Flags, are_in_pose: Flags, step_s: float) -> tuple[Flags, Flags]:
        """Return which wrists are seen, (2,), and which of them by the hand, given where there is which source."""
        self._handless_s = np.where(are_hands, 0.0, self._handless_s + step_s)
        is_long = self._handless_s > HOLD_S
        before, self._are_hands = self._are_hands, are_hands | (self._are_hands & ~is_long)
        seen: Flags = (self._are_hands == before) & np.where(are_hands, True, is_long & are_in_pose)
        return seen, self._are_hands
