"""Live Link Face's packets, version 6, which Unreal takes for a phone's: 52 shapes, head and eyes, one a frame.

Layout and order: Unreal's ``AppleARKitLiveLinkSource.cpp`` and ``EARFaceBlendShape``, in network byte order: version
(one byte), device and subject (each its length in four bytes, then UTF-8), frame and part of it, frames a second as a
fraction, the number of values (one byte), the values. Angles are radians. Which way they turn is written nowhere; it
follows from a capture of the app's, where shapes say of the eyes what their angles do: a head's yaw is positive to the
subject's left, its pitch up; an eye's yaw is positive to the subject's *right*, its pitch *down*.
"""

import math
import struct
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

from mocast.model.blendshapes import Shape
from mocast.model.names import both_sides
from mocast.model.quaternions import euler_deg_one
from mocast.model.rig import Rig
from mocast.outputs.bone_poses import LastHead
from mocast.outputs.destination import Destination
from mocast.outputs.output_options import PARTS, OutputOptions, RigPart
from mocast.outputs.status import StatusRecorder
from mocast.outputs.triggers import Trigger
from mocast.outputs.udp import UdpOutput
from mocast.outputs.vts_tokens import Tokens

VERSION: Final = 6
DEVICE: Final = "MOCAST00-0000-0000-0000-000000000000"
"""In the place of a phone's identifier, as long as one."""
SUBJECT: Final = "Mocast"
"""The name in Unreal's Live Link window."""
FRAME_RATE: Final = 60
"""Frames a second of the timecode, as the app's own; packets come when rigs do."""

_EYE: Final = ("EYE_BLINK", "EYE_LOOK_DOWN", "EYE_LOOK_IN", "EYE_LOOK_OUT", "EYE_LOOK_UP", "EYE_SQUINT", "EYE_WIDE")
ORDER: Final = (
    *(Shape[f"{name}_{side}"] for side in ("LEFT", "RIGHT") for name in _EYE),
    *(Shape.JAW_FORWARD, Shape.JAW_LEFT, Shape.JAW_RIGHT, Shape.JAW_OPEN),
    *(Shape.MOUTH_CLOSE, Shape.MOUTH_FUNNEL, Shape.MOUTH_PUCKER, Shape.MOUTH_LEFT, Shape.MOUTH_RIGHT),
    *(shape for name in ("SMILE", "FROWN", "DIMPLE", "STRETCH") for shape in both_sides(Shape, f"MOUTH_{name}")),
    *(Shape.MOUTH_ROLL_LOWER, Shape.MOUTH_ROLL_UPPER, Shape.MOUTH_SHRUG_LOWER, Shape.MOUTH_SHRUG_UPPER),
    *(shape for name in ("PRESS", "LOWER_DOWN", "UPPER_UP") for shape in both_sides(Shape, f"MOUTH_{name}")),
    *both_sides(Shape, "BROW_DOWN"),
    Shape.BROW_INNER_UP,
    *both_sides(Shape, "BROW_OUTER_UP"),
    Shape.CHEEK_PUFF,
    *both_sides(Shape, "CHEEK_SQUINT"),
    *both_sides(Shape, "NOSE_SNEER"),
    Shape.TONGUE_OUT,
)
"""The shapes as Unreal's ``EARFaceBlendShape`` has them; yaw, pitch and roll of head, left and right eye follow."""
VALUES: Final = len(ORDER) + 9

_TIME_AND_VALUES: Final = struct.Struct(f">ifiiB{VALUES}f")


def make(
    options: OutputOptions, destination: Destination, recorder: StatusRecorder, _: Tokens, __: Sequence[Trigger]
) -> UdpOutput:
    """Return the output for these options; see ``mocast.outputs.output``."""
    return UdpOutput(destination, LiveLinkFaceEncoder(options.parts), recorder, mirror=options.mirror)


class LiveLinkFaceEncoder:
    """Writes a rig's face. Without the part ``face`` all shapes are 0; without ``head`` the head keeps still."""

    def __init__(self, parts: Iterable[RigPart] = PARTS, now: Callable[[], datetime] = datetime.now) -> None:
        parts = set(parts)
        self._face = "face" in parts
        self._head = "head" in parts
        self._now = now
        self._last_head = LastHead()
        self._names = bytes([VERSION]) + _text(DEVICE) + _text(SUBJECT)

    def encode(self, rig: Rig) -> Sequence[bytes]:
        """Return the rig's packet."""
        shapes = rig.shapes.clip(0, 1)[list(ORDER)].tolist() if self._face else [0.0] * len(ORDER)
        yaw, pitch = rig.gaze_deg.tolist() if self._face else (0.0, 0.0)
        eye = (math.radians(-yaw), math.radians(-pitch), 0.0)
        now = self._now()
        frames = FRAME_RATE * (3600 * now.hour + 60 * now.minute + now.second + now.microsecond / 1e6)
        whole = int(frames)
        values = (*shapes, *self._head_angles(rig), *eye, *eye)
        return [self._names + _TIME_AND_VALUES.pack(whole, frames - whole, FRAME_RATE, 1, VALUES, *values)]

    def _head_angles(self, rig: Rig) -> tuple[float, float, float]:
        """Yaw, pitch and roll in radians."""
        if not self._head:
            return 0.0, 0.0, 0.0
        _, rotation = self._last_head.of(rig)
        down, left, roll = map(math.radians, euler_deg_one(rotation))
        return left, -down, roll


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">i", len(data)) + data
