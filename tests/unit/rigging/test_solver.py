"""The solver against truth: people in known poses, their landmarks, and the rigs made of these."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.people import SIZE_WH
from tests.unit.rigging.skeletons import Skeleton, posed, random_skeleton, tracked

from mocast.model.body_parts import PART_OF_BONE, BodyPart
from mocast.model.humanoid import BONE_COUNT, MIRROR_OF, HumanoidBone
from mocast.model.mirror import mirrored
from mocast.model.options import BodyMode, RigOptions, Smoothing
from mocast.model.quaternions import angle_between, from_vectors, rotate
from mocast.model.rig import Rig
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Hand, Pose, Tracked
from mocast.rigging.body import kinematics
from mocast.rigging.body.root_motion import SOLE_BACK, SOLE_FRONT
from mocast.rigging.body.visibility import RELAXED
from mocast.rigging.solver import Solver

B = HumanoidBone
SETTLED = 45
"""Frames at 30 a second after which nothing of the start is left."""
SMOOTHINGS: list[Smoothing] = ["responsive", "balanced", "smooth"]
_FACE = {B.LEFT_EYE, B.RIGHT_EYE, B.JAW}
FINGERS = [bone for bone in B if bone >= B.LEFT_THUMB_METACARPAL]
BODY = [bone for bone in B if bone not in {*FINGERS, *_FACE}]
LEGS = [bone for bone in B if B.LEFT_UPPER_LEG <= bone <= B.RIGHT_TOES]
LEGS_DOWN = [P[f"{side}_{name}"] for side in ("LEFT", "RIGHT") for name in ("KNEE", "ANKLE", "HEEL", "FOOT_INDEX")]
BELOW_THE_PICTURE = dict.fromkeys([P.LEFT_HIP, P.RIGHT_HIP, *LEGS_DOWN], 0.05)


def settled(skeleton: Skeleton, *, frames: int = SETTLED, solver: Solver | None = None, **given: object) -> Rig:
    """Return the rig of somebody who stands still long enough."""
    solver = solver or Solver(RigOptions(body="full"))
    for number in range(frames):
        rig = solver.rig(tracked(skeleton, pts=number * 3000, **given))  # type: ignore[arg-type]
    return rig


def errors_deg(rig: Rig, truth: Skeleton) -> NDArray[np.float64]:
    """Return by how much each bone is turned away from the truth in avatar space, (55,).

    Not relative to the parents: landmarks tell a forearm's direction, but not how much of it comes from the back. So
    where the back's bend is taken wrongly the arms must still be right, and the spine counts by its ends.
    """
    return np.degrees(angle_between(kinematics.to_global(rig.rotations.astype(float)), truth.turned))


def errors_but_of_feet_that_stand_deg(rig: Rig, truth: Skeleton) -> NDArray[np.float64]:
    """Return the errors of the bones, 0 of legs whose foot stands: the rig puts its sole on the floor."""
    errors = errors_deg(rig, truth)
    for side, stands in zip(("LEFT", "RIGHT"), rig.planted, strict=True):
        if stands:
            errors[[B[f"{side}_{name}"] for name in ("UPPER_LEG", "LOWER_LEG", "FOOT", "TOES")]] = 0
    return errors


def test_known_poses_are_solved_back() -> None:
    """All error there is is in the back's bending forward, which four landmarks show the half of, and in the head."""
    rng = np.random.default_rng(3)
    people = [random_skeleton(rng) for _ in range(24)]
    errors = np.stack([errors_but_of_feet_that_stand_deg(settled(person), person) for person in people])
    for name, bones in {
        "pelvis and back": [B.HIPS, B.SPINE, B.CHEST, B.UPPER_CHEST],
        "neck and head": [B.NECK, B.HEAD],
        "arms": [B.LEFT_UPPER_ARM, B.RIGHT_UPPER_ARM, B.LEFT_LOWER_ARM, B.RIGHT_LOWER_ARM],
        "hands": [B.LEFT_HAND, B.RIGHT_HAND],
        "fingers": FINGERS,
        "legs": [B.LEFT_UPPER_LEG, B.RIGHT_UPPER_LEG, B.LEFT_LOWER_LEG, B.RIGHT_LOWER_LEG],
        "feet": [B.LEFT_FOOT, B.RIGHT_FOOT],
    }.items():
        assert np.median(errors[:, bones]) <= 3, name
        assert np.percentile(errors[:, bones], 95) <= 8, name
    assert np.percentile(errors[:, [*BODY[9:], *FINGERS]], 99) < 6  # clavicles turn with the chest
    arms = [bone for bone in BODY if bone > B.RIGHT_TOES and "SHOULDER" not in bone.name]
    assert errors[:, arms].max() < 1.0  # a forearm takes on its twist slowly
    assert errors[:, FINGERS].max() < 2.5  # the last degree takes them a second
    # Of legs, depths of centimetres count less, and a foot is lifted from the floor.
    assert np.percentile(errors[:, LEGS], 90) < 2


