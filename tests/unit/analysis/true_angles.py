"""The joint angles of a synthetic skeleton by its bones' rotations, without landmarks: the truth."""

import numpy as np
from numpy.typing import NDArray
from tests.unit.rigging.skeletons import Skeleton

from mocast.model.analysis import ANGLE_COUNT, ANGLE_INDEX, AngleName
from mocast.model.humanoid import HumanoidBone
from mocast.model.quaternions import to_matrices
from mocast.rigging.body import kinematics

B = HumanoidBone
X, Y, Z = np.eye(3)


def true_angles(skeleton: Skeleton) -> NDArray[np.float64]:
    """Return (20,) degrees in the order of ``ANGLE_NAMES``.

    Pelvis and chest are the bones', not what four points of a trunk show of them. The trunk's axis, which is no bone,
    is from between the hips to between the shoulders.
    """
    axes = to_matrices(skeleton.turned)
    joints = kinematics.positions(skeleton.local, np.zeros(3))
    truth = np.full(ANGLE_COUNT, np.nan)

    def put(name: AngleName, value: float) -> None:
        truth[ANGLE_INDEX[name]] = np.degrees(value)

    pelvis, chest, head = axes[B.HIPS], axes[B.UPPER_CHEST], axes[B.HEAD]
    middles = [0.5 * (joints[B[f"LEFT_{bone}"]] + joints[B[f"RIGHT_{bone}"]]) for bone in ("UPPER_LEG", "UPPER_ARM")]
    spine = (middles[1] - middles[0]) / np.linalg.norm(middles[1] - middles[0])
    for side, out in (("left", 1.0), ("right", -1.0)):
        bone = {name: axes[B[f"{side.upper()}_{name}"]] for name in ("UPPER_ARM", "LOWER_ARM", "HAND")}
        upper, lower = bone["UPPER_ARM"] @ (out * X), bone["LOWER_ARM"] @ (out * X)
        put(f"{side}_elbow", np.arccos(np.clip(upper @ lower, -1, 1)))  # type: ignore[arg-type]
        in_chest = chest.T @ upper
        put(f"{side}_shoulder_flexion", _wrapped(np.arctan2(in_chest[2], -in_chest[1])))  # type: ignore[arg-type]
        put(f"{side}_shoulder_abduction", _wrapped(np.arctan2(out * in_chest[0], -in_chest[1])))  # type: ignore[arg-type]
        in_hand = bone["HAND"].T @ lower
        put(f"{side}_wrist", np.arctan2(in_hand[1], out * in_hand[0]))  # type: ignore[arg-type]
        thigh, shank, foot = (axes[B[f"{side.upper()}_{name}"]] for name in ("UPPER_LEG", "LOWER_LEG", "FOOT"))
        in_pelvis = pelvis.T @ -thigh[:, 1]
        put(f"{side}_hip_flexion", np.arctan2(in_pelvis[2], -in_pelvis[1]))  # type: ignore[arg-type]
        put(f"{side}_hip_abduction", np.arcsin(out * in_pelvis[0]))  # type: ignore[arg-type]
        put(f"{side}_knee", np.arccos(np.clip(thigh[:, 1] @ shank[:, 1], -1, 1)))  # type: ignore[arg-type]
        put(f"{side}_ankle", np.arcsin(np.clip(shank[:, 1] @ foot[:, 2], -1, 1)))  # type: ignore[arg-type]
    nose = chest.T @ head[:, 2]
    put("neck", np.arctan2(-nose[1], nose[2]))
    level = pelvis[:, 0] * [1, 0, 1] / np.linalg.norm(pelvis[[0, 2], 0])
    put("trunk_lean", np.arctan2(spine @ np.cross(level, Y), spine[1]))
    put("trunk_side_lean", np.arcsin(spine @ level))
    across = [line - (line @ spine) * spine for line in (pelvis[:, 0], chest[:, 0])]
    put("trunk_twist", np.arctan2(np.cross(*across) @ spine, across[0] @ across[1]))
    return truth


def _wrapped(angle: float) -> float:
    return angle if angle >= -np.pi / 2 else angle + 2 * np.pi
