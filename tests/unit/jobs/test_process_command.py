"""What ``mocast process`` refuses before it begins."""

from pathlib import Path

import pytest

from mocast.jobs import process_command
from mocast.jobs.file_task import TrackerChoice
from mocast.jobs.process_command import WRONG_USAGE, process
from mocast.jobs.writers import result_writer

CHOICE = TrackerChoice("auto", "f32", None)


def test_an_exercise_that_there_is_not_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert process(["x.mp4", "-o", str(tmp_path), "--exercises", "squirt"], CHOICE) == WRONG_USAGE
    assert capsys.readouterr().err.startswith('mocast process: There is no exercise "squirt"; there are curl, ')


def test_so_is_a_folder_of_exercises_that_is_broken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rest.yaml").write_text("exercise: rest")
    assert process(["x.mp4", "-o", str(tmp_path)], CHOICE, tmp_path) == WRONG_USAGE
    assert process(["x.mp4", "-o", str(tmp_path)], CHOICE, tmp_path / "none") == WRONG_USAGE
    broken, missing = capsys.readouterr().err.splitlines()
    assert broken.startswith(f"mocast process: {tmp_path}/rest.yaml: what is held has needs")
    assert missing == f"mocast process: {tmp_path}/none: No such file or directory."


def test_a_format_whose_package_is_missing_is_refused_before_anything_is_tracked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(result_writer.NEEDS, "parquet", "nowhere")
    assert process(["x.mp4", "-o", str(tmp_path), "--formats", "csv,parquet"], CHOICE) == WRONG_USAGE
    said = 'The format parquet needs nowhere: install it by pip install "mocast[parquet]".'
    assert capsys.readouterr().err == f"mocast process: {said}\n"


@pytest.mark.parametrize(
    ("flags", "is_installed", "is_told"),
    [
        (["--quality", "best"], False, True),
        (["--quality", "best"], True, False),
        (["--quality", "exact"], False, False),
        (["--quality", "best", "--tracker", "hands"], False, False),
        (["--quality", "best", "--engine", "ray"], False, False),  # other machines may have it
    ],
)
def test_best_without_the_heavy_network_says_so(
    flags: list[str],
    is_installed: bool,
    is_told: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process_command, "HEAVY", Path(__file__ if is_installed else "nowhere"))
    arguments = process_command.parse_arguments(["-o", "out", "a.mp4", *flags])
    process_command._say_what_is_missing(arguments, TrackerChoice())
    assert ("the heavy one is not installed" in capsys.readouterr().err) == is_told
