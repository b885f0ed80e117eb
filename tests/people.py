"""Builders of tracked people: a made-up person of known proportions, and the astronaut as tracking finds her."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import FACE_COUNT, HAND_COUNT, LEFT_EYE_LANDMARKS, POSE_COUNT, RIGHT_EYE_LANDMARKS
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Face, Hand, Pose, Tracked
from mocast.tracking.engines import EngineOptions, load_engine
from tests.pictures import as_frame, astronaut
from tests.reference_engine import REFERENCE

SIZE_WH = (640, 480)

# A person who faces the camera, in pixels of SIZE_WH; the subject's left is on the picture's right.
_POSE_PX = {
    P.NOSE: (320, 120), P.LEFT_EYE_INNER: (326, 110), P.LEFT_EYE: (332, 110), P.LEFT_EYE_OUTER: (338, 110),
    P.RIGHT_EYE_INNER: (314, 110), P.RIGHT_EYE: (308, 110), P.RIGHT_EYE_OUTER: (302, 110),
    P.LEFT_EAR: (350, 114), P.RIGHT_EAR: (290, 114), P.MOUTH_LEFT: (330, 136), P.MOUTH_RIGHT: (310, 136),
    P.LEFT_SHOULDER: (390, 200), P.RIGHT_SHOULDER: (250, 200), P.LEFT_ELBOW: (450, 270), P.RIGHT_ELBOW: (190, 270),
    P.LEFT_WRIST: (500, 200), P.RIGHT_WRIST: (140, 200), P.LEFT_PINKY: (520, 190), P.RIGHT_PINKY: (120, 190),
    P.LEFT_INDEX: (515, 175), P.RIGHT_INDEX: (125, 175), P.LEFT_THUMB: (500, 180), P.RIGHT_THUMB: (140, 180),
    P.LEFT_HIP: (365, 350), P.RIGHT_HIP: (275, 350), P.LEFT_KNEE: (370, 410), P.RIGHT_KNEE: (270, 410),
    P.LEFT_ANKLE: (372, 450), P.RIGHT_ANKLE: (268, 450), P.LEFT_HEEL: (368, 462), P.RIGHT_HEEL: (272, 462),
    P.LEFT_FOOT_INDEX: (392, 468), P.RIGHT_FOOT_INDEX: (248, 468),
}  # fmt: skip


def normalised(pixels: NDArray[np.floating], size_wh: tuple[int, int] = SIZE_WH) -> NDArray[np.float32]:
    """Return (n, 3) image-space landmarks whose centres are the (n, 2) pixels."""
    return np.concatenate([(pixels + 0.5) / size_wh, np.zeros((len(pixels), 1))], axis=1).astype(np.float32)


def pose(visibility: float = 1.0) -> Pose:
    """Return the made-up person's pose."""
    pixels = np.array([_POSE_PX[landmark] for landmark in P], np.float64)
    return Pose(normalised(pixels), np.zeros((POSE_COUNT, 3), np.float32), np.full(POSE_COUNT, visibility, np.float32))


def hand(wrist_px: tuple[float, float], *, size_px: float = 130, score: float = 1.0) -> Hand:
    """Return an open hand that points up."""
    pixels = [np.array(wrist_px, np.float64)]
    for angle, first in ((-50, 0.3), (-22, 0.5), (-5, 0.52), (12, 0.5), (30, 0.45)):
        direction = np.array([np.sin(np.radians(angle)), -np.cos(np.radians(angle))])
        pixels += [wrist_px + direction * size_px * (first + step * 0.15) for step in range(4)]
    return Hand(normalised(np.array(pixels)), np.zeros((HAND_COUNT, 3), np.float32), score)


def face(centre_px: tuple[float, float] = (320, 120), half_wh: tuple[float, float] = (28, 36)) -> Face:
    """Return a face whose landmarks fill an ellipse; forehead, chin and irises are at their places."""
    numbers = np.arange(FACE_COUNT)
    radius, angle = np.sqrt((numbers + 0.5) / FACE_COUNT), numbers * np.pi * (3 - np.sqrt(5))
    unit = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    unit[10], unit[152] = (0, -1), (0, 1)
    ring = np.array([(0, 0), (1, 0), (0, -1), (-1, 0), (0, 1)]) * 0.1
    unit[list(RIGHT_EYE_LANDMARKS)] = ring + np.array([-0.4, -0.2])
    unit[list(LEFT_EYE_LANDMARKS)] = ring + np.array([0.4, -0.2])
    return Face(normalised(unit * half_wh + centre_px))


def tracked(
    *,
    pose: Pose | None = None,
    face: Face | None = None,
    left_hand: Hand | None = None,
    right_hand: Hand | None = None,
    pts: int = 0,
) -> Tracked:
    """Return what was found in a frame of SIZE_WH."""
    return Tracked(0, pts, 0, SIZE_WH, pose=pose, face=face, left_hand=left_hand, right_hand=right_hand)


def person() -> Tracked:
    """Return the made-up person with all parts."""
    return tracked(pose=pose(), face=face(), left_hand=hand((500, 195)), right_hand=hand((140, 195)))


@cache
def tracked_astronaut() -> Tracked:
    """Return what the holistic tracker finds in the still astronaut: a pose and a face."""
    tracker = load_engine(REFERENCE, EngineOptions(threads=1)).build("holistic", "balanced", still=True)
    try:
        return tracker.track(as_frame(astronaut()))
    finally:
        tracker.close()
