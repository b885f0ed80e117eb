"""A hand of the tracked body."""

import math
from typing import Final, Literal

from mocast.model.topology import PoseLandmark
from mocast.tracking.openvino.graph.pose import FoundPose
from mocast.tracking.openvino.graph.region_inference import RegionInference
from mocast.tracking.openvino.graph.tracked_region import UNKNOWN_DRIFT, TrackedRegion
from mocast.tracking.openvino.regions.drift import HAND_DRIFT_LIMITS
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.hand_landmarks import SCORE_OUTPUT, FoundHand, read_hand
from mocast.tracking.openvino.regions.region import (
    Points,
    Region,
    of_hand_by_landmarks,
    of_hand_by_pose,
    of_hand_by_recrop,
)
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.schedule.extrapolating_skipper import ExtrapolatingSkipper
from mocast.tracking.openvino.schedule.extrapolation import HandMotion
from mocast.tracking.openvino.schedule.quality_profile import QualityProfile

MIN_WRIST_VISIBILITY: Final = 0.1
"""Smoothed visibility of the pose's wrist above which its hand is searched. Source: MediaPipe's
hand_visibility_from_hand_landmarks_from_pose.pbtxt."""
MIN_WRIST_VISIBILITY_OF_NEW_HAND: Final = 0.5
"""Visibility of the wrist in a single frame, for a hand that is not tracked yet. Measured: where there are hands it is
above 0.6; where the network reports one that is not there it is below 0.5."""
MAX_OUTSIDE: Final = 0.1
"""How far a hand's middle may be outside the picture, as a share of its search region. Measured: none is found further
off."""
MOVED_SHARE: Final = 0.3
"""Share of its search region by which a hand that was not found must move to end the back-off. Own choice."""
MAX_SCORE_OF_ABSENT_HAND: Final = 0.1
"""Below this score there is clearly no hand. Own choice, as is the next one: docs/tracking-speed.md."""
MIN_SCORE_OF_LIKELY_HAND: Final = 0.4
"""From this score up to ``MIN_HAND_SCORE``, the hand is searched again in the next frame."""


class BodyHand(TrackedRegion[FoundHand]):
    """Finds the hand at one wrist of a body.

    The search region is around the pose's wrist, little and index finger; the detector is the network ``hand_recrop``.
    The drift is estimated from its last detection, moved with the search region.
    """

    def __init__(self, networks: NetworkRegistry, profile: QualityProfile, side: Literal["LEFT", "RIGHT"]) -> None:
        recrop, landmark = networks.request("hand_recrop"), networks.request("hand_landmark", profile.hand_precision)
        super().__init__(
            RegionInference(recrop, networks.workers, is_short=True),
            RegionInference(landmark, networks.workers),
            ExtrapolatingSkipper(
                HandMotion(),
                profile.max_hand_speed,
                is_on=profile.skips_frames,
                near_power=2,
                max_late_speed=profile.max_lone_hand_speed,
            ),
            limits=HAND_DRIFT_LIMITS,
            redetection=profile.hand_redetection,
            backoff=profile.hand_backoff,
            profile=profile,
            turn=1 if side == "LEFT" else 0,
        )
        self._wrist, self._pinky, self._index = (
            PoseLandmark[f"{side}_{point}"].value for point in ("WRIST", "PINKY", "INDEX")
        )
        self._doubtful_frames = profile.doubtful_hand_frames
        self._min_score_of_new = profile.min_score_of_new_hand
        self._max_speed_of_new = profile.max_speed_of_new_hand
        self._around_before: Region | None = None
        "The search region of the frame before."
        self._missed_at: Region | None = None
        "The search region of the last search in vain."

    def start(self, frame: FrameView) -> None:
        """Begin a frame. A hand that is tracked ends the back-off; one that was found may be dropped, as the other."""
        super().start(frame)
        if self._tracked is not None:
            self._backoff.reset()
            self._missed_at = None

    def reset(self) -> None:
        """Start afresh with the next frame, as if it were the first."""
        super().reset()
        self._missed_at = None

    def distance_from_wrist(self, found: FoundHand, body: FoundPose) -> float:
        """Return how far a hand is from the pose's wrist, pixels."""
        return math.dist(found.points[0, :2], body.points[self._wrist, :2])

    def drop(self) -> None:
        """Stop tracking what was found in this frame, as it is the other hand; search again later, or elsewhere."""
        missed_at = self._around
        self.lose()
        self._missed_at = missed_at
        self._backoff.missed()

    def _search_region(self, frame: FrameView, body: FoundPose) -> Region | None:
        self._around_before = self._around
        if not body.visibility[self._wrist] > MIN_WRIST_VISIBILITY:
            return None
        if self._tracked is None and not body.raw_visibility[self._wrist] > MIN_WRIST_VISIBILITY_OF_NEW_HAND:
            return None
        points = body.points
        around = of_hand_by_pose(points[self._wrist], points[self._pinky], points[self._index])
        if around is None:
            return None
        width, height = frame.size_wh
        reach = MAX_OUTSIDE * around.size
        is_near = -reach <= around.x <= width + reach and -reach <= around.y <= height + reach
        return around if is_near else None

    def _is_search_due(self, frame: FrameView, around: Region) -> bool:
        missed_at = self._missed_at
        if missed_at is not None and math.dist(missed_at[:2], around[:2]) > MOVED_SHARE * around.size:
            self._backoff.reset()
        is_due, before = super()._is_search_due(frame, around), self._around_before
        if before is None:
            return is_due
        return is_due and math.dist(before[:2], around[:2]) <= self._max_speed_of_new * frame.share * around.size

    def _estimated_drift(self, around: Region) -> float:
        if self._last_detection is None:
            return UNKNOWN_DRIFT
        detected, was_around = self._last_detection
        return self._drift(detected.moved_with(was_around, around))

    def _read_detection(self, around: Region) -> Region | None:
        (points,) = self._detector.result()
        return of_hand_by_recrop(around.project(points, side=self._detector.size))

    def _read_landmarks(self, region: Region) -> FoundHand | None:
        outputs = self._landmarks.result()
        found = read_hand(outputs, region, self._landmarks.size)
        if found is None:
            self._missed(outputs[SCORE_OUTPUT].item())
        return found

    def _missed(self, score: float) -> None:
        self._missed_at = self._around
        if score < MAX_SCORE_OF_ABSENT_HAND:
            self._backoff.missed()
        else:
            self._backoff.pause(self._doubtful_frames if score < MIN_SCORE_OF_LIKELY_HAND else 0)

    def _points(self, found: FoundHand) -> Points:
        return found.points

    def _next_region(self, found: FoundHand) -> Region | None:
        return of_hand_by_landmarks(found.points)

    def _is_reported_at_once(self, found: FoundHand) -> bool:
        return found.score >= self._min_score_of_new
