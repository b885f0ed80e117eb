"""``mocast process`` as programs use it: what it prints and how it exits, with a real tracker."""

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from mocast.cli import main
from tests.peers import HANG_S
from tests.pictures import astronaut_frames
from tests.videos import write_video

SIZE_WH = (320, 240)


def test_programs_are_told_of_every_file_and_the_exit_status_says_that_one_failed(tmp_path: Path) -> None:
    good = write_video(tmp_path / "good.mp4", (moved.rgb for moved in astronaut_frames(20, SIZE_WH)), sound="aac")
    broken = tmp_path / "broken.mp4"
    broken.write_text("This is no video.")
    command = [sys.executable, "-m", "mocast", "process", str(broken), str(good), "-o", str(tmp_path / "out")]
    flags = ["--tracker", "face", "--formats", "mp4,jsonl", "--jobs", "1", "--progress", "json"]
    environment = os.environ | {"MOCAST_PRECISION": "f32"}
    run = subprocess.run([*command, *flags], capture_output=True, timeout=HANG_S, check=False, env=environment)
    lines = [orjson.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == 3, run.stderr.decode()
    assert lines[0] == {
        "type": "file",
        "file": str(broken),
        "state": "failed",
        "reason": "It is no video that can be read, or a broken one.",
        "outputs": [],
    }
    progress = [line for line in lines if line["type"] == "progress"]
    assert progress[0] == {"type": "progress", "file": str(good), "frames": 0, "of": 20, "fps": 0.0, "left_s": None}
    assert (progress[-1]["frames"], progress[-1]["left_s"]) == (20, 0.0)
    names = ["good.mp4", "good.jsonl", "summary.json"]
    assert lines[-2]["outputs"] == [str(tmp_path / "out/good" / name) for name in names]
    assert lines[-1] == {"type": "end", "done": 1, "failed": 1}
    assert orjson.loads((tmp_path / "out/good/summary.json").read_bytes())["found"]["face"] == 20


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--from", "2", "--to", "1"], "The end is not after the start: --to must be larger than --from."),
        (["--quality", "good"], 'Option "quality" is not valid: '),
        (["--formats", "mp4,fbx"], 'Option "formats" is not valid: '),
        (["nothing/*.mp4"], "Nothing is named like nothing/*.mp4."),
    ],
)
def test_wrong_usage_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], said: str
) -> None:
    (tmp_path / "a.mp4").touch()
    assert main(["process", str(tmp_path / "a.mp4"), "-o", str(tmp_path / "out"), *flags]) == 2
    assert capsys.readouterr().err.startswith(f"mocast process: {said}")
    assert not (tmp_path / "out").exists()
