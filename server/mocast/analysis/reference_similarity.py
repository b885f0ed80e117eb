"""Similarity to a reference: how alike the person is, frame by frame, to a pose that a client sent."""

import numpy as np

from mocast.analysis.observation import Observation
from mocast.analysis.pose_similarity import bone_directions, compare_poses
from mocast.model.analysis import Similarity
from mocast.model.reference import ReferencePose
from mocast.model.topology import POSE_COUNT
from mocast.model.tracked import Pose


class ReferenceSimilarity:
    """Compares each frame's pose with one reference."""

    def __init__(self, reference: ReferencePose) -> None:
        self.reference = reference
        inside = np.full((POSE_COUNT, 3), 0.5, np.float32)  # of its picture, which is not known
        pose = Pose(inside, np.array(reference.world, np.float32), np.array(reference.visibility, np.float32))
        self._bones = bone_directions(pose, mirrored=reference.mirrored)

    def update(self, seen: Observation) -> Similarity | None:
        """Return the similarity; ``None`` where no limb is seen that the reference has, too."""
        pose = seen.tracked.pose
        return compare_poses(self._bones, bone_directions(pose)) if pose else None
