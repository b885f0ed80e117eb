"""Follows one body: detection where it is not known, then its landmarks, then smoothing over time."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import POSE_COUNT
from mocast.model.tracked import Pose
from mocast.tracking.openvino.detection import POSE_ANCHORS, best
from mocast.tracking.openvino.finite import is_finite
from mocast.tracking.openvino.heatmap import refine
from mocast.tracking.openvino.looking import Looking
from mocast.tracking.openvino.motions import BodyMotion, SeenBody
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.patience import Patience
from mocast.tracking.openvino.picture import Picture, in_image_space
from mocast.tracking.openvino.plans import Plan
from mocast.tracking.openvino.region import Region, letterbox, of_body
from mocast.tracking.openvino.smoothing import LowPass, OneEuro
from mocast.tracking.openvino.sparing import Sparing

SURE = 0.5
"""The flag above which there is a body. Source: MediaPipe's tensors_to_pose_landmarks_and_segmentation.pbtxt."""

TINY = 1e-9
"""Pixels: a body that fell into a point is not divided by 0."""

_READ = POSE_COUNT + 2
"""How many of the network's 39 landmarks are read: the pose's, and two that say where it will be in the next frame."""


class FoundBody(NamedTuple):
    """A body in pixels."""

    points: NDArray[np.float32]
    "(33, 3) float32, pixels; z on the scale of x."
    world: NDArray[np.float32]
    "(33, 3) float32, metres, origin between the hips."
    visibility: NDArray[np.float32]
    "(33,) float32, 0..1, smoothed."
    seen: NDArray[np.float32]
    "(33,) float32, 0..1: the visibility in this frame alone."

    def pose(self, size_wh: tuple[int, int]) -> Pose:
        """Return it as a record of the model, for a picture of that size."""
        return Pose(in_image_space(self.points, size_wh), self.world, self.visibility)


class Body:
    """Follows one body through a stream, or looks at pictures that have nothing to do with each other."""

    def __init__(self, networks: Networks, plan: Plan, *, still: bool) -> None:
        self._detection = Looking(networks.request("pose_detection"), networks.crew, border="black")
        self._landmarks = Looking(networks.request("pose_landmark", reduced=plan.reduced_body), networks.crew)
        self._smoothing = None if still else _Smoothing()
        self._sparing = Sparing(BodyMotion(), plan.calm_body, is_off=still or not plan.spares)
        self._patience = Patience(plan.misses, 0 if still else plan.rest)
        self._region: Region | None = None

    def find(self, picture: Picture) -> FoundBody | None:
        """Return the body of the next picture: looked at where it was in the one before, or searched."""
        seen = self._sparing.spare(picture, may_foretell=picture.is_even) or self._seen(picture)
        if seen is None:
            self._lose()
            return None
        if self._smoothing is None:
            self._region = None
            return FoundBody(seen.points[:POSE_COUNT], seen.world, seen.visibility, seen.visibility)
        body, frame = self._smoothing.smooth(seen, picture.time_us)
        self._region = of_body(frame[0], frame[1])
        return body

    def forget(self) -> None:
        """Start afresh with the next picture; leave no network running."""
        self._patience.reset()
        self._lose()

    def _lose(self) -> None:
        self._region = None
        if self._smoothing is not None:
            self._smoothing.reset()
        self._sparing.forget()

    def _detect(self, picture: Picture) -> Region | None:
        region = letterbox(picture.size_wh)
        boxes, scores = self._detection.run(picture, region)
        detection = best(boxes, scores, POSE_ANCHORS, self._detection.size)
        if detection is None:
            self._patience.missed()
            return None
        self._patience.reset()
        middle, rim = region.project(detection.points)[:2]
        return of_body(middle, rim)

    def _seen(self, picture: Picture) -> SeenBody | None:
        region = self._region
        if region is None and self._patience.is_due():
            region = self._detect(picture)
        if region is None:
            return None
        landmarks, flag, heatmap, world = self._landmarks.run(picture, region)
        if not flag.item() > SURE:
            return None
        inside = landmarks[:_READ, :3] / np.float32(self._landmarks.size)
        refine(inside, heatmap)
        visibility = 1 / (1 + np.exp(-landmarks[:POSE_COUNT, 3]))
        seen = SeenBody(region.project(inside), region.turn(world[:POSE_COUNT]), visibility)
        if not all(map(is_finite, (seen.points, seen.world, seen.visibility))):
            return None
        self._sparing.saw(seen, picture, region)
        return seen


class _Smoothing:
    """MediaPipe's filters over the body's landmarks. Source of the numbers: its pose_landmark_filtering.pbtxt."""

    def __init__(self) -> None:
        self._points = OneEuro(min_cutoff=0.05, beta=80)
        self._world = OneEuro(min_cutoff=0.1, beta=40)
        self._frame = OneEuro(min_cutoff=0.01, beta=10)
        self._visibility = LowPass(alpha=0.1)

    def smooth(self, seen: SeenBody, time_us: int) -> tuple[FoundBody, NDArray[np.float32]]:
        """Return the smoothed body, and the (2, 3) points in pixels that say where it will be in the next frame."""
        points, frame = seen.points[:POSE_COUNT], seen.points[POSE_COUNT:]
        scale = 1 / max(2 * math.dist(frame[0, :2], frame[1, :2]), TINY)
        body = FoundBody(
            self._points(points, scale, time_us),
            self._world(seen.world, 1, time_us),
            self._visibility(seen.visibility, time_us),
            seen.visibility,
        )
        return body, self._frame(frame, scale, time_us)

    def reset(self) -> None:
        """Start afresh."""
        for each in (self._points, self._world, self._frame, self._visibility):
            each.reset()
