import subprocess
import sys
from pathlib import Path

import pytest
from bvh import Bvh
from tests.golden import make_recording

from mocast.recordings.export import command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_recording_becomes_several_files(tmp_path: Path) -> None:
    outputs = [tmp_path / "a.bvh", tmp_path / "b.VRMA", tmp_path / "c.vmd", tmp_path / "d.trc", tmp_path / "e.c3d"]
    assert command.main([str(make_recording.FILE), *map(str, outputs)]) == 0
    assert Bvh(outputs[0].read_text()).nframes == 2
    assert outputs[1].read_bytes()[:4] == b"glTF"
    assert outputs[2].read_bytes().startswith(b"Vocaloid Motion Data 0002")
    assert outputs[3].read_text().startswith("PathFileType")
    assert outputs[4].read_bytes()[1] == 0x50


def test_server_reads_it_from_standard_output() -> None:
    words = ["--fps=60", "--no-smooth", "--", str(make_recording.FILE), "-.bvh"]
    process = [sys.executable, "-m", "mocast.recordings.export", *words]
    done = subprocess.run(process, capture_output=True, check=True, timeout=60)
    assert Bvh(done.stdout.decode()).nframes == 3
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("content", "output", "status", "told"),
    [
        ("not a recording\n", "a.bvh", command.UNREADABLE, "This is no recording"),
        (None, "a.bvh", 1, "No such file"),
        (make_recording.FILE.read_text(), "folder/a.bvh", 1, "No such file"),
    ],
)
def test_what_goes_wrong_is_told_in_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], *, content: str | None, output: str, status: int, told: str
) -> None:
    if content is not None:
        Path("a.jsonl").write_text(content)
    assert command.main(["a.jsonl", output]) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("mocast: ")
    assert told in line


@pytest.mark.parametrize("flags", [["a.fbx"], [], ["a.bvh", "--fps=14"], ["a.bvh", "--fps=nan"], ["a.bvh", "--fps=x"]])
def test_wrong_words_are_refused(capsys: pytest.CaptureFixture[str], flags: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main([str(make_recording.FILE), *flags])
    assert "usage: mocast export" in capsys.readouterr().err
