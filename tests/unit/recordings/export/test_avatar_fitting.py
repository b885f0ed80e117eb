"""A recorded motion for an avatar of other proportions."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests import fakes
from tests.golden import make_arm_fitting as golden
from tests.golden import make_recording

from mocast.model.hand_targets import Anchor, HandTargets
from mocast.model.humanoid import HumanoidBone
from mocast.recordings.export import command
from mocast.recordings.export.avatar_fitting import on_avatar
from mocast.recordings.export.motion import Motion, motion_of, resampled
from mocast.rigging.retargeting.proportions import REST
from mocast.rigging.retargeting.target_finder import hand_targets

AVATAR = golden.BODIES["default avatar"]
FACE = golden.poses()["at the face"]


def at_the_face() -> Motion:
    """A second with both hands at the face."""
    rig = replace(fakes.rig(), rotations=FACE.astype(np.float32), hand_targets=hand_targets(FACE, REST))
    return resampled(motion_of([replace(rig, pts=3000 * number) for number in range(30)]), 30)


def test_targets_survive_being_put_in_a_motion() -> None:
    targets = hand_targets(FACE, REST)
    back = HandTargets.of_flat(targets.flat())
    for name in ("offsets", "nearness", "touching"):
        np.testing.assert_array_equal(getattr(back, name), getattr(targets, name))


def test_hands_at_the_face_are_at_the_avatar_s() -> None:
    motion = at_the_face()
    fitted = on_avatar(motion, AVATAR)
    wanted = hand_targets(FACE, REST).offsets[0, Anchor.HEAD]
    off_m = [
        float(
            np.linalg.norm((hand_targets(local, AVATAR).offsets[0, Anchor.HEAD] - wanted) * AVATAR.sizes[Anchor.HEAD])
        )
        for local in (each.rotations[7].astype(np.float64) for each in (motion, fitted))
    ]
    assert off_m[1] < 0.6 * off_m[0], off_m


def test_hips_are_as_high_as_the_avatar_s_own() -> None:
    fitted = on_avatar(at_the_face(), AVATAR)
    assert fitted.hips[3] == pytest.approx(AVATAR.offsets[HumanoidBone.HIPS], abs=1e-5)


def test_a_file_for_an_avatar_has_its_bones(tmp_path: Path) -> None:
    bvh, plain = tmp_path / "a.bvh", tmp_path / "plain.bvh"
    words = [str(make_recording.FILE), str(bvh), str(tmp_path / "a.vrma"), f"--avatar={golden.AVATAR}"]
    assert command.main(words) == 0
    assert command.main([str(make_recording.FILE), str(plain)]) == 0
    forearm = 100 * AVATAR.offsets[HumanoidBone.LEFT_HAND][0]
    assert f"OFFSET {forearm:.4f}" in bvh.read_text()
    assert f"OFFSET {forearm:.4f}" not in plain.read_text()
    assert (tmp_path / "a.vrma").read_bytes()[:4] == b"glTF"


def test_a_file_that_is_no_avatar_ends_the_export_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(make_recording.FILE), str(tmp_path / "a.bvh"), f"--avatar={make_recording.FILE}"]
    assert command.main(words) == command.UNREADABLE
    assert capsys.readouterr().err == "mocast: recording.jsonl is no VRM avatar that can be read.\n"
