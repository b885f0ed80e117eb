"""Measures a body's 55 rotations in one frame, and which of its parts are seen."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import Shape
from mocast.model.choices import BodyMode
from mocast.model.humanoid import BONE_COUNT, HumanoidBone
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Hand, Pose, Tracked
from mocast.rigging import hands
from mocast.rigging.bases import MIRROR, MIRROR_MATRIX, TO_AVATAR, Torso, torso, unit, without_raised_shoulders
from mocast.rigging.face import FaceState
from mocast.rigging.feet import feet
from mocast.rigging.gating import BodyFinder, Flags, Part, Seen
from mocast.rigging.kinematics import to_local
from mocast.rigging.limbs import Forearms, Limbs, clavicles
from mocast.rigging.neck import eyes_and_jaw, head_of_pose, neck_and_head
from mocast.rigging.quaternions import (
    CONJUGATE,
    IDENTITY,
    Matrices,
    Quaternions,
    Vectors,
    about,
    from_matrices,
    multiply,
    power,
    to_matrices,
    towards,
)
from mocast.rigging.quaternions import MIRROR as MIRROR_QUATERNION

B = HumanoidBone

LARGEST: Final = 100.0
"""Landmarks beyond so many metres or pictures are none, nor are those that are not numbers."""
PELVIS_YAW_SHARE: Final = 0.5
"""Of the chest's turn, in the pelvis of somebody whose hips are not seen."""

SHOULDER, ELBOW, WRIST, HIP, KNEE, ANKLE, HEEL, TOES, INDEX, LITTLE = range(10)
"""Columns of ``_SIDES``."""
_NAMES: Final = ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE", "HEEL", "FOOT_INDEX", "INDEX", "PINKY")
_SIDES: Final = np.array([[P[f"{side}_{name}"] for name in _NAMES] for side in ("LEFT", "RIGHT")])
_SEEN_AS_LEFT: Final = np.stack([np.ones(3), MIRROR])[:, None]
_HEAD_POINTS: Final = np.array([P.NOSE, P.LEFT_EYE, P.RIGHT_EYE])
_SHOULDERS: Final = np.array([P.LEFT_SHOULDER, P.RIGHT_SHOULDER])

