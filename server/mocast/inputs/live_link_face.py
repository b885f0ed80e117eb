"""Live Link Face's packets, read: the app of Unreal Engine's maker, in its mode "Live Link (ARKit)".

For layout, order and which way angles turn see ``mocast.outputs.live_link_face``.
"""

import math
import struct
from typing import Final

from mocast.inputs.phone_face import MOST_DEG, face_pose
from mocast.model.source_pose import NOTHING, SourcePose
from mocast.outputs.live_link_face import ORDER, VALUES, VERSION
from mocast.wire.pose_json import bounded, weight

MOST_NAME_BYTES: Final = 256

_LENGTH: Final = struct.Struct(">i")
_TIME: Final = struct.Struct(">ifii")
_VALUES: Final = struct.Struct(f">{VALUES}f")


class LiveLinkFaceParser:
    """Reads one phone's packets, each of which is a whole frame."""

    def parse(self, data: bytes, now_s: float) -> SourcePose | None:
        """Return a packet's pose; one without values says that no face is seen. Raises ``ValueError`` where it is none.

        The app tells no position.
        """
        if data[:1] != bytes([VERSION]):
            raise ValueError(f'its version is not {VERSION}: choose "Live Link (ARKit)" in the app')
        at = _after_text(data, _after_text(data, 1)) + _TIME.size
        if at >= len(data) or data[at] == 0:
            return NOTHING
        if data[at] != VALUES or len(data) < at + 1 + _VALUES.size:
            raise ValueError(f"it has not {VALUES} values")
        values = _VALUES.unpack_from(data, at + 1)
        shapes = {int(shape): weight(value) for shape, value in zip(ORDER, values, strict=False)}
        yaw, pitch, roll, *eyes = (bounded(math.degrees(angle), MOST_DEG) for angle in values[len(ORDER) :])
        left_yaw, left_pitch, _, right_yaw, right_pitch, _ = eyes
        gaze = -(left_yaw + right_yaw) / 2, -(left_pitch + right_pitch) / 2
        return face_pose(shapes, head_deg=(-pitch, yaw, roll), gaze_deg=gaze)


def _after_text(data: bytes, at: int) -> int:
    """Return where a text ends that begins with its length. Raises ``ValueError``."""
    try:
        (length,) = _LENGTH.unpack_from(data, at)
    except struct.error as error:
        raise ValueError("the packet ends early") from error
    if not 0 <= length <= MOST_NAME_BYTES:
        raise ValueError("a name is too long")
    return at + _LENGTH.size + int(length)
