"""The networks of generated people: what they would put out where they see somebody whose landmarks are known.

``HolisticTracker`` runs on them as on OpenVINO's, so that what a quality leaves out and extrapolates is measured on
motions that no clip has. The networks themselves are exact here, and there is no picture of a face: none is followed.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.avatar.camera import Shot
from mocast.model.frame import Frame
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Hand, Tracked
from mocast.tracking.openvino.graph.holistic import HolisticTracker
from mocast.tracking.openvino.graph.region_inference import RegionInference
from mocast.tracking.openvino.networks.conversion import SPECS, NetworkName, NetworkPrecision
from mocast.tracking.openvino.regions.detection import FACE_ANCHORS
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.hand_landmarks import DEPTH_SCALE
from mocast.tracking.openvino.regions.region import Points, Region, of_body, of_hand_by_landmarks
from mocast.tracking.openvino.runtime.inference_workers import InferenceWorkers
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.schedule.frame_interval import FrameInterval
from mocast.tracking.openvino.schedule.quality_profile import QualityProfile
from mocast.tracking.result import tracked

LOGIT: Final = 10.0
"""Of what is certain; negative of what is certainly not."""
CIRCLE: Final = 2.0
"""The radius of the circle around a body, in lengths of its torso."""
HAND_SCORE: Final = 0.97
FACE_POINTS: Final = (468, 473, 4, 13, 234, 454)
"""The detector's points of a face, of the mesh: right eye, left eye, nose, mouth, right and left ear."""
_LINES: Final = (
    (P.LEFT_WRIST, P.LEFT_ELBOW, P.LEFT_SHOULDER, P.RIGHT_SHOULDER, P.RIGHT_ELBOW, P.RIGHT_WRIST),
    (P.LEFT_ANKLE, P.LEFT_KNEE, P.LEFT_HIP, P.RIGHT_HIP, P.RIGHT_KNEE, P.RIGHT_ANKLE),
    (P.LEFT_SHOULDER, P.LEFT_HIP),
    (P.RIGHT_SHOULDER, P.RIGHT_HIP),
)
_SUBPIXEL_BITS: Final = 6

Outputs = list[NDArray[np.float32]]


def points_px(image: Points, size_wh: tuple[int, int]) -> Points:
    """Return (n, 3) landmarks of image space in pixels; z on the scale of x."""
    return np.asarray(image * np.float32([*size_wh, size_wh[0]]), np.float32)


class ShotView(FrameView):
    """A frame that shows a generated person, without pixels but those of its thumbnail."""

    def __init__(self, shot: Shot, number: int, share: float) -> None:
        width, height = shot.tracked.size_wh
        blank = np.broadcast_to(np.zeros(3, np.uint8), (height, width, 3))
        super().__init__(blank, time_us(shot), number, share=share)
        self.shot = shot.tracked

    @property
    def thumbnail(self) -> NDArray[np.uint8]:
        """Lines between the landmarks, smooth to a 64th of a cell."""
        width, height = (max(1, round(side / self.thumbnail_scale)) for side in self.size_wh)
        cells = np.full((height, width), 90, np.uint8)
        for line in self._lines():
            at = np.round(line[:, :2] / self.thumbnail_scale * 2**_SUBPIXEL_BITS).astype(np.int32)
            cv2.polylines(cells, [at], False, 220, 1, cv2.LINE_AA, _SUBPIXEL_BITS)
        return cells

    def _lines(self) -> Iterator[Points]:
        shot = self.shot
        if shot.pose is not None:
            yield from (points_px(shot.pose.image[list(line)], self.size_wh) for line in _LINES)
        for hand in (shot.left_hand, shot.right_hand):
            if hand is not None:
                image = points_px(hand.image, self.size_wh)
                yield from (image[[0, *range(first, first + 4)]] for first in range(1, 21, 4))
        if shot.face is not None:
            yield points_px(shot.face.image, self.size_wh)[list(FACE_POINTS)]


def time_us(shot: Shot) -> int:
    """Return when a shot was taken, microseconds."""
    return round(shot.tracked.pts * 1e6 / 90_000)


