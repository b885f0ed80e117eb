"""Quality ``best`` with and without the heavy pose network."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs
from tests.pictures import as_frame

from mocast.commands import doctor
from mocast.model.tracked import Pose
from mocast.tracking import networks_folder
from mocast.tracking.engines import EngineOptions
from mocast.tracking.openvino import engine as engine_module
from mocast.tracking.openvino.engine import OpenvinoEngine


def pose_of_doctors_picture(engine: OpenvinoEngine) -> Pose:
    tracker = engine.build("pose", "best", still=True)
    pose = tracker.track(as_frame(doctor._picture())).pose
    tracker.close()
    assert pose is not None
    return pose


@pytest.fixture
def engine(network_cache: Path) -> OpenvinoEngine:
    engine_module._say_that_the_heavy_network_is_missing.cache_clear()
    return OpenvinoEngine(EngineOptions(threads=1, cache_folder=network_cache, precision="f32"))


def test_the_heavy_network_is_used_where_it_is_installed(
    engine: OpenvinoEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here it is the full one under its name, so that nothing need be installed for the test."""
    monkeypatch.setattr(networks_folder, "HEAVY", tmp_path / "nowhere" / "pose_landmark_heavy.tflite")
    with capture_logs() as said:
        without = pose_of_doctors_picture(engine)
        pose_of_doctors_picture(engine)
    assert [one["event"] for one in said] == [
        "quality best finds bodies with the full network: the heavy one is not installed (docs/tracking.md)"
    ]
    installed = tmp_path / "pose_landmark_heavy.tflite"
    shutil.copy(networks_folder.network_file("pose_landmark"), installed)
    monkeypatch.setattr(networks_folder, "HEAVY", installed)
    with capture_logs() as said:
        found = pose_of_doctors_picture(engine)
    assert not said
    np.testing.assert_allclose(found.image, without.image, atol=1e-4)
    with engine._networks._lock:
        assert {"pose_landmark", "pose_landmark_heavy"} <= {key.name for key in engine._networks._compiled}
    engine.close()


@pytest.mark.skipif(not networks_folder.HEAVY.is_file(), reason="the heavy pose network is not installed: make heavy")
def test_the_heavy_network_finds_the_body_that_the_full_one_finds(
    engine: OpenvinoEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    heavy = pose_of_doctors_picture(engine)
    monkeypatch.setattr(networks_folder, "HEAVY", Path("nowhere"))
    full = pose_of_doctors_picture(engine)
    seen = full.visibility > 0.9
    apart = np.linalg.norm((heavy.image - full.image)[seen, :2], axis=1)
    assert 0 < np.median(apart) < 0.02
    engine.close()
