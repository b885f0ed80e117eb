"""The body solver: the 55 local rotations of a body in one frame, before smoothing, and which of its parts are seen."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import Shape
from mocast.model.body_parts import BodyPart
from mocast.model.half_body import HalfBodyDetector
from mocast.model.humanoid import BONE_COUNT, HumanoidBone
from mocast.model.names import both_sides
from mocast.model.options import BodyMode
from mocast.model.quaternions import (
    IDENTITY,
    MIRROR_ROTATION,
    TINY,
    Matrices,
    Quaternions,
    Vectors,
    about,
    from_matrices,
    inverse_one,
    multiply,
    multiply_one,
)
from mocast.model.topology import (
    EYES,
    POSE_COUNT,
    SHOULDERS,
    PoseLandmark,
)
from mocast.model.tracked import Landmarks, Pose, Tracked
from mocast.model.visible_landmarks import VisibleLandmarks
from mocast.rigging.body import fingers
from mocast.rigging.body.arms_of_hands import arms_of_hands
from mocast.rigging.body.body_placement import BodyPlacement, place_body
from mocast.rigging.body.bone_chains import share_of
from mocast.rigging.body.image_space_arms import ImageSpaceArms
from mocast.rigging.body.image_space_legs import KneeBend, with_image_space_legs
from mocast.rigging.body.kinematics import to_local
from mocast.rigging.body.limb_solver import ForearmTwist, LimbSolver, raised_clavicle
from mocast.rigging.body.neck import eyes_and_jaw, head_of_pose, neck_and_head
from mocast.rigging.body.pelvis import PelvisEstimate
from mocast.rigging.body.pose_frames import (
    MIRROR_MATRIX,
    WORLD_TO_AVATAR,
    Flags,
    PoseFrames,
    chest_without_clavicles,
)
from mocast.rigging.body.seen_sides import FOREARM_JOINTS, LEG_JOINTS, NO_SIDES, seen_sides
from mocast.rigging.body.trunk_by_head import TrunkByHead
from mocast.rigging.body.upright import standing_line
from mocast.rigging.body.visibility import by_side
from mocast.rigging.body.wrist_sources import PlausibleHands, WristSources, plausible_hands
from mocast.rigging.face.face_solver import FaceState
from mocast.rigging.retargeting.person_size import PersonSize

B = HumanoidBone

MAX_POSE_M: Final = 100.0
"""A pose whose landmarks are further from the hips than this, or one of which is not finite, is rejected."""
MAX_POSE_PICTURES: Final = 1000.0
"""A pose whose landmarks are more than this many picture sizes outside of the picture is rejected."""

_HEAD_POINTS: Final = np.array([PoseLandmark.NOSE, *EYES])
_SHOULDERS: Final = np.array(SHOULDERS)

_LIMB_BONES: Final = ("UPPER_ARM", "UPPER_LEG", "LOWER_ARM", "LOWER_LEG", "HAND", "FOOT")
_MEASURED: Final = np.array(
    [B.HIPS, B.UPPER_CHEST, *(bone for name in _LIMB_BONES for bone in both_sides(HumanoidBone, name))]
)
"""(14,): the bones of trunk and limbs in the order in which they are measured, left before right."""
_RIGHT: Final = slice(3, None, 2)
_FOREARMS, _PALMS = slice(6, 8), slice(10, 12)
"""Rows of ``_MEASURED``."""
_LIMBS_END: Final = B.RIGHT_HAND + 1
_CLAVICLES: Final = np.array(both_sides(HumanoidBone, "SHOULDER"))


def _measured_of() -> NDArray[np.intp]:
    rows = np.ones(_LIMBS_END, np.intp)
    rows[_MEASURED] = np.arange(len(_MEASURED))
    rows[list(both_sides(HumanoidBone, "TOES"))] = rows[list(both_sides(HumanoidBone, "FOOT"))]
    return rows


_MEASURED_OF: Final = _measured_of()
"""(25,): the row of ``_MEASURED`` that turns each bone of trunk and limbs: toes go with feet, clavicles with the chest.
Spine, neck and head, whose rows say nothing, are turned elsewhere."""
_LEFT_RIGHT: Final = np.array([1.0, -1.0])


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredBody:
    """A body in one frame, before gating and smoothing."""

    rotations: Quaternions
    "(55, 4): local; undefined for parts that are not seen."
    are_seen: Flags
    "(15,): by ``BodyPart``."
    are_resting: Flags
    "(15,): the parts that ease to rest: the legs, in half-body mode."
    spine: Vectors | None
    """(3,), of any length: to the shoulders from the hips, or from the feet of somebody who stands on both, avatar
    space; ``None`` without a trunk."""
    placement: BodyPlacement | None
    "``None`` without a body."
    leg_m: float
    "The person's leg from hip to ankle, in world space; 0 before one was seen."


class _Observed(NamedTuple):
    """What a frame tells of a body."""

    points: Vectors
    "(33, 3): in avatar space."
    are_visible: Flags
    "(33,)."
    placement: BodyPlacement | None
    hands: PlausibleHands
    palms: Matrices
    "(2, 3, 3): the rotations of the palms, both as those of left hands."
    are_palms: Flags
    "(2,): which of these are valid."
    is_of_hands: bool
    "Whether the points are made of hands that are tracked without a body."


class BodySolver:
    """Measures the body in consecutive frames. Its state: the limbs' roll and twist, and which parts were seen."""

    def __init__(self) -> None:
        self.half_body = HalfBodyDetector()
        self.picture_size = 1.0
        "Of the picture in image space: see ``at_assumed_view``."
        self.size = PersonSize()
        self._visible = VisibleLandmarks()
        self._arms = ImageSpaceArms()
        self._limbs = LimbSolver()
        self._forearms = ForearmTwist()
        self._wrists = WristSources()
        self._fingers = fingers.FingerSolver()
        self._knees = KneeBend()
        self._pelvis = PelvisEstimate()
        self._trunk_by_head = TrunkByHead()

    def measure(
        self,
        tracked: Tracked,
        face: FaceState,
        mode: BodyMode,
        *,
        head: Quaternions | None,
        level: Matrices | None,
        last_chest: Callable[[], Quaternions],
        step_s: float,
    ) -> MeasuredBody:
        """Return the body of the next frame, ``step_s`` seconds after the last.

        ``head``, (4,): the rotation in avatar space of the face's head; without one the pose's own serves. ``level``,
        (3, 3), takes avatar space to the space in which the subject stands upright. ``last_chest`` returns the rotation
        in avatar space, (4,), of the chest that was shown last: the head is relative to it where no trunk is seen.
        """
        rotations = np.empty((BONE_COUNT, 4))
        rotations[:] = IDENTITY
        seen = self._observed(tracked, mode, level, step_s)
        frames = PoseFrames(seen.points)
        forearms = frames.limbs[1, :2] * seen.are_visible[FOREARM_JOINTS].all(0)[:, None]
        are_hands, palms = self._wrists.accepted(seen.palms, seen.are_palms, seen.hands, forearms, step_s)
        if tracked.pose is not None:
            self.size.learn(seen.points, seen.are_visible, seen.hands.points, are_hands, step_s)
        are_seen, follow_hands = self._seen_parts(seen.are_visible, frames, are_hands, step_s)
        if head is None and seen.are_visible[_HEAD_POINTS].all():
            head = head_of_pose(seen.points)
        chest: Quaternions | None = None
        if are_seen[BodyPart.TORSO]:
            palms = np.where(follow_hands[:, None, None], palms, frames.palms)
            chest = self._trunk_and_limbs(frames, palms, are_seen, rotations, step_s)
        elif head is not None and tracked.pose is None and face.head is not None:
            are_seen[BodyPart.TORSO] = True
            rotations[B.SPINE : B.UPPER_CHEST + 1] = self._trunk_by_head.spine(face.head, step_s)
        if head is not None:
            are_seen[BodyPart.HEAD] = True
            rotations[B.NECK : B.HEAD + 1] = neck_and_head(last_chest() if chest is None else chest, head)
        rotations[B.LEFT_EYE : B.JAW + 1] = eyes_and_jaw(face.gaze_deg, float(face.shapes[Shape.JAW_OPEN]))
        if np.count_nonzero(are_hands):
            bent = self._fingers.solve(seen.hands.points, seen.palms, are_hands, step_s)
            bent[1] *= MIRROR_ROTATION
            rotations[_LIMBS_END:] = bent.reshape(-1, 4)
        if seen.is_of_hands:
            are_seen[BodyPart.TORSO] = False
        are_resting = np.zeros(len(BodyPart), bool)
        are_resting[BodyPart.LEFT_LEG :] = self.half_body.is_half
        return MeasuredBody(
            rotations,
            are_seen & ~are_resting,
            are_resting,
            None if chest is None else self._spine(seen, frames),
            seen.placement,
            self._knees.leg_m,
        )

    def _observed(self, tracked: Tracked, mode: BodyMode, level: Matrices | None, step_s: float) -> _Observed:
        pose = _possible(tracked.pose)
        are_visible = self._are_visible(pose)
        self.half_body.update(are_visible, mode, step_s)
        share = 0.0 if self.half_body.is_half else 1.0
        placement = None if pose is None else place_body(pose, tracked.size_wh, are_visible, share)
        hands = plausible_hands(tracked, placement, level)
        points = self._points(pose, placement, are_visible, hands, step_s)
        if level is not None:
            points = points.dot(level.T)
        palms, are_palms = fingers.palms(hands.points) if np.count_nonzero(hands.are_usable) else fingers.NO_PALMS
        is_of_hands = tracked.pose is None and bool((hands.are_usable & are_palms).any())
        if is_of_hands:
            points, are_visible = arms_of_hands(palms, hands.are_usable & are_palms)
        return _Observed(points, are_visible, placement, hands, palms, are_palms, is_of_hands)

    def _are_visible(self, pose: Pose | None) -> Flags:
        """Return which landmarks are visible, (33,): none without a pose."""
        return (
            np.zeros(POSE_COUNT, bool)
            if pose is None
            else self._visible.update(pose.visibility, pose.image, self.picture_size)
        )

    def _points(
        self, pose: Pose | None, body: BodyPlacement | None, are_visible: Flags, hands: PlausibleHands, step_s: float
    ) -> Vectors:
        """Return (33, 3) points in avatar space, as the camera has it."""
        if pose is None:
            return np.zeros((POSE_COUNT, 3))
        points: Vectors = pose.world.astype(np.float64)
        if body is not None:
            points = self._arms.place(pose, hands, body, step_s)
        if body is not None and not self.half_body.is_half:
            points = with_image_space_legs(points, body)
            self._knees.apply(points, are_visible[LEG_JOINTS].all(0), step_s)
        return np.multiply(points, WORLD_TO_AVATAR)

    def _seen_parts(
        self, are_visible: Flags, frames: PoseFrames, are_hands: Flags, step_s: float
    ) -> tuple[Flags, Flags]:
        """Return which parts are seen, (15,), and which wrists follow the palm of a hand, not that of the pose, (2,).

        A hand that was found makes its arm count as seen, even if the elbow is out of the picture.
        """
        is_trunk = frames.is_trunk and bool(are_visible[_SHOULDERS].all())
        sides = seen_sides(are_visible, frames) if is_trunk else NO_SIDES
        with_hand = [is_hand and is_trunk for is_hand in are_hands.tolist()]
        are_wrists, follow_hands = self._wrists.seen(with_hand, [side.palm for side in sides], step_s)
        are_seen = np.zeros(len(BodyPart), bool)
        are_seen[BodyPart.FACE], are_seen[BodyPart.TORSO] = True, is_trunk
        by_side(are_seen)[:] = (
            [side.arm or has_hand for side, has_hand in zip(sides, with_hand, strict=True)],
            [side.forearm or has_hand for side, has_hand in zip(sides, with_hand, strict=True)],
            are_wrists,
            are_hands,
            [side.leg for side in sides],
            [side.foot for side in sides],
        )
        return are_seen, np.array(follow_hands)

    def _spine(self, seen: _Observed, frames: PoseFrames) -> Vectors:
        """Return the spine, (3,): see ``MeasuredBody``. Who stands on both feet is taken to stand above them."""
        stands = not self.half_body.is_half and seen.are_visible[LEG_JOINTS].all()
        line = standing_line(seen.points) if stands else None
        return frames.spine if line is None else np.array(line)

    def _trunk_and_limbs(
        self, frames: PoseFrames, palms: Matrices, are_seen: Flags, rotations: Quaternions, step_s: float
    ) -> Quaternions:
        """Write the local rotations of trunk and limbs to ``rotations``; return the chest's in avatar space, (4,)."""
        _, _, are_wrists, _, are_legs, are_feet = by_side(are_seen)
        chest = frames.chest
        pelvis = self._pelvis.solve(frames, self.half_body.full_share, are_legs, are_feet, step_s)
        raised = _raised(frames, chest)
        if any(raised):
            chest = chest_without_clavicles(chest, raised)
            raised = _raised(frames, chest)
        parents = np.array([chest, chest * MIRROR_MATRIX, pelvis, pelvis * MIRROR_MATRIX])
        limbs = self._limbs.solve((frames.limbs[:, :, None] @ parents)[:, :, 0], step_s, are_legs.tolist())
        turned = (parents @ limbs).reshape(8, 3, 3)
        measured = from_matrices(np.concatenate([[pelvis, chest], turned, palms, frames.feet]))
        twists = self._forearms.solve(measured[_FOREARMS], measured[_PALMS], are_wrists, step_s)
        measured[_FOREARMS] = multiply(measured[_FOREARMS], twists)
        measured[_RIGHT] *= MIRROR_ROTATION
        rotations[:_LIMBS_END] = _local(measured, raised)
        chest_turned: Quaternions = measured[1]
        return chest_turned


