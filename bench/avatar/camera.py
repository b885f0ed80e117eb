"""The camera of generated people: from a body in a pose to what the tracker gives of it, the truth beside.

*The room* is avatar space: the person faces +z, y is up. *View space* is the room as the camera has it: x to the
picture's right, y up in the picture, z toward the camera. *Ray space* is view space turned so that the ray from the
camera to the body is -z: the networks see a crop around the body and cannot know where in the picture it is, so world
landmarks are in ray space, and so is what a rig is compared with. The ray goes to the middle of the hips, or of the
shoulders where no knee is in the picture, as it does with real people (``mocast.model.half_body``).
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.avatar.people import SIDES, Person
from mocast.model.humanoid import HumanoidBone
from mocast.model.quaternions import Quaternions, Vectors, about, from_matrices, multiply
from mocast.model.topology import FACE_COUNT, HAND_COUNT, POSE_COUNT
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Face, Hand, Pose, Tracked

B = HumanoidBone
FLIP = np.array([1.0, -1.0, -1.0])
"""Between avatar axes (y up, z toward the camera) and OpenCV's and world space's (y down, z away)."""
HIDDEN, SEEN = 0.05, 0.99
"""The visibility of landmarks outside of the picture and inside."""
FACE_COSINE = 0.2
"""A face is found up to where its normal and the ray to the camera have this cosine: turned by 78°."""


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that looks at a point of the room."""

    yaw_deg: float = 0.0
    "Where around the person it stands: 90 is at the person's left."
    pitch_deg: float = 0.0
    "How far above the point it looks at: positive looks down."
    field_of_view_deg: float = 60.0
    "Across the longer side of the picture."
    distance_m: float = 3.0
    target: tuple[float, float, float] = (0.0, 0.9, 0.0)
    "The point of the room that it is ``distance_m`` from..."
    aim: tuple[float, float] = (0.0, 0.0)
    "...and how far right of it and above it the camera's axis goes by, metres."
    size_wh: tuple[int, int] = (640, 480)

    @property
    def axes(self) -> NDArray[np.float64]:
        """(3, 3): rows are right, up in the picture, and back to the camera, in the room."""
        yaw, pitch = np.radians([self.yaw_deg, self.pitch_deg])
        back = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
        return _axes(back)

    @property
    def position(self) -> Vectors:
        """(3,): where it is in the room."""
        return np.array(self.target) + self.distance_m * self.axes[2]

    @property
    def view(self) -> NDArray[np.float64]:
        """(3, 3): takes the room to view space."""
        right, up, _ = self.axes
        aim = np.array(self.target) + self.aim[0] * right + self.aim[1] * up
        return _axes((self.position - aim) / np.linalg.norm(self.position - aim))

    @property
    def focal_px(self) -> float:
        """The focal length in pixels."""
        return max(self.size_wh) / 2 / float(np.tan(np.radians(self.field_of_view_deg / 2)))

    def seen(self, points: Vectors) -> Vectors:
        """Return (n, 3) points of the room in view space, from the camera."""
        return (points - self.position) @ self.view.T

    def image(self, seen: Vectors, depth_of: Vectors) -> NDArray[np.float64]:
        """Return (n, 3) image landmarks of points in view space; z relative to the point ``depth_of``."""
        width, height = self.size_wh
        away = np.maximum(-seen[:, 2:], 0.05)
        px = seen[:, :2] * [1.0, -1.0] / away * self.focal_px + np.array([width / 2, height / 2])
        depth = (depth_of[2] - seen[:, 2:]) / max(-depth_of[2], 0.05) * self.focal_px / width
        return np.concatenate([px / self.size_wh, depth], 1)


def _axes(back: Vectors) -> NDArray[np.float64]:
    right = np.cross([0.0, 1.0, 0.0], back)
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(back, right), back])


def to_ray(seen: Vectors) -> NDArray[np.float64]:
    """Return the (3, 3) rotation of view space to ray space, for a point in view space: the shortest one."""
    x, y, z = -seen / np.linalg.norm(seen)
    a = 1.0 / (1.0 + z)
    # Takes (x, y, z) to (0, 0, 1).
    return np.array([[1 - a * x * x, -a * x * y, -x], [-a * x * y, 1 - a * y * y, -y], [x, y, z]])


