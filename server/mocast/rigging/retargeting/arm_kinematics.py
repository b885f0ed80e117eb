"""Kinematics of trunk, arms and hands of a body of any proportions, one joint at a time in plain numbers.

For the twenty joints that matter numpy's calls would cost more than the arithmetic.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from mocast.model.hand_targets import TIP_SHARE
from mocast.model.humanoid import HumanoidBone, finger_bones
from mocast.model.names import SIDES
from mocast.model.quaternions import Quaternion, Vector, rotate_one
from mocast.rigging.retargeting.proportions import Proportions

B = HumanoidBone

Turns = Sequence[Sequence[float]]
"""The 55 local rotations of a rig, x y z w each."""

_SPINE: Final = (B.SPINE, B.CHEST, B.UPPER_CHEST)
_NECK: Final = (B.NECK, B.HEAD)
ARMS: Final = [
    tuple(HumanoidBone[f"{side}_{name}"] for name in ("SHOULDER", "UPPER_ARM", "LOWER_ARM", "HAND")) for side in SIDES
]
"""The bones of the left and the right arm."""
_KNUCKLES: Final = [HumanoidBone[f"{side}_MIDDLE_PROXIMAL"] for side in SIDES]
_FINGERS: Final = [[finger_bones(side, finger) for finger in ("THUMB", "INDEX", "MIDDLE")] for side in SIDES]


class Joint(NamedTuple):
    """A joint in avatar space."""

    position: Vector
    "Metres."
    rotation: Quaternion


class Trunk(NamedTuple):
    """The joints that a hand's place is relative to."""

    head: Joint
    chest: Joint
    hips: Joint


class Arm(NamedTuple):
    """The joints of an arm: a rotation is that of the bone that begins there."""

    shoulder: Joint
    "Of the upper arm."
    elbow: Joint
    wrist: Joint


class UpperBody(NamedTuple):
    """The joints of trunk and arms."""

    trunk: Trunk
    arms: tuple[Arm, Arm]
    "Left and right."


def upper_body(turns: Turns, body: Proportions) -> UpperBody:
    """Return the joints of a body whose hips are at the origin."""
    joints = trunk(turns, body)
    return UpperBody(joints, (arm(turns, joints.chest, 0, body), arm(turns, joints.chest, 1, body)))


def trunk(turns: Turns, body: Proportions, hips: Vector = (0.0, 0.0, 0.0)) -> Trunk:
    """Return the joints of head, upper chest and hips of a body whose hips are there."""
    start = Joint(hips, _turn(turns, B.HIPS))
    chest = follow(start, _SPINE, turns, body)
    return Trunk(follow(chest, _NECK, turns, body), chest, start)


def arm(turns: Turns, chest: Joint, side: int, body: Proportions) -> Arm:
    """Return the joints of the left (0) or the right arm (1)."""
    clavicle, upper, lower, hand = ARMS[side]
    shoulder = follow(chest, (clavicle, upper), turns, body)
    elbow = follow(shoulder, (lower,), turns, body)
    return Arm(shoulder, elbow, follow(elbow, (hand,), turns, body))


def palm_points(wrist: Joint, side: int, body: Proportions) -> list[Vector]:
    """Return the first two points of a hand in the order of ``TouchPoint``: its wrist and its knuckle."""
    return [wrist.position, along(wrist, body.offsets[_KNUCKLES[side]])]


def fingertips(turns: Turns, wrist: Joint, side: int, body: Proportions) -> list[Vector]:
    """Return the other points: the tips of thumb, index and middle finger."""
    tips = []
    for bones in _FINGERS[side]:
        x, y, z = body.offsets[bones[-1]]
        tips.append(along(follow(wrist, bones, turns, body), (TIP_SHARE * x, TIP_SHARE * y, TIP_SHARE * z)))
    return tips


def follow(joint: Joint, bones: Sequence[HumanoidBone], turns: Turns, body: Proportions) -> Joint:
    """Return the joint at the end of a chain of bones that begins with a child of ``joint``."""
    (px, py, pz), (x, y, z, w) = joint
    offsets = body.offsets
    # ``rotate_one`` and ``multiply_one``, written out: this is run for thirty joints of every rig.
    for bone in bones:
        ox, oy, oz = offsets[bone]
        tx, ty, tz = 2 * (y * oz - z * oy), 2 * (z * ox - x * oz), 2 * (x * oy - y * ox)
        px, py, pz = (
            px + ox + w * tx + y * tz - z * ty,
            py + oy + w * ty + z * tx - x * tz,
            pz + oz + w * tz + x * ty - y * tx,
        )
        bx, by, bz, bw = turns[bone]
        x, y, z, w = (
            w * bx + x * bw + y * bz - z * by,
            w * by - x * bz + y * bw + z * bx,
            w * bz + x * by - y * bx + z * bw,
            w * bw - x * bx - y * by - z * bz,
        )
    return Joint((px, py, pz), (x, y, z, w))


def along(joint: Joint, offset: Vector) -> Vector:
    """Return the point at an offset in a joint's axes."""
    (x, y, z), (dx, dy, dz) = joint.position, rotate_one(joint.rotation, offset)
    return x + dx, y + dy, z + dz


def into(joint: Joint, point: Vector) -> Vector:
    """Return a point's offset from a joint in the joint's axes."""
    (x, y, z), (qx, qy, qz, qw) = joint
    return rotate_one((-qx, -qy, -qz, qw), (point[0] - x, point[1] - y, point[2] - z))


def _turn(turns: Turns, bone: int) -> Quaternion:
    x, y, z, w = turns[bone]
    return x, y, z, w
