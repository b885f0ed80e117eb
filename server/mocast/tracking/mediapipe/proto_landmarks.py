"""The decoder of MediaPipe's landmark lists from their serialised protobufs, all landmarks at once.

``NormalizedLandmarkList`` and ``LandmarkList`` have one layout: a repeated message (field 1) of the floats x, y, z,
visibility and presence (fields 1 to 5, each optional). A float takes a byte of tag and four of value, so where every
landmark has the same fields the list is a table. See https://protobuf.dev/programming-guides/encoding/.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from mocast.errors import TrackingError

_LANDMARK_TAG = 0x0A  # field 1, length-delimited
_FLOAT_TAGS = (0x0D, 0x15, 0x1D, 0x25, 0x2D)  # fields 1 to 5, 32 bits each


def decode(serialized: bytes, count: int, fields: int = 3) -> NDArray[np.float32]:
    """Return a landmark list as a (count, fields) float32 table: x, y, z, then visibility and presence where asked for.

    Raises ``TrackingError`` where the bytes are not ``count`` landmarks with exactly these fields.
    """
    layout, head = _layout(fields)
    if len(serialized) != count * layout.itemsize:
        raise TrackingError(f"{len(serialized)} bytes are not {count} landmarks of {fields} numbers")
    table = np.frombuffer(serialized, layout)
    if (table["head"] != head["head"]).any() or (table["floats"]["tag"] != head["floats"]["tag"]).any():
        raise TrackingError("a landmark list from MediaPipe has an unknown layout")
    return table["floats"]["value"].astype(np.float32)


@cache
def _layout(fields: int) -> tuple[np.dtype[np.void], NDArray[np.void]]:
    """Return the layout of a landmark of ``fields`` numbers, and a landmark of zeros."""
    float_type = np.dtype([("tag", "u1"), ("value", "<f4")])
    layout = np.dtype([("head", "u1", 2), ("floats", float_type, fields)])
    zeros = b"".join(bytes([tag, 0, 0, 0, 0]) for tag in _FLOAT_TAGS[:fields])
    return layout, np.frombuffer(bytes([_LANDMARK_TAG, len(zeros)]) + zeros, layout)
