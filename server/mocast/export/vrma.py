"""Writes a motion as VRM Animation (``.vrma``): bones, hips, expressions and gaze, for any VRM avatar.

Source: https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm_animation-1.0
"""

from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from mocast.export.glb import Glb
from mocast.export.motion import Motion
from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES
from mocast.model.humanoid import BONE_NAMES, PARENTS, REST_OFFSETS, REST_POSITIONS, HumanoidBone

EXTENSION: Final = "VRMC_vrm_animation"

_EYES: Final = (HumanoidBone.LEFT_EYE, HumanoidBone.RIGHT_EYE)
_NOT_TURNED: Final = (*_EYES, HumanoidBone.JAW)
"""The format moves eyes by ``lookAt`` and has no bones for them; the expressions open the mouth, once is enough."""
_ALONG_X: Final = np.array([1, 0, 0], np.float32)


def write(motion: Motion, file: IO[bytes]) -> None:
    """Write a motion of constant rate. Raises ``OSError`` as the file does.

    The 52 shapes of ARKit are custom expressions of their names. What never changes has two frames: the first and the
    last.
    """
    glb = Glb()
    ends = motion.times_s[[0, -1]] if len(motion) > 1 else motion.times_s
    all_times = glb.add_array(motion.times_s.astype(np.float32), with_bounds=True)
    end_times = glb.add_array(ends.astype(np.float32), with_bounds=True)

    def animate(node: int, path: str, values: NDArray[np.float32]) -> None:
        if (values == values[0]).all():
            glb.animate(node, path, end_times, values[: len(ends)])
        else:
            glb.animate(node, path, all_times, values)

    bones: dict[HumanoidBone, int] = {}
    for bone in HumanoidBone:
        if bone not in _NOT_TURNED:
            parent = bones[HumanoidBone(PARENTS[bone])] if PARENTS[bone] >= 0 else None
            bones[bone] = glb.add_node(BONE_NAMES[bone], REST_OFFSETS[bone], parent)
            animate(bones[bone], "rotation", motion.rotations[:, bone])
    animate(bones[HumanoidBone.HIPS], "translation", motion.hips)

    def expressions(names: tuple[str, ...], weights: NDArray[np.float32]) -> dict[str, Any]:
        nodes = {}
        for name, weight in zip(names, weights.T, strict=True):
            nodes[name] = {"node": glb.add_node(name)}
            # The weight is the translation's x.
            animate(nodes[name]["node"], "translation", np.clip(weight, 0, 1)[:, None] * _ALONG_X)
        return nodes

    preset = expressions(EXPRESSION_NAMES, motion.expressions)
    custom = expressions(SHAPE_NAMES, motion.shapes)
    gaze = glb.add_node("lookAt")
    animate(gaze, "rotation", _looking(motion.gaze_deg))
    middle_of_eyes = REST_POSITIONS[list(_EYES)].mean(axis=0) - REST_POSITIONS[HumanoidBone.HEAD]
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


def _looking(gaze_deg: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 2) yaw and pitch → (n, 4): yaw about Y, then pitch about X, where the format's positive pitch is down."""
    half_yaw, half_pitch = np.radians(gaze_deg.astype(np.float64)).T / 2
    sin_yaw, cos_yaw, sin_pitch, cos_pitch = np.sin(half_yaw), np.cos(half_yaw), -np.sin(half_pitch), np.cos(half_pitch)
    looking = np.stack([cos_yaw * sin_pitch, sin_yaw * cos_pitch, -sin_yaw * sin_pitch, cos_yaw * cos_pitch], axis=-1)
    return np.asarray(looking, np.float32)