def test_local_rotations_are_the_truth_where_the_back_is_straight() -> None:
    rng = np.random.default_rng(4)
    for _ in range(10):
        person = random_skeleton(rng)
        person.local[[B.SPINE, B.CHEST, B.UPPER_CHEST]] = [0, 0, 0, 1]
        rig = settled(person)
        errors = np.degrees(angle_between(rig.rotations.astype(float), person.local))
        assert np.delete(errors, [B.NECK, B.HEAD, *LEGS]).max() < 2.5
        assert errors[[B.NECK, B.HEAD]].max() < 2


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_noise_of_a_centimetre_is_smoothed(smoothing: Smoothing) -> None:
    """Of 2 mm in the hands: they are measured in a crop of their own, and a finger's bone is 2 cm long."""
    rng = np.random.default_rng(5)
    errors = []
    for _ in range(8):
        person, solver = random_skeleton(rng), Solver(RigOptions(smoothing, "full"))
        for number in range(SETTLED):
            noisy = tracked(person, pts=number * 3000, noise_m=0.01, hand_noise_m=0.002, rng=rng)
            rig = solver.rig(noisy)
            if number >= 30:
                errors.append(errors_deg(rig, person))
    assert np.median(np.stack(errors)[:, BODY]) <= 6
    assert np.median(np.stack(errors)[:, FINGERS]) <= 6


def test_a_t_pose_is_the_identity() -> None:
    rig = settled(posed())
    angles = np.degrees(angle_between(rig.rotations.astype(float), np.tile([0.0, 0, 0, 1], (BONE_COUNT, 1))))
    assert angles.max() < 1
    np.testing.assert_allclose(rig.hips, [0, 0.9, 0], atol=2e-3)


def test_a_raised_left_arm_is_the_left_one() -> None:
    rig = settled(posed(left_upper_arm=(0, 0, 25), left_lower_arm=(0, -60, 0)))
    np.testing.assert_allclose(rig.rotations[B.LEFT_UPPER_ARM], from_vectors(np.radians([0, 0, 25])), atol=0.01)
    np.testing.assert_allclose(rig.rotations[B.LEFT_LOWER_ARM], from_vectors(np.radians([0, -60, 0])), atol=0.01)
    assert np.degrees(angle_between(rig.rotations[B.RIGHT_UPPER_ARM].astype(float), np.array([0.0, 0, 0, 1]))) < 1


def test_what_a_mirror_shows_is_solved_to_the_mirrored_rig() -> None:
    rng = np.random.default_rng(6)
    for _ in range(5):
        person = random_skeleton(rng)
        other = Skeleton(person.local[list(MIRROR_OF)] * [1.0, -1, -1, 1])
        there, back = settled(other), mirrored(settled(person))
        assert np.degrees(angle_between(there.rotations.astype(float), back.rotations.astype(float))).max() < 0.1
        np.testing.assert_allclose(there.hips, back.hips, atol=1e-3)


def test_long_limbs_are_solved_like_short_ones() -> None:
    rng = np.random.default_rng(7)
    person = random_skeleton(rng)
    seen = tracked(person)
    assert seen.pose is not None
    larger = replace(seen, pose=replace(seen.pose, world=seen.pose.world * np.float32(1.4)))
    solver = Solver(RigOptions(body="full"))
    for number in range(SETTLED):
        rig = solver.rig(replace(larger, pts=number * 3000))
    assert np.degrees(angle_between(rig.rotations.astype(float), settled(person).rotations.astype(float))).max() < 0.1


