"""The measurement of a face in one frame: its measures and the head's pose, for blend shapes and calibration."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mocast.model.quaternions import Quaternions, from_matrix_one
from mocast.model.topology import FACE_COUNT
from mocast.model.tracked import Face
from mocast.rigging.face.head_pose import HeadPlacement, place_head
from mocast.rigging.face.measures import measure


@dataclass(frozen=True, slots=True, eq=False)
class FaceObservation:
    """What was measured of a face in one frame."""

    measures: NDArray[np.float64]
    "(35,) mm. Order: ``Measure``."
    head: Quaternions
    "(4,): the head's rotation as the camera sees it."
    yaw_deg: float
    "How far the head is turned to the subject's left."
    placement: HeadPlacement
    network: NDArray[np.float64] | None = None
    "(52,) 0..1: the network's shapes, as it computes them; ``None`` where there is none, or it failed."


def observe(
    face: Face | None,
    size_wh: tuple[int, int],
    by_network: Callable[[Face], NDArray[np.float64] | None] = lambda face: None,
) -> FaceObservation | None:
    """Return the measurement of a face; ``None`` without one, or where no head pose fits its landmarks.

    ``size_wh``: width and height of the picture in pixels. ``by_network`` returns the network's shapes.
    """
    if face is None or face.image.shape[0] != FACE_COUNT or min(size_wh) < 1:
        return None
    points_px = face.image[:, :2] * np.array(size_wh, np.float64)
    if not np.isfinite(points_px).all():
        return None
    placement = place_head(points_px, size_wh)
    if placement is None:
        return None
    rotation = placement.seen_rotation
    yaw_deg = math.degrees(math.atan2(rotation[0, 2], rotation[2, 2]))
    head = np.array(from_matrix_one(rotation.tolist()))
    return FaceObservation(measure(points_px, placement), head, yaw_deg, placement, by_network(face))
