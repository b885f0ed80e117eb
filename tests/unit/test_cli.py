"""What the command line says before anything is loaded."""

from pathlib import Path

import pytest

from mocast import cli


def test_an_opencv_that_does_not_load_is_told_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(_: list[str]) -> int:
        raise ImportError("libGL.so.1: cannot open shared object file", name="cv2")

    monkeypatch.setitem(cli.COMMANDS, "serve", command)
    assert cli.main(["serve"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("mocast: OpenCV does not load: libGL.so.1")
    assert 'pip install --force-reinstall --no-deps "opencv-python-headless==4.11.*"\n' in said


def test_other_modules_that_are_missing_are_told_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def command(_: list[str]) -> int:
        raise ModuleNotFoundError("No module named 'av'", name="av")

    monkeypatch.setitem(cli.COMMANDS, "serve", command)
    with pytest.raises(ModuleNotFoundError):
        cli.main(["serve"])
