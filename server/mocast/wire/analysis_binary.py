"""An analysis as one binary message, version 1 of ``docs/wire-format.md``: the writer and the reference reader.

Angles and symmetry, which change with each frame, are a table of numbers. What changes seldom is JSON behind it.
"""

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from mocast.model.analysis import ANGLE_COUNT, PAIR_COUNT, Analysis, JointAngles, Symmetry
from mocast.model.wrapping import wrapped
from mocast.wire import analysis_json

PROTOCOL: Final = "mocast.analysis.v1+binary"
"""The sub-protocol's name on the data channel."""
VERSION: Final = 1

_HEADER: Final = struct.Struct("<BBHIIBB2x")
"""Version, person, delay, frame, pts, number of angles, number of pairs; with no angles known, both are 0."""
_ANGLES: Final = np.dtype(
    [("degrees", "<i2"), ("speed", "<i2"), ("lowest", "<i2"), ("highest", "<i2"), ("error", "u1"), ("faces", "u1")]
)
_PAIRS: Final = np.dtype([("difference", "<i2"), ("range", "<i2")])

_DEGREES: Final = 100
_SPEED: Final = 10
_ERROR: Final = 2
_PERCENT: Final = 100
_UNKNOWN: Final = -32768
_UNKNOWN_ERROR: Final = 255
_U16: Final = 0xFFFF
_IN_TABLES: Final = frozenset({"angles", "symmetry"})


@dataclass(frozen=True, slots=True, eq=False)
class DecodedAnalysis:
    """The content of a message, with the format's precision."""

    frame: int
    "The frame's number, modulo 2³²."
    pts: int
    "RTP timestamp of the frame, modulo 2³²."
    person: int
    "Whose analysis it is, 0..15."
    delay_ms: int
    "From decoded to analysed."
    angles: JointAngles | None
    symmetry: Symmetry | None
    others: dict[str, Any]
    "The other parts by their names, as in the JSON form."


def encode(analysis: Analysis) -> bytes:
    """Return the analysis's message. Values beyond the format's range are clamped to it."""
    angles, symmetry = analysis.angles, analysis.symmetry
    header = _HEADER.pack(
        VERSION,
        analysis.person,
        min(analysis.delay_ms, _U16),
        wrapped(analysis.frame),
        wrapped(analysis.pts),
        ANGLE_COUNT if angles else 0,
        PAIR_COUNT if symmetry else 0,
    )
    others = orjson.dumps(analysis_json.parts(analysis, without=_IN_TABLES))
    return b"".join(
        [header, _angle_table(angles) if angles else b"", _pair_table(symmetry) if symmetry else b"", others]
    )


def decode(message: bytes) -> DecodedAnalysis | None:
    """Parse a message; ``None`` where it is of another version, or cut short. Never raises."""
    if len(message) < _HEADER.size or message[0] != VERSION:
        return None
    _, person, delay_ms, frame, pts, angle_count, pair_count = _HEADER.unpack_from(message)
    pairs_at = _HEADER.size + angle_count * _ANGLES.itemsize
    others_at = pairs_at + pair_count * _PAIRS.itemsize
    if angle_count not in (0, ANGLE_COUNT) or pair_count not in (0, PAIR_COUNT):
        return None
    try:
        others = orjson.loads(message[others_at:])
    except ValueError:
        return None
    if not isinstance(others, dict):
        return None
    return DecodedAnalysis(
        frame,
        pts,
        person,
        delay_ms,
        _read_angles(np.frombuffer(message, _ANGLES, angle_count, _HEADER.size)) if angle_count else None,
        _read_pairs(np.frombuffer(message, _PAIRS, pair_count, pairs_at)) if pair_count else None,
        others,
    )


def _angle_table(angles: JointAngles) -> bytes:
    table = np.empty(ANGLE_COUNT, _ANGLES)
    table["degrees"] = _i16(angles.degrees, _DEGREES)
    table["speed"] = _i16(angles.speed_deg_s, _SPEED)
    table["lowest"] = _i16(angles.lowest_deg, _DEGREES)
    table["highest"] = _i16(angles.highest_deg, _DEGREES)
    errors = np.rint(angles.error_deg * _ERROR).clip(0, _UNKNOWN_ERROR - 1)
    table["error"] = np.where(np.isfinite(errors), errors, _UNKNOWN_ERROR)
    table["faces"] = angles.faces_camera
    return table.tobytes()


def _pair_table(symmetry: Symmetry) -> bytes:
    table = np.empty(PAIR_COUNT, _PAIRS)
    table["difference"] = _i16(symmetry.difference_deg, _DEGREES)
    table["range"] = _i16(symmetry.range_percent, _PERCENT)
    return table.tobytes()


def _read_angles(table: NDArray[np.void]) -> JointAngles:
    errors = table["error"].astype(np.float32)
    errors[errors == _UNKNOWN_ERROR] = np.nan
    return JointAngles(
        degrees=_f32(table["degrees"], _DEGREES),
        speed_deg_s=_f32(table["speed"], _SPEED),
        error_deg=errors / _ERROR,
        faces_camera=table["faces"] != 0,
        lowest_deg=_f32(table["lowest"], _DEGREES),
        highest_deg=_f32(table["highest"], _DEGREES),
    )


def _read_pairs(table: NDArray[np.void]) -> Symmetry:
    return Symmetry(_f32(table["difference"], _DEGREES), _f32(table["range"], _PERCENT))


def _i16(values: NDArray[np.float32], scale: int) -> NDArray[np.float32]:
    """Return the values in steps of ``1 / scale``; ``_UNKNOWN`` for NaN."""
    return np.where(np.isfinite(values), np.rint(values * scale).clip(_UNKNOWN + 1, -_UNKNOWN - 1), _UNKNOWN)


def _f32(values: NDArray[np.int16], scale: int) -> NDArray[np.float32]:
    read = values.astype(np.float32) / np.float32(scale)
    read[values == _UNKNOWN] = np.nan
    return read
