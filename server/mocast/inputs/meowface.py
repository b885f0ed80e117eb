"""The JSON of MeowFace (Android) and of VTube Studio's app on iPhones, read.

Source: https://github.com/DenchiSoft/VTubeStudioBlendshapeUDPReceiverTest (MIT). It names the fields but no axes:
``Rotation`` is y about the ears (down), x about the neck (to the subject's left), z about the nose (to its right), in
degrees, as receivers take it.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import orjson

from mocast.inputs.phone_face import MOST_DEG, face_pose
from mocast.model.blendshapes import SHAPE_NAMES
from mocast.model.source_pose import NOTHING, SourcePose
from mocast.wire.pose_json import bounded, weight

REQUEST_PORT: Final = 21412
"""Where the app waits to be asked."""
ASKED_S: Final = 5
"""For how long it is asked to send: it is asked again each second."""
MOST_SHAPES: Final = 128

_SHAPE_OF: Final = {name.lower(): index for index, name in enumerate(SHAPE_NAMES)}


def request(port: int) -> bytes:
    """Return what the app is sent so that it sends to this port of whoever asks."""
    asked = {"messageType": "iOSTrackingDataRequest", "sentBy": "Mocast", "ports": [port]}
    return json.dumps({**asked, "time": ASKED_S, "sendForSeconds": ASKED_S}).encode()


class MeowFaceParser:
    """Reads one phone's packets, each of which is a whole frame."""

    def parse(self, data: bytes, now_s: float) -> SourcePose | None:
        """Return a packet's pose. Raises ``ValueError`` where it is none."""
        try:
            message = orjson.loads(data)
            if not message.get("FaceFound", True):
                return NOTHING
            shapes = _shapes(message["BlendShapes"])
            rotation = message.get("Rotation")
            head = None if rotation is None else tuple(_degrees(rotation, axis) for axis in "yxz")
            return face_pose(shapes, head_deg=head)  # type: ignore[arg-type]
        except (AttributeError, KeyError, TypeError, OverflowError) as error:
            raise ValueError("it is no message of tracking") from error


def _shapes(given: list[Mapping[str, Any]]) -> dict[int, float]:
    if not isinstance(given, list) or not 0 < len(given) <= MOST_SHAPES:
        raise ValueError("it has no shapes")
    named = ((one["k"].lower(), one["v"]) for one in given)
    return {_SHAPE_OF[name]: weight(value) for name, value in named if name in _SHAPE_OF}


def _degrees(given: Mapping[str, float], axis: str) -> float:
    return bounded(given[axis], MOST_DEG)
