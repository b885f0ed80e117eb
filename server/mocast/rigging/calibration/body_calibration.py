"""A body's calibration, measured in the T-pose: the camera's tilt and the person's position."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mocast.model.quaternions import Quaternions, Vectors, between, unit
from mocast.model.tracked import Tracked
from mocast.rigging.body.image_space_arms import metres_per_px
from mocast.rigging.body.pose_frames import WORLD_TO_AVATAR, PoseFrames
from mocast.rigging.body.root_motion import MAX_SIDEWAYS_M, sideways_m
from mocast.rigging.calibration.json_numbers import object_of, rotation_json, rotation_of, vector_of

MIN_BODY_FRAMES: Final = 10
"""Frames with a body that a calibration needs."""
MIN_UPRIGHT_COSINE: Final = 0.7
"""A spine that leans by more than 45° is not taken for an upright person before a tilted camera."""
_MAX_FRAMES: Final = 3600
"""Frames that are used, at most: a minute at 60 fps."""
_UP: Final = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True, slots=True, eq=False)
class BodyCalibration:
    """One person's body before one camera."""

    level: Quaternions
    "(4,) float64 x, y, z, w: turns avatar space as the camera has it, so that the person stands upright."
    sideways_m: float = 0.0
    "The person's position, metres right of the picture's middle, which becomes the avatar's x = 0."

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"level": rotation_json(self.level), "aside": round(self.sideways_m, 4)}

    @classmethod
    def from_json(cls, value: object) -> "BodyCalibration":
        """Return the calibration that ``to_json`` returned. Raises ``Unprocessable`` on anything else."""
        parts = object_of(value, "body", {"level", "aside"})
        level = rotation_of(parts["level"], "body.level")
        aside = vector_of([parts["aside"]], "body.aside", 1, MAX_SIDEWAYS_M)
        return cls(level=level, sideways_m=float(aside[0]))


class BodyCalibrator:
    """Measures a body over the frames of a T-pose. Used from one thread."""

    def __init__(self) -> None:
        self._spines: list[Vectors] = []
        self._sideways_m: list[float] = []

    def add(self, tracked: Tracked) -> None:
        """Take in a frame; one without a body is left out."""
        if tracked.pose is None or len(self._spines) >= _MAX_FRAMES or not np.isfinite(tracked.pose.world).all():
            return
        frames = PoseFrames(tracked.pose.world * WORLD_TO_AVATAR)
        aside = sideways_m(tracked.pose, tracked.size_wh[0], metres_per_px(tracked.pose, tracked.size_wh))
        if frames.is_trunk and aside is not None:
            self._spines.append(frames.chest[:, 1])
            self._sideways_m.append(aside)

    def result(self) -> BodyCalibration | None:
        """Return the calibration; ``None`` where a body was seen in too few frames, or did not stand upright."""
        if len(self._spines) < MIN_BODY_FRAMES:
            return None
        spine = unit(np.median(np.stack(self._spines), axis=0))
        if spine[1] < MIN_UPRIGHT_COSINE:
            return None
        return BodyCalibration(level=between(spine, _UP), sideways_m=float(np.median(self._sideways_m)))