def moving(time_s: float, hertz: float) -> Skeleton:
    """Return somebody who waves with the left arm and turns, by ±30°."""
    angle = 30 * np.sin(2 * np.pi * hertz * time_s)
    return posed(
        hips=(0, angle, 0),
        left_upper_arm=(0, 0, angle - 40),
        left_lower_arm=(0, -70 - angle, 0),
        right_lower_arm=(0, 50, 0),
        left_upper_leg=(-30, 0, 0),
        left_lower_leg=(50, 0, 0),
        right_lower_leg=(30, 0, 0),
    )


def motion(fps: int, hertz: float, *, seconds: float = 4, smoothing: Smoothing = "balanced") -> NDArray[np.float64]:
    """Return (frames, 55, 4) rotations of that motion, tracked at this rate."""
    solver = Solver(RigOptions(smoothing, "full"))
    rigs = [
        solver.rig(tracked(moving(number / fps, hertz), pts=round(number * 90_000 / fps)))
        for number in range(round(seconds * fps))
    ]
    return np.stack([rig.rotations for rig in rigs]).astype(float)


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_smoothing_delays_a_motion_of_2_hertz_by_a_frame_at_most(smoothing: Smoothing) -> None:
    fps, hertz = 30, 2.0
    rotations = motion(fps, hertz, smoothing=smoothing)
    times_s = np.arange(len(rotations)) / fps
    wave = np.exp(-2j * np.pi * hertz * times_s[2 * fps :])
    truth = np.stack([moving(time_s, hertz).local for time_s in times_s])
    for bone, axis in ((B.HIPS, 1), (B.LEFT_UPPER_ARM, 2), (B.LEFT_LOWER_ARM, 1)):
        shown, wanted = (array[2 * fps :, bone, axis] @ wave for array in (rotations, truth))
        delay_s = -np.angle(shown / wanted) / (2 * np.pi * hertz)
        assert delay_s <= 1 / fps, bone.name
        assert abs(shown / wanted) > 0.85, bone.name


