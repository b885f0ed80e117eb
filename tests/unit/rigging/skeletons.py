"""Synthetic people: joints turned at random within human limits, and the landmarks that a perfect tracker would give.

A landmark tells no more than a direction, so some turns leave no trace; the truth has them the way the rig takes them:
the back bends evenly over its three bones, neck and head share a turn 4 to 6, half a forearm's twist is in the hand,
clavicles follow raised arms, toes do not bend, and a thumb's bones turn from the palm's rest without twist.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mocast.model.camera_rays import focal_length_px, ray_rotation
from mocast.model.humanoid import BONE_COUNT, FINGER_JOINTS, REST_OFFSETS, HumanoidBone
from mocast.model.quaternions import CONJUGATE, IDENTITY, MIRROR_ROTATION, from_vectors, multiply, rotate, to_vectors
from mocast.model.topology import HandLandmark as H
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Hand, Pose, Tracked
from mocast.rigging.body import kinematics
from mocast.rigging.body.bone_chains import NECK_SHARE
from mocast.rigging.body.limb_solver import TWIST_SHARE, raised_clavicle
from mocast.rigging.body.root_motion import SOLE_BACK, SOLE_FRONT

B = HumanoidBone
SIZE_WH = (640, 480)
METRES_HIGH = 2.6
"""What the picture shows, top to bottom: a whole person, arms up."""
DISTANCE_M = focal_length_px(SIZE_WH) * METRES_HIGH / SIZE_WH[1]
"""Of the hips from the camera."""

# On the head, relative to its joint, avatar space, metres: an adult's, with ears, eyes and nose as far apart as usual.
_ON_HEAD = {
    P.NOSE: (0.0, 0.035, 0.105),
    P.LEFT_EYE_INNER: (0.018, 0.07, 0.085),
    P.LEFT_EYE: (0.032, 0.07, 0.085),
    P.LEFT_EYE_OUTER: (0.046, 0.07, 0.075),
    P.LEFT_EAR: (0.075, 0.055, -0.01),
    P.MOUTH_LEFT: (0.025, 0.0, 0.085),
}
ON_JOINT = {
    "SHOULDER": "UPPER_ARM",
    "ELBOW": "LOWER_ARM",
    "WRIST": "HAND",
    "INDEX": "INDEX_PROXIMAL",
    "PINKY": "LITTLE_PROXIMAL",
    "THUMB": "THUMB_PROXIMAL",
    "HIP": "UPPER_LEG",
    "KNEE": "LOWER_LEG",
    "ANKLE": "FOOT",
}
"""The landmarks that are on joints, and the bones that begin there; without their sides."""
TIP_M = 0.022
"""Length of a finger's last bone, which has no joint at its end."""


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """A body in a known pose."""

    local: NDArray[np.float64]
    "(55, 4): the truth."

    @property
    def turned(self) -> NDArray[np.float64]:
        """(55, 4): the same in avatar space."""
        return kinematics.to_global(self.local)


def posed(**degrees: tuple[float, float, float]) -> Skeleton:
    """Return a skeleton in the T-pose but for these rotation vectors, in degrees: ``left_upper_arm=(0, 0, 60)``."""
    local = np.tile(IDENTITY, (BONE_COUNT, 1))
    for name, vector in degrees.items():
        local[B[name.upper()]] = _turn(*vector)
    return Skeleton(local)


def random_skeleton(rng: np.random.Generator) -> Skeleton:
    """Return somebody in a pose that a person can take; elbows and knees are bent by 25° or more."""
    local = np.tile(IDENTITY, (BONE_COUNT, 1))
    local[B.HIPS] = _turn(*rng.uniform((-20, -60, -15), (20, 60, 15)))
    # Of flexion, the first angle, four points of a torso show the half; see the tests for what that costs.
    local[[B.SPINE, B.CHEST, B.UPPER_CHEST]] = _share(_turn(*rng.uniform((-12, -30, -20), (12, 30, 20))), 1 / 3)
    head = _turn(*rng.uniform((-30, -50, -20), (30, 50, 20)))
    local[B.NECK], local[B.HEAD] = _share(head, NECK_SHARE), _share(head, 1 - NECK_SHARE)
    for side in ("LEFT", "RIGHT"):
        for name, rotation in (_random_arm(rng) | _random_fingers(rng) | _random_leg(rng)).items():
            local[B[f"{side}_{name}"]] = rotation * (MIRROR_ROTATION if side == "RIGHT" else 1.0)
    return Skeleton(local)


