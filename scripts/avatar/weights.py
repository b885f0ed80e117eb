"""Skin weights: which joints a vertex follows, by its position in the T-pose."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from scripts.avatar.mesh import Floats, smoothstep
from scripts.avatar.skeleton import Chain, finger_joints, place

Weights = dict[str, Floats]

TRUNK = (("spine", 0.05), ("chest", 0.06), ("upperChest", 0.06), ("neck", 0.03), ("head", 0.03))
"""The joints up the trunk, and how far above and below each the bend spreads, metres."""


def trunk(points: Floats) -> Weights:
    """Return weights of the hips, the spine and the head by height."""
    return _steps("hips", points[:, 1], [(name, place(name)[1], soft) for name, soft in TRUNK])


def body(points: Floats) -> Weights:
    """Return weights of all but hands, feet and face, of both sides."""
    left_arm, right_arm = arm_share(points), arm_share(points * [-1, 1, 1])
    weights: Weights = {}
    up = trunk(points)
    leg = smoothstep(points[:, 1], 0.775, 0.645)
    to_left = smoothstep(points[:, 0], -0.03, 0.03)
    rest = (1 - left_arm) * (1 - right_arm)
    for joint, weight in up.items():
        _add(weights, joint, weight * rest * (1 - leg))
    for side, share, sign in (("left", left_arm, 1), ("right", right_arm, -1)):
        outward = points * [sign, 1, 1]
        for joint, weight in arm(outward).items():
            _add(weights, side + joint, weight * share)
        for joint, weight in lower_leg(points).items():
            _add(weights, side + joint, weight * rest * leg * (to_left if sign > 0 else 1 - to_left))
    return _shoulders(points, weights)


def arm_share(points: Floats) -> Floats:
    """Return (n,) 0..1: how far points belong to the left arm; the armpit's fold leans outward below the shoulder."""
    edge = place("leftUpperArm")[0] + 0.012 + 0.9 * np.maximum(1.055 - points[:, 1], 0.0)
    edge = edge - 0.15 * np.maximum(points[:, 1] - 1.10, 0.0)
    return smoothstep(points[:, 0], edge - 0.055, edge + 0.055)


def arm(points: Floats) -> Weights:
    """Return weights down the left arm, without the side's name."""
    steps = [("LowerArm", place("leftLowerArm")[0], 0.04), ("Hand", place("leftHand")[0], 0.02)]
    return _steps("UpperArm", points[:, 0], steps)


def lower_leg(points: Floats) -> Weights:
    """Return weights down a leg, without the side's name."""
    knee, ankle = place("leftLowerLeg")[1], place("leftFoot")[1]
    return _steps("UpperLeg", -points[:, 1], [("LowerLeg", -knee, 0.05), ("Foot", -ankle, 0.025)])


def foot(points: Floats) -> Weights:
    """Return weights of a foot, without the side's name: the toes bend at the ball."""
    leg = smoothstep(points[:, 1], 0.075, 0.135)
    toes = smoothstep(points[:, 2], place("leftToes")[2] - 0.02, place("leftToes")[2] + 0.02) * (1 - leg)
    return {"LowerLeg": leg, "Foot": 1 - leg - toes, "Toes": toes}


def hand(points: Floats, fingers: Mapping[str, Sequence[Floats]]) -> Weights:
    """Return weights of the left hand's joints.

    Args:
        points: (n, 3).
        fingers: by ``Thumb``, ``Index``, ...: the places of its three joints and its tip.
    """
    nearest = np.stack([_distance(points, np.stack(list(path))) for path in fingers.values()], axis=1).argmin(axis=1)
    wrist = place("leftHand")[0]
    of_arm = smoothstep(points[:, 0], wrist + 0.012, wrist - 0.016)
    weights: Weights = {"leftLowerArm": of_arm, "leftHand": np.zeros(len(points))}
    for number, (finger, path) in enumerate(fingers.items()):
        mine = (nearest == number) * (1 - of_arm)
        names = finger_joints(finger)
        length = _project(points, path)
        soft = 0.011 if finger == "Thumb" else 0.0075
        starts = np.cumsum([0.0] + [float(np.linalg.norm(b - a)) for a, b in pairwise(path[:-1])])
        steps = [(name, start, soft) for name, start in zip(names, starts, strict=True)]
        for joint, weight in _steps("leftHand", length, steps).items():
            _add(weights, joint, weight * mine)
    return weights


def swinging(along: Floats, chain: Chain, root: str, soft: float = 0.5) -> Weights:
    """Return weights of a chain for vertices at ``along`` (n,), counted in joints: 0 the first, 1 the second, ..."""
    steps = [(joint.name, float(number), soft) for number, joint in enumerate(chain.joints[:-1])]
    return _steps(root, along, steps)


def _steps(first: str, value: Floats, steps: Sequence[tuple[str, float, float]]) -> Weights:
    reached = [np.ones_like(value)] + [smoothstep(value, at - soft, at + soft) for _, at, soft in steps]
    reached.append(np.zeros_like(value))
    names = [first, *(name for name, _, _ in steps)]
    for number in range(1, len(reached)):
        reached[number] = np.minimum(reached[number], reached[number - 1])
    return {name: reached[number] - reached[number + 1] for number, name in enumerate(names)}


def _shoulders(points: Floats, weights: Weights) -> Weights:
    """Move weight from chest, neck and upper arm to the clavicle, between neck and shoulder."""
    for side, sign in (("left", 1), ("right", -1)):
        x = points[:, 0] * sign
        near = smoothstep(x, 0.02, 0.085) * smoothstep(x, 0.19, 0.12) * smoothstep(points[:, 1], 1.0, 1.075)
        taken = 0.0
        for joint, most in (("upperChest", 0.75), ("neck", 0.75), (f"{side}UpperArm", 0.2)):
            part = weights[joint] * near * most
            weights[joint] = weights[joint] - part
            taken = taken + part
        _add(weights, f"{side}Shoulder", np.asarray(taken))
    return weights


def _add(weights: Weights, joint: str, weight: Floats) -> None:
    weights[joint] = weights.get(joint, 0.0) + weight


def _distance(points: Floats, path: Floats) -> Floats:
    best = np.full(len(points), np.inf)
    for a, b in pairwise(path):
        t = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
        best = np.minimum(best, np.linalg.norm(points - a - t[:, None] * (b - a), axis=1))
    return best


def _project(points: Floats, path: Sequence[Floats]) -> Floats:
    """Return (n,) metres along the path to the place nearest to each point; negative before its start."""
    best, length, start = np.full(len(points), np.inf), np.zeros(len(points)), 0.0
    for number, (a, b) in enumerate(pairwise(path)):
        size = float(np.linalg.norm(b - a))
        t = (points - a) @ (b - a) / (size * size)
        t = np.clip(t, None if number == 0 else 0.0, None if number == len(path) - 2 else 1.0)
        distance = np.linalg.norm(points - a - t[:, None] * (b - a), axis=1)
        length = np.where(distance < best, start + t * size, length)
        best = np.minimum(best, distance)
        start += size
    return length
