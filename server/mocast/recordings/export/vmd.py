"""The writer of VMD (Vocaloid Motion Data), which MikuMikuDance and its kin read: 30 fps, names in Shift-JIS.

Source of the layout: https://mikumikudance.fandom.com/wiki/VMD_file_format, and ``3d/mmd_vmd.ksy`` of Kaitai Struct's
formats. *MMD's space* is left-handed, Y up, the model faces -Z, its left is +X; from avatar space: p → (x, y, -z),
q → (-x, -y, z, w). Its models rest with arms that slope down, and upper and lower body are siblings that turn about the
waist. The inverse kinematics of its legs are switched off, as rotations of thigh, knee and ankle are written.
"""

# ruff: noqa: RUF001 (names of bones have full-width digits and letters)
import math
import struct
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import Expression
from mocast.model.humanoid import REST_OFFSETS, HumanoidBone
from mocast.model.quaternions import CONJUGATE, multiply, rotate
from mocast.recordings.export.motion import Motion

FPS: Final = 30.0
"""The format has no other rate."""
UNITS_PER_METRE: Final = 12.5
"""MikuMikuDance's own models are 20 units tall, for 1.58 to 1.6 m."""
ARM_SLOPE_DEG: Final = 35.0
"""How far the arms of MikuMikuDance's own models slope down at rest."""

_Rotations = NDArray[np.float64]
_Floats = NDArray[np.floating[Any]]
_Keys = NDArray[Any]
"""Of one of the types below."""
B = HumanoidBone

_SIDES: Final = {"LEFT": "左", "RIGHT": "右"}
_FINGERS: Final = {
    "THUMB": ("親指", "０１２", ("METACARPAL", "PROXIMAL", "DISTAL")),
    **{
        finger: (name, "１２３", ("PROXIMAL", "INTERMEDIATE", "DISTAL"))
        for finger, name in (("INDEX", "人指"), ("MIDDLE", "中指"), ("RING", "薬指"), ("LITTLE", "小指"))
    },
}
_LIMBS: Final = {
    "EYE": "目",
    "SHOULDER": "肩",
    "UPPER_LEG": "足",
    "LOWER_LEG": "ひざ",
    "FOOT": "足首",
}
IK_BONES: Final = ("左足ＩＫ", "右足ＩＫ", "左つま先ＩＫ", "右つま先ＩＫ")

_BONE: Final = np.dtype(
    [("name", "S15"), ("frame", "<u4"), ("position", "<f4", 3), ("rotation", "<f4", 4), ("curves", "u1", 64)]
)
_MORPH: Final = np.dtype([("name", "S15"), ("frame", "<u4"), ("weight", "<f4")])
_STRAIGHT: Final = bytes([20] * 8 + [107] * 8)
_CURVES: Final = np.frombuffer(b"".join(_STRAIGHT[start:] + bytes([1, 0, 0][:start]) for start in range(4)), np.uint8)
"""Of linear interpolation; each of the last three rows repeats the first one, moved by a byte."""
_SAME: Final = 1e-5
"""Values that differ by less are the same: such a key frame between two others says nothing."""


def write(motion: Motion, file: IO[bytes]) -> None:
    """Write a motion of 30 frames a second. Raises ``OSError`` as the file does."""
    file.write(struct.pack("<30s20s", b"Vocaloid Motion Data 0002", b"Mocast"))
    _write_keys(file, [_bone_keys(name, *values) for name, values in _bones(motion).items()])
    _write_keys(file, [_morph_keys(name, weights) for name, weights in _morphs(motion.expressions).items()])
    file.write(struct.pack("<3I", 0, 0, 0))  # no cameras, lights and shadows
    file.write(struct.pack("<2IBI", 1, 0, 1, len(IK_BONES)))  # in frame 0 the model is shown, with these switched off
    for name in IK_BONES:
        file.write(struct.pack("<20sB", name.encode("shift_jis"), 0))


