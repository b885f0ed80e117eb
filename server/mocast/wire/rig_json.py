"""A rig as one JSON text per frame, version 1 of ``docs/wire-format.md``."""

from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES
from mocast.model.rig import HeadPose, Rig

PROTOCOL: Final = "mocast.rig.v1+json"
"""The sub-protocol's name on the data channel."""
VERSION: Final = 1

_METRE_DECIMALS, _ROTATION_DECIMALS, _WEIGHT_DECIMALS, _DEGREE_DECIMALS = 4, 5, 3, 2
_U32 = 0xFFFF_FFFF


def encode(rig: Rig) -> str:
    """Return the rig's message."""
    found = rig.found
    yaw, pitch = _rounded(rig.gaze_deg, _DEGREE_DECIMALS)
    message = {
        "type": "rig",
        "version": VERSION,
        "frame": rig.frame & _U32,
        "pts": rig.pts & _U32,
        "delay_ms": max(round((rig.rigged_at_ns - rig.captured_at_ns) / 1e6), 0),
        "found": {
            "body": found.body,
            "face": found.face,
            "left_hand": found.left_hand,
            "right_hand": found.right_hand,
            "half_body": found.half_body,
        },
        "hips": _rounded(rig.hips, _METRE_DECIMALS),
        "rotations": dict(zip(BONE_NAMES, _rounded(rig.rotations, _ROTATION_DECIMALS), strict=True)),
        "shapes": dict(zip(SHAPE_NAMES, _rounded(rig.shapes, _WEIGHT_DECIMALS), strict=True)),
        "expressions": dict(zip(EXPRESSION_NAMES, _rounded(rig.expressions, _WEIGHT_DECIMALS), strict=True)),
        "gaze": {"yaw_deg": yaw, "pitch_deg": pitch},
        "head": _head(rig.head) if rig.head else None,
    }
    return orjson.dumps(message).decode()


def _head(head: HeadPose) -> dict[str, Any]:
    return {
        "position": _rounded(head.position, _METRE_DECIMALS),
        "rotation": _rounded(head.rotation, _ROTATION_DECIMALS),
    }


def _rounded(values: NDArray[np.float32], decimals: int) -> Any:
    return np.round(values.astype(np.float64), decimals).tolist()
