"""Builders of rigs and motions that are known exactly."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT
from mocast.model.humanoid import BONE_COUNT, PARENTS, REST_OFFSETS, REST_POSITIONS, HumanoidBone
from mocast.model.rig import Found, HeadPose, Rig

FPS = 30
PTS_PER_FRAME = 3000


def about(axis: Sequence[float], degrees: float) -> NDArray[np.float32]:
    """The rotation about an axis, x y z w."""
    half = math.radians(degrees) / 2
    unit = np.array(axis, np.float64) / np.linalg.norm(axis)
    return np.array([*(unit * math.sin(half)), math.cos(half)], np.float32)


def rotations(seconds: float) -> NDArray[np.float32]:
    """(55, 4): each bone swings about an axis of its own, each by another amount; the hips turn round and round."""
    turned = [
        about((math.sin(bone), math.cos(bone * 1.7), math.sin(bone * 0.6 + 1)), 80 * math.sin(seconds * 2 + bone))
        for bone in range(BONE_COUNT)
    ]
    turned[HumanoidBone.HIPS] = about((0, 1, 0), 200 * seconds)
    turned[HumanoidBone.LEFT_LOWER_LEG] = about((1, 0, 0), 60 - 60 * math.cos(3 * seconds))
    return np.stack(turned)


def rig(frame: int = 0, *, pts: int | None = None) -> Rig:
    """A rig in the midst of a motion at 30 fps."""
    seconds = frame / FPS
    return Rig(
        frame=frame,
        pts=frame * PTS_PER_FRAME if pts is None else pts,
        decoded_at_ns=1_000_000_000,
        rigged_at_ns=1_046_000_000,
        hips=REST_POSITIONS[HumanoidBone.HIPS] + np.float32([0.1 * math.sin(seconds), 0.02, 0.05 * seconds]),
        rotations=rotations(seconds),
        shapes=np.array([(shape / 60 + seconds) % 1 for shape in range(SHAPE_COUNT)], np.float32),
        expressions=np.array([(number / 13 + seconds) % 1 for number in range(EXPRESSION_COUNT)], np.float32),
        gaze_deg=np.array([20 * math.sin(seconds), -10], np.float32),
        found=Found(body=True, face=True),
        head=HeadPose(np.array([0, 0.1, 0.6], np.float32), about((0, 1, 0), 5)),
    )


def matrix(quaternion: NDArray[np.floating]) -> NDArray[np.float64]:
    """(4,) x y z w → (3, 3), by turning the three axes: q v q*."""
    x, y, z, w = (float(value) for value in quaternion)
    across = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + 2 * w * across + 2 * across @ across


def joints(rotations: NDArray[np.float32], hips: NDArray[np.float32]) -> NDArray[np.float64]:
    """(55, 3) metres: where the joints of the rest skeleton are when its bones are turned."""
    turned, places = np.zeros((BONE_COUNT, 3, 3)), np.zeros((BONE_COUNT, 3))
    for bone, parent in enumerate(PARENTS):
        own = matrix(rotations[bone])
        turned[bone] = own if parent < 0 else turned[parent] @ own
        places[bone] = hips if parent < 0 else places[parent] + turned[parent] @ REST_OFFSETS[bone]
    return places


def angle_between(first: NDArray[np.floating], second: NDArray[np.floating]) -> float:
    """Degrees between two rotations (4,)."""
    return math.degrees(2 * math.acos(min(abs(float(np.dot(first, second))), 1)))