def _bones(motion: Motion) -> dict[str, tuple[NDArray[np.float64], _Rotations]]:
    """Return (n, 3) positions and (n, 4) rotations of each bone, in avatar space."""
    local = motion.rotations.astype(np.float64)
    still = np.zeros((len(motion), 3))
    hips = local[:, B.HIPS]
    waist = REST_OFFSETS[B.SPINE].astype(np.float64)
    moved = motion.hips + rotate(hips, np.broadcast_to(waist, still.shape)) - REST_OFFSETS[B.HIPS] - waist
    turned = {
        "センター": np.tile([0.0, 0.0, 0.0, 1.0], (len(motion), 1)),
        "下半身": hips,
        "上半身": multiply(hips, local[:, B.SPINE]),
        "上半身2": multiply(local[:, B.CHEST], local[:, B.UPPER_CHEST]),
        "首": local[:, B.NECK],
        "頭": local[:, B.HEAD],
    }
    for side, letter in _SIDES.items():
        turned |= {letter + name: local[:, HumanoidBone[f"{side}_{bone}"]] for bone, name in _LIMBS.items()}
        turned |= _arm(local, side, letter)
    return {name: (moved if name == "センター" else still, rotations) for name, rotations in turned.items()}


def _arm(local: _Rotations, side: str, letter: str) -> dict[str, _Rotations]:
    """Return the rotations from the elbow's side of the shoulder on, relative to arms that slope down."""
    half = math.radians(ARM_SLOPE_DEG if side == "RIGHT" else -ARM_SLOPE_DEG) / 2
    slope = np.array([0.0, 0.0, math.sin(half), math.cos(half)])
    level = slope * CONJUGATE

    def below(bone: str) -> _Rotations:
        return multiply(multiply(slope, local[:, HumanoidBone[f"{side}_{bone}"]]), level)

    turned = {f"{letter}腕": multiply(local[:, HumanoidBone[f"{side}_UPPER_ARM"]], level)}
    turned |= {f"{letter}ひじ": below("LOWER_ARM"), f"{letter}手首": below("HAND")}
    for finger, (name, digits, joints) in _FINGERS.items():
        turned |= {
            letter + name + digit: below(f"{finger}_{joint}") for digit, joint in zip(digits, joints, strict=True)
        }
    return turned


def _morphs(expressions: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return the weights of MMD's customary morphs. A blink is how far both eyes are shut, a wink the rest."""
    of = {expression: expressions[:, expression] for expression in Expression}
    left, right = of[Expression.BLINK_LEFT], of[Expression.BLINK_RIGHT]
    both = np.minimum(left, right)
    return {
        "あ": of[Expression.AA],
        "い": of[Expression.IH],
        "う": of[Expression.OU],
        "え": of[Expression.EE],
        "お": of[Expression.OH],
        "まばたき": both,
        "ウィンク２": left - both,
        "ｳｨﾝｸ２右": right - both,
        "にこり": of[Expression.HAPPY],
        "怒り": of[Expression.ANGRY],
        "困る": of[Expression.SAD],
        "びっくり": of[Expression.SURPRISED],
    }


def _bone_keys(name: str, positions: NDArray[np.float64], rotations: _Rotations) -> _Keys:
    frames = _key_frames(np.concatenate([positions, rotations], axis=1))
    keys = np.zeros(len(frames), _BONE)
    keys["name"], keys["frame"], keys["curves"] = name.encode("shift_jis"), frames, _CURVES
    keys["position"] = positions[frames] * np.array([1, 1, -1]) * UNITS_PER_METRE
    keys["rotation"] = rotations[frames] * np.array([-1, -1, 1, 1])
    return keys


def _morph_keys(name: str, weights: NDArray[np.float32]) -> _Keys:
    frames = _key_frames(weights[:, None])
    keys = np.zeros(len(frames), _MORPH)
    keys["name"], keys["frame"], keys["weight"] = name.encode("shift_jis"), frames, weights[frames]
    return keys


def _key_frames(values: _Floats) -> NDArray[np.intp]:
    """Return the frames that are not the same as both of their neighbours; the first one always."""
    changes = np.abs(np.diff(values, axis=0)).max(axis=1) > _SAME
    wanted = np.zeros(len(values), bool)
    wanted[0] = True
    wanted[1:] |= changes
    wanted[:-1] |= changes
    return np.flatnonzero(wanted)


def _write_keys(file: IO[bytes], keys: list[_Keys]) -> None:
    file.write(struct.pack("<I", sum(map(len, keys))))
    for of_one in keys:
        file.write(of_one.tobytes())
