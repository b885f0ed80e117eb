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
from mocast.tracking.openvino.schedule.quality_profile import QualityProfile
from mocast.tracking.openvino.schedule.search_backoff import SearchBackoff

MAX_HANDS: Final = 2


class TwoHandsTracker:
    """Tracks hands, and searches the picture for palms while there are fewer than two.

    Source: MediaPipe's ``hand_landmark_tracking_cpu.pbtxt``; Zhang et al., "MediaPipe Hands", 2020 (arXiv:2006.10214).
    """

    def __init__(self, networks: NetworkRegistry, profile: QualityProfile) -> None:
        self._detector = RegionInference(networks.request("palm_detection"), networks.workers, border="black")
        self._landmarks = [
            RegionInference(networks.request("hand_landmark", profile.hand_precision), networks.workers)
            for _ in range(MAX_HANDS)
        ]
        self._is_still = profile.still
        self._backoff = SearchBackoff(profile.backoff)
        self._tracked: list[Region] = []
        self._sides = HandSides()

    def find(self, frame: FrameView) -> TrackedParts:
        """Return the hands in the next frame, each on its side."""
        regions, self._tracked = self._tracked, []
        if len(regions) < MAX_HANDS and self._backoff.is_due():
            regions = self._detected(frame, regions)
        for inference, region in zip(self._landmarks, regions, strict=False):
            inference.submit(frame, region)
        hands = list(filter(None, map(_read, self._landmarks)))
        if not self._is_still:
            self._tracked = list(filter(None, (of_hand_by_landmarks(hand.points) for hand in _different(hands))))
        sided = [(hand.hand(frame.size_wh), hand.right) for hand in hands]
        return assign_sides(sided, frame.size_wh) if self._is_still else self._sides.assign(sided, frame.size_wh)

    def reset(self) -> None:
        """Start afresh with the next frame, as if it were the first. Cancels inferences."""
        self._tracked = []
        self._sides.reset()
        self._backoff.reset()
        for inference in self._landmarks:
            inference.cancel()

    def _detected(self, frame: FrameView, tracked: list[Region]) -> list[Region]:
        """Return the regions of detected hands, and after them those of tracked hands that were not detected."""
        whole = letterbox(frame.size_wh)
        boxes, scores = self._detector.run(frame, whole)
        palms = several(boxes, scores, PALM_ANCHORS, self._detector.size, most=MAX_HANDS)
        detected = list(filter(None, (of_palm(whole, palm) for palm in palms)))
        if detected:
            self._backoff.reset()
        else:
            self._backoff.missed()
        return associate(detected, tracked)[-MAX_HANDS:]


def _different(hands: list[FoundHand]) -> list[FoundHand]:
    """Return the hands; of two detections of the same hand only the one of the higher score, so that the search goes
    on."""
    best_first = sorted(hands, key=lambda hand: -hand.score)
    is_one = len(hands) == MAX_HANDS and is_same_hand(hands[0].points, hands[1].points)
    return best_first[:1] if is_one else hands


def _read(inference: RegionInference) -> FoundHand | None:
    region = inference.region
    return None if region is None else read_hand(inference.result(), region, inference.size)
