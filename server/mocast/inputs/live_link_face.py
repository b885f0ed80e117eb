"""Live Link Face's packets, read: the app of Unreal Engine's maker, in its mode "Live Link (ARKit)", version 6.

A packet: one byte of version; the device's id and the subject's name, each after its length in four bytes; the frame's
number, its fraction, and the frame rate as a fraction in four bytes each; one byte of count; that many floats. All
big-endian. Source: ``FAppleARKitLiveLinkFaceTrackingProvider`` of Unreal Engine's plugin AppleARKitFaceSupport, as
described by https://github.com/JimWest/PyLiveLinkFace (MIT).
"""

import math
import struct
from typing import Final

from mocast.inputs.phone_face import MOST_DEG, face_pose
from mocast.model.live_link import LIVE_LINK_ANGLES, LIVE_LINK_SHAPES
from mocast.model.source_pose import NOTHING, SourcePose
from mocast.wire.pose_json import bounded, weight

VERSION: Final = 6
MOST_NAME_BYTES: Final = 256

_LENGTH: Final = struct.Struct(">i")
_TIME: Final = struct.Struct(">ifii")
_SHAPES: Final = len(LIVE_LINK_SHAPES)
_COUNT: Final = _SHAPES + LIVE_LINK_ANGLES
_VALUES: Final = struct.Struct(f">{_COUNT}f")


class LiveLinkFaceParser:
    """Reads one phone's packets, each of which is a whole frame."""

    def parse(self, data: bytes, now_s: float) -> SourcePose | None:
        """Return a packet's pose; one without values says that no face is seen. Raises ``ValueError`` where it is none.

        Angles are a yaw to the subject's left, a pitch down and a roll to its right as parts of a half turn's radians;
        the app tells no position.
        """
        if data[:1] != bytes([VERSION]):
            raise ValueError(f'its version is not {VERSION}: choose "Live Link (ARKit)" in the app')
        at = _after_text(data, _after_text(data, 1)) + _TIME.size
        if at >= len(data) or data[at] == 0:
            return NOTHING
        if data[at] != _COUNT or len(data) < at + 1 + _VALUES.size:
            raise ValueError(f"it has not {_COUNT} values")
        values = _VALUES.unpack_from(data, at + 1)
        shapes = {int(shape): weight(value) for shape, value in zip(LIVE_LINK_SHAPES, values, strict=False)}
        yaw, pitch, roll, *eyes = (bounded(math.degrees(angle), MOST_DEG) for angle in values[_SHAPES:])
        left_yaw, left_pitch, _, right_yaw, right_pitch, _ = eyes
        gaze = (left_yaw + right_yaw) / 2, -(left_pitch + right_pitch) / 2
        return face_pose(shapes, head_deg=(pitch, yaw, roll), gaze_deg=gaze)


def _after_text(data: bytes, at: int) -> int:
    """Return where a text ends that begins with its length. Raises ``ValueError``."""
    try:
        (length,) = _LENGTH.unpack_from(data, at)
    except struct.error as error:
        raise ValueError("the packet ends early") from error
    if not 0 <= length <= MOST_NAME_BYTES:
        raise ValueError("a name is too long")
    return at + _LENGTH.size + int(length)
