"""Kalidokit on the same landmarks, run by node; as its VRM template uses it, and in the kindest reading of its angles.

It computes angles from directions in the camera's axes and leaves it to the application how to put them on bones. Its
template puts them on as local rotations, dampens some and moves each bone by 0.3 of the way in every picture. The kind
reading leaves dampening out and takes hips, spine and head for rotations relative to the camera, which is what they are
computed from; of an arm or a leg it takes the reading, relative to the camera or to the trunk, which is nearer to the
truth over all frames.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import BONE_COUNT, FINGER_JOINTS, HumanoidBone
from mocast.model.quaternions import CONJUGATE, IDENTITY, Quaternions, about, multiply, nlerp
from mocast.model.tracked import Tracked
from mocast.rigging.body import kinematics

B = HumanoidBone
FOLDER = Path(__file__).parents[1] / "kalidokit"
INSTALL = f"npm --prefix {FOLDER.relative_to(Path(__file__).parents[2])} ci --ignore-scripts"

TEMPLATE_LERP = 0.3
"""The share of the way that its template's bones go in each picture."""
_DAMPED = {"Hips": 0.7, "Spine": 0.45, "Chest": 0.25, "Neck": 0.7}
_LIMBS = ("UPPER_ARM", "LOWER_ARM", "UPPER_LEG", "LOWER_LEG")


def is_installed() -> bool:
    """Whether ``INSTALL`` was run."""
    return (FOLDER / "node_modules" / "kalidokit").is_dir()


def solve(frames: Sequence[Tracked]) -> list[dict[str, Any]]:
    """Return its solvers' answers for each frame."""
    lines = "\n".join(json.dumps(_landmarks(frame)) for frame in frames)
    done = subprocess.run(
        ["node", "solve.js"], cwd=FOLDER, input=lines, capture_output=True, text=True, timeout=600, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _landmarks(frame: Tracked) -> dict[str, Any]:
    pose = frame.pose
    hands = [None if hand is None else hand.image.round(6).tolist() for hand in (frame.left_hand, frame.right_hand)]
    return {
        "width": frame.size_wh[0],
        "height": frame.size_wh[1],
        "pose": None if pose is None else np.column_stack([pose.image, pose.visibility]).round(6).tolist(),
        "world": None if pose is None else pose.world.round(6).tolist(),
        "face": None if frame.face is None else frame.face.image.round(6).tolist(),
        "left": hands[0],
        "right": hands[1],
    }


def rotations(solved: dict[str, Any], *, kind: bool, limbs_in_trunk: bool = True) -> Quaternions:
    """Return (55, 4) local rotations of one frame, in our avatar space and not mirrored.

    ``limbs_in_trunk``: whether, in the kind reading, arms and legs are relative to the trunk or to the camera.
    """
    local = np.tile(IDENTITY, (BONE_COUNT, 1))
    pose, head = solved["pose"], solved["head"]
    if pose is not None:
        hips, spine = _euler(pose["Hips"]["rotation"]), _euler(pose["Spine"])
        if kind:
            local[B.HIPS] = hips
            local[[B.SPINE, B.CHEST, B.UPPER_CHEST]] = _shared(hips, spine)
        else:
            local[B.HIPS] = _euler(pose["Hips"]["rotation"], _DAMPED["Hips"])
            local[B.SPINE], local[B.CHEST] = (_euler(pose["Spine"], _DAMPED[name]) for name in ("Spine", "Chest"))
        for side, other in (("Left", "RIGHT"), ("Right", "LEFT")):
            for name in _LIMBS:
                local[B[f"{other}_{name}"]] = _euler(pose[side + _camel(name)])
            hand = solved[side.lower()]
            turn = dict(pose[f"{side}Hand"])
            if hand is not None:
                turn |= {axis: hand[f"{side}Wrist"][axis] for axis in "xy"}
                _fingers(local, hand, side, other)
            local[B[f"{other}_HAND"]] = _euler(turn)
        if kind and not limbs_in_trunk:
            turned = kinematics.to_global(local)
            for side in ("LEFT", "RIGHT"):
                for name, trunk in (("UPPER_ARM", B.UPPER_CHEST), ("UPPER_LEG", B.HIPS)):
                    bone = B[f"{side}_{name}"]
                    local[bone] = multiply(turned[trunk] * CONJUGATE, local[bone])
    if head is not None:
        if kind:
            chest = kinematics.to_global(local)[B.UPPER_CHEST]
            turn = multiply(chest * CONJUGATE, _euler(head))
            local[B.NECK] = nlerp(IDENTITY, turn, 0.4)
            local[B.HEAD] = multiply(local[B.NECK] * CONJUGATE, turn)
        else:
            local[B.NECK] = _euler(head, _DAMPED["Neck"])
    return local


def as_template(locals_: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, 55, 4) rotations as its template shows them, a picture after the other: 0.3 of the way in each."""
    shown = [locals_[0]]
    for local in locals_[1:]:
        shown.append(nlerp(shown[-1], local, TEMPLATE_LERP))
    return np.stack(shown)


def _fingers(local: Quaternions, hand: dict[str, Any], side: str, other: str) -> None:
    for finger, joints in FINGER_JOINTS.items():
        for theirs, ours in zip(("Proximal", "Intermediate", "Distal"), joints, strict=True):
            local[B[f"{other}_{finger}_{ours}"]] = _euler(hand[f"{side}{finger.capitalize()}{theirs}"])


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _euler(angles: dict[str, float], share: float = 1.0) -> Quaternions:
    """Return the (4,) rotation of three.js' Euler angles XYZ, radians, of a mirrored VRM 0 avatar, as one of ours.

    VRM 0 faces -z: turned by half a turn about y, x and z change their sign; mirrored at x = 0, y and z do.
    """
    x, y, z = (about(axis, np.array(share * float(angles[name] or 0.0))) for axis, name in enumerate("xyz"))
    return multiply(multiply(x, y), z) * [-1.0, -1.0, 1.0, 1.0]


def _shared(hips: Quaternions, chest: Quaternions) -> Quaternions:
    turn = multiply(hips * CONJUGATE, chest)
    third = nlerp(IDENTITY, turn, 1 / 3)
    second = multiply(third * CONJUGATE, nlerp(IDENTITY, turn, 2 / 3))
    return np.stack([third, second, multiply(nlerp(IDENTITY, turn, 2 / 3) * CONJUGATE, turn)])
