"""A rig of a frame, by its names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import orjson

VERSION: Final = 1
"""Of the JSON of ``docs/wire-format.md``."""

_MORE: Final = ("planted", "hand_targets")
"""What servers of version 0.1 do not tell."""

Vector = Sequence[float]
"""x, y, z."""
Quaternion = Sequence[float]
"""x, y, z, w; unit length."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RigFrame:
    """What moves an avatar in one frame: ``rig.rotations["leftUpperArm"]``, ``rig.shapes["jawOpen"]``.

    In VRM 1.0's space: Y up, the avatar faces +Z, its left is +X. Left and right are the subject's.
    """

    frame: int
    "The frame's number in the room."
    pts: int
    "The frame's time, 90 kHz, modulo 2³²."
    person: int
    "Index of the person, which stays theirs: 0 where one is tracked."
    delay_ms: int
    "From decoded to rigged."
    found: Mapping[str, bool]
    """Whether ``body``, ``face``, ``left_hand`` and ``right_hand`` are seen; what is not is held, or at rest.
    ``half_body``: the legs are at rest."""
    hips: Vector
    "Metres; (0, 0.9, 0) at rest."
    rotations: Mapping[str, Quaternion]
    "Of VRM's 55 bones, relative to the parent bone; the identity is the T-pose."
    shapes: Mapping[str, float]
    "ARKit's 52 blend shapes, 0..1."
    expressions: Mapping[str, float]
    "12 of VRM's expressions, 0..1."
    gaze: Mapping[str, float]
    "``yaw_deg`` (positive to the subject's left) and ``pitch_deg`` (up), relative to the head."
    head: Mapping[str, Sequence[float]] | None
    "``position`` before the camera (metres) and ``rotation``; ``None`` while no face is seen."

    planted: Mapping[str, bool] | None = None
    "Whether ``left_foot`` and ``right_foot`` stand on the floor; ``None`` of servers that do not tell."
    hand_targets: Mapping[str, Mapping[str, Mapping[str, Any]]] | None = None
    """Where ``left_hand`` and ``right_hand`` are, for figures of other proportions (docs/wire-format.md): ``offsets``
    and ``nearness`` to ``head``, ``chest``, ``hips`` and ``other_hand``, and which points of the hand are
    ``touching``."""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the rig in a recording's line or a message of a room's WebSocket.

        ``None`` where it is of another type or version.
        """
        message = orjson.loads(text)
        if message.get("type") != "rig" or message.get("version") != VERSION:
            return None
        return cls(**{name: message[name] for name in cls.__dataclass_fields__ if name not in _MORE or name in message})
