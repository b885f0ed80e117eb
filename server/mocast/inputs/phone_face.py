"""A phone's face as a pose: ARKit's shapes, the head before the phone's camera, and the eyes."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from mocast.model.quaternions import Quaternion, Vector
from mocast.model.rig import HeadPose
from mocast.model.source_pose import SourcePose, source_pose

MOST_DEG: Final = 360.0
"""A packet with a larger angle is broken."""
MOST_GAZE_DEG: Final = 60.0
ARM_S_LENGTH_M: Final[Vector] = (0.0, 0.0, 0.5)
"""Where the head is taken to be by apps that do not tell."""


def face_pose(
    shapes: Mapping[int, float],
    *,
    head_deg: Vector | None,
    position: Vector = ARM_S_LENGTH_M,
    gaze_deg: tuple[float, float] | None = None,
) -> SourcePose:
    """Return the pose of a face. ``head_deg``: pitch (down), yaw (to the subject's left) and roll (to its right)."""
    head = None
    if head_deg is not None:
        head = HeadPose(np.array(position, np.float32), np.array(from_euler_deg(*head_deg), np.float32))
    if gaze_deg is not None:
        yaw, pitch = (min(max(angle, -MOST_GAZE_DEG), MOST_GAZE_DEG) for angle in gaze_deg)
        gaze_deg = yaw, pitch
    return source_pose(shapes=shapes, head=head, gaze_deg=gaze_deg)


def from_euler_deg(pitch: float, yaw: float, roll: float) -> Quaternion:
    """Return the rotation of which ``euler_deg_one`` returns these angles: R = Ry(yaw) · Rx(pitch) · Rz(roll)."""
    half = math.pi / 360
    sx, cx = math.sin(pitch * half), math.cos(pitch * half)
    sy, cy = math.sin(yaw * half), math.cos(yaw * half)
    sz, cz = math.sin(roll * half), math.cos(roll * half)
    return (
        cy * sx * cz + sy * cx * sz,
        sy * cx * cz - cy * sx * sz,
        cy * cx * sz - sy * sx * cz,
        cy * cx * cz + sy * sx * sz,
    )
