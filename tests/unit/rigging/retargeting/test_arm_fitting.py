"""Arms of a rig on a body of other proportions."""

import json

import numpy as np
import pytest
from tests.golden import make_arm_fitting as golden

from mocast.model.avatar_body import AvatarBody
from mocast.model.hand_targets import NO_TARGETS, Anchor, HandTargets
from mocast.model.humanoid import BONE_COUNT
from mocast.model.quaternions import Quaternions, Vector, rotate_one
from mocast.rigging.body import kinematics
from mocast.rigging.retargeting import arm_kinematics
from mocast.rigging.retargeting.arm_fitting import PALMS_M, ArmFitter
from mocast.rigging.retargeting.avatar_fitter import proportions_in
from mocast.rigging.retargeting.body_collider import BodyCollider, Capsule, Ellipsoid
from mocast.rigging.retargeting.proportions import REST
from mocast.rigging.retargeting.target_finder import hand_targets
from mocast.rigging.retargeting.two_bone_ik import middle_joint, swing
from mocast.rigging.vectors import lerp

POSES = golden.poses()
SMALL = golden.BODIES["small"]
IDENTITY = (0.0, 0.0, 0.0, 1.0)


def fitted(local: Quaternions, body: golden.Proportions, targets: golden.HandTargets) -> Quaternions:
    turned = local.copy()
    for bone, rotation in ArmFitter(body).fit(local.tolist(), targets).items():
        turned[bone] = rotation
    return turned


def test_the_golden_file_is_what_the_code_makes() -> None:
    written, made = json.loads(golden.FILE.read_text()), json.loads(golden.content())
    assert written["bodies"] == made["bodies"]
    for before, now in zip(written["cases"], made["cases"], strict=True):
        alike = np.abs((np.array(before["fitted"]) * now["fitted"]).sum(1))
        np.testing.assert_allclose(alike, 1, atol=1e-5, err_msg=before["name"])


@pytest.mark.parametrize("name", ["at the face", "hands together", "hanging", "random 0", "random 1"])
def test_on_the_persons_own_body_arms_stay_as_they_are(name: str) -> None:
    local = POSES[name]
    turned = fitted(local, REST, hand_targets(local, REST))
    before, after = (kinematics.positions(each, np.zeros(3)) for each in (local, turned))
    np.testing.assert_allclose(after, before, atol=0.012)  # what a wrong margin of the body costs


def test_hands_that_are_far_leave_the_arms_alone() -> None:
    assert ArmFitter(SMALL).fit(POSES["T-pose"].tolist(), NO_TARGETS) == {}


def test_a_hand_at_the_face_is_at_the_same_place_of_a_larger_head() -> None:
    local = POSES["at the face"]
    targets = hand_targets(local, REST)
    before = hand_targets(local, SMALL).offsets[0, Anchor.HEAD]
    turned = fitted(local, SMALL, targets)
    after = hand_targets(turned, SMALL).offsets[0, Anchor.HEAD]
    wanted = targets.offsets[0, Anchor.HEAD]
    off = [float(np.linalg.norm((each - wanted) * SMALL.sizes[Anchor.HEAD])) for each in (before, after)]
    assert off[1] < 0.045
    assert off[1] < 0.7 * off[0]


def test_hands_that_touch_touch_on_shorter_arms() -> None:
    local = POSES["hands together"]
    targets = hand_targets(local, REST)
    assert targets.nearness[0, Anchor.OTHER_HAND] > 0.3
    apart = targets.offsets[0, Anchor.OTHER_HAND]
    turned = fitted(local, SMALL, targets)
    errors = [
        float(np.linalg.norm(hand_targets(each, SMALL).offsets[0, Anchor.OTHER_HAND] - apart)) * SMALL.hand_m
        for each in (local, turned)
    ]
    assert errors[1] < 0.5 * errors[0]


def test_arms_do_not_cut_through_the_chest() -> None:
    local = POSES["through the chest"]

    def deepest(rotations: Quaternions) -> float:
        turns = rotations.tolist()
        trunk = arm_kinematics.trunk(turns, SMALL)
        collider = BodyCollider(turns, trunk, SMALL)
        depths = []
        for side in (0, 1):
            arm = arm_kinematics.arm(turns, trunk.chest, side, SMALL)
            forearm = [lerp(arm.elbow.position, arm.wrist.position, part) for part in (0.35, 0.7, 1.0)]
            depths += [float(np.linalg.norm(collider.push([point], [0.0]))) for point in forearm]
        return max(depths)

    assert deepest(local) > 0.03
    assert deepest(fitted(local, SMALL, NO_TARGETS)) < 0.002


def test_only_arms_are_turned_and_hands_keep_their_rotation() -> None:
    local = POSES["at the face"]
    turned = fitted(local, SMALL, hand_targets(local, REST))
    moved = {bone for bone in range(BONE_COUNT) if not np.allclose(turned[bone], local[bone])}
    assert moved <= {bone for arm in arm_kinematics.ARMS for bone in arm[1:]}
    before, after = kinematics.to_global(local), kinematics.to_global(turned)
    for _, _, _, hand in arm_kinematics.ARMS:
        assert abs(before[hand] @ after[hand]) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("end", [(0.3, 0.1, 0.2), (0.1, 0.0, 0.0), (0.0, -0.45, 0.1), (2.0, 0.0, 0.0), (0.0, 0.0, 0.0)])
