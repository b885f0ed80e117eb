"""A face that is followed: it moves as its picture does, until its expression changes. Own work."""

from typing import Final

from mocast.tracking.openvino.regions.face_flow import FacePicture
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Points, Region
from mocast.tracking.openvino.schedule.frame_skipping import LATE_HORIZON_US, FrameSkipper

HORIZON_US: Final = LATE_HORIZON_US
"""Microseconds. A face is followed no further than this from its last observation, in two of three frames at 30 frames
per second: what changes unseen is its expression."""


class FollowingSkipper(FrameSkipper[Points]):
    """Skips the network of a face where its picture shows how the head moved, and little else."""

    def __init__(self, max_residual: float, *, is_on: bool) -> None:
        """``max_residual``: see ``FaceMotion``; a face of more is observed."""
        super().__init__(is_on=is_on)
        self._max_residual = max_residual
        self._picture: FacePicture | None = None
        self._observed_us = 0

    def reset(self) -> None:
        """Forget the observation, as the face is lost."""
        super().reset()
        self._picture = None

    def _remember(self, part: Points, frame: FrameView, region: Region) -> None:
        self._picture, self._observed_us = FacePicture(part, frame, region), frame.time_us

    def _will_move(self, frame: FrameView) -> bool:
        return True

    def _moved(self, frame: FrameView) -> Points | None:
        if self._picture is None or not 0 < frame.time_us - self._observed_us <= HORIZON_US:
            return None
        motion = self._picture.motion(frame)
        return motion.points if motion is not None and motion.residual <= self._max_residual else None