def test_the_frame_rate_does_not_change_the_motion() -> None:
    slow, usual, fast = (motion(fps, 0.5)[2 * fps :: fps // 15] for fps in (15, 30, 60))
    for other in (slow, fast):
        turns = np.degrees(angle_between(other, usual))
        assert turns[:, LEGS].max() < 3
        assert np.delete(turns, LEGS, 1).max() < 2


def soles_m(rig: Rig) -> NDArray[np.float64]:
    """Return the heights of both feet's heels and toes."""
    rotations = rig.rotations.astype(float)
    joints, turned = kinematics.positions(rotations, rig.hips.astype(float)), kinematics.to_global(rotations)
    return np.array(
        [
            joints[foot, 1] + rotate(turned[foot], point)[1]
            for foot in (B.LEFT_FOOT, B.RIGHT_FOOT)
            for point in (SOLE_BACK, SOLE_FRONT)
        ]
    )


def test_the_lower_foot_is_on_the_floor() -> None:
    rng = np.random.default_rng(8)
    for _ in range(5):
        assert soles_m(settled(random_skeleton(rng))).min() == pytest.approx(0, abs=1e-3)


def test_legs_below_the_picture_rest_and_come_back() -> None:
    person = posed(left_upper_leg=(-40, 0, 0), left_lower_leg=(60, 0, 0), hips=(0, 15, 0))
    solver = Solver(RigOptions())
    full = settled(person, solver=solver, frames=90)
    assert not full.found.half_body
    assert errors_deg(full, person)[B.LEFT_LOWER_LEG] < 2
    for number in range(90, 180):
        half = solver.rig(tracked(person, pts=number * 3000, visibility=BELOW_THE_PICTURE))
    assert half.found.half_body
    legs = np.isin(PART_OF_BONE, [BodyPart.LEFT_LEG, BodyPart.RIGHT_LEG, BodyPart.LEFT_FOOT, BodyPart.RIGHT_FOOT])
    np.testing.assert_allclose(np.abs(half.rotations[legs, 3]), 1, atol=1e-3)
    assert half.hips[1] == pytest.approx(0.9, abs=5e-3)
    for number in range(180, 270):
        again = solver.rig(tracked(person, pts=number * 3000))
    assert not again.found.half_body
    assert errors_deg(again, person)[B.LEFT_LOWER_LEG] < 2


def test_a_moment_without_legs_does_not_change_the_mode() -> None:
    person, solver = posed(), Solver(RigOptions())
    for number in range(90):
        hidden = BELOW_THE_PICTURE if number > 60 and number % 10 < 5 else None
        rig = solver.rig(tracked(person, pts=number * 3000, visibility=hidden))
        assert number < 60 or not rig.found.half_body


@pytest.mark.parametrize(("mode", "is_half"), [("half", True), ("full", False)])
def test_the_mode_that_is_chosen_holds(mode: BodyMode, is_half: bool) -> None:
    for visibility in (None, BELOW_THE_PICTURE):
        solver = Solver(RigOptions(body=mode))
        assert settled(posed(), solver=solver, visibility=visibility).found.half_body == is_half


def test_a_seated_chest_turns_and_leans() -> None:
    person = posed(spine=(0, 20, 0), upper_chest=(0, 0, 10))
    rig = settled(person, solver=Solver(RigOptions()), visibility=BELOW_THE_PICTURE)
    assert rig.found.half_body
    assert errors_deg(rig, person)[B.UPPER_CHEST] < 5


def test_an_arm_that_vanishes_holds_and_then_eases_to_rest() -> None:
    person, solver = posed(left_upper_arm=(0, 0, 50), left_lower_arm=(0, -70, 0)), Solver(RigOptions())
    before = settled(person, solver=solver)
    hidden = dict.fromkeys([P.LEFT_ELBOW, P.LEFT_WRIST, P.LEFT_INDEX, P.LEFT_PINKY], 0.1)
    arm = [B.LEFT_UPPER_ARM, B.LEFT_LOWER_ARM]
    rigs = [
        solver.rig(tracked(person, pts=number * 3000, visibility=hidden, hands=False)).rotations.astype(float)
        for number in range(SETTLED, SETTLED + 120)
    ]
    held = np.degrees(angle_between(np.stack(rigs[:14])[:, arm], before.rotations[arm].astype(float)))
    assert held.max() < 0.5
    assert np.degrees(angle_between(rigs[-1][arm], RELAXED[arm])).max() < 1
    steps = np.degrees(angle_between(np.stack(rigs[1:]), np.stack(rigs[:-1])))
    assert steps.max() < 15
    back = settled(person, solver=solver)
    assert errors_deg(back, person)[arm].max() < 0.5


def test_nobody_comes_to_rest() -> None:
    person, solver = random_skeleton(np.random.default_rng(9)), Solver(RigOptions())
    settled(person, solver=solver)
    for number in range(SETTLED, SETTLED + 150):
        rig = solver.rig(Tracked(number, number * 3000, 0, SIZE_WH))
    assert not rig.found.anything
    assert np.degrees(angle_between(rig.rotations.astype(float), RELAXED)).max() < 1


def test_a_wrist_without_a_hand_follows_the_pose_after_a_while() -> None:
    person = posed(left_lower_arm=(0, -60, 0), left_hand=(0, 0, -40), right_lower_arm=(0, 40, 0))
    rig = settled(person, hands=False, frames=60)
    assert errors_deg(rig, person)[B.LEFT_HAND] < 5
    assert not rig.found.left_hand


def test_fingers_of_a_lost_hand_relax() -> None:
    fist = posed(**{f"left_{finger}_proximal": (0, 0, -80) for finger in ("index", "middle", "ring", "little")})  # type: ignore[arg-type]
    solver = Solver(RigOptions())
    assert errors_deg(settled(fist, solver=solver), fist)[B.LEFT_MIDDLE_PROXIMAL] < 3
    rig = settled(fist, solver=solver, hands=False, frames=120)
    fingers = np.array(PART_OF_BONE) == BodyPart.LEFT_FINGERS
    assert np.degrees(angle_between(rig.rotations[fingers].astype(float), RELAXED[fingers])).max() < 1


def test_a_hand_shows_its_arm_even_if_the_elbow_is_out_of_the_picture() -> None:
    person = posed(left_upper_arm=(0, 0, -30), left_lower_arm=(0, -100, 0))
    rig = settled(person, visibility={P.LEFT_ELBOW: 0.1, P.LEFT_WRIST: 0.2})
    assert errors_deg(rig, person)[[B.LEFT_UPPER_ARM, B.LEFT_LOWER_ARM]].max() < 0.5


def test_the_other_arms_hand_is_not_taken() -> None:
    person = posed(right_upper_arm=(0, 0, 60), right_lower_arm=(0, 60, 0))
    seen = tracked(person)
    solver = Solver(RigOptions(body="full"))
    for number in range(SETTLED):
        swapped = replace(seen, pts=number * 3000, left_hand=seen.right_hand, right_hand=None)
        rig = solver.rig(swapped)
    assert not rig.found.left_hand


def test_a_palm_that_flips_for_a_frame_is_not_followed() -> None:
    person = posed(left_lower_arm=(0, -60, 0))
    solver = Solver(RigOptions("responsive", "full"))
    before = settled(person, solver=solver)
    seen = tracked(person, pts=SETTLED * 3000)
    assert seen.left_hand is not None
    flipped = replace(seen.left_hand, world=seen.left_hand.world * np.float32([1, -1, -1]))
    rig = solver.rig(replace(seen, left_hand=flipped))
    assert (
        np.degrees(angle_between(rig.rotations[B.LEFT_HAND].astype(float), before.rotations[B.LEFT_HAND].astype(float)))
        < 1
    )


def test_time_that_stands_goes_back_or_jumps_breaks_nothing() -> None:
    person, solver = posed(left_upper_arm=(0, 0, 40)), Solver(RigOptions())
    settled(person, solver=solver)
    for pts in (135_000, 135_000, 90, -5_000_000, 10**12, 10**12 + 1):
        rig = solver.rig(tracked(person, pts=pts))
        assert np.isfinite(rig.rotations).all()
        assert errors_deg(rig, person)[B.LEFT_UPPER_ARM] < 1


def test_the_avatar_goes_where_the_person_goes() -> None:
    aside = settled(Skeleton(posed().local))
    assert aside.hips[0] == pytest.approx(0, abs=0.01)
    seen, solver = tracked(posed()), Solver(RigOptions())
    assert seen.pose is not None
    moved = seen.pose.image + np.float32([0.1, 0, 0])
    for number in range(90):
        rig = solver.rig(replace(seen, pts=number * 3000, pose=replace(seen.pose, image=moved)))
    assert rig.hips[0] == pytest.approx(0.1 * 2.6 * SIZE_WH[0] / SIZE_WH[1], abs=0.03)


awkward = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1e-30, 1e30, -1e9, 0.5, -0.1])


