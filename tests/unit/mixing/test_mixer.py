"""The mixer: each part from its leader, a change within a fifth of a second, and nothing of it without sources."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from tests import fakes

from mocast.mixing.complete_pose import completed
from mocast.mixing.liveness import ALIVE_S, MOST_ALIVE_S
from mocast.mixing.mixer import CROSSFADE_S, Mixer
from mocast.mixing.mixer_options import MixerOptions
from mocast.mixing.rig_source import pose_of
from mocast.model.blendshapes import Expression, Shape
from mocast.model.hand_targets import NO_TARGETS, HandTargets
from mocast.model.humanoid import HumanoidBone
from mocast.model.quaternions import Quaternion, about, angle_between, multiply
from mocast.model.rig import Found, HeadPose, Rig
from mocast.model.source_pose import NOTHING, SourcePose, source_pose
from mocast.rigging.body.visibility import RELAXED

B = HumanoidBone
STEP_S = 1 / 30
ALL = Found(body=True, face=True, left_hand=True, right_hand=True)


def turned(axis: int, degrees: float) -> Quaternion:
    x, y, z, w = about(axis, np.radians(np.array(degrees))).tolist()
    return x, y, z, w


def camera(found: Found = ALL, *, jaw: float = 0.0, frame: int = 0) -> Rig:
    rig = replace(fakes.rig(frame), found=found)
    rig.shapes[Shape.JAW_OPEN] = jaw
    return rig


def head_pose(yaw_deg: float) -> HeadPose:
    return HeadPose(np.float32([0, 0, 0.5]), np.float32(turned(1, yaw_deg)))


def angle_deg(rig: Rig, bone: HumanoidBone, to: Quaternion) -> float:
    return float(np.degrees(angle_between(rig.rotations[bone].astype(np.float64), np.array(to))))


class Show:
    """A mixer that is shown a picture in each thirtieth of a second."""

    def __init__(self, options: MixerOptions | None = None) -> None:
        self.mixer = Mixer(options)
        self.now_s = 100.0

    def run(
        self, seconds: float, rig: Rig | None, says: Callable[[Mixer, float], None] = lambda _, __: None
    ) -> list[Rig]:
        shown = []
        for _ in range(round(seconds / STEP_S)):
            self.now_s += STEP_S
            says(self.mixer, self.now_s)
            shown.append(self.mixer.mix(rig or fakes.rig(), self.now_s, is_camera=rig is not None))
        return shown


def phone(pose: SourcePose) -> Callable[[Mixer, float], None]:
    return lambda mixer, now_s: mixer.receive("phone", completed(pose), now_s)


def test_without_a_source_nothing_is_needed() -> None:
    mixer = Mixer()
    assert not mixer.is_needed(1.0)
    mixer.receive("vmc", NOTHING, 1.0)
    assert mixer.is_needed(1.0 + ALIVE_S)
    assert not mixer.is_needed(1.01 + MOST_ALIVE_S + CROSSFADE_S)


def test_the_phone_leads_the_face_and_the_camera_the_rest() -> None:
    rig = camera(jaw=0.2)
    rig.rotations[B.LEFT_UPPER_ARM] = turned(2, 40)
    says = phone(source_pose(shapes={Shape.JAW_OPEN: 0.9, Shape.TONGUE_OUT: 0.7, Shape.CHEEK_PUFF: 0.5}))
    show = Show()
    shown = show.run(0.5, rig, says)[-1]
    assert shown.shapes[[Shape.JAW_OPEN, Shape.TONGUE_OUT, Shape.CHEEK_PUFF]] == pytest.approx([0.9, 0.7, 0.5])
    assert angle_deg(shown, B.LEFT_UPPER_ARM, turned(2, 40)) < 0.05
    leaders = show.mixer.leaders(rig, show.now_s)
    assert (leaders["mouth"], leaders["face"], leaders["arms"]) == ("phone", "phone", "camera")


def test_what_a_leader_does_not_give_of_a_part_comes_from_the_next() -> None:
    rig = camera()
    rig.shapes[Shape.MOUTH_SMILE_LEFT] = 0.6
    vowel = completed(source_pose(expressions={Expression.OH: 1.0}))
    shown = Show().run(0.5, rig, lambda mixer, now_s: mixer.receive("microphone", vowel, now_s))[-1]
    assert shown.expressions[Expression.OH] == pytest.approx(1)
    assert shown.shapes[Shape.MOUTH_FUNNEL] > 0.5
    assert shown.shapes[Shape.MOUTH_SMILE_LEFT] == pytest.approx(0.6)


def test_a_leader_that_dies_gives_way_within_a_fifth_of_a_second_and_without_a_snap() -> None:
    arm = turned(2, 90)
    rig = camera()
    show = Show()
    vmc = source_pose(rotations={B.LEFT_UPPER_ARM: arm})
    assert (
        angle_deg(show.run(0.6, rig, lambda mixer, now_s: mixer.receive("vmc", vmc, now_s))[-1], B.LEFT_UPPER_ARM, arm)
        < 0.05
    )
    after = show.run(ALIVE_S + CROSSFADE_S + 2 * STEP_S, rig)
    path = [angle_deg(shown, B.LEFT_UPPER_ARM, (0, 0, 0, 1)) for shown in after]
    assert path[0] == pytest.approx(90, abs=0.05)
    assert path[-1] == pytest.approx(0, abs=0.05)
    assert path == sorted(path, reverse=True)
    steps = -np.diff(path)
    assert steps.max() < 1.6 * 90 * STEP_S / CROSSFADE_S
    moving = (steps > 0.01).sum() * STEP_S
    assert moving == pytest.approx(CROSSFADE_S, abs=1.5 * STEP_S)


def test_a_change_within_a_change_does_not_snap_either() -> None:
    show, rig = Show(), camera(jaw=0.0)
    pose = source_pose(shapes={Shape.JAW_OPEN: 1.0})
    show.run(0.2, rig)
    shown = show.run(3 * STEP_S, rig, phone(pose))
    show.mixer.receive("phone", NOTHING, show.now_s)
    shown += show.run(0.3, rig)
    jaws = [float(one.shapes[Shape.JAW_OPEN]) for one in shown]
    assert max(np.abs(np.diff(jaws))) < 0.3
    assert max(jaws) > 0.2
    assert jaws[-1] == pytest.approx(0)


def test_a_face_that_a_phone_has_lost_comes_from_the_camera() -> None:
    show, rig = Show(), camera(jaw=0.3)
    show.run(0.5, rig, phone(source_pose(shapes={Shape.JAW_OPEN: 1.0})))
    shown = show.run(0.5, rig, phone(NOTHING))[-1]
    assert shown.shapes[Shape.JAW_OPEN] == pytest.approx(0.3)
    assert show.mixer.leaders(rig, show.now_s)["mouth"] == "camera"


def test_a_camera_that_sees_no_hand_leaves_it_to_another_source() -> None:
    fist = turned(2, -70)
    rig = camera(Found(body=True, right_hand=True))
    pose = source_pose(rotations={B.LEFT_INDEX_PROXIMAL: fist, B.RIGHT_INDEX_PROXIMAL: fist})
    show = Show(MixerOptions(fingers=("camera", "vmc")))
    shown = show.run(0.5, rig, lambda mixer, now_s: mixer.receive("vmc", pose, now_s))[-1]
    assert angle_deg(shown, B.LEFT_INDEX_PROXIMAL, fist) < 0.05
    assert angle_deg(shown, B.RIGHT_INDEX_PROXIMAL, (0, 0, 0, 1)) < 0.05
    assert shown.found.left_hand


def test_a_source_that_is_left_out_of_a_part_never_leads_it() -> None:
    show = Show(MixerOptions(mouth=("camera",), arms=()))
    rig = camera(jaw=0.1)
    rig.rotations[B.LEFT_UPPER_ARM] = turned(2, 40)
    shown = show.run(0.5, rig, phone(source_pose(shapes={Shape.JAW_OPEN: 0.9, Shape.BROW_INNER_UP: 0.8})))[-1]
    assert shown.shapes[[Shape.JAW_OPEN, Shape.BROW_INNER_UP]] == pytest.approx([0.1, 0.8])
    assert angle_deg(shown, B.LEFT_UPPER_ARM, tuple(RELAXED[B.LEFT_UPPER_ARM])) < 0.05
    assert show.mixer.leaders(rig, show.now_s)["arms"] is None


def test_without_a_camera_the_others_move_the_avatar_and_the_rest_of_it_rests() -> None:
    show, rig = Show(), camera()
    rig.rotations[B.LEFT_UPPER_ARM] = turned(2, 60)
    says = phone(source_pose(shapes={Shape.JAW_OPEN: 0.9}, head=head_pose(20)))
    show.run(0.3, rig, says)
    shown = show.run(0.5, None, says)
    assert angle_deg(shown[0], B.LEFT_UPPER_ARM, turned(2, 60)) < 0.05
    assert angle_deg(shown[-1], B.LEFT_UPPER_ARM, tuple(RELAXED[B.LEFT_UPPER_ARM])) < 0.05
    assert shown[-1].shapes[Shape.JAW_OPEN] == pytest.approx(0.9)
    assert shown[-1].found == Found(face=True)
    assert shown[-1].head is not None


def test_a_phone_s_head_is_turned_relative_to_the_camera_s_chest() -> None:
    rig = camera(Found(body=True))
    rig.rotations[B.HIPS] = turned(1, 30)
    shown = Show().run(0.5, rig, phone(source_pose(head=head_pose(50))))[-1]
    head = shown.rotations[B.HIPS].astype(np.float64)
    for bone in (B.SPINE, B.CHEST, B.UPPER_CHEST, B.NECK, B.HEAD):
        head = multiply(head, shown.rotations[bone].astype(np.float64))
    assert float(np.degrees(angle_between(head, np.array(turned(1, 50))))) < 0.05
    assert angle_deg(shown, B.NECK, turned(1, 8)) < 0.05


def test_a_phone_beside_the_camera_is_understood_after_a_while() -> None:
    """It stands 25° aside: both see the head turn, each from its own place. Then the camera is covered."""
    show = Show()
    for yaw_deg in (*np.zeros(60), 10, 20, 30):
        rig = replace(camera(), head=head_pose(yaw_deg))
        show.run(STEP_S, rig, phone(source_pose(head=head_pose(yaw_deg - 25))))
    shown = show.run(STEP_S, camera(Found(body=True)), phone(source_pose(head=head_pose(5))))[-1]
    assert shown.head is not None
    assert float(np.degrees(angle_between(shown.head.rotation.astype(np.float64), np.array(turned(1, 30))))) < 1


def test_a_second_camera_s_face_has_its_own_head_and_no_arms() -> None:
    other = replace(camera(jaw=0.8), head=head_pose(0))
    other.rotations[B.LEFT_UPPER_ARM] = turned(2, 60)
    pose = pose_of(other, ("head", "face", "eyes", "mouth"))
    assert pose.turns_head
    shown = Show().run(0.5, camera(), lambda mixer, now_s: mixer.receive("face_camera", pose, now_s))[-1]
    assert shown.shapes[Shape.JAW_OPEN] == pytest.approx(0.8)
    assert angle_deg(shown, B.LEFT_UPPER_ARM, (0, 0, 0, 1)) < 0.05


def test_a_source_that_comes_does_not_snap_what_was_shown_before() -> None:
    show, rig = Show(), camera(jaw=1.0)
    show.mixer.bypass(rig)
    shown = show.run(0.3, rig, phone(source_pose(shapes={Shape.JAW_OPEN: 0.0})))
    jaws = [float(one.shapes[Shape.JAW_OPEN]) for one in shown]
    assert jaws[0] == pytest.approx(1)
    assert jaws[-1] == pytest.approx(0)


def test_all_values_stay_finite_and_rotations_of_unit_length() -> None:
    rng = np.random.default_rng(4)
    show = Show()
    for _ in range(100):
        rig = replace(camera(Found(*(rng.random(5) < 0.5))), rotations=_random_rotations(rng))
        pose = replace(
            pose_of(replace(camera(), rotations=_random_rotations(rng), head=head_pose(9)), ("arms", "head")),
            given=rng.random(len(NOTHING.given)) < 0.5,
        )
        for name in ("vmc", "phone", "face_camera"):
            if rng.random() < 0.3:
                show.mixer.receive(name, pose, show.now_s)
        shown = show.run(STEP_S, rig if rng.random() < 0.7 else None)[0]
        np.testing.assert_allclose(np.linalg.norm(shown.rotations, axis=1), 1, atol=1e-5)
        assert all(
            np.isfinite(values).all() for values in (shown.shapes, shown.expressions, shown.gaze_deg, shown.hips)
        )
        assert shown.rotations.dtype == shown.shapes.dtype == shown.hips.dtype == np.float32


def _random_rotations(rng: np.random.Generator) -> np.ndarray:
    rotations = rng.normal(size=(55, 4))
    return (rotations / np.linalg.norm(rotations, axis=1, keepdims=True)).astype(np.float32)


def test_what_the_camera_says_of_feet_and_hands_holds_while_it_leads_them() -> None:
    targets = HandTargets(touching=np.full((2, 5), 0.2, np.float32))
    rig = replace(camera(), planted=(True, False), hand_targets=targets)
    face = Show().run(STEP_S, rig, phone(source_pose(shapes={Shape.JAW_OPEN: 1.0})))[0]
    assert face.planted == (True, False)
    assert face.hand_targets is targets
    led = source_pose(rotations={B.HIPS: turned(1, 5), B.LEFT_HAND: turned(1, 5)})
    body = Show().run(STEP_S, rig, lambda mixer, now_s: mixer.receive("vmc", led, now_s))[0]
    assert body.planted == (False, False)
    assert body.hand_targets is NO_TARGETS
