"""iFacialMocap's text, read: also that of Facemotion3d and of the many apps that write it.

Source: https://www.ifacialmocap.com/for-developer/; for axes see ``mocast.outputs.ifacialmocap``. Version 1 writes
``jawOpen-12``, version 2 ``jawOpen&12``.
"""

from typing import Final

from mocast.inputs.phone_face import MOST_DEG, face_pose
from mocast.model.quaternions import Vector
from mocast.model.source_pose import NOTHING, SourcePose
from mocast.outputs.ifacialmocap import NAMES
from mocast.wire.pose_json import MOST_M, bounded, weight

REQUEST: Final = b"iFacialMocap_sahuasouryya9218sauhuiayeta91555dy3719"
"""What a phone is sent, on the same port, so that it begins."""

MOST_FIELDS: Final = 160
"""Of a packet; Facemotion3d's has some hundred."""

_SHAPE_OF: Final = {name: index for index, name in enumerate(NAMES)}
_EYES: Final = ("rightEye", "leftEye")


class IFacialMocapParser:
    """Reads one phone's packets, each of which is a whole frame."""

    def parse(self, data: bytes, now_s: float) -> SourcePose | None:
        """Return a packet's pose. Raises ``ValueError`` where it is none."""
        fields = data.decode("ascii").split("|")
        if len(fields) > MOST_FIELDS:
            raise ValueError("the packet has too many fields")
        shapes: dict[int, float] = {}
        angles: dict[str, list[float]] = {}
        for field in fields:
            name, is_angles, numbers = field.lstrip("=").partition("#")
            if is_angles:
                angles[name] = [bounded(float(number), MOST_DEG) for number in numbers.split(",")[:6]]
                continue
            name, *_, value = field.partition("&") if "&" in field else field.partition("-")
            if name == "trackingStatus" and value == "0":
                return NOTHING
            if name in _SHAPE_OF:
                shapes[_SHAPE_OF[name]] = weight(float(value) / 100)
        if not shapes:
            raise ValueError("the packet has no shape of a face")
        return _pose(shapes, angles)


def _pose(shapes: dict[int, float], angles: dict[str, list[float]]) -> SourcePose:
    eyes = [angles[name] for name in _EYES if len(angles.get(name, ())) >= 2]
    gaze = None
    if eyes:
        gaze = sum(eye[1] for eye in eyes) / len(eyes), -sum(eye[0] for eye in eyes) / len(eyes)
    head = angles.get("head", ())
    if len(head) < 6:
        return face_pose(shapes, head_deg=None, gaze_deg=gaze)
    pitch, yaw, roll, x, y, z = head
    position: Vector = (bounded(x, MOST_M), bounded(y, MOST_M), bounded(-z, MOST_M))
    return face_pose(shapes, head_deg=(pitch, yaw, roll), position=position, gaze_deg=gaze)
