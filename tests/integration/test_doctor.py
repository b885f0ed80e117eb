"""What ``mocast doctor`` says of the engine."""

import re
from pathlib import Path

import pytest

from mocast import doctor
from mocast.cli import main
from mocast.settings import Settings
from mocast.tracking.engines import ENGINES


@pytest.mark.parametrize(("engine", "library"), [("openvino", "OpenVINO"), ("mediapipe", "MediaPipe")])
def test_the_engine_that_tracks_and_its_speed_are_told(
    capsys: pytest.CaptureFixture[str], network_cache: Path, engine: str, library: str
) -> None:
    doctor.examine(Settings.model_validate({"engine": engine, "port": 0, "cache_dir": str(network_cache)}))
    told = capsys.readouterr().out
    assert re.search(rf"^ok    engine +{engine}: {library} \d+\.\d+\.\d+", told, re.M), told
    assert len(re.findall(r"^ok    (?:holistic|pose|hands|face) .* \d+\.\d ms a frame", told, re.M)) == 12, told
    if engine == "openvino":
        assert re.search(r"\d threads, (?:bf16 where it pays|f32, as bf16 does not pay)$", told, re.M), told


@pytest.mark.parametrize("command", ["doctor", "serve"])
def test_an_engine_that_does_not_load_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setitem(ENGINES, "openvino", "mocast.tracking.not_there:Engine")
    assert main([command, "--engine", "openvino", "--port", "0"]) == 1
    said = capsys.readouterr()
    told = "the engine openvino does not load: No module named 'mocast.tracking.not_there'"
    assert f"FAIL  engine             {told}\n" in said.out if command == "doctor" else said.err.endswith(f"{told}\n")
    assert "Traceback" not in said.out + said.err
