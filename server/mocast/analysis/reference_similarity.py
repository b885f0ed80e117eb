"""Similarity to a reference: how alike the person is, frame by frame, to a pose or a motion that a client sent."""

import numpy as np

from mocast.analysis.motion_follower import MotionFollower
from mocast.analysis.motion_similarity import BodyMotion
from mocast.analysis.observation import Observation
from mocast.analysis.pose_similarity import Directions, bone_directions, compare_poses
from mocast.model.analysis import Similarity
from mocast.model.reference import Reference, ReferenceMotion
from mocast.model.topology import POSE_COUNT
from mocast.model.tracked import Pose

_INSIDE = np.full((POSE_COUNT, 3), 0.5, np.float32)
"""Where a reference's landmarks are in its picture, which is not known."""


class ReferenceSimilarity:
    """Compares each frame's pose with one reference."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self._bones: Directions | None = None
        self._follower: MotionFollower | None = None
        if isinstance(reference, ReferenceMotion):
            poses = zip(reference.world, reference.visibility, strict=True)
            bones = [bone_directions(Pose(_INSIDE, *pose), mirrored=reference.mirrored) for pose in poses]
            self._follower = MotionFollower(BodyMotion.of(reference.times_s.tolist(), bones))
        else:
            pose = Pose(_INSIDE, np.array(reference.world, np.float32), np.array(reference.visibility, np.float32))
            self._bones = bone_directions(pose, mirrored=reference.mirrored)

    def update(self, seen: Observation) -> Similarity | None:
        """Return the similarity; ``None`` where no limb is seen that the reference has, too."""
        pose = seen.tracked.pose
        if pose is None:
            return None
        bones = bone_directions(pose)
        if self._follower is None:
            assert self._bones is not None
            return compare_poses(self._bones, bones)
        found, has_ended = self._follower.follow(bones, seen.step_s)
        if has_ended and found is not None and found.last is not None and found.tempo is not None:
            seen.happened("motion", count=found.count, score=round(found.last, 1), tempo=round(found.tempo, 2))
        return found
