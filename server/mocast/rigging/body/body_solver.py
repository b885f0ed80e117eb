"""Measures a body's 55 rotations in one frame, and which of its parts are seen."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from mocast.model.blendshapes import Shape
from mocast.model.choices import BodyMode
from mocast.model.humanoid import BONE_COUNT, HumanoidBone
from mocast.model.quaternions import (
    IDENTITY,
    MIRROR,
    TINY,
    Matrices,
    Quaternions,
    Vectors,
    about,
    from_matrices,
    multiply,
    to_matrices,
    towards,
)
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Tracked
from mocast.rigging.body import fingers, visibility
from mocast.rigging.body.image_space_arms import metres_per_px, with_arms_of_picture
from mocast.rigging.body.kinematics import to_local
from mocast.rigging.body.limb_solver import Forearms, Limbs, clavicles
from mocast.rigging.body.neck import eyes_and_jaw, head_of_pose, neck_and_head
from mocast.rigging.body.pose_frames import MIRROR_MATRIX, TO_AVATAR, Flags, Lines, Numbers, without_raised_shoulders
from mocast.rigging.body.visibility import BodyFinder, Part, Seen, by_side
from mocast.rigging.body.wrist_sources import PalmSources, usable_hands
from mocast.rigging.face.face_solver import FaceState

B = HumanoidBone

LARGEST_M: Final = 100.0
"""Landmarks further away are none, nor are those that are not numbers."""
LARGEST: Final = 1000.0
"""Nor those as many pictures away from the picture."""
PELVIS_YAW_SHARE: Final = 0.5
"""Of the chest's turn, in the pelvis of somebody whose hips are not seen."""

_NAMES: Final = ("SHOULDER", "ELBOW", "WRIST", "INDEX", "PINKY", "HIP", "KNEE", "ANKLE", "HEEL", "FOOT_INDEX")
_SIDES: Final = np.array([[P[f"{side}_{name}"] for side in ("LEFT", "RIGHT")] for name in _NAMES])
_ELBOW, _WRIST, _KNUCKLES, _LEG, _FOOT = 1, 2, slice(3, 5), slice(5, 8), slice(8, 10)
"""Rows of ``_SIDES``."""
_HEAD_POINTS: Final = np.array([P.NOSE, P.LEFT_EYE, P.RIGHT_EYE])
_SHOULDERS: Final = np.array([P.LEFT_SHOULDER, P.RIGHT_SHOULDER])

# Bones of trunk and limbs in the order in which they are measured, left before right, and their rows.
_LIMBS: Final = ("UPPER_ARM", "UPPER_LEG", "LOWER_ARM", "LOWER_LEG", "HAND", "FOOT")
_MEASURED: Final = np.array(
    [B.HIPS, B.UPPER_CHEST, *(HumanoidBone[f"{side}_{name}"] for name in _LIMBS for side in ("LEFT", "RIGHT"))]
)
_RIGHT: Final = slice(3, None, 2)
_FOREARMS, _PALMS, _FEET = slice(6, 8), slice(10, 12), slice(12, 14)
_LIMBS_END: Final = B.RIGHT_HAND + 1
_CLAVICLES: Final = np.array([B.LEFT_SHOULDER, B.RIGHT_SHOULDER])
_TOES: Final = np.array([B.LEFT_TOES, B.RIGHT_TOES])
_LEFT_RIGHT: Final = np.array([1.0, -1.0])
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
    metres_per_px: float | None
    "Where the shoulders are; ``None`` where no trunk is."


