"""Converts a rig to VTube Studio's parameters: its own tracking parameters, and the 52 ARKit shapes as custom ones.

Names and ranges: https://github.com/DenchiSoft/VTubeStudio and its wiki (VTS Model Settings, Hand Tracking). The axes
are not written down there; they follow from the mappings that VTube Studio gives a new model, and Live2D's standard
parameters that those lead to: positive face angles, positions and brows go to the right of the screen (the subject's
left), up, and toward the camera; positive eyes go to the *subject's* right, as their default mapping turns them round.
"""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import SHAPE_NAMES, Expression, Shape
from mocast.model.humanoid import REST_POSITIONS, HumanoidBone, finger_bones
from mocast.model.quaternions import Quaternion, Vector, angle_deg_one, euler_deg_one, rotate_one
from mocast.model.rig import Rig
from mocast.outputs.bone_poses import LastHead, bone_in_world, local_rotation
from mocast.outputs.output_options import PARTS, RigPart

PREFIX: Final = "Mocast"
"""Begins the names of our custom parameters. All plugins share one namespace; without it they would be VTube Studio's
own."""
SHAPE_PARAMETERS: Final = tuple(PREFIX + name[0].upper() + name[1:] for name in SHAPE_NAMES)
"""In the order of ``Shape``."""
BODY_PARAMETERS: Final = tuple(f"{PREFIX}BodyAngle{axis}" for axis in "XYZ")
"""The upper chest's angles: we know of no parameters of VTube Studio's own for them."""

CENTRED_FRAMES: Final = 30
"""Frames, about a second, over which the head's origin is averaged: positions are sent relative to it."""
_CENTIMETRES: Final = 100.0
_FACE_RANGE: Final = (15.0, 15.0, 10.0)
_BODY_RANGE_DEG: Final = 30.0

_HAND_RANGE: Final = 10.0
_REACH_M: Final = float(REST_POSITIONS[HumanoidBone.LEFT_HAND, 0])
_SHOULDER_HEIGHT_M: Final = float(REST_POSITIONS[HumanoidBone.LEFT_UPPER_ARM, 1])
_FINGER_CLOSED_DEG: Final = 240.0
"""Sum of the bends of a finger's three joints in a fist; half of it for the thumb."""
_FINGERS: Final = {
    "THUMB": "Finger_1_Thumb",
    "INDEX": "Finger_2_Index",
    "MIDDLE": "Finger_3_Middle",
    "RING": "Finger_4_Ring",
    "LITTLE": "Finger_5_Pinky",
}


class VtsParameters:
    """Turns rigs into parameters' values; remembers the head's last pose and where it started."""

    def __init__(self, parts: Iterable[RigPart] = PARTS) -> None:
        self._parts = frozenset(parts)
        self._last_head = LastHead()
        self._centre = np.zeros(3)
        self._centred = 0

    def of(self, rig: Rig) -> dict[str, float]:
        """Return the value of every parameter of the chosen parts, within its range."""
        values: dict[str, float] = {}
        if "head" in self._parts:
            values |= self._head(rig)
        if "face" in self._parts:
            shapes = rig.shapes.clip(0, 1)
            values |= _face(shapes, rig)
            values |= dict(zip(SHAPE_PARAMETERS, shapes.tolist(), strict=True))
        if "body" in self._parts:
            values |= _body(rig)
        if "hands" in self._parts:
            values |= _hands(rig)
        return values

    def _head(self, rig: Rig) -> dict[str, float]:
        position, rotation = self._last_head.of(rig)
        if rig.head is not None and self._centred < CENTRED_FRAMES:
            self._centred += 1
            self._centre += (np.array(position) - self._centre) / self._centred
        x, y, z = ((np.array(position) - self._centre) * _CENTIMETRES).tolist()
        pitch, yaw, roll = euler_deg_one(rotation)
        return {
            "FaceAngleX": _within(yaw, 30),
            "FaceAngleY": _within(-pitch, 30),
            "FaceAngleZ": _within(-roll, 90),
            "FacePositionX": _within(x, _FACE_RANGE[0]),
            "FacePositionY": _within(y, _FACE_RANGE[1]),
            "FacePositionZ": _within(-z, _FACE_RANGE[2]),
        }


