"""Follows one body: detection where it is not known, then its landmarks, then smoothing over time."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.model.topology import POSE_COUNT
from mocast.model.tracked import Pose
from mocast.tracking.openvino.detection import POSE_ANCHORS, best
from mocast.tracking.openvino.heatmap import refine
from mocast.tracking.openvino.looking import Looking, Outputs
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.plans import Plan
from mocast.tracking.openvino.recheck import Patience
from mocast.tracking.openvino.region import Region, letterbox, of_body
from mocast.tracking.openvino.smoothing import LowPass, OneEuro

SURE = 0.5
"""The flag above which there is a body. Source: MediaPipe's tensors_to_pose_landmarks_and_segmentation.pbtxt."""

TINY = 1e-9
"""Pixels: a body that fell into a point is not divided by 0."""

_FRAME = slice(POSE_COUNT, POSE_COUNT + 2)
"""The two landmarks after the pose's own: the middle of the hips, and the circle's rim around the body."""
_REFINED = POSE_COUNT + 2
"""How many of the network's 39 landmarks are read."""


class FoundBody(NamedTuple):
    """A body in pixels."""

    points: NDArray[np.float32]
    "(33, 3) float32, pixels; z on the scale of x."
    world: NDArray[np.float32]
    "(33, 3) float32, metres, origin between the hips."
    visibility: NDArray[np.float32]
    "(33,) float32, 0..1."

    def pose(self, size_wh: tuple[int, int]) -> Pose:
        """Return it as a record of the model, for a picture of that size."""
        width, height = size_wh
        return Pose(self.points / np.array((width, height, width), np.float32), self.world, self.visibility)


class Body:
    """Follows one body through a stream, or looks at pictures that have nothing to do with each other."""

    def __init__(self, networks: Networks, plan: Plan, *, still: bool) -> None:
        self._detection = Looking(networks.request("pose_detection"), border="black")
        self._landmarks = Looking(networks.request("pose_landmark", reduced=plan.reduced))
        self._smoothing = None if still else _Smoothing()
        self._patience = Patience(plan.misses, 0 if still else plan.rest)
        self._region: Region | None = None
        self._time_us = 0

    def start(self, rgb: RgbImage, time_us: int) -> None:
        """Begin with a picture, which came ``time_us`` after the stream's start.

        A body that was there in the frame before is looked at where it was; another one is found first.
        """
        self._time_us = time_us
        region, self._region = self._region, None
        if region is None and self._patience.is_due():
            region = self._detect(rgb)
        if region is not None:
            self._landmarks.start(rgb, region)

    def read(self) -> FoundBody | None:
        """Return the body of the picture that was started with."""
        region = self._landmarks.region
        found = None if region is None else self._found(self._landmarks.wait(), region)
        if found is None:
            if self._smoothing is not None:
                self._smoothing.reset()
            return None
        if self._smoothing is None:
            return found.body
        body, frame = self._smoothing.smooth(found, self._time_us)
        self._region = of_body(frame[0], frame[1])
        return body

    def forget(self) -> None:
        """Start afresh with the next picture; leave no network running."""
        self._landmarks.give_up()
        self._patience.reset()
        self._region = None
        if self._smoothing is not None:
            self._smoothing.reset()

    def _detect(self, rgb: RgbImage) -> Region | None:
        region = letterbox(rgb)
        boxes, scores = self._detection.run(rgb, region)
        detection = best(boxes, scores, POSE_ANCHORS, self._detection.size)
        if detection is None:
            self._patience.missed()
            return None
        self._patience.reset()
        middle, rim = region.project(detection.points)[:2]
        return of_body(middle, rim)

    def _found(self, outputs: Outputs, region: Region) -> "_Found | None":
        landmarks, flag, heatmap, world = outputs
        if not flag.item() > SURE:
            return None
        inside = landmarks[:_REFINED, :3] / np.float32(self._landmarks.size)
        refine(inside, heatmap)
        points = region.project(inside)
        metres = region.turn(world[:POSE_COUNT])
        visibility = 1 / (1 + np.exp(-landmarks[:POSE_COUNT, 3]))
        if not (np.isfinite(points).all() and np.isfinite(metres).all() and np.isfinite(visibility).all()):
            return None
        return _Found(FoundBody(points[:POSE_COUNT], metres, visibility), points[_FRAME])


class _Found(NamedTuple):
    body: FoundBody
    frame: NDArray[np.float32]
    "(2, 3) pixels: the middle of the body and the rim of the circle around it."


class _Smoothing:
    """MediaPipe's filters over the body's landmarks. Source of the numbers: its pose_landmark_filtering.pbtxt."""

    def __init__(self) -> None:
        self._points = OneEuro(min_cutoff=0.05, beta=80)
        self._world = OneEuro(min_cutoff=0.1, beta=40)
        self._frame = OneEuro(min_cutoff=0.01, beta=10)
        self._visibility = LowPass(alpha=0.1)

    def smooth(self, found: _Found, time_us: int) -> tuple[FoundBody, NDArray[np.float32]]:
        """Return the smoothed body, and the two points that say where it will be in the next frame."""
        middle, rim = found.frame[:, :2].tolist()
        scale = 1 / max(2 * math.dist(middle, rim), TINY)
        body = FoundBody(
            self._points(found.body.points, scale, time_us),
            self._world(found.body.world, 1, time_us),
            self._visibility(found.body.visibility),
        )
        return body, self._frame(found.frame, scale, time_us)

    def reset(self) -> None:
        """Start afresh."""
        for each in (self._points, self._world, self._frame, self._visibility):
            each.reset()