class Body:
    """Measures the body in consecutive frames; remembers only what settles doubts: rolls, twists, what was seen."""

    def __init__(self) -> None:
        self.finder = BodyFinder()
        self._seen = Seen()
        self._limbs = Limbs()
        self._forearms = Forearms()
        self._palm_sources = PalmSources()

    def measure(
        self,
        tracked: Tracked,
        face: FaceState,
        mode: BodyMode,
        *,
        level: Matrices | None,
        last_chest: Callable[[], Quaternions],
        step_s: float,
    ) -> Measured:
        """Return the body of the next frame.

        ``level``, (3, 3), takes the camera's space to the subject's upright one. ``last_chest`` gives the rotation in
        avatar space, (4,), that the head is relative to where no trunk is seen.
        """
        rotations = np.empty((BONE_COUNT, 4))
        rotations[:] = IDENTITY
        points, landmarks, scale_m = self._landmarks(tracked, level)
        self.finder.find(landmarks, mode, step_s)
        hand_points, are_hands, are_sure = usable_hands(tracked, level)
        palms, are_palms = fingers.palms(hand_points)
        lines = Lines(points)
        forearms = lines.limbs[1, :2]
        are_hands = self._palm_sources.believed(palms, are_hands & are_palms, are_sure, forearms, step_s)
        are_seen, are_palms_hands = self._see(landmarks, lines, are_hands, step_s)
        head = _head(face, points, landmarks)
        if are_seen[Part.TORSO]:
            palms_seen = np.where(are_palms_hands[:, None, None], palms, lines.palms)
            chest = self._trunk_and_limbs(lines, palms_seen, by_side(are_seen)[visibility.WRISTS], rotations, step_s)
        elif head is not None:
            chest = last_chest()
        if head is not None:
            are_seen[Part.HEAD] = True
            rotations[B.NECK : B.HEAD + 1] = neck_and_head(chest, head)
        rotations[B.LEFT_EYE : B.JAW + 1] = eyes_and_jaw(face.gaze_deg, float(face.shapes[Shape.JAW_OPEN]))
        if are_hands.any():
            bent = fingers.fingers(hand_points, palms)
            bent[1] *= MIRROR
            rotations[_LIMBS_END:] = bent.reshape(-1, 4)
        are_resting = np.zeros(len(Part), bool)
        are_resting[Part.LEFT_LEG :] = self.finder.is_half
        return Measured(rotations, are_seen & ~are_resting, are_resting, scale_m)

    def _landmarks(self, tracked: Tracked, level: Matrices | None) -> tuple[Vectors, Flags, float | None]:
        """Return (33, 3) points in avatar space, which of them are seen, and the size of a pixel in metres.

        None are seen of a pose with impossible numbers.
        """
        pose = tracked.pose
        # What is not a number is not smaller than anything.
        if pose is None or not (np.abs(pose.world).max() < LARGEST_M and np.abs(pose.image).max() < LARGEST):
            return np.zeros((len(P), 3)), np.zeros(len(P), bool), None
        scale_m = metres_per_px(pose, tracked.size_wh)
        points = with_arms_of_picture(pose, tracked.size_wh, scale_m) * TO_AVATAR
        upright = points if level is None else points @ level.T
        return upright, self._seen.of(pose.visibility, pose.image), scale_m

    def _see(self, landmarks: Flags, lines: Lines, are_hands: Flags, step_s: float) -> tuple[Flags, Flags]:
        """Return the parts that are seen, (15,), and which palms are the hands', (2,).

        A hand that was found shows its arm, too, even if the elbow is out of the picture.
        """
        are_seen = np.zeros(len(Part), bool)
        are_seen[Part.FACE] = True
        is_trunk = bool(landmarks[_SHOULDERS].all()) and lines.is_trunk
        at = landmarks[_SIDES] if is_trunk else np.zeros(_SIDES.shape, bool)
        sides = by_side(are_seen)
        with_arm = are_hands & is_trunk
        are_seen[Part.TORSO] = is_trunk
        sides[visibility.ARMS] = at[_ELBOW] | with_arm
        sides[visibility.FOREARMS] = (at[_ELBOW] & at[_WRIST]) | with_arm
        in_pose = sides[visibility.FOREARMS] & at[_KNUCKLES].all(0) & lines.are_palms
        sides[visibility.WRISTS], are_palms_hands = self._palm_sources.seen(with_arm, in_pose, step_s)
        sides[visibility.FINGERS] = are_hands
        sides[visibility.LEGS] = at[_LEG].all(0)
        sides[visibility.FEET] = sides[visibility.LEGS] & at[_FOOT].all(0) & lines.are_feet
        return are_seen, are_palms_hands

    def _trunk_and_limbs(
        self, lines: Lines, palms: Matrices, are_wrists: Flags, rotations: Quaternions, step_s: float
    ) -> Quaternions:
        """Fill in the rotations of all but head and fingers; return the chest's in avatar space, (4,)."""
        pelvis, chest = self._pelvis(lines), lines.chest
        raised = _raised(lines, chest)
        if raised.any():
            chest = without_raised_shoulders(chest, raised)
            raised = _raised(lines, chest)
        parents = np.stack([chest, chest * MIRROR_MATRIX, pelvis, pelvis * MIRROR_MATRIX])
        limbs = self._limbs.solve((lines.limbs[:, :, None] @ parents)[:, :, 0], step_s)
        turned = (parents @ limbs).reshape(8, 3, 3)
        measured = from_matrices(np.concatenate([[pelvis, chest], turned, palms, lines.feet]))
        twists = self._forearms.solve(measured[_FOREARMS], measured[_PALMS], are_wrists, step_s)
        measured[_FOREARMS] = multiply(measured[_FOREARMS], twists)
        measured[_RIGHT] *= MIRROR
        rotations[:_LIMBS_END] = _local(measured, raised)
        chest_turned: Quaternions = measured[1]
        return chest_turned

    def _pelvis(self, lines: Lines) -> Matrices:
        """Return the pelvis as measured for a full body, upright and turned half as far as the chest for half a one."""
        share = self.finder.full_share
        if share == 1.0:
            return lines.pelvis
        yaw = PELVIS_YAW_SHARE * math.atan2(lines.chest[0, 2], lines.chest[2, 2])
        cosine, sine = math.cos(yaw), math.sin(yaw)
        upright = np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
        if share == 0.0:
            return upright
        both = from_matrices(np.stack([upright, lines.pelvis]))
        return to_matrices(towards(both[0], both[1], share))


