"""Reads a recording's JSON lines, version 1 of ``docs/wire-format.md``."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson

from mocast.errors import Unprocessable
from mocast.export.motion import Motion
from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES
from mocast.wire import recording_json

_PTS_PER_S: Final = 90_000
_U32: Final = 0xFFFF_FFFF
_HALF: Final = 1 << 31


def read_motion(path: Path) -> Motion:
    """Return the rigs of a recording, on the times of their pictures.

    A last line that was cut short is left out; so are rigs that are not later than the one before.
    Raises ``Unprocessable`` where the file is no recording or holds no rig, ``OSError`` where it cannot be read.
    """
    with path.open("rb") as file:
        return motion_of(file)


def motion_of(lines: Iterable[bytes]) -> Motion:
    """Return the rigs of a recording's lines; see ``read_motion``."""
    numbered = iter(lines)
    _check_header(next(numbered, b""))
    times: list[float] = []
    rows: dict[str, list[Any]] = {"hips": [], "rotations": [], "shapes": [], "expressions": [], "gaze_deg": []}
    last_pts, elapsed = 0, 0
    for rig in _rigs(numbered):
        try:
            step = (int(rig["pts"]) - last_pts) & _U32 if times else 0
            if times and not 0 < step < _HALF:
                continue
            row = _row(rig)
        except (KeyError, TypeError, ValueError) as error:
            raise Unprocessable("a rig in this recording cannot be read") from error
        elapsed += step
        last_pts = rig["pts"]
        times.append(elapsed / _PTS_PER_S)
        for name, values in row.items():
            rows[name].append(values)
    if not times:
        raise Unprocessable("nothing in this recording moves an avatar: it holds no rig")
    return Motion(times_s=np.array(times), **{name: np.array(values, np.float32) for name, values in rows.items()})


def _check_header(line: bytes) -> None:
    try:
        recording_json.read_header(line)
    except ValueError as error:
        raise Unprocessable(f"this is no recording of Mocast in version {recording_json.VERSION}") from error


def _rigs(lines: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """The rigs among the lines. Landmarks, most of a file, are not parsed."""
    for line in lines:
        if not recording_json.is_rig(line):
            continue
        try:
            rig = orjson.loads(line)
        except ValueError as error:
            if not line.endswith(b"\n"):
                return
            raise Unprocessable("a line of this recording is not JSON") from error
        if isinstance(rig, dict) and rig.get("type") == "rig":
            yield rig


def _row(rig: dict[str, Any]) -> dict[str, Any]:
    rotations, shapes, expressions = rig["rotations"], rig["shapes"], rig["expressions"]
    quaternions = np.array([rotations[name] for name in BONE_NAMES], np.float64).reshape(len(BONE_NAMES), 4)
    lengths = np.linalg.norm(quaternions, axis=1, keepdims=True)
    if not (lengths > 0.5).all():  # also what is not a number
        raise ValueError("a rotation that is none")
    return {
        "hips": np.array(rig["hips"], np.float32).reshape(3),
        "rotations": (quaternions / lengths).astype(np.float32),  # written with 5 decimals
        "shapes": np.array([shapes[name] for name in SHAPE_NAMES], np.float32).reshape(len(SHAPE_NAMES)),
        "expressions": np.array([expressions[name] for name in EXPRESSION_NAMES], np.float32),
        "gaze_deg": np.array([rig["gaze"]["yaw_deg"], rig["gaze"]["pitch_deg"]], np.float32),
    }
