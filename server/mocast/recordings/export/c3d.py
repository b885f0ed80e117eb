"""The writer of C3D, the binary format of biomechanics: millimetres, Z up, as floats of Intel's order.

X is to the subject's right and Y forward; ``POINT:X_SCREEN`` and ``Y_SCREEN`` say how it is shown. A marker that is not
seen has the residual -1. Source: https://www.c3d.org/docs/C3D_User_Guide.pdf
"""

import struct
from typing import IO, Final

import numpy as np

from mocast.recordings.export.markers import NAMES, Markers

_FROM_AVATAR_SPACE: Final = np.array([[-1, 0, 0], [0, 0, 1], [0, 1, 0]], np.float32)
_MILLIMETRES: Final = 1000.0
_BLOCK: Final = 512
_INTEL: Final = 84
_FLOATS: Final = -1.0
"""The scale. A negative one says that coordinates are floats, and multiplies nothing."""
_MOST_FRAMES: Final = 65_535
"""What the header's 16 bits hold; a longer one's count is in ``POINT:LONG_FRAMES`` and ``TRIAL``."""
_FRAMES_AT_ONCE: Final = 512


def write(markers: Markers, file: IO[bytes]) -> None:
    """Write markers of a constant rate. Raises ``OSError`` as the file does."""
    parameters = _parameters(markers, 0)
    first_block = 2 + len(parameters) // _BLOCK
    file.write(_header(markers, first_block))
    file.write(_parameters(markers, first_block))
    for first in range(0, len(markers), _FRAMES_AT_ONCE):
        positions = markers.positions[first : first + _FRAMES_AT_ONCE] @ (_FROM_AVATAR_SPACE.T * _MILLIMETRES)
        points = np.zeros((*positions.shape[:2], 4), "<f4")
        seen = np.isfinite(positions).all(axis=2)
        points[..., :3] = np.where(seen[..., None], positions, 0)
        points[..., 3] = np.where(seen, 0, -1)
        file.write(points.tobytes())


def _header(markers: Markers, first_block: int) -> bytes:
    """One block: where things are, and how many there are."""
    last = min(len(markers), _MOST_FRAMES)
    head = struct.pack("<BBHHHHHfHHf", 2, 0x50, len(NAMES), 0, 1, last, 10, _FLOATS, first_block, 0, markers.fps)
    return head.ljust(_BLOCK, b"\0")


def _parameters(markers: Markers, first_block: int) -> bytes:
    """Whole blocks: groups of parameters, which describe the data."""
    count = len(markers)
    halves = struct.pack("<2H", count & 0xFFFF, count >> 16)
    entries = (
        _group(1, "POINT", "Markers")
        + _integer(1, "USED", len(NAMES))
        + _integer(1, "FRAMES", min(count, _MOST_FRAMES))
        + _float(1, "LONG_FRAMES", count)
        + _integer(1, "DATA_START", first_block)
        + _float(1, "SCALE", _FLOATS)
        + _float(1, "RATE", markers.fps)
        + _text(1, "UNITS", "mm")
        + _text(1, "X_SCREEN", "+X")
        + _text(1, "Y_SCREEN", "+Z")
        + _texts(1, "LABELS", NAMES)
        + _texts(1, "DESCRIPTIONS", [""] * len(NAMES))
        + _group(2, "ANALOG", "None")
        + _integer(2, "USED", 0)
        + _float(2, "RATE", 0.0)
        + _float(2, "GEN_SCALE", 1.0)
        + _group(3, "TRIAL", "Which frames there are")
        + _parameter(3, "ACTUAL_START_FIELD", 2, (2,), struct.pack("<2H", 1, 0))
        + _parameter(3, "ACTUAL_END_FIELD", 2, (2,), halves)
        + b"\0\0"
    )
    blocks = -(-(len(entries) + 4) // _BLOCK)
    return (struct.pack("<BBBB", 1, 0x50, blocks, _INTEL) + entries).ljust(blocks * _BLOCK, b"\0")


def _group(number: int, name: str, description: str) -> bytes:
    tail = _described(description)
    return struct.pack("<bb", len(name), -number) + name.encode() + struct.pack("<h", 2 + len(tail)) + tail


def _parameter(group: int, name: str, kind: int, sizes: tuple[int, ...], data: bytes) -> bytes:
    """``kind``: -1 text, 2 whole numbers of 16 bits, 4 floats."""
    tail = struct.pack(f"<bB{len(sizes)}B", kind, len(sizes), *sizes) + data + _described("")
    return struct.pack("<bb", len(name), group) + name.encode() + struct.pack("<h", 2 + len(tail)) + tail


def _described(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _integer(group: int, name: str, value: int) -> bytes:
    return _parameter(group, name, 2, (), struct.pack("<H", value))


def _float(group: int, name: str, value: float) -> bytes:
    return _parameter(group, name, 4, (), struct.pack("<f", value))


def _text(group: int, name: str, value: str) -> bytes:
    return _parameter(group, name, -1, (len(value),), value.encode())


def _texts(group: int, name: str, values: "list[str] | tuple[str, ...]") -> bytes:
    width = max(1, *map(len, values))
    return _parameter(group, name, -1, (width, len(values)), "".join(value.ljust(width) for value in values).encode())
