"""People who stand, walk and jump in a room, before a camera that stays where it is: bodies over feet at given places.

Built on ``skeletons``: the same bodies and landmarks, but legs are bent so that the ankles are where they are told to
be, and the camera is a pinhole in the room, so that the picture tells where the person is.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from tests.unit.rigging.skeletons import SIZE_WH, Skeleton, pose_points, posed

from mocast.model.camera_rays import focal_length_px
from mocast.model.humanoid import REST_OFFSETS, HumanoidBone
from mocast.model.quaternions import about, multiply
from mocast.model.topology import POSE_COUNT
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose, Tracked
from mocast.rigging.body import kinematics

B = HumanoidBone
ANKLE_M = 0.09
HIPS_M = 0.9
FPS = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """A body over two feet, in a room whose floor is y = 0; the camera looks along -z."""

    left: tuple[float, float, float] = (0.09, 0.0, 0.0)
    right: tuple[float, float, float] = (-0.09, 0.0, 0.0)
    "Where the heels would be below the ankles: on the floor at y = 0."
    hips: tuple[float, float, float] = (0.0, HIPS_M - 0.004, 0.0)
    toes_down_deg: tuple[float, float] = (0.0, 0.0)

    @property
    def skeleton(self) -> Skeleton:
        """The body, whose legs bend so that its feet are there."""
        skeleton = posed(left_upper_arm=(0, 0, -70), right_upper_arm=(0, 0, 70))
        for side, foot, toes_down in zip(("LEFT", "RIGHT"), (self.left, self.right), self.toes_down_deg, strict=True):
            hip = np.array(self.hips) + REST_OFFSETS[B[f"{side}_UPPER_LEG"]]
            away = np.array([foot[0], foot[1] + ANKLE_M, foot[2]]) - hip
            thigh, shank = (-float(REST_OFFSETS[B[f"{side}_{name}"], 1]) for name in ("LOWER_LEG", "FOOT"))
            length = min(float(np.linalg.norm(away)), thigh + shank)
            at_hip = np.arccos(np.clip((thigh**2 + length**2 - shank**2) / (2 * thigh * length), -1, 1))
            bend = np.pi - np.arccos(np.clip((thigh**2 + shank**2 - length**2) / (2 * thigh * shank), -1, 1))
            out = np.arctan2(away[0], np.hypot(away[1], away[2]))
            forward = np.arctan2(-away[2], -away[1])
            turn = multiply(about(0, np.array(forward)), about(2, np.array(out)))
            skeleton.local[B[f"{side}_UPPER_LEG"]] = multiply(turn, about(0, np.array(-at_hip)))
            skeleton.local[B[f"{side}_LOWER_LEG"]] = about(0, np.array(bend))
            shown = kinematics.to_global(skeleton.local)[B[f"{side}_LOWER_LEG"]]
            flat = about(0, np.radians(np.array(float(toes_down))))
            skeleton.local[B[f"{side}_FOOT"]] = multiply(shown * [-1, -1, -1, 1], flat)
        return skeleton


@dataclass(slots=True)
class Camera:
    """A pinhole at a height over the floor, so far before the room's middle, that looks down by an angle."""

    height_m: float = 0.95
    distance_m: float = 3.2
    tilt_deg: float = 0.0
    noise_m: float = 0.0
    "Of a landmark, normally distributed, three times as much in depth; it wanders with a time constant of 0.7 s."
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    _wandering: NDArray[np.float64] | None = None

    def film(self, body: Standing, number: int, *, hidden: tuple[P, ...] = ()) -> Tracked:
        """Return what a tracker finds in frame ``number``."""
        skeleton = body.skeleton
        points = pose_points(kinematics.positions(skeleton.local, np.array(body.hips)), skeleton.turned)
        tilt = np.radians(self.tilt_deg)
        # Rows: right, down and away in the picture.
        axes = np.array([[1, 0, 0], [0, -np.cos(tilt), -np.sin(tilt)], [0, -np.sin(tilt), -np.cos(tilt)]])
        axes[1, 2], axes[2, 1] = np.sin(tilt), -np.sin(tilt)
        seen = (points - [0.0, self.height_m, self.distance_m]) @ axes.T
        middle = 0.5 * (seen[P.LEFT_HIP] + seen[P.RIGHT_HIP])
        noise = self._noise()
        x, y, z = middle / np.linalg.norm(middle)
        a = 1.0 / (1.0 + z)
        to_ray = np.array([[1 - a * x * x, -a * x * y, -x], [-a * x * y, 1 - a * y * y, -y], [x, y, z]])
        image = np.zeros((POSE_COUNT, 3))
        image[:, :2] = 0.5 + (seen + 0.4 * noise)[:, :2] / seen[:, 2:] * focal_length_px(SIZE_WH) / SIZE_WH
        world = (seen - middle + noise) @ to_ray.T
        visible = np.ones(POSE_COUNT, np.float32)
        visible[list(hidden)] = 0.05
        pose = Pose(image.astype(np.float32), world.astype(np.float32), visible)
        return Tracked(number, round(number * 90_000 / FPS), 0, SIZE_WH, pose=pose)

    def _noise(self) -> NDArray[np.float64]:
        fresh = self.rng.normal(size=(POSE_COUNT, 3))
        kept = float(np.exp(-1 / FPS / 0.7))
        before = self._wandering
        self._wandering = fresh if before is None else kept * before + np.sqrt(1 - kept**2) * fresh
        return self.noise_m * self._wandering * [1.0, 1.0, 3.0]


