"""Bones of a body that was read as JSON, for its similarity to another one."""

import numpy as np

from mocast.analysis.pose_similarity import Directions, bone_directions
from mocast.client.landmark_frame import NamedLandmarks
from mocast.model.tracked import Pose


def body_bones(landmarks: NamedLandmarks, *, mirrored: bool = False) -> Directions:
    """Return a pose's bones; ``mirrored``: those of its mirror image. Raises ``ValueError`` where it is no pose."""
    visibility = np.array(landmarks.visibility, np.float32)
    pose = Pose(landmarks.array("image"), landmarks.array("world"), visibility)
    if pose.image.shape != (33, 3) or pose.world.shape != (33, 3) or visibility.shape != (33,):
        raise ValueError("This is no pose of 33 landmarks.")
    return bone_directions(pose, mirrored=mirrored)
