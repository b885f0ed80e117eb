"""The landmarks' indices, names and bones. Sources: MediaPipe's pose, hands and face mesh topologies (0.10.21)."""

from enum import IntEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mocast.model.names import both_sides

Bones = NDArray[np.uint16]
"""(n, 2) uint16: the indices of the two landmarks that each line joins."""

POSE_COUNT = 33
HAND_COUNT = 21
FACE_COUNT = 478


class PoseLandmark(IntEnum):
    """The 33 landmarks of a pose; left and right are the subject's."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


class HandLandmark(IntEnum):
    """The 21 landmarks of a hand."""

    WRIST = 0
    THUMB_CMC = 1
    THUMB_MCP = 2
    THUMB_IP = 3
    THUMB_TIP = 4
    INDEX_MCP = 5
    INDEX_PIP = 6
    INDEX_DIP = 7
    INDEX_TIP = 8
    MIDDLE_MCP = 9
    MIDDLE_PIP = 10
    MIDDLE_DIP = 11
    MIDDLE_TIP = 12
    RING_MCP = 13
    RING_PIP = 14
    RING_DIP = 15
    RING_TIP = 16
    LITTLE_MCP = 17
    LITTLE_PIP = 18
    LITTLE_DIP = 19
    LITTLE_TIP = 20


P = PoseLandmark
H = HandLandmark

EARS, EYES, MOUTH_CORNERS = both_sides(P, "EAR"), both_sides(P, "EYE"), both_sides(P, "MOUTH")
SHOULDERS, ELBOWS, WRISTS = both_sides(P, "SHOULDER"), both_sides(P, "ELBOW"), both_sides(P, "WRIST")
PINKIES, INDICES, THUMBS = both_sides(P, "PINKY"), both_sides(P, "INDEX"), both_sides(P, "THUMB")
HIPS, KNEES, ANKLES = both_sides(P, "HIP"), both_sides(P, "KNEE"), both_sides(P, "ANKLE")
HEELS, TOES = both_sides(P, "HEEL"), both_sides(P, "FOOT_INDEX")
"""Landmarks of a pose, the left one first."""

FINGERS: dict[str, tuple[HandLandmark, ...]] = {
    finger: tuple(landmark for landmark in H if landmark.name.startswith(finger))
    for finger in ("THUMB", "INDEX", "MIDDLE", "RING", "LITTLE")
}
"""The four landmarks of each finger of a hand, from the palm on; thumb first."""
KNUCKLES = tuple(landmarks[0] for landmarks in FINGERS.values())[1:]
"""Where the four fingers begin, index first."""


def _bones(*pairs: tuple[int, int]) -> Bones:
    bones = np.array(pairs, np.uint16)
    bones.flags.writeable = False
    return bones


def _chain(*landmarks: int) -> Bones:
    return _bones(*pairwise(landmarks))


def _arm(side: int) -> Bones:
    wrist, pinky, index = WRISTS[side], PINKIES[side], INDICES[side]
    along = _chain(SHOULDERS[side], ELBOWS[side], wrist, pinky, index, wrist)
    return np.concatenate([along, _bones((wrist, THUMBS[side]))])


def _leg(side: int) -> Bones:
    return _chain(HIPS[side], KNEES[side], ANKLES[side], HEELS[side], TOES[side], ANKLES[side])


POSE_BONES: dict[str, Bones] = {
    "face": np.concatenate(
        [
            _chain(P.RIGHT_EAR, P.RIGHT_EYE_OUTER, P.RIGHT_EYE, P.RIGHT_EYE_INNER, P.NOSE),
            _chain(P.NOSE, P.LEFT_EYE_INNER, P.LEFT_EYE, P.LEFT_EYE_OUTER, P.LEFT_EAR),
            _bones(MOUTH_CORNERS),
        ]
    ),
    "torso": _chain(P.LEFT_SHOULDER, P.RIGHT_SHOULDER, P.RIGHT_HIP, P.LEFT_HIP, P.LEFT_SHOULDER),
    "left_arm": _arm(0),
    "right_arm": _arm(1),
    "left_leg": _leg(0),
    "right_leg": _leg(1),
}
"""The 35 bones of a pose, by the part of the body."""

HAND_BONES: dict[str, Bones] = {
    "palm": _chain(H.WRIST, *KNUCKLES, H.WRIST),
    "thumb": _chain(H.WRIST, *FINGERS["THUMB"]),
    **{finger.lower(): _chain(*landmarks) for finger, landmarks in FINGERS.items() if finger != "THUMB"},
}
"""The 21 bones of a hand: the palm, then each finger, thumb first."""

LEFT_EYE_LANDMARKS = tuple(range(473, 478))
RIGHT_EYE_LANDMARKS = tuple(range(468, 473))


@cache
def face_bones() -> dict[str, Bones]:
    """The lines of the face mesh by feature.

    ``tesselation`` (2,556 directed edges, each mesh edge in it once or twice), ``face_oval``, ``lips``, ``nose``,
    ``left_eye``, ``right_eye``, ``left_eyebrow``, ``right_eyebrow``, ``left_iris`` and ``right_iris``.
    """
    with (files("mocast.model") / "face_mesh.npz").open("rb") as file, np.load(file) as arrays:
        bones = {name: arrays[name] for name in arrays.files}
    for lines in bones.values():
        lines.flags.writeable = False
    return bones
