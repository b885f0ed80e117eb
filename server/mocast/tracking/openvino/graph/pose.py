"""The pose of one body: detection while it is not tracked, then its landmarks, then smoothing over time."""

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import POSE_COUNT
from mocast.model.tracked import Pose
from mocast.tracking.handedness import TrackedParts
from mocast.tracking.openvino.graph.region_inference import RegionInference
from mocast.tracking.openvino.regions.detection import POSE_ANCHORS, several
from mocast.tracking.openvino.regions.finite import is_finite
from mocast.tracking.openvino.regions.frame_view import FrameView, in_image_space
from mocast.tracking.openvino.regions.heatmap import refine
from mocast.tracking.openvino.regions.region import Points, Region, letterbox, of_body
from mocast.tracking.openvino.regions.smoothing_filters import LowPassFilter, OneEuroFilter
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.schedule.extrapolating_skipper import ExtrapolatingSkipper
from mocast.tracking.openvino.schedule.extrapolation import BodyMotion, RawPose
from mocast.tracking.openvino.schedule.quality_profile import QualityProfile
from mocast.tracking.openvino.schedule.search_backoff import SearchBackoff

MIN_POSE_SCORE: Final = 0.5
"""Probability above which there is a body. Source: MediaPipe's tensors_to_pose_landmarks_and_segmentation.pbtxt."""
MIN_SIZE_PX: Final = 1e-9
"""Least size of a body, which avoids a division by 0 where all landmarks coincide."""
_TURN: Final = 1
"""See ``FrameView.is_turn_of``. The body is not extrapolated with the left hand."""
SETTLING: Final = 4
"""Runs of the network in which a detected region settles. In a region that is larger the body's circle is found larger,
by half to three quarters of that (measured), so it takes some until the detector's error is gone. Until then none is
skipped."""
DETECTOR_REST_US: Final = 10_000_000
"""Microseconds of a live stream without a search after which its detector is given back: 30 MB, which are loaded again
in 50 ms of processor time (measured)."""
_READ_COUNT: Final = POSE_COUNT + 2
"""The network's first landmarks, of 39: the pose's, and the two that define the region in the next frame."""


class FoundPose(NamedTuple):
    """A pose in pixels, smoothed."""

    points: NDArray[np.float32]
    "(33, 3) float32, pixels; z on the scale of x."
    world: NDArray[np.float32]
    "(33, 3) float32, metres, origin between the hips."
    visibility: NDArray[np.float32]
    "(33,) float32, 0..1, smoothed."
    raw_visibility: NDArray[np.float32]
    "(33,) float32, 0..1: that of this frame alone."

    def in_image_space(self, size_wh: tuple[int, int]) -> Pose:
        """Return the pose in image space, for a picture of that size."""
        return Pose(in_image_space(self.points, size_wh), self.world, self.visibility)


class PoseDetector(RegionInference):
    """The detector of bodies, which also finds them where nothing is tracked.

    Source: Bazarevsky et al., "BlazePose", 2020 (arXiv:2006.10204).
    """

    def __init__(self, networks: NetworkRegistry) -> None:
        super().__init__(networks.request("pose_detection"), networks.workers, border="black")

    def bodies(self, *, most: int) -> list[Points]:
        """Return the keypoints of up to ``most`` bodies in the submitted region, the surest first.

        Each (4, 2) float32, pixels: the middle of the hips, a point on the circle around the whole body, the middle of
        the shoulders, a point on the circle around the upper body.
        """
        region = self.region
        if region is None:
            return []
        boxes, scores = self.result()
        return [region.project(one.points) for one in several(boxes, scores, POSE_ANCHORS, self.size, most=most)]


