"""The ``openvino.Core`` of this process."""

from functools import cache

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks import face_attention


@cache
def core() -> ov.Core:
    """Return the one ``openvino.Core``, with the custom operations of the networks; it is made at the first call."""
    made = ov.Core()
    for extension in face_attention.extensions():
        made.add_extension(extension)
    return made


def processor() -> str:
    """Return the name of this machine's processor. Raises ``TrackingError`` where OpenVINO cannot use it."""
    try:
        name: str = core().get_property("CPU", "FULL_DEVICE_NAME")
    except RuntimeError as error:
        raise TrackingError(f"OpenVINO does not run on this machine: {reason(error)}") from error
    return name


def reason(error: Exception) -> str:
    """Return the message of OpenVINO's error, which has many lines, in one line."""
    return " ".join(str(error).split())
