"""OpenVINO, once per process."""

from functools import cache

import openvino as ov

from mocast.tracking.openvino import face_attention


@cache
def core() -> ov.Core:
    """Return OpenVINO with the operations that the networks need; it is made at the first call."""
    made = ov.Core()
    for extension in face_attention.extensions():
        made.add_extension(extension)
    return made


def reason(error: Exception) -> str:
    """Return what OpenVINO says went wrong, which it writes over many lines, in one."""
    return " ".join(str(error).split())