@dataclass(slots=True, eq=False)
class Noise:
    """A tracker's error: of so many metres in the body, three times that in depth; less in hands and face.

    Most of it is slow, as with real trackers: it wanders with a time constant of ``slow_s``; a tenth of its variance is
    new in every frame.
    """

    body_m: float = 0.0
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    slow_s: float = 0.7
    step_s: float = 1 / 30
    _slow: NDArray[np.float64] | None = None

    COUNTS = (POSE_COUNT, POSE_COUNT, HAND_COUNT, HAND_COUNT, FACE_COUNT)
    SHARES = (1.0, 0.4, 0.15, 0.15, 0.04)
    """Of ``body_m``: world and image landmarks of the body, those of the hands, those of the face."""

    def next(self) -> list[NDArray[np.float64]]:
        """Return (n, 3) metres in view space for each kind of landmark."""
        total = sum(self.COUNTS)
        fresh = self.rng.normal(size=(total, 3))
        if self._slow is None:
            self._slow = fresh
        else:
            kept = np.exp(-self.step_s / self.slow_s)
            self._slow = kept * self._slow + np.sqrt(1 - kept**2) * fresh
        white = self.rng.normal(size=(total, 3))
        both = (np.sqrt(0.9) * self._slow + np.sqrt(0.1) * white) * [1.0, 1.0, 3.0] * self.body_m
        parts = np.split(both, np.cumsum(self.COUNTS)[:-1])
        return [share * part for share, part in zip(self.SHARES, parts, strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A frame of a person: what the tracker gives, and the truth."""

    tracked: Tracked
    person: Person
    turned: Quaternions
    "(55, 4): the bones' rotations in ray space."
    joints: Vectors
    "(55, 3): in ray space, from the middle of the hips' landmarks."
    room_joints: Vectors
    "(55, 3): in the room."
    room_turned: Quaternions
    "(55, 4): in the room."
    levelled: Quaternions
    "(55, 4): in the room, turned about its y axis so that the camera is straight ahead of the body."


def shoot(
    person: Person,
    local: Quaternions,
    hips: Vectors,
    camera: Camera,
    *,
    pts: int = 0,
    noise: Noise | None = None,
    hands: tuple[bool, bool] = (True, True),
    face: bool = True,
    in_view_axes: bool = False,
) -> Shot:
    """Return a frame of a person in a pose.

    ``hands``, ``face``: whether the tracker finds them; a face that is turned away is not found, either.
    ``in_view_axes``: world landmarks in view space instead of ray space.
    """
    joints, turned = person.joints(local, hips)
    points = person.pose_points(joints, turned)
    seen = camera.seen(points)
    middle = 0.5 * (seen[P.LEFT_HIP] + seen[P.RIGHT_HIP])
    errors = (noise or Noise()).next()
    image = camera.image(seen + errors[1] * [1.0, 1.0, 0.0], middle)
    inside = (np.abs(image[:, :2] - 0.5) < 0.5).all(1) & (seen[:, 2] < -0.1)
    is_whole = inside[[P.LEFT_KNEE, P.RIGHT_KNEE]].any()
    centre = middle if is_whole else 0.5 * (seen[P.LEFT_SHOULDER] + seen[P.RIGHT_SHOULDER])
    ray = np.eye(3) if in_view_axes else to_ray(centre)
    world = (seen - middle + errors[0]) @ ray.T
    found = []
    for number, (side, is_found) in enumerate(zip(SIDES, hands, strict=True)):
        points_of = person.hand_points(joints, turned, side)
        found.append(_hand(camera, points_of, errors[2 + number]) if is_found else None)
    to_view = ray @ camera.view
    rotation = from_matrices(to_view[None])[0]
    tracked = Tracked(
        frame=pts // 3000,
        pts=pts,
        decoded_at_ns=0,
        size_wh=camera.size_wh,
        pose=Pose(
            image.astype(np.float32),
            (world * FLIP).astype(np.float32),
            np.where(inside, SEEN, HIDDEN).astype(np.float32),
        ),
        face=_face(camera, person.face_points(joints, turned), errors[4]) if face else None,
        left_hand=found[0],
        right_hand=found[1],
    )
    origin = 0.5 * (points[P.LEFT_HIP] + points[P.RIGHT_HIP])
    return Shot(
        tracked,
        person,
        multiply(np.broadcast_to(rotation, turned.shape), turned),
        (joints - origin) @ to_view.T,
        joints,
        turned,
        multiply(np.broadcast_to(_ahead(camera, origin), turned.shape), turned),
    )


def _ahead(camera: Camera, body: Vectors) -> Quaternions:
    x, _, z = camera.position - body
    return about(1, np.array(-np.arctan2(x, z)))


def _hand(camera: Camera, points: Vectors, error: Vectors) -> Hand | None:
    seen = camera.seen(points)
    image = camera.image(seen + error * [1.0, 1.0, 0.0], seen[0])
    if (np.abs(image[:, :2] - 0.5) > 0.5).any(1).mean() > 0.4 or (seen[:, 2] > -0.1).any():
        return None
    centre = seen.mean(0)
    world = (seen - centre + error) @ to_ray(centre).T
    return Hand(image.astype(np.float32), (world * FLIP).astype(np.float32), 0.97)


def _face(camera: Camera, points: Vectors, error: Vectors) -> Face | None:
    seen = camera.seen(points)
    middle = seen.mean(0)
    forward = camera.view @ (points[4] - 0.5 * (points[127] + points[356]))
    cosine = float(forward @ -middle / np.linalg.norm(forward) / np.linalg.norm(middle))
    image = camera.image(seen + error * [1.0, 1.0, 1 / 3], middle)
    if cosine < FACE_COSINE or (np.abs(image[:, :2] - 0.5) > 0.5).any(1).mean() > 0.3:
        return None
    return Face(image.astype(np.float32))