def _turn(*degrees: float) -> NDArray[np.float64]:
    return from_vectors(np.radians(degrees))


def _share(rotation: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    return from_vectors(share * to_vectors(rotation))


def _random_arm(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    """Return a left arm: anywhere from beside the body to overhead, from behind it to across the chest."""
    elevation, forward = np.radians(rng.uniform((-80, -20), (80, 100)))
    direction = np.array([np.cos(elevation) * np.cos(forward), np.sin(elevation), np.cos(elevation) * np.sin(forward)])
    axis = np.cross([1.0, 0, 0], direction)
    swing = from_vectors(axis / np.linalg.norm(axis) * np.arccos(direction[0]))
    shoulder = from_vectors(np.array([0, 0, raised_clavicle(float(direction[1]))]))
    twist = rng.uniform(-80, 80)
    wrist = _turn(0, *rng.uniform((-20, -60), (20, 60)))
    return {
        "SHOULDER": shoulder,
        "UPPER_ARM": multiply(shoulder * CONJUGATE, multiply(swing, _turn(rng.uniform(-60, 60), 0, 0))),
        "LOWER_ARM": multiply(_turn(0, -rng.uniform(25, 140), 0), _turn(TWIST_SHARE * twist, 0, 0)),
        "HAND": multiply(_turn((1 - TWIST_SHARE) * twist, 0, 0), wrist),
    }


def _random_fingers(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    fingers = {}
    for finger in ("INDEX", "MIDDLE", "RING", "LITTLE"):
        bends = rng.uniform((-10, 0, 0), (85, 100, 70))
        spread = _turn(0, rng.uniform(-18, 18), 0)
        rotations = [multiply(_turn(0, 0, -bends[0]), spread), _turn(0, 0, -bends[1]), _turn(0, 0, -bends[2])]
        fingers |= {f"{finger}_{joint}": one for joint, one in zip(FINGER_JOINTS[finger], rotations, strict=True)}
    before = IDENTITY
    for joint, most in zip(FINGER_JOINTS["THUMB"], (25, 40, 55), strict=True):
        axis = np.cross(_rest_direction(f"THUMB_{joint}"), rng.normal(size=3))
        swung = from_vectors(axis / np.linalg.norm(axis) * np.radians(rng.uniform(0, most)))
        fingers[f"THUMB_{joint}"], before = multiply(before * CONJUGATE, swung), swung
    return fingers


def _random_leg(rng: np.random.Generator) -> dict[str, NDArray[np.float64]]:
    flexion, out = rng.uniform((-100, -10), (15, 40))
    return {
        "UPPER_LEG": multiply(multiply(_turn(flexion, 0, 0), _turn(0, 0, out)), _turn(0, rng.uniform(-25, 25), 0)),
        "LOWER_LEG": _turn(rng.uniform(25, 120), 0, 0),
        "FOOT": _turn(*rng.uniform((-25, -15, -12), (25, 15, 12))),
    }


def _rest_direction(bone: str) -> NDArray[np.float64]:
    """Return where a bone of the left hand points at rest; a last one as the bone before it."""
    finger, _, joint = bone.partition("_")
    joints = FINGER_JOINTS[finger]
    child = joints[min(joints.index(joint) + 1, 2)]
    offset = REST_OFFSETS[B[f"LEFT_{finger}_{child}"]].astype(np.float64)
    return offset / np.linalg.norm(offset)


def tracked(
    skeleton: Skeleton,
    *,
    pts: int = 0,
    noise_m: float = 0.0,
    hand_noise_m: float = 0.0,
    rng: np.random.Generator | None = None,
    hands: bool = True,
    in_crops: bool = True,
    visibility: dict[P, float] | None = None,
    hips_m: tuple[float, float] = (0.0, 0.0),
    is_half: bool = False,
) -> Tracked:
    """Return what a tracker finds of the skeleton: pose, and both hands unless told otherwise. The face is not seen.

    Noise, in metres, is normally distributed on each coordinate. ``in_crops``: hands are relative to their own rays.
    ``hips_m``: how far to the picture's right of its middle, and how far above it, the hips are. ``is_half``: the pose
    is relative to the ray to the middle of the shoulders, as that of half a body, not of the hips.
    """
    rng = rng or np.random.default_rng(0)
    joints = kinematics.positions(skeleton.local, np.array([0.0, 0.9, 0.0]))
    points = pose_points(joints, skeleton.turned)
    hips = 0.5 * (points[P.LEFT_HIP] + points[P.RIGHT_HIP])
    world = points - hips + rng.normal(scale=noise_m, size=points.shape)
    axis = hips - np.array([*hips_m, 0.0])
    shoulders = 0.5 * (points[P.LEFT_SHOULDER] + points[P.RIGHT_SHOULDER])
    visible = np.ones(len(P), np.float32)
    for landmark, value in (visibility or {}).items():
        visible[landmark] = value
    both = []
    for side in ("LEFT", "RIGHT"):
        hand = _hand_points(joints, skeleton.turned, side)
        noise = rng.normal(scale=hand_noise_m, size=hand.shape)
        middle = hand.mean(0)
        world_of_hand = _in_ray_space(hand - middle, middle - axis) if in_crops else _world(hand - middle)
        both.append(Hand(_image(hand, axis), world_of_hand + _world(noise), 1.0) if hands else None)
    return Tracked(
        frame=pts // 3000,
        pts=pts,
        decoded_at_ns=0,
        size_wh=SIZE_WH,
        pose=Pose(_image(points, axis), _in_ray_space(world, (shoulders if is_half else hips) - axis), visible),
        left_hand=both[0],
        right_hand=both[1],
    )


def pose_points(joints: NDArray[np.float64], turned: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the (33, 3) landmarks of a pose, by the joints and rotations of all bones in avatar space."""
    points = np.zeros((len(P), 3))
    for landmark, (x, y, z) in _ON_HEAD.items():
        mirror = P[landmark.name.replace("LEFT", "RIGHT")]
        points[landmark] = joints[B.HEAD] + rotate(turned[B.HEAD], np.array([x, y, z]))
        points[mirror] = joints[B.HEAD] + rotate(turned[B.HEAD], np.array([-x, y, z]))
    for side in ("LEFT", "RIGHT"):
        for landmark, bone in ON_JOINT.items():
            points[P[f"{side}_{landmark}"]] = joints[B[f"{side}_{bone}"]]
        foot = B[f"{side}_FOOT"]
        points[P[f"{side}_HEEL"]] = joints[foot] + rotate(turned[foot], SOLE_BACK)
        points[P[f"{side}_FOOT_INDEX"]] = joints[foot] + rotate(turned[foot], SOLE_FRONT)
    return points


def _hand_points(joints: NDArray[np.float64], turned: NDArray[np.float64], side: str) -> NDArray[np.float64]:
    points = np.zeros((len(H), 3))
    points[H.WRIST] = joints[B[f"{side}_HAND"]]
    mirror = np.array([1.0 if side == "LEFT" else -1.0, 1.0, 1.0])
    for number, (finger, names) in enumerate(FINGER_JOINTS.items()):
        bones = [B[f"{side}_{finger}_{name}"] for name in names]
        points[1 + 4 * number : 4 + 4 * number] = joints[bones]
        tip = TIP_M * _rest_direction(f"{finger}_{names[-1]}") * mirror
        points[4 + 4 * number] = joints[bones[-1]] + rotate(turned[bones[-1]], tip)
    return points


def _world(points: NDArray[np.float64]) -> NDArray[np.float32]:
    """Avatar space to world space: y down, z away from the camera."""
    return (points * [1.0, -1.0, -1.0]).astype(np.float32)


def _in_ray_space(points: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float32]:
    """World landmarks, as networks give them: relative to the ray from the camera to a point, avatar space."""
    x, y, z = (_world(at) + np.array([0.0, 0.0, DISTANCE_M])).tolist()
    return (_world(points) @ ray_rotation(x / z, y / z).T).astype(np.float32)


def _image(points: NDArray[np.float64], axis: NDArray[np.float64]) -> NDArray[np.float32]:
    """Seen by the camera that the rig takes for granted, which looks at ``axis``, ``DISTANCE_M`` away."""
    width, height = SIZE_WH
    away = 1 - (points - axis)[:, 2:] / DISTANCE_M
    x, y = 0.5 + ((points - axis)[:, :2] / away / METRES_HIGH * [height / width, -1]).T
    return np.stack([x, y, -points[:, 2] / METRES_HIGH * height / width], -1).astype(np.float32)
