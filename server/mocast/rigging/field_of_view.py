"""The camera's field of view: a picture as a camera of the field of view that the rig assumes would have taken it.

A pinhole camera with another focal length takes the same picture, larger or smaller about its middle. So of all the rig
nothing but this knows of other cameras.
"""

import math
from dataclasses import replace
from typing import TypeVar

import numpy as np

from mocast.model.camera_rays import FIELD_OF_VIEW_DEG
from mocast.model.tracked import Face, Hand, Pose, Tracked


def picture_scale(field_of_view_deg: float) -> float:
    """Return how much larger a camera of ``FIELD_OF_VIEW_DEG`` would have to show what one of this shows."""
    return math.tan(math.radians(field_of_view_deg / 2)) / math.tan(math.radians(FIELD_OF_VIEW_DEG / 2))


def at_assumed_view(tracked: Tracked, scale: float) -> Tracked:
    """Return the frame with all landmarks in image space ``scale`` times as far from the picture's middle."""
    if scale == 1.0:
        return tracked
    return replace(
        tracked,
        pose=_scaled(tracked.pose, scale),
        face=_scaled(tracked.face, scale),
        left_hand=_scaled(tracked.left_hand, scale),
        right_hand=_scaled(tracked.right_hand, scale),
    )


Part = TypeVar("Part", Pose, Face, Hand)


def _scaled(part: Part | None, scale: float) -> Part | None:
    if part is None:
        return None
    image = part.image * np.float32(scale)
    image[:, :2] += 0.5 * (1.0 - scale)
    return replace(part, image=image)
