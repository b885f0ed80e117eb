"""The measure of joint angles, their motion and their symmetry, frame by frame."""

import numpy as np

from mocast.analysis.angle_motion import AngularVelocity, RangeOfMotion
from mocast.analysis.body_segments import BodySegments
from mocast.analysis.joint_angles import LARGEST_ERROR_DEG, joint_angles
from mocast.analysis.observation import Observation
from mocast.analysis.symmetry import symmetry
from mocast.model.analysis import JointAngles, Symmetry
from mocast.model.half_body import HalfBodyDetector, shows_half


class Angles:
    """The joint angles of one stream; it begins anew with a new object."""

    def __init__(self) -> None:
        self._velocity = AngularVelocity()
        self._range = RangeOfMotion()
        self._half_body: HalfBodyDetector | None = None
        "Begins with what the first pose shows: a range of motion keeps what is measured at the beginning."

    def update(self, seen: Observation) -> tuple[JointAngles, Symmetry] | tuple[None, None]:
        """Return the angles of the next frame and their symmetry; nothing while no pose is seen.

        With the option ``withhold`` angles that do not face the camera are unknown, to ranges and symmetry, too.
        """
        pose, are_seen = seen.tracked.pose, seen.are_seen
        if pose is None or are_seen is None:
            return None, None
        hands = seen.tracked.left_hand, seen.tracked.right_hand
        if self._half_body is None:
            self._half_body = HalfBodyDetector(is_half=shows_half(are_seen))
        self._half_body.update(are_seen, "auto", seen.step_s)
        segments = BodySegments(
            pose, hands, are_seen, seen.tracked.size_wh, self._half_body.full_share, scale=seen.picture_scale
        )
        degrees, errors = joint_angles(segments)
        faces_camera = errors <= LARGEST_ERROR_DEG
        if seen.options.withhold:
            degrees[~faces_camera] = np.nan
        self._range.update(degrees)
        speeds = self._velocity.update(degrees, seen.now_s)
        records = np.array([degrees, speeds, errors, self._range.lowest, self._range.highest]).astype(np.float32)
        degrees, speeds, errors, lowest, highest = records
        return JointAngles(degrees, speeds, errors, faces_camera, lowest, highest), symmetry(degrees, lowest, highest)
