"""What was measured of one person's body in the T-pose: how the camera is tilted, and where they stand."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from mocast.model.quaternions import Matrices, Quaternions, Vectors, between, to_matrices, unit
from mocast.model.tracked import Tracked
from mocast.rigging.body.image_space_arms import metres_per_px
from mocast.rigging.body.pose_frames import WORLD_TO_AVATAR, PoseFrames
from mocast.rigging.body.root_motion import MAX_ASIDE_M, aside_m
from mocast.rigging.calibration.json_numbers import object_of, rotation_json, rotation_of, vector_of

MIN_BODY_FRAMES: Final = 10
"""Frames with a body; fewer say too little."""
MIN_UPRIGHT_COSINE: Final = 0.7
"""A body that leans more than 45° does not stand upright before a tilted camera."""
_MAX_FRAMES: Final = 3600
_UP: Final = np.array([0.0, 1.0, 0.0])


@dataclass(frozen=True, slots=True, eq=False)
class BodyCalibration:
    """One person's body before one camera."""

    level: Quaternions
    "(4,) float64 x, y, z, w: takes the camera's axes, in avatar space, to those in which the person stood upright."
    aside_m: float = 0.0
    "Where they stood, metres to the picture's right of its middle; the avatar stands in the middle then."

    @property
    def level_matrix(self) -> Matrices:
        """(3, 3): the same rotation."""
        return to_matrices(self.level)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"level": rotation_json(self.level), "aside": round(self.aside_m, 4)}

    @classmethod
    def from_json(cls, value: object) -> "BodyCalibration":
        """Return what ``to_json`` gave. Raises ``Unprocessable`` on anything else."""
        parts = object_of(value, "body", {"level", "aside"})
        level = rotation_of(parts["level"], "body.level")
        aside = vector_of([parts["aside"]], "body.aside", 1, MAX_ASIDE_M)
        return cls(level=level, aside_m=float(aside[0]))


class BodyCalibrator:
    """Collects the frames of a T-pose. Used from one thread."""

    def __init__(self) -> None:
        self._spines: list[Vectors] = []
        self._asides_m: list[float] = []

    def add(self, tracked: Tracked) -> None:
        """Take in a frame; one without a body says nothing."""
        if tracked.pose is None or len(self._spines) >= _MAX_FRAMES or not np.isfinite(tracked.pose.world).all():
            return
        lines = PoseFrames(tracked.pose.world * WORLD_TO_AVATAR)
        aside = aside_m(tracked.pose, tracked.size_wh[0], metres_per_px(tracked.pose, tracked.size_wh))
        if lines.is_trunk and aside is not None:
            self._spines.append(lines.chest[:, 1])
            self._asides_m.append(aside)

    def result(self) -> BodyCalibration | None:
        """Return what was measured; ``None`` where too little of a body was seen, or none that stood upright."""
        if len(self._spines) < MIN_BODY_FRAMES:
            return None
        spine = unit(np.median(np.stack(self._spines), axis=0))
        if spine[1] < MIN_UPRIGHT_COSINE:
            return None
        return BodyCalibration(level=between(spine, _UP), aside_m=float(np.median(self._asides_m)))
