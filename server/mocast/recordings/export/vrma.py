"""The writer of VRM Animation (``.vrma``): bones, hips, expressions and gaze, for any VRM avatar.

Source: https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm_animation-1.0
"""

from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES, PARENTS, REST_OFFSETS, HumanoidBone
from mocast.model.names import both_sides
from mocast.recordings.export.glb import Glb
from mocast.recordings.export.motion import Motion, Times

EXTENSION: Final = "VRMC_vrm_animation"

_EYES: Final = both_sides(HumanoidBone, "EYE")
_NO_TRACK: Final = (*_EYES, HumanoidBone.JAW)
"""Bones that are left out: ``lookAt`` moves the eyes, and expressions open the mouth."""
_ALONG_X: Final = np.array([1, 0, 0], np.float32)


def write(motion: Motion, file: IO[bytes], offsets: NDArray[np.floating[Any]] = REST_OFFSETS) -> None:
    """Write a motion of constant rate. Raises ``OSError`` as the file does.

    ``offsets``: (55, 3) metres, each joint relative to its parent's.
    ARKit's 52 shapes are custom expressions of the same names.
    """
    glb = Glb()
    tracks = _Tracks(glb, motion.times_s)
    bones = _add_bones(glb, tracks, motion, offsets)
    preset = tracks.add_expressions(EXPRESSION_NAMES, motion.expressions)
    custom = tracks.add_expressions(SHAPE_NAMES, motion.shapes)
    gaze = glb.add_node("lookAt")
    tracks.animate(gaze, "rotation", _gaze_rotations(motion.gaze_deg))
    middle_of_eyes = offsets[list(_EYES)].mean(axis=0)
    glb.write(
        file,
        {
            EXTENSION: {
                "specVersion": "1.0",
                "humanoid": {"humanBones": {BONE_NAMES[bone]: {"node": node} for bone, node in bones.items()}},
                "expressions": {"preset": preset, "custom": custom},
                "lookAt": {"node": gaze, "offsetFromHeadBone": middle_of_eyes.round(6).astype(float).tolist()},
            }
        },
    )


class _Tracks:
    """Adds animations to a file; a constant one is reduced to two key frames."""

    def __init__(self, glb: Glb, times_s: Times) -> None:
        self._glb = glb
        ends = times_s[[0, -1]] if len(times_s) > 1 else times_s
        self._ends = len(ends)
        self._all_times = glb.add_array(times_s.astype(np.float32), with_bounds=True)
        self._end_times = glb.add_array(ends.astype(np.float32), with_bounds=True)

    def animate(self, node: int, path: str, values: NDArray[np.float32]) -> None:
        """Animate a node's ``path`` by (n, 3) or (n, 4) values, one a frame."""
        if (values == values[0]).all():
            self._glb.animate(node, path, self._end_times, values[: self._ends])
        else:
            self._glb.animate(node, path, self._all_times, values)

    def add_expressions(self, names: tuple[str, ...], weights: NDArray[np.float32]) -> dict[str, Any]:
        """Add a node for each of k expressions, whose (n, k) weights are x of its translation; return them by name."""
        nodes = {}
        for name, weight in zip(names, weights.T, strict=True):
            node = self._glb.add_node(name)
            self.animate(node, "translation", np.clip(weight, 0, 1)[:, None] * _ALONG_X)
            nodes[name] = {"node": node}
        return nodes


def _add_bones(
    glb: Glb, tracks: _Tracks, motion: Motion, offsets: NDArray[np.floating[Any]]
) -> dict[HumanoidBone, int]:
    nodes: dict[HumanoidBone, int] = {}
    for bone in HumanoidBone:
        if bone not in _NO_TRACK:
            parent = nodes[HumanoidBone(PARENTS[bone])] if PARENTS[bone] >= 0 else None
            nodes[bone] = glb.add_node(BONE_NAMES[bone], offsets[bone].astype(np.float32), parent)
            tracks.animate(nodes[bone], "rotation", motion.rotations[:, bone])
    tracks.animate(nodes[HumanoidBone.HIPS], "translation", motion.hips)
    return nodes


def _gaze_rotations(gaze_deg: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (n, 4) rotations by (n, 2) yaw about Y and pitch about X; the format's positive pitch is down."""
    half_yaw, half_pitch = np.radians(gaze_deg.astype(np.float64)).T / 2
    sin_yaw, cos_yaw, sin_pitch, cos_pitch = np.sin(half_yaw), np.cos(half_yaw), -np.sin(half_pitch), np.cos(half_pitch)
    rotations = np.stack([cos_yaw * sin_pitch, sin_yaw * cos_pitch, -sin_yaw * sin_pitch, cos_yaw * cos_pitch], axis=-1)
    return np.asarray(rotations, np.float32)
