"""The camera's field of view: a picture as a camera of the field of view that the rig assumes would have taken it.

So of all the rig nothing but this knows of other cameras.
"""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from mocast.model.tracked import Face, Hand, Pose, Tracked


def at_assumed_view(tracked: Tracked, scale: float) -> Tracked:
    """Return the frame with all landmarks in image space ``scale`` times as far from the picture's middle.

    ``scale``: the camera's ``picture_scale``.
    """
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