def _head(face: FaceState, points: Vectors, landmarks: Flags) -> Quaternions | None:
    """Return the head's rotation in avatar space, (4,), by the face or else by the pose; ``None`` if it is not seen."""
    if face.measured_head is not None:
        return face.measured_head
    return head_of_pose(points) if landmarks[_HEAD_POINTS].all() else None


def _raised(lines: Lines, chest: Matrices) -> Numbers:
    """Return by how many radians the clavicles are raised, (2,), left and right."""
    up_x, up_y, up_z = chest[:, 1].tolist()
    # The right arm is seen in a mirror, so the chest is, too.
    heights = [
        (side * up_x * x + up_y * y + up_z * z) / max(math.sqrt(x * x + y * y + z * z), TINY)
        for side, (x, y, z) in zip((1.0, -1.0), lines.limbs[0, :2].tolist(), strict=True)
    ]
    return clavicles(np.array(heights))


def _local(measured: Quaternions, raised: Numbers) -> Quaternions:
    """Return the local rotations of trunk and limbs, (25, 4), by what is measured and how the clavicles are raised."""
    turned = np.empty((_LIMBS_END, 4))
    turned[:] = IDENTITY
    turned[_MEASURED] = measured
    turned[B.SPINE : B.CHEST + 1] = towards(measured[0], measured[1], _SPINE_SHARES)
    turned[_CLAVICLES] = measured[1]
    if raised.any():
        turned[_CLAVICLES] = multiply(measured[1], about(2, raised * _LEFT_RIGHT))
    turned[_TOES] = measured[_FEET]
    return to_local(turned)
