"""Generated people: bodies of other proportions, whose joints and landmarks follow from their bones' rotations."""

from dataclasses import dataclass, field

import numpy as np
from tests.unit.rigging.skeletons import ON_JOINT, TIP_M

from mocast.model.humanoid import FINGER_JOINTS, REST_OFFSETS, REST_POSITIONS, HumanoidBone
from mocast.model.quaternions import Quaternions, Vectors, rotate
from mocast.model.topology import HandLandmark as H
from mocast.model.topology import PoseLandmark as P
from mocast.rigging.body import kinematics
from mocast.rigging.body.root_motion import SOLE_BACK, SOLE_FRONT
from mocast.rigging.face import face_model

B = HumanoidBone
SIDES = ("LEFT", "RIGHT")
_LEVELS = kinematics._LEVELS

EARS_M = np.array([0.0, 0.055, -0.01])
"""The middle between the ears, the origin of head space, from the head's joint."""
FACE_POINTS = {
    P.NOSE: 4,
    P.LEFT_EYE_INNER: 362,
    P.LEFT_EYE: 473,
    P.LEFT_EYE_OUTER: 263,
    P.RIGHT_EYE_INNER: 133,
    P.RIGHT_EYE: 468,
    P.RIGHT_EYE_OUTER: 33,
    P.MOUTH_LEFT: 291,
    P.MOUTH_RIGHT: 61,
}
"""The pose's landmarks of the face and those of the face mesh at the same place; the ears have none there."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A body: the lengths of its bones and the shape of its face. At rest it stands in the T-pose."""

    offsets: Vectors = field(default_factory=lambda: REST_OFFSETS.astype(np.float64))
    "(55, 3) metres: each joint relative to its parent's; the hips' from the floor below."
    face: Vectors = field(default_factory=face_model.points)
    "(478, 3) metres, head space."
    foot: float = 1.0
    "The foot's size, of the rest skeleton's."
    head: float = 1.0
    "The head's size; the face is of that size already."

    @property
    def soles(self) -> Vectors:
        """(2, 3): heel and tip of the toes, relative to the ankle, on the floor at rest."""
        return np.stack([SOLE_BACK, SOLE_FRONT]) * [self.foot, 1.0, self.foot] * [1, self.ankle_m / 0.09, 1]

    @property
    def ankle_m(self) -> float:
        """The ankle's height above the floor."""
        down = self.offsets[[B.HIPS, B.LEFT_UPPER_LEG, B.LEFT_LOWER_LEG, B.LEFT_FOOT], 1]
        return float(down.sum())

    @property
    def legs_m(self) -> tuple[float, float]:
        """The lengths of thigh and shank."""
        return -float(self.offsets[B.LEFT_LOWER_LEG, 1]), -float(self.offsets[B.LEFT_FOOT, 1])

    def joints(self, local: Quaternions, hips: Vectors) -> tuple[Vectors, Quaternions]:
        """Return (55, 3) joints and (55, 4) rotations in the space of ``hips``, (3,), from (55, 4) local rotations."""
        turned = kinematics.to_global(local)
        joints = np.empty((len(B), 3))
        joints[0] = hips
        for bones, parents in _LEVELS:
            joints[bones] = joints[parents] + rotate(turned[parents], self.offsets[bones])
        return joints, turned

    def pose_points(self, joints: Vectors, turned: Quaternions) -> Vectors:
        """Return the (33, 3) landmarks of the pose."""
        points = np.zeros((len(P), 3))
        face = self.face_points(joints, turned)
        for landmark, number in FACE_POINTS.items():
            points[landmark] = face[number]
        for side, x in zip(SIDES, (0.075, -0.075), strict=True):
            ear = self.head * (EARS_M + [x, 0.0, 0.0])
            points[P[f"{side}_EAR"]] = joints[B.HEAD] + rotate(turned[B.HEAD], ear)
            for landmark, bone in ON_JOINT.items():
                points[P[f"{side}_{landmark}"]] = joints[B[f"{side}_{bone}"]]
            foot = B[f"{side}_FOOT"]
            heel, toes = joints[foot] + rotate(turned[foot][None], self.soles)
            points[P[f"{side}_HEEL"]], points[P[f"{side}_FOOT_INDEX"]] = heel, toes
        return points

    def hand_points(self, joints: Vectors, turned: Quaternions, side: str) -> Vectors:
        """Return the (21, 3) landmarks of a hand."""
        points = np.zeros((len(H), 3))
        points[H.WRIST] = joints[B[f"{side}_HAND"]]
        for number, (finger, names) in enumerate(FINGER_JOINTS.items()):
            bones = [B[f"{side}_{finger}_{name}"] for name in names]
            points[1 + 4 * number : 4 + 4 * number] = joints[bones]
            last = self.offsets[bones[-1]]
            tip = TIP_M * last / np.linalg.norm(last)
            points[4 + 4 * number] = joints[bones[-1]] + rotate(turned[bones[-1]], tip)
        return points

    def face_points(self, joints: Vectors, turned: Quaternions) -> Vectors:
        """Return the (478, 3) landmarks of the face."""
        return joints[B.HEAD] + rotate(turned[B.HEAD][None], self.face + self.head * EARS_M)

    def sole_points(self, joints: Vectors, turned: Quaternions) -> Vectors:
        """Return (2, 2, 3): of the left and the right foot, heel and tip of the toes."""
        feet = [B.LEFT_FOOT, B.RIGHT_FOOT]
        return joints[feet][:, None] + rotate(turned[feet][:, None], self.soles[None])


def average_person() -> Person:
    """Return a person of the rest skeleton's proportions."""
    return Person()


def random_person(rng: np.random.Generator) -> Person:
    """Return an adult between 1.5 and 1.95 m whose parts are up to an eighth longer or shorter than usual for that."""
    size = rng.uniform(1.50, 1.95) / 1.65
    scales = np.full((len(B), 3), size)
    legs, trunk, arms, head, foot = size * rng.uniform(0.92, 1.08, 5)
    hip_width, shoulder_width, hand = size * rng.uniform(0.88, 1.12, 3)
    shank = legs * rng.uniform(0.95, 1.05)
    for bone in B:
        name = bone.name
        if "LEG" in name or "FOOT" in name or "TOES" in name:
            scales[bone] = [hip_width, shank if "FOOT" in name else legs, legs]
        elif name in {"SPINE", "CHEST", "UPPER_CHEST", "NECK"}:
            scales[bone] = trunk
        elif "SHOULDER" in name or "UPPER_ARM" in name:
            scales[bone] = [shoulder_width, trunk, trunk]
        elif "LOWER_ARM" in name or name.endswith("_HAND"):
            scales[bone] = arms
        elif bone >= B.LEFT_THUMB_METACARPAL:
            scales[bone] = hand
        elif name in {"HEAD", "LEFT_EYE", "RIGHT_EYE", "JAW"}:
            scales[bone] = head
    offsets = REST_OFFSETS * scales
    # At rest the soles are on the floor.
    joints = REST_POSITIONS[B.LEFT_FOOT, 1] * shank
    down = offsets[[B.LEFT_UPPER_LEG, B.LEFT_LOWER_LEG, B.LEFT_FOOT], 1].sum()
    offsets[B.HIPS] = [0.0, joints - down, 0.0]
    face = face_model.points() * head * rng.uniform(0.96, 1.04, 3)
    return Person(offsets, face, float(foot), float(head))
