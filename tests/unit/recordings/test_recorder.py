import errno
import io
import json
import stat
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from tests import motions
from tests.golden import make

from mocast.recordings import recorder as recorder_module
from mocast.recordings.recorder import HUNG, MAX_WAITING, Recorder, recovered
from mocast.wire.recording_json import RecordingTrailer

STREAM_NAMES = ("landmarks", "rig")


def recorder(path: Path, *, max_s: float = 600, max_bytes: int = 10**9) -> Recorder:
    return Recorder(path, "hall", STREAM_NAMES, max_s=max_s, max_bytes=max_bytes)


def run(recorder: Recorder) -> RecordingTrailer:
    """Write what waits, in this thread; the recorder must have a reason to end."""
    return recorder.run(lambda: None)


def lines(path: Path) -> list[Any]:
    data = path.read_bytes()
    assert data.endswith(b"\n")
    return [json.loads(line) for line in data.splitlines()]


class SmallDisk(io.FileIO):
    """A disk with room for ``left`` bytes: takes what still fits, then fails."""

    left = 0

    def write(self, data: Any) -> int:
        if not self.left:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = super().write(data[: self.left])
        assert written is not None
        self.left -= written
        return written


def test_landmarks_and_rigs_are_written_as_they_come(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.jsonl"
    writing = recorder(path)
    for number in range(3):
        writing.sinks["landmarks"].send(make.frame(number, pose=make.pose(number)))
        writing.sinks["rig"].send(motions.rig(number))
    writing.stop("enough")
    end = run(writing)
    header, *frames, last = lines(path)
    assert (header["type"], header["version"], header["room"], header["record"]) == (
        *("recording", 1, "hall"),
        ["landmarks", "rig"],
    )
    assert [frame["frame"] for frame in frames] == [0, 0, 1, 1, 2, 2]
    assert [frame.get("type") for frame in frames] == [None, "rig"] * 3
    stats = (last["type"], last["landmarks"], last["rigs"], last["dropped"], last["reason"])
    assert stats == ("end", 3, 3, 0, "enough")
    assert (end.state, end.lines["landmarks"], end.lines["rigs"], end.reason) == ("stopped", 3, 3, "enough")
    assert writing.size == path.stat().st_size


def test_analyses_are_lines_of_their_own_type(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    writing = Recorder(path, "hall", ("analysis",), max_s=600, max_bytes=10**9)
    writing.sinks["analysis"].send(make.moving_analysis())
    writing.stop("enough")
    assert run(writing).lines == {"landmarks": 0, "rigs": 0, "analyses": 1}
    header, analysis, end = lines(path)
    assert (header["record"], analysis["type"], end["analyses"]) == (["analysis"], "analysis", 1)
    assert len(analysis["angles"]) == 20


def test_a_file_from_before_there_were_analyses_has_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes((Path(make.__file__).parent / "recording.jsonl").read_bytes())
    assert recovered(path).trailer.lines == {"landmarks": 2, "rigs": 2, "analyses": 0}


def test_file_is_for_this_user_alone(tmp_path: Path) -> None:
    writing = recorder(tmp_path / "folder" / "a.jsonl")
    writing.sinks["rig"].close()
    run(writing)
    assert stat.S_IMODE((tmp_path / "folder" / "a.jsonl").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o700


def test_what_comes_while_it_runs_is_written_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    writing = recorder(path)
    opened = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        done: Future[RecordingTrailer] = pool.submit(writing.run, opened.set)
        assert opened.wait(60)
        for number in range(5):
            writing.sinks["rig"].send(motions.rig(number))
        writing.stop("enough")
        assert done.result(60).lines["rigs"] == 5
    assert len(lines(path)) == 7


def test_lines_that_the_disk_is_too_slow_for_are_dropped_and_counted(tmp_path: Path) -> None:
    writing = recorder(tmp_path / "a.jsonl")
    for number in range(MAX_WAITING + 44):
        writing.sinks["rig"].send(motions.rig(number))
    writing.stop("enough")
    end = run(writing)
    assert (end.lines["rigs"], end.dropped) == (MAX_WAITING, 44)
    assert lines(tmp_path / "a.jsonl")[-1]["dropped"] == 44


def test_nothing_is_taken_after_the_end(tmp_path: Path) -> None:
    writing = recorder(tmp_path / "a.jsonl")
    writing.sinks["rig"].send(motions.rig(0))
    writing.sinks["rig"].close()
    writing.sinks["rig"].send(motions.rig(1))
    assert run(writing).lines["rigs"] == 1
    writing.sinks["rig"].send(motions.rig(2))
    assert writing.trailer is not None
    assert writing.trailer.dropped == 0


def test_recording_ends_when_its_time_is_over_also_when_nothing_comes(tmp_path: Path) -> None:
    end = run(recorder(tmp_path / "a.jsonl", max_s=0.01))
    assert (end.state, end.reason) == ("stopped", "its time is over: 0.01 s")
    assert end.seconds >= 0.01


def test_recording_ends_before_it_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    writing = recorder(path, max_bytes=20_000)
    for number in range(30):
        writing.sinks["rig"].send(motions.rig(number))
    end = run(writing)
    assert end.state == "stopped"
    assert "as large as it may be" in end.reason
    assert 0 < end.lines["rigs"] < 30
    assert len(lines(path)) == end.lines["rigs"] + 2
    assert path.stat().st_size < 20_000 + 500


@pytest.mark.parametrize("room_for", [10_000, 11_111, 12_345])
def test_full_disk_keeps_whole_lines_and_ends_the_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room_for: int
) -> None:
    monkeypatch.setattr(SmallDisk, "left", room_for)
    monkeypatch.setattr(recorder_module, "FileIO", SmallDisk)
    path = tmp_path / "a.jsonl"
    writing = recorder(path)
    for number in range(30):
        writing.sinks["rig"].send(motions.rig(number))
    end = run(writing)
    assert (end.state, end.reason) == ("failed", "the disk is full")
    header, *frames = lines(path)
    assert header["type"] == "recording"
    assert [frame["frame"] for frame in frames] == list(range(end.lines["rigs"]))
    assert 0 < end.lines["rigs"] < 30
    assert writing.size == path.stat().st_size <= room_for


def test_folder_that_cannot_be_made_ends_it_before_it_is_open(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    writing = recorder(tmp_path / "file" / "a.jsonl")
    end = writing.run(lambda: pytest.fail("it is not open"))
    assert (end.state, end.reason) == ("failed", "the disk failed")
    writing.sinks["rig"].send(motions.rig())  # is not kept


def test_rig_that_cannot_be_written_ends_the_recording_and_not_the_server(tmp_path: Path) -> None:
    broken = motions.rig(1)
    object.__setattr__(broken, "gaze_deg", None)
    writing = recorder(tmp_path / "a.jsonl")
    for each in (motions.rig(0), broken, motions.rig(2)):
        writing.sinks["rig"].send(each)
    end = run(writing)
    assert (end.state, end.reason, end.lines["rigs"]) == ("failed", "the server failed", 1)
    assert len(lines(tmp_path / "a.jsonl")) == 2


def test_ended_recording_says_of_itself_what_it_was(tmp_path: Path) -> None:
    writing = recorder(tmp_path / "a.jsonl")
    writing.sinks["rig"].send(motions.rig(0))
    writing.stop("enough")
    end = run(writing)
    found = recovered(tmp_path / "a.jsonl")
    assert (found.room, found.streams, found.trailer) == ("hall", STREAM_NAMES, end)
    assert abs((found.started_at - writing.started_at).total_seconds()) < 0.001


@pytest.mark.parametrize("cut_off", [0, 1, 100])
def test_recording_that_was_cut_short_is_mended(tmp_path: Path, cut_off: int) -> None:
    path = tmp_path / "a.jsonl"
    writing = recorder(path)
    for number in range(4):
        writing.sinks["landmarks"].send(make.frame(number, pose=make.pose(number)))
        writing.sinks["rig"].send(motions.rig(number))
    writing.stop("enough")
    run(writing)
    whole = path.read_bytes()
    without_end = whole[: whole.rindex(b"\n", 0, -1) + 1]
    path.write_bytes(without_end[: len(without_end) - cut_off])
    end = recovered(path).trailer
    rigs = 3 if cut_off else 4
    assert (end.state, end.reason) == ("stopped", recorder_module.CUT_SHORT)
    assert end.lines == {"landmarks": 4, "rigs": rigs, "analyses": 0}
    assert lines(path)[-1]["rigs"] == rigs
    assert recovered(path).trailer == end


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"no json\n", b"[]\n", b'{"type":"recording","version":2}\n', b'{"type":"recording","version":1}\n'],
)
def test_what_is_no_recording_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(ValueError):  # noqa: PT011 (any)
        recovered(path)
    assert path.read_bytes() == content


def test_recording_that_was_cut_short_is_found_also_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    writing = recorder(path)
    writing.sinks["rig"].send(motions.rig(0))
    writing.sinks["rig"].send(motions.rig(1))
    writing.stop("enough")
    run(writing)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1])
    monkeypatch.setattr(SmallDisk, "left", 0)
    monkeypatch.setattr(recorder_module, "FileIO", SmallDisk)
    end = recovered(path).trailer
    assert (end.lines["rigs"], end.reason) == (2, recorder_module.CUT_SHORT)
    assert path.read_bytes() == whole[: whole.rindex(b"\n", 0, -1) + 1]


