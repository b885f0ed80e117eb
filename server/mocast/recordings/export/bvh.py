"""The writer of BVH (Biovision hierarchy), which Blender, MotionBuilder and Unreal read.

Centimetres, Y up, the T-pose at rest; joints have VRM's names. Each joint has rotations about Z, X and Y, in that
order; the hips have a position, too, and the offset 0, as readers disagree whether a root's offset adds to its
position. Source: https://research.cs.wisc.edu/graphics/Courses/cs-838-1999/Jeff/BVH.html
"""

from collections.abc import Iterator
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import BONE_COUNT, BONE_NAMES, PARENTS, REST_OFFSETS, HumanoidBone
from mocast.model.names import both_sides
from mocast.recordings.export.euler import zxy_degrees
from mocast.recordings.export.motion import Motion

_Vector = NDArray[np.float64]

SCALE: Final = 100
"""Centimetres in a metre; most programs take a BVH's numbers for centimetres."""

_ROTATIONS: Final = "Zrotation Xrotation Yrotation"
_CHANNELS: Final = f"6 Xposition Yposition Zposition {_ROTATIONS}"
_JOINT_CHANNELS: Final = f"3 {_ROTATIONS}"
_FRAMES_AT_ONCE: Final = 512
"""Frames that are converted at a time: a whole recording at once would take ten times its memory."""

_END_LENGTH_M: Final = 0.02
"""The length of leaf bones (``End Site``), which the skeleton does not define: about that of a fingertip."""
_END_DIRECTIONS: Final = dict.fromkeys(both_sides(HumanoidBone, "EYE"), (0, 0, 1))
"""The directions of leaf bones that do not continue their parent's direction."""


def write(motion: Motion, file: IO[bytes], offsets: NDArray[np.floating[Any]] = REST_OFFSETS) -> None:
    """Write a motion of constant rate. Raises ``OSError`` as the file does.

    ``offsets``: (55, 3) metres, each joint relative to its parent's.
    """
    file.write(("\n".join(_joint(HumanoidBone.HIPS, "", offsets)) + "\n").encode())
    file.write(f"MOTION\nFrames: {len(motion)}\nFrame Time: {motion.step_s:.8f}\n".encode())
    row_format = " ".join(["%.4f"] * (3 + 3 * BONE_COUNT)) + "\n"
    before = None
    for first in range(0, len(motion), _FRAMES_AT_ONCE):
        frames = slice(first, first + _FRAMES_AT_ONCE)
        angles = zxy_degrees(motion.rotations[frames], before)
        before = angles[-1]
        rows = np.concatenate([motion.hips[frames] * SCALE, angles[:, _ORDER].reshape(len(angles), -1)], axis=1)
        # Adding 0 makes 0 of -0.
        file.write("".join(row_format % tuple(row) for row in (rows.round(4) + 0.0).tolist()).encode())


def _children() -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(child for child in range(BONE_COUNT) if PARENTS[child] == bone) for bone in range(BONE_COUNT))


_CHILDREN: Final = _children()


def _depth_first(bone: int) -> Iterator[int]:
    yield bone
    for child in _CHILDREN[bone]:
        yield from _depth_first(child)


_ORDER: Final = tuple(_depth_first(HumanoidBone.HIPS))
"""The bones as the hierarchy names them, which is the order of a frame's numbers."""


def _joint(bone: int, indent: str, offsets: NDArray[np.floating[Any]]) -> Iterator[str]:
    is_root = bone == HumanoidBone.HIPS
    if is_root:
        yield "HIERARCHY"
    inner = indent + "  "
    offset = np.zeros(3) if is_root else offsets[bone].astype(np.float64)
    yield f"{indent}{'ROOT' if is_root else 'JOINT'} {BONE_NAMES[bone]}"
    yield f"{indent}{{"
    yield f"{inner}OFFSET {_centimetres(offset)}"
    yield f"{inner}CHANNELS {_CHANNELS if is_root else _JOINT_CHANNELS}"
    for child in _CHILDREN[bone]:
        yield from _joint(child, inner, offsets)
    if not _CHILDREN[bone]:
        yield from (
            f"{inner}End Site",
            f"{inner}{{",
            f"{inner}  OFFSET {_centimetres(_end(bone, offsets[bone]))}",
            f"{inner}}}",
        )
    yield f"{indent}}}"


def _end(bone: int, offset: NDArray[np.floating[Any]]) -> _Vector:
    if not offset.any():  # a bone that an avatar lacks
        offset = REST_OFFSETS[bone]
    direction = np.array(_END_DIRECTIONS.get(HumanoidBone(bone), offset), np.float64)
    return np.asarray(direction / np.linalg.norm(direction) * _END_LENGTH_M)


def _centimetres(offset: _Vector) -> str:
    return " ".join(f"{value * SCALE + 0.0:.4f}" for value in offset)