def test_a_limb_keeps_its_lengths_and_bends_toward_the_pole(end: Vector) -> None:
    middle, reached = middle_joint((0.0, 0.0, 0.0), end, (0.0, -1.0, 0.5), 0.26, 0.24)
    assert np.linalg.norm(middle) == pytest.approx(0.26, abs=1e-6)
    assert np.linalg.norm(np.subtract(reached, middle)) == pytest.approx(0.24, abs=1e-6)
    if 0.03 < np.linalg.norm(end) < 0.49:
        np.testing.assert_allclose(reached, end, atol=1e-9)


def test_the_swing_takes_one_direction_to_the_other() -> None:
    for after in ((0.0, 2.0, 0.0), (1.0, 1.0, -1.0), (-3.0, 0.0, 0.0)):
        turned = golden.skeletons.rotate(np.array(swing((1.0, 0.0, 0.0), after)), np.array([1.0, 0.0, 0.0]))
        np.testing.assert_allclose(turned, np.array(after) / np.linalg.norm(after), atol=1e-9)


def test_what_is_inside_a_solid_is_pushed_to_its_surface() -> None:
    ellipsoid = Ellipsoid((0.0, 1.0, 0.0), IDENTITY, (0.1, 0.2, 0.3))
    capsule = Capsule((0.0, 0.0, 0.0), (0.0, 1.0, 0.0), 0.1)
    assert ellipsoid.push((0.05, 1.0, 0.0), 0.0) == pytest.approx((0.05, 0, 0))
    assert ellipsoid.push((0.11, 1.0, 0.0), 0.02) == pytest.approx((0.01, 0, 0))
    assert ellipsoid.push((0.2, 1.0, 0.0), 0.0) == (0, 0, 0)
    upper_front, size = np.array([0.0, 0.1, 0.1]), np.array([0.1, 0.2, 0.3])
    pushed = np.array(ellipsoid.push((0.0, 1.1, 0.1), 0.0))
    assert np.linalg.norm((upper_front + pushed) / size) == pytest.approx(1.0)
    normal = upper_front / size**2
    assert pushed @ normal == pytest.approx(np.linalg.norm(pushed) * np.linalg.norm(normal))
    assert capsule.push((0.04, 0.5, 0.0), 0.0) == pytest.approx((0.06, 0, 0))
    assert capsule.push((0.0, 1.05, 0.0), 0.0) == pytest.approx((0, 0.05, 0))
    assert capsule.push((0.0, 1.2, 0.0), 0.05) == (0, 0, 0)


def test_whatever_proportions_a_client_sends_rotations_stay_rotations() -> None:
    rng = np.random.default_rng(3)
    touching = HandTargets(nearness=np.ones((2, 4), np.float32))
    for scale in (0.0, 0.001, 0.1, 1.0, 10.0):
        for _ in range(8):
            offsets, middles = rng.uniform(-scale, scale, (BONE_COUNT, 3)), rng.uniform(-scale, scale, (3, 3))
            sizes, capsules = 0.001 + rng.uniform(0, scale, (3, 3)), rng.uniform(-10, 10, (3, 8))
            bones, anchors, halves, solids = (tuple(map(tuple, rows)) for rows in (offsets, middles, sizes, capsules))
            body = AvatarBody(bones, anchors, halves, 0.1, solids)
            for targets in (NO_TARGETS, touching):
                fitter = ArmFitter(proportions_in(body))
                for rotation in fitter.fit(POSES["random 0"].tolist(), targets).values():
                    assert np.linalg.norm(rotation) == pytest.approx(1, abs=1e-3)


def palms(local: Quaternions, body: golden.Proportions) -> tuple[float, float]:
    """Return the gap between two palms that face each other, across them, metres; and the cosine of how they do."""
    turns = local.tolist()
    chest = arm_kinematics.trunk(turns, body).chest
    wrists = [arm_kinematics.arm(turns, chest, side, body).wrist for side in (0, 1)]
    left, right = (np.mean(arm_kinematics.palm_points(wrists[side], side, body), axis=0) for side in (0, 1))
    normals = [np.array(rotate_one(wrist.rotation, (0.0, -1.0, 0.0))) for wrist in wrists]
    across = normals[1] - normals[0]
    return float((left - right) @ across / np.linalg.norm(across)), float(-normals[0] @ normals[1])


@pytest.mark.parametrize("body", golden.BODIES.values(), ids=golden.BODIES)
def test_palms_that_the_camera_has_through_each_other_meet(body: golden.Proportions) -> None:
    local = POSES["palms through each other"]
    gap_m, facing = palms(local, REST)
    assert gap_m < -0.01
    assert facing > 0.7
    gap_m, _ = palms(fitted(local, body, hand_targets(local, REST)), body)
    assert gap_m > (PALMS_M - 0.006) * body.hand_m / REST.hand_m


def test_a_clap_ends_where_palms_meet_without_a_jump() -> None:
    gaps = []
    for turn in np.arange(-140.0, -108.0, 0.5):
        local = golden.arms(upper_arm=(12, -60, -56), lower_arm=(0, turn, 0), hand=(20, -37, 32))
        gaps.append((palms(local, REST)[0], palms(fitted(local, REST, NO_TARGETS), REST)[0]))
    before, after = np.array(gaps).T
    assert before[0] > 0.03
    assert before[-1] < -0.01
    assert after.min() > PALMS_M - 0.006
    assert np.abs(np.diff(after)).max() < 1.5 * np.abs(np.diff(before)).max()
