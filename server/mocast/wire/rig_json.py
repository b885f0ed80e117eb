"""A rig as one JSON text per frame, version 1 of ``docs/wire-format.md``: the writer and the reader."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.hand_targets import ANCHOR_COUNT, NO_TARGETS, TOUCH_POINT_COUNT, Anchor, HandTargets, TouchPoint
from mocast.model.humanoid import BONE_NAMES
from mocast.model.rig import Found, HeadPose, Rig
from mocast.model.wrapping import wrapped

PROTOCOL: Final = "mocast.rig.v1+json"
"""The sub-protocol's name on the data channel."""
VERSION: Final = 1

_METRE_DECIMALS, _ROTATION_DECIMALS, _WEIGHT_DECIMALS, _DEGREE_DECIMALS, _SIZE_DECIMALS = 4, 5, 3, 2, 3
_FOUND: Final = tuple(Found.__dataclass_fields__)
_FEET: Final = ("left_foot", "right_foot")
_HANDS: Final = ("left_hand", "right_hand")
_ANCHORS: Final = tuple(anchor.name.lower() for anchor in Anchor)
_TOUCH_POINTS: Final = tuple(point.name.lower() for point in TouchPoint)
_SHORTEST = 0.1
"""A shorter quaternion cannot be a rounded unit quaternion."""
_LARGEST = 1e6


def encode(rig: Rig) -> str:
    """Return the rig's message."""
    yaw, pitch = _rounded(rig.gaze_deg, _DEGREE_DECIMALS)
    message = {
        "type": "rig",
        "version": VERSION,
        "frame": wrapped(rig.frame),
        "pts": wrapped(rig.pts),
        "person": rig.person,
        "delay_ms": rig.delay_ms,
        "found": {name: getattr(rig.found, name) for name in _FOUND},
        "hips": _rounded(rig.hips, _METRE_DECIMALS),
        "rotations": dict(zip(BONE_NAMES, _rounded(rig.rotations, _ROTATION_DECIMALS), strict=True)),
        "shapes": dict(zip(SHAPE_NAMES, _rounded(rig.shapes, _WEIGHT_DECIMALS), strict=True)),
        "expressions": dict(zip(EXPRESSION_NAMES, _rounded(rig.expressions, _WEIGHT_DECIMALS), strict=True)),
        "gaze": {"yaw_deg": yaw, "pitch_deg": pitch},
        "head": _head(rig.head) if rig.head else None,
        "planted": dict(zip(_FEET, rig.planted, strict=True)),
        "hand_targets": _targets(rig.hand_targets),
    }
    return orjson.dumps(message).decode()


def decode(text: str | bytes) -> Rig | None:
    """Return the rig in a message, as exact as its decimals.

    ``frame`` and ``pts`` are modulo 2³², and its times are on this machine's clock, as if it had arrived without delay.
    A message without ``person``, ``planted`` or ``hand_targets``, as in older recordings, is of person 0, who stands
    on no foot and touches nothing. ``None`` where the message is of another type
    or version, or incomplete. Never raises.
    """
    try:
        message = orjson.loads(text)
        if message["type"] != "rig" or message["version"] != VERSION:
            return None
        now = time.monotonic_ns()
        return Rig(
            frame=int(message["frame"]),
            pts=int(message["pts"]),
            decoded_at_ns=now - int(message["delay_ms"]) * 1_000_000,
            rigged_at_ns=now,
            hips=_array(message["hips"], 3),
            rotations=_quaternions([message["rotations"][name] for name in BONE_NAMES]),
            shapes=_weights(message["shapes"], SHAPE_NAMES),
            expressions=_weights(message["expressions"], EXPRESSION_NAMES),
            gaze_deg=_array([message["gaze"]["yaw_deg"], message["gaze"]["pitch_deg"]], 2),
            found=Found(**{name: bool(message["found"][name]) for name in _FOUND}),
            head=_read_head(message["head"]) if message["head"] is not None else None,
            person=int(message.get("person", 0)),
            planted=_read_planted(message.get("planted")),
            hand_targets=_read_targets(message.get("hand_targets")),
        )
    except (ValueError, TypeError, KeyError, OverflowError):
        return None


def _read_head(head: Mapping[str, Any]) -> HeadPose:
    return HeadPose(_array(head["position"], 3), _quaternions([head["rotation"]])[0])


def _read_planted(feet: Mapping[str, bool] | None) -> tuple[bool, bool]:
    left, right = (bool(feet[name]) if feet is not None else False for name in _FEET)
    return left, right


def _read_targets(hands: Mapping[str, Mapping[str, Mapping[str, Any]]] | None) -> HandTargets:
    if hands is None:
        return NO_TARGETS
    offsets = [value for hand in _HANDS for name in _ANCHORS for value in hands[hand]["offsets"][name]]
    return HandTargets(
        offsets=_array(offsets, 6 * ANCHOR_COUNT).reshape(2, ANCHOR_COUNT, 3),
        nearness=_weights_of_hands(hands, "nearness", _ANCHORS).reshape(2, ANCHOR_COUNT),
        touching=_weights_of_hands(hands, "touching", _TOUCH_POINTS).reshape(2, TOUCH_POINT_COUNT),
    )


def _weights_of_hands(hands: Mapping[str, Mapping[str, Mapping[str, Any]]], key: str, names: Sequence[str]) -> Any:
    return np.stack([_weights(hands[hand][key], names) for hand in _HANDS])


def _weights(values: Mapping[str, float], names: Sequence[str]) -> NDArray[np.float32]:
    weights: NDArray[np.float32] = _array([values[name] for name in names], len(names)).clip(0, 1)
    return weights


def _array(values: Sequence[float], count: int) -> NDArray[np.float32]:
    """Return numbers as an array. Raises ``ValueError`` where their count or a value is impossible."""
    array = np.array(values, np.float64)
    if array.shape != (count,) or not (np.abs(array) <= _LARGEST).all():
        raise ValueError
    return array.astype(np.float32)


def _quaternions(values: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    """Return quaternions, normalised as they were rounded. Raises ``ValueError`` for one that is none."""
    array = np.array(values, np.float64)
    lengths = np.linalg.norm(array, axis=-1, keepdims=True)
    if array.shape[1:] != (4,) or not ((lengths >= _SHORTEST) & (lengths <= _LARGEST)).all():
        raise ValueError
    unit: NDArray[np.float32] = (array / lengths).astype(np.float32)
    return unit


def _head(head: HeadPose) -> dict[str, Any]:
    return {
        "position": _rounded(head.position, _METRE_DECIMALS),
        "rotation": _rounded(head.rotation, _ROTATION_DECIMALS),
    }


def _targets(targets: HandTargets) -> dict[str, Any]:
    offsets = _rounded(targets.offsets, _SIZE_DECIMALS)
    nearness, touching = (_rounded(weights, _WEIGHT_DECIMALS) for weights in (targets.nearness, targets.touching))
    return {
        hand: {
            "offsets": dict(zip(_ANCHORS, offsets[side], strict=True)),
            "nearness": dict(zip(_ANCHORS, nearness[side], strict=True)),
            "touching": dict(zip(_TOUCH_POINTS, touching[side], strict=True)),
        }
        for side, hand in enumerate(_HANDS)
    }


def _rounded(values: NDArray[np.float32], decimals: int) -> Any:
    return np.round(values.astype(np.float64), decimals).tolist()