# Bones of the trunk and the limbs, in the order in which they are measured.
_TRUNK: Final = (B.HIPS, B.UPPER_CHEST)
_UPPER: Final = (B.LEFT_UPPER_ARM, B.RIGHT_UPPER_ARM, B.LEFT_UPPER_LEG, B.RIGHT_UPPER_LEG)
_LOWER: Final = (B.LEFT_LOWER_ARM, B.RIGHT_LOWER_ARM, B.LEFT_LOWER_LEG, B.RIGHT_LOWER_LEG)
_ENDS: Final = (B.LEFT_HAND, B.RIGHT_HAND, B.LEFT_FOOT, B.RIGHT_FOOT)
_MEASURED: Final = np.array([*_TRUNK, *_UPPER, *_LOWER, *_ENDS])
_RIGHT_ROWS: Final = slice(3, None, 2)
_FOREARMS, _PALMS = slice(6, 8), slice(10, 12)
_LIMBS_AND_TRUNK: Final = B.RIGHT_HAND + 1
_SPINE_SHARES: Final = np.array([[1 / 3], [2 / 3]])


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A body in one frame, as it is, without smoothing."""

    rotations: Quaternions
    "(55, 4): local; those of parts that are not seen mean nothing."
    are_seen: Flags
    "(15,): by ``Part``."
    are_resting: Flags
    "(15,): not wanted in half a body."


class Body:
    """Measures the body in consecutive frames; remembers only what settles doubts: rolls, twists, what was seen."""

    def __init__(self) -> None:
        self.finder = BodyFinder()
        self._seen = Seen()
        self._limbs = Limbs()
        self._forearms = Forearms()
        self._rotations: Quaternions = np.tile(IDENTITY, (BONE_COUNT, 1))
        self._are_seen: Flags = np.zeros(len(Part), bool)

    def measure(
        self,
        tracked: Tracked,
        face: FaceState,
        mode: BodyMode,
        level: Matrices | None,
        chest: Quaternions,
        step_s: float,
    ) -> Measured:
        """Return the body of the next frame.

        ``level``, (3, 3), takes the camera's space to the subject's upright one. ``chest``, (4,), is the rotation in
        avatar space that the head is relative to while no torso is seen.
        """
        self._rotations = np.tile(IDENTITY, (BONE_COUNT, 1))
        self._are_seen = np.zeros(len(Part), bool)
        pose = tracked.pose if tracked.pose is not None and _is_usable_pose(tracked.pose) else None
        both = [
            _usable(tracked.left_hand, pose, 0, tracked.size_wh),
            _usable(tracked.right_hand, pose, 1, tracked.size_wh),
        ]
        points, landmarks = self._landmarks(pose, level)
        self.finder.find(landmarks, mode, step_s)
        knuckles = _hand_points(both, level)
        is_hand = np.array([hand is not None for hand in both])
        palm, is_palm = hands.palms(knuckles)
        is_hand &= is_palm
        if landmarks[_SHOULDERS].all():
            trunk = torso(points)
            if trunk.is_found:
                chest = self._trunk_and_limbs(points, trunk, landmarks, palm, is_hand, step_s)
        self._head(points, landmarks, face, chest)
        if is_hand.any():
            self._fingers(knuckles, palm, is_hand)
        are_resting = np.zeros(len(Part), bool)
        are_resting[Part.LEFT_LEG :] = self.finder.is_half
        return Measured(self._rotations, self._are_seen & ~are_resting, are_resting)

    def _landmarks(self, pose: Pose | None, level: Matrices | None) -> tuple[Vectors, Flags]:
        """Return (33, 3) points in avatar space, and which of them are seen."""
        if pose is None:
            return np.zeros((len(P), 3)), np.zeros(len(P), bool)
        points = pose.world * TO_AVATAR
        return points if level is None else points @ level.T, self._seen.of(pose.visibility, pose.image)

    def _trunk_and_limbs(
        self, points: Vectors, trunk: Torso, landmarks: Flags, palm: Matrices, is_hand: Flags, step_s: float
    ) -> Quaternions:
        """Measure all but head and fingers; return the chest's rotation in avatar space."""
        sides = points[_SIDES]
        pelvis, chest = self._pelvis(trunk), trunk.chest
        arms = unit(sides[:, ELBOW] - sides[:, SHOULDER], -TO_AVATAR)
        raised = clavicles(arms @ chest[:, 1])
        if raised.any():
            chest = without_raised_shoulders(chest, raised)
            raised = clavicles(arms @ chest[:, 1])
        sides = sides * _SEEN_AS_LEFT
        parents = np.stack([chest, chest * MIRROR_MATRIX, pelvis, pelvis * MIRROR_MATRIX])
        upper, lower = self._limbs.solve(
            _in(parents, sides[:, [ELBOW, KNEE]] - sides[:, [SHOULDER, HIP]]),
            _in(parents, sides[:, [WRIST, ANKLE]] - sides[:, [ELBOW, KNEE]]),
            step_s,
        )
        few_palm, is_few_palm = hands.palms_of_pose(sides[:, [WRIST, INDEX, LITTLE]])
        palm = np.where(is_hand[:, None, None], palm, few_palm)
        foot, is_foot = feet(sides[:, ANKLE], sides[:, HEEL], sides[:, TOES])
        q = from_matrices(np.concatenate([[pelvis, chest], parents @ upper, parents @ lower, palm, foot]))
        seen = landmarks[_SIDES]
        self._see_limbs(seen, is_hand, is_few_palm, is_foot)
        wrists = self._are_seen[[Part.LEFT_WRIST, Part.RIGHT_WRIST]]
        q[_FOREARMS] = multiply(q[_FOREARMS], self._forearms.solve(q[_FOREARMS], q[_PALMS], wrists))
        q[_RIGHT_ROWS] *= MIRROR_QUATERNION
        self._rotations[:_LIMBS_AND_TRUNK] = _local(q, raised)
        return q[1]

    def _pelvis(self, trunk: Torso) -> Matrices:
        """Return the pelvis as measured for a full body, upright and turned half with the chest for half a one."""
        share = self.finder.full_share
        if share == 1.0:
            return trunk.pelvis
        yaw = PELVIS_YAW_SHARE * np.arctan2(trunk.chest[0, 2], trunk.chest[2, 2])
        upright = about(1, np.asarray(yaw))
        if share == 0.0:
            return to_matrices(upright)
        return to_matrices(towards(upright, from_matrices(trunk.pelvis[None])[0], np.asarray(share)))

    def _see_limbs(self, seen: Flags, is_hand: Flags, is_few_palm: Flags, is_foot: Flags) -> None:
        """Say which limbs are seen. A hand that was found shows its arm, too, even if the elbow is out of the picture."""
        arms = seen[:, ELBOW] | is_hand
        forearms = (arms & seen[:, WRIST]) | is_hand
        legs = seen[:, HIP] & seen[:, KNEE] & seen[:, ANKLE]
        self._are_seen[[Part.TORSO, Part.FACE]] = True
        self._are_seen[[Part.LEFT_ARM, Part.RIGHT_ARM]] = arms
        self._are_seen[[Part.LEFT_FOREARM, Part.RIGHT_FOREARM]] = forearms
        self._are_seen[[Part.LEFT_WRIST, Part.RIGHT_WRIST]] = forearms & (
            is_hand | (is_few_palm & seen[:, INDEX] & seen[:, LITTLE])
        )
        self._are_seen[[Part.LEFT_LEG, Part.RIGHT_LEG]] = legs
        self._are_seen[[Part.LEFT_FOOT, Part.RIGHT_FOOT]] = legs & is_foot & seen[:, HEEL] & seen[:, TOES]

    def _head(self, points: Vectors, landmarks: Flags, face: FaceState, chest: Quaternions) -> None:
        self._are_seen[Part.FACE] = True
        self._rotations[B.LEFT_EYE : B.JAW + 1] = eyes_and_jaw(face.gaze_deg, float(face.shapes[Shape.JAW_OPEN]))
        if face.head is not None:
            head: Quaternions | None = face.head.rotation.astype(np.float64)
        else:
            head = head_of_pose(points) if landmarks[_HEAD_POINTS].all() else None
        if head is not None:
            self._are_seen[Part.HEAD] = True
            self._rotations[B.NECK : B.HEAD + 1] = neck_and_head(chest, head)

    def _fingers(self, knuckles: Vectors, palm: Matrices, is_hand: Flags) -> None:
        turned = hands.fingers(knuckles, palm)
        turned[1] *= MIRROR_QUATERNION
        self._rotations[_LIMBS_AND_TRUNK:] = turned.reshape(-1, 4)
        self._are_seen[[Part.LEFT_FINGERS, Part.RIGHT_FINGERS]] = is_hand


