"""The choice of a face among several that were detected, by where it is expected: not a poster's, or a neighbour's."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from mocast.model.topology import PoseLandmark
from mocast.tracking.openvino.regions.detection import Detection
from mocast.tracking.openvino.regions.region import Points, Region

MOST_FACES: Final = 4
"""Faces in one region among which the choice is, at most."""
MAX_APART: Final = 0.8
"""A face whose eyes and nose are further from those of the pose, in widths of its box, is another person's. The two
networks differ by 0.1 to 0.2."""
SURE: Final = 0.8
"""A face whose score is less than this part of the highest one may be none."""

_OF_POSE: Final = [PoseLandmark.RIGHT_EYE.value, PoseLandmark.LEFT_EYE.value, PoseLandmark.NOSE.value]
"""What the first three points of a detected face are. Source: ``face_detection.proto``."""


def of_pose(faces: Sequence[Detection], around: Region, pose: Points) -> Detection | None:
    """Return the face of a body; ``None`` where none of them can be its own.

    ``around``: the region in which they were detected; ``pose``: the body's landmarks in pixels, (33 or more, 3).
    """
    expected = pose[_OF_POSE, :2]
    nearest, least = None, MAX_APART
    for face in faces:
        found = around.project(face.points[:3])
        width = float(face.box[1, 0] - face.box[0, 0]) * around.size
        apart = float(np.hypot(*(found - expected).mean(axis=0))) / max(width, 1.0)
        if apart < least:
            nearest, least = face, apart
    return nearest


def alone(faces: Sequence[Detection], picture: Region, last: Region | None) -> Detection | None:
    """Return the face to track in a picture: near to where it was ``last``, or else the largest sure one.

    ``None`` where all are further from its last region than that is wide: they are other people's.
    """
    if not faces:
        return None
    if last is None:
        sure = [face for face in faces if face.score >= SURE * faces[0].score]
        return max(sure, key=lambda face: float((face.box[1] - face.box[0]).prod()))
    centre = np.array([last.x, last.y], np.float32)

    def distance(face: Detection) -> float:
        return float(np.hypot(*(picture.project(face.box).mean(axis=0) - centre)))

    nearest = min(faces, key=distance)
    return nearest if distance(nearest) <= last.size else None