def _face(shapes: NDArray[np.float32], rig: Rig) -> dict[str, float]:
    """Eyes, brows and mouth. Those that are half way while the face is at ease leave room to both sides."""
    s: list[float] = shapes.tolist()
    smile = (s[Shape.MOUTH_SMILE_LEFT] + s[Shape.MOUTH_SMILE_RIGHT]) / 2
    dimple = (s[Shape.MOUTH_DIMPLE_LEFT] + s[Shape.MOUTH_DIMPLE_RIGHT]) / 2
    frown = (s[Shape.MOUTH_FROWN_LEFT] + s[Shape.MOUTH_FROWN_RIGHT]) / 2
    rolled = s[Shape.MOUTH_ROLL_UPPER] + s[Shape.MOUTH_ROLL_LOWER]
    mouth_open = _share(s[Shape.JAW_OPEN] - s[Shape.MOUTH_CLOSE] - 0.2 * rolled + 0.2 * s[Shape.MOUTH_FUNNEL])
    mouth_smile = _share(0.5 + 0.5 * smile + 0.25 * dimple - 0.5 * frown - 0.25 * s[Shape.MOUTH_PUCKER])
    inner = s[Shape.BROW_INNER_UP]
    left_brow = _brow(inner, s[Shape.BROW_OUTER_UP_LEFT], s[Shape.BROW_DOWN_LEFT])
    right_brow = _brow(inner, s[Shape.BROW_OUTER_UP_RIGHT], s[Shape.BROW_DOWN_RIGHT])
    return {
        "EyeOpenLeft": _share(0.5 - 0.8 * s[Shape.EYE_BLINK_LEFT] + 0.8 * s[Shape.EYE_WIDE_LEFT]),
        "EyeOpenRight": _share(0.5 - 0.8 * s[Shape.EYE_BLINK_RIGHT] + 0.8 * s[Shape.EYE_WIDE_RIGHT]),
        "EyeLeftX": s[Shape.EYE_LOOK_IN_LEFT] - s[Shape.EYE_LOOK_OUT_LEFT],
        "EyeLeftY": s[Shape.EYE_LOOK_UP_LEFT] - s[Shape.EYE_LOOK_DOWN_LEFT],
        "EyeRightX": s[Shape.EYE_LOOK_OUT_RIGHT] - s[Shape.EYE_LOOK_IN_RIGHT],
        "EyeRightY": s[Shape.EYE_LOOK_UP_RIGHT] - s[Shape.EYE_LOOK_DOWN_RIGHT],
        "MouthOpen": mouth_open,
        "MouthSmile": mouth_smile,
        # A model's mouth often follows these two, so that a microphone can move it; we have none to add.
        "VoiceVolumePlusMouthOpen": mouth_open,
        "VoiceFrequencyPlusMouthSmile": mouth_smile,
        "MouthX": _within(
            s[Shape.MOUTH_LEFT] - s[Shape.MOUTH_RIGHT] + s[Shape.MOUTH_SMILE_LEFT] - s[Shape.MOUTH_SMILE_RIGHT], 1
        ),
        "Brows": (left_brow + right_brow) / 2,
        "BrowLeftY": left_brow,
        "BrowRightY": right_brow,
        "CheekPuff": s[Shape.CHEEK_PUFF],
        "TongueOut": s[Shape.TONGUE_OUT],
        "FaceAngry": _share(float(rig.expressions[Expression.ANGRY])),
    }


def _brow(inner_up: float, outer_up: float, down: float) -> float:
    return _share(0.5 + (inner_up + outer_up) / 4 - down / 2)


def _body(rig: Rig) -> dict[str, float]:
    _, rotation = bone_in_world(rig, HumanoidBone.UPPER_CHEST)
    pitch, yaw, roll = euler_deg_one(rotation)
    return {
        name: _within(angle, _BODY_RANGE_DEG) for name, angle in zip(BODY_PARAMETERS, (yaw, -pitch, -roll), strict=True)
    }


def _hands(rig: Rig) -> dict[str, float]:
    """Both hands: X outward from the body's middle, Y up from the shoulders, Z toward the camera."""
    left, left_at = _hand(rig, "Left", 1)
    right, right_at = _hand(rig, "Right", -1)
    found = rig.found
    return {
        "HandLeftFound": float(found.left_hand),
        "HandRightFound": float(found.right_hand),
        "BothHandsFound": float(found.left_hand and found.right_hand),
        "HandDistance": _within(math.dist(left_at, right_at) / (2 * _REACH_M) * _HAND_RANGE, _HAND_RANGE),
        **left,
        **right,
    }


def _hand(rig: Rig, side: str, outward: int) -> tuple[dict[str, float], Vector]:
    position, rotation = bone_in_world(rig, HumanoidBone[f"{side.upper()}_HAND"])
    angle_x, angle_z = _palm_angles_deg(rotation, outward)
    x, y, z = position
    scale = _HAND_RANGE / _REACH_M
    values = {
        "PositionX": _within(outward * x * scale, _HAND_RANGE),
        "PositionY": _within((y - _SHOULDER_HEIGHT_M) * scale, _HAND_RANGE),
        "PositionZ": _within(z * scale, _HAND_RANGE),
        "AngleX": angle_x,
        "AngleZ": angle_z,
    }
    straight = {name: _straightness(rig, side.upper(), finger) for finger, name in _FINGERS.items()}
    four = [straight[name] for finger, name in _FINGERS.items() if finger != "THUMB"]
    values |= straight | {"Open": sum(four) / len(four)}
    return {f"Hand{side}{name}": value for name, value in values.items()}, position


def _palm_angles_deg(rotation: Quaternion, outward: int) -> tuple[float, float]:
    """How far the palm is turned from the camera, and the fingers lean from the upright; to the right of the screen."""
    fingers = rotate_one(rotation, (float(outward), 0.0, 0.0))
    palm = rotate_one(rotation, (0.0, -1.0, 0.0))
    return math.degrees(math.atan2(palm[0], palm[2])), math.degrees(math.atan2(fingers[0], fingers[1]))


def _straightness(rig: Rig, side: str, finger: str) -> float:
    bends = sum(angle_deg_one(local_rotation(rig, bone)) for bone in finger_bones(side, finger))
    closed = _FINGER_CLOSED_DEG / 2 if finger == "THUMB" else _FINGER_CLOSED_DEG
    return _share(1 - bends / closed)


def _within(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


def _share(value: float) -> float:
    return max(0.0, min(1.0, value))