def smooth(x: float) -> float:
    """Return a smooth step from 0 to 1."""
    x = min(max(x, 0.0), 1.0)
    return x * x * x * (x * (6 * x - 15) + 10)


def step(body: Standing, share: float, metres: float, aside: float = 0.0) -> Standing:
    """Return somebody who comes nearer by a step: first the left foot, then the right one, and the hips with both."""
    hips, feet = 0.0, []
    for foot, begin in ((body.left, 0.0), (body.right, 0.5)):
        swing = (share - begin) / 0.5
        gone = metres * smooth(swing)
        lift = 0.1 * np.sin(np.pi * swing) ** 2 if 0 < swing < 1 else 0.0
        feet.append((foot[0] + aside * smooth(swing), lift, foot[2] + gone))
        hips += 0.5 * smooth(swing)
    x, y, z = body.hips
    return replace(body, left=feet[0], right=feet[1], hips=(x + aside * hips, y - 0.02, z + metres * hips))


def jumping(time_s: float, height_m: float = 0.28) -> Standing:
    """Return somebody who stands, and jumps at 1 s: the feet are off the floor for the time of a free fall."""
    speed = float(np.sqrt(2 * 9.81 * height_m))
    air_s, push_s, dip_m = 2 * speed / 9.81, 0.25, 0.15
    t = time_s - 1.0
    lift = max(speed * t - 0.5 * 9.81 * t * t, 0.0) if 0 < t < air_s else 0.0
    dip = 0.0
    if -2 * push_s < t <= 0:
        dip = dip_m * np.sin(np.pi * (t + 2 * push_s) / (2 * push_s)) ** 2
    elif air_s <= t < air_s + 2 * push_s:
        dip = dip_m * np.sin(np.pi * (t - air_s) / (2 * push_s)) ** 2
    return Standing((0.09, lift, 0), (-0.09, lift, 0), (0.0, HIPS_M - 0.004 + lift - float(dip), 0.0))


def squatting(depth: float) -> Standing:
    """Return somebody who crouches with flat feet: 0 stands, 1 has the hips half as high."""
    return Standing((0.14, 0, 0), (-0.14, 0, 0), (0.0, HIPS_M - 0.01 - 0.42 * depth, -0.1 * depth))


def kneeling(depth: float) -> Standing:
    """Return somebody who goes down on the right knee; the left foot stays before it."""
    hips_m = HIPS_M - 0.02 - depth * (HIPS_M - 0.02 - 0.47)
    return Standing((0.09, 0, 0.2), (-0.09, 0.08 * depth, -0.38 * depth), (0.0, hips_m, 0.0), (0.0, 70.0 * depth))