class HungDisk(io.FileIO):
    """A disk that does not answer until it is told to."""

    answers = threading.Event()
    writes = 0

    def write(self, data: Any) -> int:
        type(self).writes += 1
        if type(self).writes > 1:  # all after the header
            assert self.answers.wait(60)
        written = super().write(data)
        assert written is not None
        return written


def test_a_disk_that_hangs_ends_the_recording_and_holds_nobody_but_its_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "FileIO", HungDisk)
    monkeypatch.setattr(recorder_module, "HUNG_S", 0.05)
    writing = recorder(tmp_path / "a.jsonl")
    opened, hung = threading.Event(), threading.Event()
    with ThreadPoolExecutor(1) as executor:
        ended = executor.submit(writing.run, opened.set, hung.set)
        assert opened.wait(60)
        give_up = time.monotonic() + 60
        while not hung.is_set():
            assert time.monotonic() < give_up
            writing.sinks["rig"].send(motions.rig(0))  # returns, though the disk does not
        end = writing.trailer
        assert end is not None
        assert (end.state, end.reason, end.dropped > 0) == ("failed", HUNG, True)
        HungDisk.answers.set()
        assert ended.result(60).reason == HUNG
    assert lines(tmp_path / "a.jsonl")[-1]["reason"] == HUNG, "and what it wrote is whole"
