"""The ``openvino.Core`` of this process."""

from functools import cache

import openvino as ov

from mocast.tracking.openvino.networks import face_attention


@cache
def core() -> ov.Core:
    """Return the one ``openvino.Core``, with the custom operations of the networks; it is made at the first call."""
    made = ov.Core()
    for extension in face_attention.extensions():
        made.add_extension(extension)
    return made


def reason(error: Exception) -> str:
    """Return the message of OpenVINO's error, which has many lines, in one line."""
    return " ".join(str(error).split())