@settings(max_examples=60)
@given(st.data())
def test_all_values_are_finite_whatever_comes_in(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    good = tracked(random_skeleton(rng))
    assert good.pose is not None
    assert good.left_hand is not None
    solver = Solver(RigOptions(body=data.draw(st.sampled_from(["auto", "full", "half"]))))

    def spoilt(array: NDArray[np.float32]) -> NDArray[np.float32]:
        kind = data.draw(st.sampled_from(["as it is", "one point", "some", "all alike", "zeros"]))
        array = array.copy()
        if kind == "one point":
            array[data.draw(st.integers(0, len(array) - 1))] = data.draw(awkward)
        elif kind == "some":
            array[rng.random(array.shape) < 0.1] = data.draw(awkward)
        elif kind == "all alike":
            array[:] = array[0]
        elif kind == "zeros":
            array[:] = 0
        return array

    for number in range(4):
        pose = Pose(spoilt(good.pose.image), spoilt(good.pose.world), spoilt(good.pose.visibility))
        hand = Hand(spoilt(good.left_hand.image), spoilt(good.left_hand.world), 1.0)
        size_wh = data.draw(st.sampled_from([SIZE_WH, (1, 1), (0, 0)]))
        with np.errstate(all="ignore"):
            rig = solver.rig(Tracked(number, number * 3000, 0, size_wh, pose=pose, left_hand=hand, right_hand=hand))
        for array in (rig.hips, rig.rotations, rig.shapes, rig.expressions, rig.gaze_deg):
            assert np.isfinite(array).all()
            assert array.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(rig.rotations, axis=1), 1, atol=1e-5)
