"""VMD, read by a second implementation of the published layout, its motion by the skeleton it is for."""

import io
import math
import struct
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray
from tests import motions

from mocast.model.blendshapes import Expression
from mocast.model.humanoid import REST_POSITIONS, HumanoidBone
from mocast.recordings.export import vmd
from mocast.recordings.export.motion import Motion, motion_of, resampled

B = HumanoidBone


@dataclass
class Vmd:
    """A file's key frames by name and frame."""

    bones: dict[str, dict[int, tuple[list[float], list[float]]]] = field(default_factory=dict)
    morphs: dict[str, dict[int, float]] = field(default_factory=dict)
    ik: dict[str, bool] = field(default_factory=dict)

    @staticmethod
    def of(motion: Motion) -> "Vmd":
        file = io.BytesIO()
        vmd.write(motion, file)
        file.seek(0)
        read = Vmd()
        assert file.read(30) == b"Vocaloid Motion Data 0002".ljust(30, b"\0")
        assert file.read(20).rstrip(b"\0") == b"Mocast"

        def numbers(kinds: str) -> tuple[float, ...]:
            return struct.unpack(f"<{kinds}", file.read(struct.calcsize(f"<{kinds}")))

        def name(length: int) -> str:
            return file.read(length).partition(b"\0")[0].decode("shift_jis")

        for _ in range(int(numbers("I")[0])):
            key, frame, values, curves = name(15), int(numbers("I")[0]), numbers("7f"), file.read(64)
            assert {*curves} <= {0, 1, 20, 107}
            assert (curves[0], curves[4], curves[8], curves[12]) == (20, 20, 107, 107), "X: linear"
            read.bones.setdefault(key, {})[frame] = (list(values[:3]), list(values[3:]))
        for _ in range(int(numbers("I")[0])):
            key = name(15)
            frame, weight = numbers("If")
            read.morphs.setdefault(key, {})[int(frame)] = weight
        assert numbers("3I") == (0, 0, 0), "camera, light, shadow"
        assert numbers("I") == (1,)
        assert numbers("IB") == (0, 1)
        for _ in range(int(numbers("I")[0])):
            key = name(20)
            read.ik[key] = bool(numbers("B")[0])
        assert not file.read()
        return read


def _still(frames: int) -> Motion:
    return Motion(
        times_s=np.arange(frames) / 30,
        hips=np.tile(REST_POSITIONS[B.HIPS], (frames, 1)),
        rotations=np.tile(np.float32([0, 0, 0, 1]), (frames, 55, 1)),
        shapes=np.zeros((frames, 52), np.float32),
        expressions=np.zeros((frames, 12), np.float32),
        gaze_deg=np.zeros((frames, 2), np.float32),
        planted=np.zeros((frames, 2), bool),
        hand_targets=np.zeros((frames, 42), np.float32),
    )


def matrix(rotation: list[float]) -> NDArray[np.float64]:
    return motions.matrix(np.array(rotation))


TO_MMD = np.diag([1.0, 1.0, -1.0])


def test_names_are_mmd_s_within_15_bytes_and_legs_are_not_solved_anew() -> None:
    read = Vmd.of(_still(1))
    assert {"センター", "上半身", "下半身", "上半身2", "首", "頭", "左腕", "右ひじ", "左手首", "右足", "左足首"} < set(
        read.bones
    )
    assert {"左親指０", "左親指２", "右人指１", "右小指３"} < set(read.bones)
    assert read.ik == {"左足ＩＫ": False, "右足ＩＫ": False, "左つま先ＩＫ": False, "右つま先ＩＫ": False}
    assert {"あ", "い", "う", "え", "お", "まばたき"} < set(read.morphs)
    assert all(len(name.encode("shift_jis")) <= 15 for name in (*read.bones, *read.morphs))


def test_the_t_pose_raises_arms_that_slope_down_to_the_level() -> None:
    """At rest the model's left arm points along (cos 35°, -sin 35°)."""
    read = Vmd.of(_still(1))
    slope = math.radians(vmd.ARM_SLOPE_DEG)
    for name, side in (("左腕", 1), ("右腕", -1)):
        arm = matrix(read.bones[name][0][1]) @ [side * math.cos(slope), -math.sin(slope), 0]
        np.testing.assert_allclose(arm, [side, 0, 0], atol=1e-6)
    others = [keys[0][1] for name, keys in read.bones.items() if name not in ("左腕", "右腕")]
    np.testing.assert_allclose(others, np.tile([0, 0, 0, 1], (len(others), 1)), atol=1e-6)


def test_limbs_point_where_the_rig_s_do() -> None:
    """The directions of forearm and hand in the world, by the chain of MMD's bones and its rest with sloping arms."""
    rig = motions.rig(17)
    motion = resampled(motion_of([rig]), 30)
    keys = {name: matrix(of[0][1]) for name, of in Vmd.of(motion).bones.items()}
    joints = motions.joints(rig.rotations, rig.hips)
    for side, letter, sign in (("LEFT", "左", 1), ("RIGHT", "右", -1)):
        slope = math.radians(vmd.ARM_SLOPE_DEG)
        rest = np.array([sign * math.cos(slope), -math.sin(slope), 0])
        upper = keys["上半身"] @ keys["上半身2"] @ keys[f"{letter}肩"] @ keys[f"{letter}腕"]
        lower = upper @ keys[f"{letter}ひじ"]
        for turned, start, end in ((upper, "UPPER_ARM", "LOWER_ARM"), (lower, "LOWER_ARM", "HAND")):
            wanted = TO_MMD @ (joints[B[f"{side}_{end}"]] - joints[B[f"{side}_{start}"]])
            np.testing.assert_allclose(turned @ rest, wanted / np.linalg.norm(wanted), atol=1e-4)
        thigh = keys["下半身"] @ keys[f"{letter}足"]
        wanted = TO_MMD @ (joints[B[f"{side}_LOWER_LEG"]] - joints[B[f"{side}_UPPER_LEG"]])
        np.testing.assert_allclose(thigh @ [0, -1, 0], wanted / np.linalg.norm(wanted), atol=1e-4)


def test_the_waist_moves_in_units_of_8_cm() -> None:
    motion = _still(2)
    motion.hips[1] += np.float32([0.08, -0.16, 0.24])
    key = Vmd.of(motion).bones["センター"]
    np.testing.assert_allclose(key[0][0], [0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(key[1][0], [1, -2, -3], atol=1e-5)


def test_both_eyes_shut_by_one_morph_and_a_wink_by_another() -> None:
    motion = _still(1)
    motion.expressions[0, [Expression.BLINK_LEFT, Expression.BLINK_RIGHT, Expression.AA]] = 1.0, 0.25, 0.5
    morphs = {name: keys[0] for name, keys in Vmd.of(motion).morphs.items() if keys[0]}
    assert morphs == {"まばたき": 0.25, "ウィンク２": 0.75, "あ": 0.5}


def test_frames_that_stay_the_same_are_told_once() -> None:
    motion = _still(6)
    motion.expressions[3, Expression.AA] = 1.0
    read = Vmd.of(motion)
    assert list(read.morphs["あ"]) == [0, 2, 3, 4]
    assert list(read.bones["頭"]) == [0]


@pytest.mark.parametrize("fps", [15, 60])
def test_any_recording_has_30_frames_a_second(fps: float) -> None:
    motion = resampled(motion_of([motions.rig(number, pts=90_000 * number // 15) for number in range(16)]), vmd.FPS)
    assert max(Vmd.of(motion).bones["頭"]) <= 30