class PoseTracker:
    """Tracks one body through a stream, or finds one in each of unrelated pictures.

    Source: MediaPipe's ``pose_landmark_cpu.pbtxt``; Bazarevsky et al., "BlazePose", 2020 (arXiv:2006.10204).
    """

    def __init__(self, networks: NetworkRegistry, profile: QualityProfile, *, searches: bool = True) -> None:
        """``searches``: whether it detects a body itself where it tracks none; else it is told by ``start_at``."""
        self._searched_with = networks if searches else None
        self._detector = PoseDetector(networks) if searches else None
        self._searched_us = 0
        self._detector_rest_us = DETECTOR_REST_US if profile.rests_detector else math.inf
        landmark = networks.request(profile.body_network, profile.body_precision)
        self._landmarks = RegionInference(landmark, networks.workers)
        self._smoothing = None if profile.still else _Smoothing()
        self._skipper = ExtrapolatingSkipper(
            BodyMotion(),
            profile.max_body_speed,
            is_on=profile.skips_frames,
            max_change=profile.max_body_change,
            near_power=2,
        )
        self._backoff = SearchBackoff(profile.backoff)
        self._tracked: Region | None = None
        self._to_settle = 0
        "Runs of the network until the region has settled."

    def find(self, frame: FrameView) -> TrackedParts:
        """Return the pose in the next frame, where nothing else is tracked."""
        return self.finish(frame, self.pose(frame))

    def start(self, frame: FrameView) -> None:
        """Do nothing: before the body there is nothing to do."""

    def finish(self, frame: FrameView, body: FoundPose | None) -> TrackedParts:
        """Return the body as a part."""
        return {} if body is None else {"pose": body.in_image_space(frame.size_wh)}

    def start_at(self, region: Region) -> None:
        """Track the body in this region from the next frame on."""
        self._lose()
        self._tracked, self._to_settle = region, SETTLING

    def pose(self, frame: FrameView) -> FoundPose | None:
        """Return the pose in the next frame."""
        raw = self._skipper.skip(frame, may_move=not frame.is_turn_of(_TURN)) or self._raw(frame)
        if raw is None:
            self._lose()
            return None
        if self._smoothing is None:
            return FoundPose(raw.points[:POSE_COUNT], raw.world, raw.visibility, raw.visibility)
        if self._detector is not None and frame.time_us - self._searched_us > self._detector_rest_us:
            self._let_the_detector_go()
        pose, circle = self._smoothing.smooth(raw, frame.time_us)
        self._tracked = of_body(circle[0], circle[1])
        return pose

    def reset(self) -> None:
        """Start afresh with the next frame, as if it were the first."""
        self._backoff.reset()
        self._lose()

    def _lose(self) -> None:
        self._tracked = None
        if self._smoothing is not None:
            self._smoothing.reset()
        self._skipper.reset()

    def _detected(self, frame: FrameView, networks: NetworkRegistry) -> Region | None:
        if self._detector is None:
            self._detector = PoseDetector(networks)
        self._searched_us = frame.time_us
        self._detector.submit(frame, letterbox(frame.size_wh))
        bodies = self._detector.bodies(most=1)
        if not bodies:
            self._backoff.missed()
            return None
        self._backoff.reset()
        self._to_settle = SETTLING
        middle, rim = bodies[0][:2]
        return of_body(middle, rim)

    def _let_the_detector_go(self) -> None:
        self._detector = None
        if self._searched_with is not None:
            self._searched_with.let_go("pose_detection")

    def _raw(self, frame: FrameView) -> RawPose | None:
        region = self._tracked
        if region is None and self._searched_with is not None and self._backoff.is_due(frame.share):
            region = self._detected(frame, self._searched_with)
            if frame.only_body:
                region = self._settled(frame, region)
        if region is None:
            return None
        raw = self._inferred(frame, region)
        self._to_settle = max(0, self._to_settle - 1)
        if raw is not None and not self._to_settle:
            self._skipper.observe(raw, frame, region)
        return raw

    def _settled(self, frame: FrameView, region: Region | None) -> Region | None:
        """Return the region that follows from the body's landmarks in itself, as one that was tracked for long does."""
        self._to_settle = 0
        for _ in range(SETTLING):
            raw = None if region is None else self._inferred(frame, region)
            if raw is None:
                break
            region = of_body(*raw.points[POSE_COUNT:])
        return region

    def _inferred(self, frame: FrameView, region: Region) -> RawPose | None:
        """Return the body by the network; ``None`` where it sees none in the region."""
        landmarks, score, heatmap, world = self._landmarks.run(frame, region)
        if not score.item() > MIN_POSE_SCORE:
            return None
        inside = landmarks[:_READ_COUNT, :3] / np.float32(self._landmarks.size)
        refine(inside, heatmap)
        visibility = 1 / (1 + np.exp(-landmarks[:POSE_COUNT, 3]))
        raw = RawPose(region.project(inside), region.rotate_world(world[:POSE_COUNT]), visibility)
        return raw if all(map(is_finite, (raw.points, raw.world, raw.visibility))) else None


class _Smoothing:
    """Filters of the pose's landmarks. Source of the numbers: MediaPipe's pose_landmark_filtering.pbtxt."""

    def __init__(self) -> None:
        self._points = OneEuroFilter(min_cutoff=0.05, beta=80)
        self._world = OneEuroFilter(min_cutoff=0.1, beta=40)
        self._circle = OneEuroFilter(min_cutoff=0.01, beta=10)
        self._visibility = LowPassFilter(alpha=0.1)

    def smooth(self, raw: RawPose, time_us: int) -> tuple[FoundPose, NDArray[np.float32]]:
        """Return the smoothed pose, and (2, 3) float32 in pixels: the middle of the body and a point on its circle."""
        points, circle = raw.points[:POSE_COUNT], raw.points[POSE_COUNT:]
        scale = 1 / max(2 * math.dist(circle[0, :2], circle[1, :2]), MIN_SIZE_PX)
        pose = FoundPose(
            self._points(points, scale, time_us),
            self._world(raw.world, 1, time_us),
            self._visibility(raw.visibility, time_us),
            raw.visibility,
        )
        return pose, self._circle(circle, scale, time_us)

    def reset(self) -> None:
        """Start anew with the next frame."""
        for each in (self._points, self._world, self._circle, self._visibility):
            each.reset()