def _possible(pose: Pose | None) -> Pose | None:
    """Return the pose; ``None`` for one with impossible numbers."""
    # ``not (a < b)``, so that what is not a number is refused, too.
    if pose is None or not (_size(pose.world) < MAX_POSE_M and _size(pose.image) < MAX_POSE_PICTURES):
        return None
    return pose


def _size(landmarks: Landmarks) -> float:
    """Return the length of all landmarks as one vector; infinite or not a number where one of them is."""
    numbers = landmarks.reshape(-1)
    return math.sqrt(numbers.dot(numbers))


def _raised(frames: PoseFrames, chest: Matrices) -> tuple[float, float]:
    """Return by how many radians the clavicles are raised, left and right."""
    up_x, up_y, up_z = chest[:, 1].tolist()
    # The right arm is reflected, so the chest is, too.
    left, right = (
        raised_clavicle((side * up_x * x + up_y * y + up_z * z) / max(math.sqrt(x * x + y * y + z * z), TINY))
        for side, (x, y, z) in zip((1.0, -1.0), frames.limbs[0, :2].tolist(), strict=True)
    )
    return left, right


def _local(measured: Quaternions, raised: tuple[float, float]) -> Quaternions:
    """Return the local rotations of trunk and limbs, (25, 4).

    ``measured``, (14, 4): in avatar space, in the order of ``_MEASURED``. ``raised``: see ``_raised``.
    """
    turned = measured.take(_MEASURED_OF, 0)
    if any(raised):
        turned[_CLAVICLES] = multiply(measured[1], about(2, np.array(raised) * _LEFT_RIGHT))
    local = to_local(turned)
    pelvis, chest = (tuple(bone) for bone in measured[:2].tolist())
    local[B.SPINE : B.UPPER_CHEST + 1] = share_of(multiply_one(inverse_one(pelvis), chest), 1 / 3)
    return local
