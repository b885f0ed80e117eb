"""What ``mocast process`` refuses before it begins, and how a signal ends it then."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest

from mocast.jobs import process_command
from mocast.jobs.file_task import TrackerChoice
from mocast.jobs.process_command import INTERRUPTED, SOME_FAILED, WRONG_USAGE, process
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


def uncaught(number: int, frame: object) -> NoReturn:
    pytest.fail("SIGTERM would have ended the process.")


@pytest.fixture
def sigterm_fails() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, uncaught)
    yield
    signal.signal(signal.SIGTERM, before)


class RecordingExecutor:
    """Remembers whether it was closed."""

    at_a_time = 1

    def __init__(self) -> None:
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


class Terminating(ModuleType):
    """A module during whose import SIGTERM comes."""

    def __getattr__(self, name: str) -> NoReturn:
        if name == "PersonAnalysers":
            signal.raise_signal(signal.SIGTERM)
        raise AttributeError(name)


@pytest.mark.usefixtures("sigterm_fails")
def test_sigterm_while_modules_are_imported_closes_the_executor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = RecordingExecutor()

    def make(*_: object) -> RecordingExecutor:
        signal.signal(signal.SIGTERM, uncaught)  # as Ray does
        return executor

    monkeypatch.setattr(process_command, "_executor", make)
    monkeypatch.setitem(sys.modules, "mocast.analysis.person_analysers", Terminating("person_analysers"))
    (tmp_path / "a.mp4").touch()
    assert process([str(tmp_path / "a.mp4"), "-o", str(tmp_path / "out")], CHOICE) == INTERRUPTED
    assert executor.is_closed


@pytest.mark.usefixtures("sigterm_fails")
def test_sigterm_while_the_executor_starts_interrupts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_command, "_executor", lambda *_: signal.raise_signal(signal.SIGTERM))
    (tmp_path / "a.mp4").touch()
    assert process([str(tmp_path / "a.mp4"), "-o", str(tmp_path / "out")], CHOICE) == INTERRUPTED


@pytest.mark.usefixtures("sigterm_fails")
@pytest.mark.parametrize(
    ("flags", "status"), [((), SOME_FAILED), ((os.getppid(),), SOME_FAILED), ((os.getpid(),), INTERRUPTED)]
)
def test_where_nobody_reads_its_progress_it_ends_only_if_its_server_has_ended(
    flags: tuple[int, ...], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = RecordingExecutor()
    monkeypatch.setattr(process_command, "_executor", lambda *_: executor)
    (tmp_path / "a.mp4").touch()
    words = [str(tmp_path / "a.mp4"), "-o", str(tmp_path / "out"), "--progress=json"]
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        assert process([*words, *(f"--parent={parent}" for parent in flags)], CHOICE) == status
    assert executor.is_closed