def _in(parents: Matrices, segments: Vectors) -> Vectors:
    """Return (2, 2, 3) segments, by side and then arm and leg, in the frames of their (4, 3, 3) parents: (4, 3)."""
    rows: Vectors = (segments.transpose(1, 0, 2).reshape(4, 1, 3) @ parents)[:, 0]
    return rows


def _local(q: Quaternions, raised: NDArray[np.float64]) -> Quaternions:
    """Return the local rotations of trunk and limbs from the measured ones, in avatar space, and the clavicles'."""
    turned = np.tile(IDENTITY, (_LIMBS_AND_TRUNK, 1))
    turned[_MEASURED] = q
    pelvis, chest = q[0], q[1]
    back = multiply(pelvis * CONJUGATE, chest)
    turned[B.SPINE : B.CHEST + 1] = multiply(pelvis, power(np.stack([back, back]), _SPINE_SHARES))
    turned[[B.LEFT_SHOULDER, B.RIGHT_SHOULDER]] = multiply(chest, about(2, raised * [1.0, -1.0]))
    turned[[B.LEFT_TOES, B.RIGHT_TOES]] = q[12:]
    return to_local(turned)


def _hand_points(both: list[Hand | None], level: Matrices | None) -> Vectors:
    """Return the (2, 21, 3) points of both hands as left ones, in avatar space; zeros for one that is not there."""
    points = np.zeros((2, 21, 3))
    for side, hand in enumerate(both):
        if hand is not None:
            points[side] = hand.world * TO_AVATAR
    if level is not None:
        points = points @ level.T
    return points * _SEEN_AS_LEFT


def _is_usable_pose(pose: Pose) -> bool:
    return _is_usable(pose.world) and _is_usable(pose.image) and _is_usable(pose.visibility)


def _is_usable(numbers: NDArray[np.float32]) -> bool:
    """Say whether all are numbers of a possible size; what is not a number is not smaller than anything."""
    return bool(np.abs(numbers).max(initial=0.0) < LARGEST)


WRIST_APART: Final = 1.5
"""A hand whose wrist is further from the pose's than this, in hands, may be the other arm's."""


def _usable(hand: Hand | None, pose: Pose | None, side: int, size_wh: tuple[int, int]) -> Hand | None:
    """Return the hand unless it is none, or the other arm's: near the face the tracker may take one for the other."""
    if hand is None or not (_is_usable(hand.world) and _is_usable(hand.image)):
        return None
    if pose is None:
        return hand
    wrists = pose.image[_SIDES[:, WRIST], :2]
    own, other = np.abs((hand.image[0, :2] - wrists) * size_wh).sum(-1)[[side, 1 - side]]
    size = float((np.ptp(hand.image[:, :2], axis=0) * size_wh).max())
    return None if own > WRIST_APART * size and own > other else hand
