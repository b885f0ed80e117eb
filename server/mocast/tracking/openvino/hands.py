"""Follows up to two hands, whosoever they are."""

from typing import Final

from mocast.tracking.handedness import TrackedParts, assign_sides, is_same_hand
from mocast.tracking.openvino.association import associate
from mocast.tracking.openvino.detection import PALM_ANCHORS, several
from mocast.tracking.openvino.hand_landmarks import FoundHand, read_hand
from mocast.tracking.openvino.looking import Looking
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.patience import Patience
from mocast.tracking.openvino.picture import Picture
from mocast.tracking.openvino.plans import Plan
from mocast.tracking.openvino.region import Region, letterbox, of_hand_by_landmarks, of_palm

MOST: Final = 2
"""Hands in a picture."""


class TwoHands:
    """Looks for hands where they were in the frame before, and searches the picture while those are fewer than two."""

    def __init__(self, networks: Networks, plan: Plan, *, still: bool) -> None:
        self._detection = Looking(networks.request("palm_detection"), networks.crew, border="black")
        self._landmarks = [
            Looking(networks.request("hand_landmark", reduced=plan.reduced_hands), networks.crew) for _ in range(MOST)
        ]
        self._is_still = still
        self._patience = Patience(plan.misses, 0 if still else plan.rest)
        self._followed: list[Region] = []

    def find(self, picture: Picture) -> TrackedParts:
        """Return the hands in the next picture, each on its side."""
        regions, self._followed = self._followed, []
        if len(regions) < MOST and self._patience.is_due():
            regions = self._search(picture, regions)
        for looking, region in zip(self._landmarks, regions, strict=False):
            looking.start(picture, region)
        hands = list(filter(None, map(_read, self._landmarks)))
        if not self._is_still:
            self._followed = list(filter(None, (of_hand_by_landmarks(hand.points) for hand in _different(hands))))
        return assign_sides([(hand.hand(picture.size_wh), hand.right) for hand in hands])

    def forget(self) -> None:
        """Start afresh with the next picture; leave no network running."""
        self._followed = []
        self._patience.reset()
        for looking in self._landmarks:
            looking.give_up()

    def _search(self, picture: Picture, followed: list[Region]) -> list[Region]:
        """Return the hands that a search finds, and after them those that are followed and were not found again."""
        whole = letterbox(picture.size_wh)
        boxes, scores = self._detection.run(picture, whole)
        palms = several(boxes, scores, PALM_ANCHORS, self._detection.size, most=MOST)
        found = list(filter(None, (of_palm(whole, palm) for palm in palms)))
        if found:
            self._patience.reset()
        else:
            self._patience.missed()
        return associate(found, followed)[-MOST:]


def _different(hands: list[FoundHand]) -> list[FoundHand]:
    """Return the hands without the less sure of two that are one, so that the search for another goes on."""
    surest_first = sorted(hands, key=lambda hand: -hand.score)
    return surest_first[:1] if len(hands) == MOST and is_same_hand(*(hand.points for hand in hands)) else hands


def _read(looking: Looking) -> FoundHand | None:
    region = looking.region
    return None if region is None else read_hand(looking.wait(), region, looking.size)
