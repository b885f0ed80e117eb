"""The pose of a mixer's source as one JSON text, version 1 of ``docs/wire-format.md``: the writer and the reader.

A text has only what its source knows: a phone no arms, a microphone vowels alone.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson

from mocast.errors import Unprocessable
from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES
from mocast.model.mixed_parts import EXPRESSIONS_AT, GAZE, HIPS, SHAPES_AT
from mocast.model.quaternions import Quaternion
from mocast.model.rig import HeadPose
from mocast.model.source_pose import SourcePose, source_pose

PROTOCOL: Final = "mocast.pose.v1+json"
"""The sub-protocol's name on a publisher's data channel that is called as the source."""
VERSION: Final = 1

_BONE_AT: Final = {name: index for index, name in enumerate(BONE_NAMES)}
_SHAPE_AT: Final = {name: index for index, name in enumerate(SHAPE_NAMES)}
_EXPRESSION_AT: Final = {name: index for index, name in enumerate(EXPRESSION_NAMES)}

MOST_M: Final = 100.0
"""Further from the origin nothing of a person is."""
MOST_GAZE_DEG: Final = 90.0
_SHORTEST: Final = 0.1
"""A shorter quaternion cannot be a rounded unit quaternion."""
_LONGEST: Final = 10.0


def encode(pose: SourcePose) -> str:
    """Return a pose's text."""
    given = pose.given
    message: dict[str, Any] = {"type": "pose", "version": VERSION}
    groups = (
        ("rotations", BONE_NAMES, pose.rotations, given[:SHAPES_AT], 5),
        ("shapes", SHAPE_NAMES, pose.shapes, given[SHAPES_AT:EXPRESSIONS_AT], 3),
        ("expressions", EXPRESSION_NAMES, pose.expressions, given[EXPRESSIONS_AT:GAZE], 3),
    )
    for key, names, values, are_given, decimals in groups:
        if are_given.any():
            indices = np.flatnonzero(are_given).tolist()
            rounded = np.round(values[indices].astype(np.float64), decimals).tolist()
            message[key] = {names[index]: value for index, value in zip(indices, rounded, strict=True)}
    if given[GAZE]:
        yaw, pitch = np.round(pose.gaze_deg.astype(np.float64), 2).tolist()
        message["gaze"] = {"yaw_deg": yaw, "pitch_deg": pitch}
    if given[HIPS]:
        message["hips"] = np.round(pose.hips.astype(np.float64), 4).tolist()
    if pose.head is not None:
        message["head"] = {
            "position": np.round(pose.head.position.astype(np.float64), 4).tolist(),
            "rotation": np.round(pose.head.rotation.astype(np.float64), 5).tolist(),
        }
    return orjson.dumps(message).decode()


def decode(text: str | bytes) -> SourcePose:
    """Return the pose in a text. Weights are clamped to 0..1; names that are not known are passed over.

    Raises ``Unprocessable`` where it is none, with a sentence.
    """
    try:
        message = orjson.loads(text)
    except ValueError as error:
        raise Unprocessable("A pose is one JSON object.") from error
    if not isinstance(message, dict) or message.get("type") != "pose" or message.get("version", VERSION) != VERSION:
        raise Unprocessable(f'A pose is a JSON object with "type": "pose", of version {VERSION}.')
    try:
        return source_pose(
            rotations=_quaternions(message.get("rotations", {})),
            shapes=_weights(message.get("shapes", {}), _SHAPE_AT),
            expressions=_weights(message.get("expressions", {}), _EXPRESSION_AT),
            gaze_deg=_gaze(message.get("gaze")),
            hips=_vector(message["hips"]) if message.get("hips") is not None else None,
            head=_head(message["head"]) if message.get("head") is not None else None,
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise Unprocessable("A pose holds numbers as in a rig: one of its values is impossible.") from error


def _quaternions(given: Mapping[str, Sequence[float]]) -> dict[int, Quaternion]:
    return {_BONE_AT[name]: unit_quaternion(value) for name, value in given.items() if name in _BONE_AT}


def unit_quaternion(value: Sequence[float]) -> Quaternion:
    """Return four numbers x, y, z, w at unit length. Raises ``ValueError`` and ``TypeError`` where they are none."""
    x, y, z, w = value
    length = math.sqrt(x * x + y * y + z * z + w * w)
    if not _SHORTEST <= length <= _LONGEST:
        raise ValueError("a rotation is no unit quaternion")
    return x / length, y / length, z / length, w / length


def _weights(given: Mapping[str, float], places: Mapping[str, int]) -> dict[int, float]:
    return {places[name]: weight(value) for name, value in given.items() if name in places}


def weight(value: float) -> float:
    """Return a weight, clamped to 0..1. Raises ``ValueError`` and ``TypeError`` where it is no number."""
    if not math.isfinite(value):
        raise ValueError("a weight is no number")
    return min(max(float(value), 0.0), 1.0)


def _gaze(given: Mapping[str, float] | None) -> tuple[float, float] | None:
    if given is None:
        return None
    yaw, pitch = (bounded(given[name], MOST_GAZE_DEG) for name in ("yaw_deg", "pitch_deg"))
    return yaw, pitch


def bounded(value: float, most: float) -> float:
    """Return the number. Raises ``ValueError`` where it is none, or larger than ``most`` either way."""
    if not abs(value) <= most:
        raise ValueError(f"a number is not within {most:g}")
    return float(value)


def _vector(value: Sequence[float]) -> tuple[float, float, float]:
    x, y, z = (bounded(number, MOST_M) for number in value)
    return x, y, z


def _head(value: Mapping[str, Sequence[float]]) -> HeadPose:
    return HeadPose(
        np.array(_vector(value["position"]), np.float32), np.array(unit_quaternion(value["rotation"]), np.float32)
    )
