"""Up to two hands in a picture where no body is tracked."""

from typing import Final

from mocast.model.same_hand import is_same_hand
from mocast.tracking.handedness import HandSides, TrackedParts, assign_sides
from mocast.tracking.openvino.graph.region_inference import RegionInference
from mocast.tracking.openvino.regions.association import associate
from mocast.tracking.openvino.regions.detection import PALM_ANCHORS, several
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.hand_landmarks import FoundHand, read_hand
from mocast.tracking.openvino.regions.region import Region, letterbox, of_hand_by_landmarks, of_palm
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.schedule.extrapolating_skipper import ExtrapolatingSkipper
from mocast.tracking.openvino.schedule.extrapolation import HandMotion
from mocast.tracking.openvino.schedule.quality_profile import QualityProfile
from mocast.tracking.openvino.schedule.search_backoff import SearchBackoff

MAX_HANDS: Final = 2


class TwoHandsTracker:
    """Tracks hands, and searches the picture for palms while there are fewer than two.

    MediaPipe searches in every frame then. Here a search that finds no hand but the one that is tracked was in vain,
    and the next ones are backed off. Source of the rest: MediaPipe's ``hand_landmark_tracking_cpu.pbtxt``; Zhang et
    al., "MediaPipe Hands", 2020 (arXiv:2006.10214).
    """

    def __init__(self, networks: NetworkRegistry, profile: QualityProfile) -> None:
        self._detector = RegionInference(networks.request("palm_detection"), networks.workers, border="black")
        self._hands = [_LoneHand(networks, profile, turn) for turn in range(MAX_HANDS)]
        self._is_still = profile.still
        self._backoff = SearchBackoff(profile.backoff)
        self._sides = HandSides()

    def find(self, frame: FrameView) -> TrackedParts:
        """Return the hands in the next frame, each on its side."""
        tracked = [hand for hand in self._hands if hand.tracked is not None]
        for hand in tracked:
            hand.start(frame)
        is_searched = len(tracked) < MAX_HANDS and self._backoff.is_due(frame.share)
        begun = self._begin_new(frame, tracked) if is_searched else 0
        found = {hand: one for hand in self._hands if (one := hand.result(frame)) is not None}
        if not self._is_still:
            self._follow(found)
        count = sum(hand.tracked is not None for hand in self._hands)
        if count != len(tracked) or begun > count:
            self._backoff.reset()  # a hand came, is about to come, or was lost and may come back
        elif is_searched:
            self._backoff.missed()
        sided = [(one.hand(frame.size_wh), one.right) for one in found.values()]
        return assign_sides(sided, frame.size_wh) if self._is_still else self._sides.assign(sided, frame.size_wh)

    def reset(self) -> None:
        """Start afresh with the next frame, as if it were the first. Cancels inferences."""
        self._sides.reset()
        self._backoff.reset()
        self._detector.cancel()
        for hand in self._hands:
            hand.lose()

    def _begin_new(self, frame: FrameView, tracked: "list[_LoneHand]") -> int:
        """Search palms, begin those that are not of tracked hands, and return how many these are."""
        whole = letterbox(frame.size_wh)
        boxes, scores = self._detector.run(frame, whole)
        palms = several(boxes, scores, PALM_ANCHORS, self._detector.size, most=MAX_HANDS)
        detected = list(filter(None, (of_palm(whole, palm) for palm in palms)))
        kept = associate(detected, [hand.tracked for hand in tracked if hand.tracked is not None])[-MAX_HANDS:]
        new = [region for region in kept if all(region is not hand.tracked for hand in tracked)]
        for hand, region in zip((hand for hand in self._hands if hand.tracked is None), new, strict=False):
            hand.begin(frame, region)
        return len(new)

    def _follow(self, found: "dict[_LoneHand, FoundHand]") -> None:
        """Track what was found; of one hand that was found twice only the surer, so that the search goes on."""
        for hand, one in found.items():
            hand.follow(one)
        if len(found) == MAX_HANDS and is_same_hand(*(one.points for one in found.values())):
            min(found, key=lambda hand: found[hand].score).lose()


class _LoneHand:
    """Place for one hand: its network, and where it is tracked."""

    def __init__(self, networks: NetworkRegistry, profile: QualityProfile, turn: int) -> None:
        """``turn``: see ``FrameView.is_turn_of``."""
        self._landmarks = RegionInference(networks.request("hand_landmark", profile.hand_precision), networks.workers)
        self._skipper = ExtrapolatingSkipper(HandMotion(), profile.max_lone_hand_speed, is_on=profile.skips_frames)
        self._turn = turn
        self._skipped: FoundHand | None = None
        "The hand in this frame, where its network is skipped."
        self.tracked: Region | None = None
        "Where it is in this frame, by its landmarks in the one before."

    def start(self, frame: FrameView) -> None:
        """Begin a frame in which the hand is tracked: decide whether its network is skipped, else submit it."""
        self._skipped = self._skipper.skip(frame, may_move=not frame.is_turn_of(self._turn))
        if self._skipped is None and self.tracked is not None:
            self._landmarks.submit(frame, self.tracked)

    def begin(self, frame: FrameView, region: Region) -> None:
        """Submit the region of a new hand."""
        self._landmarks.submit(frame, region)

    def result(self, frame: FrameView) -> FoundHand | None:
        """Return the hand in this frame. It is tracked no further unless ``follow`` is called."""
        found, self._skipped, self.tracked = self._skipped, None, None
        region = self._landmarks.region
        if found is None and region is not None:
            found = read_hand(self._landmarks.result(), region, self._landmarks.size)
            if found is not None:
                self._skipper.observe(found, frame, region)
        if found is None:
            self._skipper.reset()
        return found

    def follow(self, found: FoundHand) -> None:
        """Track a hand from the next frame on."""
        self.tracked = of_hand_by_landmarks(found.points)
        if self.tracked is None:
            self._skipper.reset()

    def lose(self) -> None:
        """Stop tracking. Cancels inferences."""
        self._landmarks.cancel()
        self._skipper.reset()
        self._skipped = self.tracked = None