class GeneratedRequest:
    """What one network puts out, in place of an ``InferenceRequest``."""

    def __init__(self, name: NetworkName) -> None:
        self.size = SPECS[name].size
        self.picture = np.zeros((self.size, self.size, 3), np.uint8)
        self.outputs: Outputs = []
        self._see = {
            "pose_landmark": self._pose,
            "hand_recrop": self._recrop,
            "hand_landmark": self._hand,
            "face_detection": self._face_box,
            "face_landmark": self._face,
        }[name]

    def see(self, view: ShotView, region: Region) -> None:
        """Run the network on a region of a shot."""
        self.outputs = [np.asarray(output, np.float32) for output in self._see(view, region)]

    def _inside(self, points: Points, region: Region, depth: float = 1.0) -> NDArray[np.float64]:
        """Return (n, 3) pixels of the picture in those of the network's input."""
        flat = region.to_local(points) / region.size + 0.5
        return np.concatenate([flat, points[:, 2:] / region.size / depth], 1).astype(np.float64) * self.size

    def _pose(self, view: ShotView, region: Region) -> Sequence[NDArray[np.floating]]:
        pose = view.shot.pose
        assert pose is not None
        points = points_px(pose.image, view.size_wh)
        landmarks = np.zeros((39, 5))
        landmarks[:35, :3] = self._inside(np.concatenate([points, circle(points)]), region)
        landmarks[:33, 3] = np.log(pose.visibility / (1 - pose.visibility))
        world = np.zeros((39, 3))
        world[:33] = region._replace(angle=-region.angle).rotate_world(pose.world)
        return landmarks, np.ones(1), np.full((64, 64, 39), -LOGIT, np.float32), world

    def _recrop(self, view: ShotView, around: Region) -> Sequence[NDArray[np.floating]]:
        hand = _hand_near(view, around)
        if hand is None:
            region: Region | None = None
        else:
            region = of_hand_by_landmarks(points_px(hand.image, view.size_wh))
        if region is None:
            region = around._replace(size=around.size / 2)
        # The inverse of ``of_hand_by_recrop``.
        down, towards = -0.1 * region.size, -math.pi / 2 - region.angle
        x = region.x + down * math.sin(region.angle)
        y = region.y - down * math.cos(region.angle)
        end = x + region.size / 2 * math.cos(towards), y - region.size / 2 * math.sin(towards)
        return (self._inside(np.array([[x, y, 0], [*end, 0]], np.float32), around)[:, :2],)

    def _hand(self, view: ShotView, region: Region) -> Sequence[NDArray[np.floating]]:
        hand = _hand_near(view, region)
        if hand is None:
            return np.zeros((21, 3)), np.array([0.01]), np.zeros(1), np.zeros((21, 3))
        landmarks = self._inside(points_px(hand.image, view.size_wh), region, 1 / DEPTH_SCALE)
        world = region._replace(angle=-region.angle).rotate_world(hand.world)
        return landmarks, np.array([HAND_SCORE]), np.array([float(hand is view.shot.right_hand)]), world

    def _face_box(self, view: ShotView, around: Region) -> Sequence[NDArray[np.floating]]:
        boxes, scores = np.zeros((896, 16)), np.full(896, -LOGIT)
        face = view.shot.face
        if face is not None:
            inside = self._inside(points_px(face.image, view.size_wh), around)[:, :2]
            low, high = inside.min(0), inside.max(0)
            anchor = FACE_ANCHORS[0] * self.size
            points = inside[list(FACE_POINTS)] - anchor
            boxes[0] = np.concatenate([(low + high) / 2 - anchor, high - low, points.ravel()])
            scores[0] = LOGIT
        return boxes, scores

    def _face(self, view: ShotView, region: Region) -> Sequence[NDArray[np.floating]]:
        face = view.shot.face
        if face is None:
            return np.zeros((478, 3)), np.array([-LOGIT])
        return self._inside(points_px(face.image, view.size_wh), region), np.array([LOGIT])


def circle(points: Points) -> Points:
    """Return (2, 3) pixels: the middle of a body's hips, and a point on the circle around it."""
    middle = points[[P.LEFT_HIP, P.RIGHT_HIP]].mean(0)
    return np.stack([middle, middle + CIRCLE * (points[[P.LEFT_SHOULDER, P.RIGHT_SHOULDER]].mean(0) - middle)])


def _hand_near(view: ShotView, region: Region) -> Hand | None:
    """Return the hand whose middle is in a region, the nearer one of two."""
    nearest, least = None, region.size / 2
    for hand in (view.shot.left_hand, view.shot.right_hand):
        if hand is None:
            continue
        middle = points_px(hand.image, view.size_wh)[:, :2].mean(0)
        if (apart := math.dist(middle.tolist(), (region.x, region.y))) < least:
            nearest, least = hand, apart
    return nearest


class GeneratedNetworks:
    """What a tracker needs of a ``NetworkRegistry``."""

    def __init__(self) -> None:
        self.workers = InferenceWorkers(1)

    def request(self, name: NetworkName, _precision: NetworkPrecision = "f32") -> GeneratedRequest:
        """Return a network."""
        return GeneratedRequest(name)


@contextmanager
def seeing() -> Iterator[None]:
    """Have regions seen instead of cropped meanwhile."""
    infer = RegionInference._infer

    def see(self: RegionInference, frame: FrameView, region: Region) -> None:
        cast(GeneratedRequest, self._request).see(cast(ShotView, frame), region)

    RegionInference._infer = see  # type: ignore[method-assign]
    try:
        yield
    finally:
        RegionInference._infer = infer  # type: ignore[method-assign]


def tracked_shots(shots: Sequence[Shot], profile: QualityProfile) -> list[Tracked]:
    """Return what the tracker finds of a person with such a profile, in each shot."""
    networks = GeneratedNetworks()
    tracker = HolisticTracker(
        cast(NetworkRegistry, networks), replace(profile, body_network="pose_landmark"), searches=False
    )
    first = shots[0].tracked
    assert first.pose is not None
    region = of_body(*circle(points_px(first.pose.image, first.size_wh)))
    assert region is not None
    tracker.start_at(region)
    interval, found = FrameInterval(), []
    with seeing():
        for number, shot in enumerate(shots):
            view = ShotView(shot, number, interval.share(time_us(shot)))
            frame = Frame(number, shot.tracked.pts, 0, view.rgb)
            found.append(tracked(frame, tracker.find(view), 0))
    networks.workers.close()
    return found
