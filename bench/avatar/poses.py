"""Poses of generated people: bones turned by hand, and arms and legs that reach for a point."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.avatar.people import EARS_M, SIDES, Person
from mocast.model.humanoid import BONE_COUNT, HumanoidBone, finger_bones
from mocast.model.quaternions import (
    CONJUGATE,
    IDENTITY,
    Quaternions,
    Vectors,
    from_matrices,
    from_vectors,
    multiply,
    rotate,
    to_matrices,
)
from mocast.rigging.body import kinematics

B = HumanoidBone

TARGETS = ("cheek", "chin", "throat", "chest")
"""What a hand can touch."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A hand on a part of the body."""

    side: str
    "``LEFT`` or ``RIGHT``."
    part: HumanoidBone
    "``HEAD`` for the face, ``UPPER_CHEST`` for throat and chest."


@dataclass(slots=True, eq=False)
class PosedBody:
    """A person's pose in the room, built step by step; at first the T-pose with the arms down."""

    person: Person
    local: Quaternions = field(default_factory=lambda: np.tile(IDENTITY, (BONE_COUNT, 1)))
    hips: Vectors = field(default_factory=lambda: np.zeros(3))
    planted: tuple[bool, bool] = (True, True)
    "Whether the left and the right foot stand on the floor and stay where they are."
    touches: list[Touch] = field(default_factory=list)
    hands: tuple[bool, bool] = (True, True)
    "Which hands the tracker sees."

    def __post_init__(self) -> None:
        if self.local[:, 3].min() < 1.0:
            return
        self.hips[:] = self.person.offsets[B.HIPS]
        for side, sign in zip(SIDES, (1, -1), strict=True):
            self.turn(f"{side}_UPPER_ARM", 0, 0, -70 * sign)
            self.turn(f"{side}_LOWER_ARM", 0, -15 * sign, 0)
            for finger in ("INDEX", "MIDDLE", "RING", "LITTLE"):
                for bone in finger_bones(side, finger):
                    self.local[bone] = _turn(0, 0, -15 * sign)

    def turn(self, bone: str, *degrees: float) -> "PosedBody":
        """Turn a bone by a rotation vector, relative to its parent."""
        self.local[B[bone]] = _turn(*degrees)
        return self

    def bend(self, *degrees: float) -> "PosedBody":
        """Bend the back evenly."""
        for bone in (B.SPINE, B.CHEST, B.UPPER_CHEST):
            self.local[bone] = _turn(*(np.array(degrees) / 3))
        return self

    def look(self, *degrees: float) -> "PosedBody":
        """Turn the head relative to the chest; the neck takes 4 of 10 parts."""
        self.local[B.NECK], self.local[B.HEAD] = _turn(*(0.4 * np.array(degrees))), _turn(*(0.6 * np.array(degrees)))
        return self

    def state(self) -> tuple[Vectors, Quaternions]:
        """Return joints and rotations in the room."""
        return self.person.joints(self.local, self.hips)

    def on(self, target: str, side: str) -> tuple[Vectors, NDArray[np.float64], HumanoidBone]:
        """Return the point of the body's surface that is touched there, its normal, and the bone it moves with."""
        joints, turned = self.state()
        sign = 1.0 if side == "LEFT" else -1.0
        face = self.person.face + self.person.head * EARS_M
        if target == "cheek":
            part, point, normal = B.HEAD, face[425 if sign > 0 else 205], np.array([0.8 * sign, 0.0, 0.6])
        elif target == "chin":
            part, point, normal = B.HEAD, face[152], np.array([0.0, -0.3, 0.95])
        else:
            part = B.UPPER_CHEST
            size = self.person.offsets[B.NECK, 1] / 0.17
            y, z = (0.13, 0.06) if target == "throat" else (0.03, 0.11)
            point, normal = size * np.array([0.0 if target == "throat" else 0.05 * sign, y, z]), np.array([0.0, 0.0, 1])
        rotation = to_matrices(turned[part])
        return joints[part] + rotation @ point, rotation @ (normal / np.linalg.norm(normal)), part

    def touch(self, target: str, side: str) -> "PosedBody":
        """Put the fingertips of a hand on a part of the body."""
        point, normal, part = self.on(target, side)
        sign = 1.0 if side == "LEFT" else -1.0
        chest = to_matrices(self.state()[1][B.UPPER_CHEST])
        fingers = chest @ (
            np.array([-0.35 * sign, 0.9, 0.1]) if part == B.HEAD else np.array([-0.9 * sign, 0.4, -0.15])
        )
        self.reach(side, point + 0.012 * normal, fingers, -normal)
        self.touches.append(Touch(side, part))
        return self

    def reach(self, side: str, tip: Vectors, fingers: Vectors, palm: Vectors, elbow: Vectors | None = None) -> None:
        """Bring the tip of the middle finger to a point of the room.

        ``fingers``: where they point; ``palm``: where the palm faces; ``elbow``: to which side the elbow goes, down and
        out at first.
        """
        sign = 1.0 if side == "LEFT" else -1.0
        hand, upper, lower = (B[f"{side}_{name}"] for name in ("HAND", "UPPER_ARM", "LOWER_ARM"))
        for bone in finger_bones(side, "MIDDLE"):
            self.local[bone] = _turn(0, 0, -5 * sign)
        axis = fingers / np.linalg.norm(fingers)
        facing = palm - (palm @ axis) * axis
        facing /= np.linalg.norm(facing)
        # At rest fingers point to +x (the left ones) and palms face down.
        turned_hand = np.stack([sign * axis, -facing, np.cross(sign * axis, -facing)], 1)
        joints, turned = self.state()
        middle = finger_bones(side, "MIDDLE")
        length = sum(abs(self.person.offsets[bone, 0]) for bone in middle) + 0.022
        wrist = tip - axis * length
        chest = to_matrices(turned[B.UPPER_CHEST])
        out = chest @ np.array([0.5 * sign, -1.0, -0.25]) if elbow is None else elbow
        lengths = abs(self.person.offsets[lower, 0]), abs(self.person.offsets[hand, 0])
        first, second = _two_bones(joints[upper], wrist, lengths, out)
        bend = np.cross(first, second)
        bend /= max(np.linalg.norm(bend), 1e-9)
        for bone, direction in ((upper, first), (lower, second)):
            # An elbow bends forward in the T-pose: the left one about -y, the right one about +y.
            frame = np.stack([sign * direction, -sign * bend, np.cross(direction, -bend)], 1)
            self.turn_to(bone, from_matrices(frame[None])[0])
        self.turn_to(hand, from_matrices(turned_hand[None])[0])

    def stand(
        self, *ankles: Vectors, yaw_deg: tuple[float, float] = (0.0, 0.0), pitch_deg: tuple[float, float] = (0, 0)
    ) -> None:
        """Bring both feet to these places of their ankles; soles level, turned out and pitched (toes down) as told."""
        for side, ankle, yaw, pitch in zip(SIDES, ankles, yaw_deg, pitch_deg, strict=True):
            joints, _ = self.state()
            upper, lower, foot = (B[f"{side}_{name}"] for name in ("UPPER_LEG", "LOWER_LEG", "FOOT"))
            facing = multiply(_turn(0, yaw, 0), _turn(pitch, 0, 0))
            forward = rotate(_turn(0, yaw, 0), np.array([0.0, 0, 1]))
            first, second = _two_bones(joints[upper], ankle, self.person.legs_m, forward)
            across = np.cross(forward, first)
            if np.linalg.norm(np.cross(first, second)) > 1e-3:
                across = np.cross(first, second)
                across = across if across @ np.cross(first, -forward) > 0 else -across
            across /= np.linalg.norm(across)
            # A knee bends backward, about +x, which the cross product of thigh and shank is along.
            for bone, direction in ((upper, first), (lower, second)):
                side_axis = across - (across @ direction) * direction
                side_axis /= np.linalg.norm(side_axis)
                frame = np.stack([side_axis, -direction, np.cross(side_axis, -direction)], 1)
                self.turn_to(bone, from_matrices(frame[None])[0])
            self.turn_to(foot, facing)

    def turn_to(self, bone: HumanoidBone, rotation: Quaternions) -> None:
        """Turn a bone to a rotation in the room, (4,)."""
        parent = self.state()[1][kinematics.PARENTS[bone]]
        self.local[bone] = multiply(parent * CONJUGATE, rotation)


def _two_bones(root: Vectors, goal: Vectors, lengths: tuple[float, float], toward: Vectors) -> tuple[Vectors, Vectors]:
    """Return the directions of two bones that bring the second one's end to a goal, the joint bent to one side."""
    apart = goal - root
    distance = float(np.clip(np.linalg.norm(apart), abs(lengths[0] - lengths[1]) + 1e-4, sum(lengths) - 1e-4))
    along = apart / np.linalg.norm(apart)
    across = toward - (toward @ along) * along
    across /= max(np.linalg.norm(across), 1e-9)
    cosine = (lengths[0] ** 2 + distance**2 - lengths[1] ** 2) / (2 * lengths[0] * distance)
    joint = lengths[0] * (cosine * along + np.sqrt(max(1 - cosine**2, 0.0)) * across)
    end = distance * along - joint
    return joint / np.linalg.norm(joint), end / np.linalg.norm(end)


def _turn(*degrees: float) -> NDArray[np.float64]:
    return from_vectors(np.radians(np.array(degrees, float)))
