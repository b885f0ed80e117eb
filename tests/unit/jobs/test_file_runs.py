"""Files become outputs: every frame once and at its time, whatever the segments; what fails leaves nothing behind."""

import csv
import io
import re
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from threading import Event

import av
import c3d
import cv2
import numpy as np
import orjson
import pytest
from bvh import Bvh
from pyarrow import parquet
from tests.peers import HANG_S
from tests.unit.jobs.conftest import (
    SIZE_WH,
    CollectingReporter,
    RunFiles,
    ThreadExecutor,
    lines_of,
    place,
    square_pictures,
)
from tests.videos import click_times_s, read_video, write_video

from mocast.jobs.file_join import FileJoin
from mocast.jobs.file_runs import FilesRun
from mocast.jobs.file_task import OnFrames, SegmentResult, SegmentTask
from mocast.jobs.segment_work import Progress
from mocast.model.frame import RgbImage
from mocast.model.options import DrawOptions
from mocast.model.zero_phase import zero_phase
from mocast.recordings.export.jsonl import read_rigs

COUNT = 100
VARIABLE_MS = [number * 33 + (number % 7) * 4 + (400 if number > 50 else 0) for number in range(COUNT)]


def found_px(line: dict) -> tuple[float, float]:
    x, y, _ = line["pose"]["image"][0]
    return x * line["width"] - 0.5, y * line["height"] - 0.5


def everything(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_every_frame_is_there_once_at_its_time_with_its_sound(
    tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor
) -> None:
    video = write_video(
        tmp_path / "clip.mkv", square_pictures(COUNT), times_ms=VARIABLE_MS, sound="pcm_s16le", key_every=20
    )
    run_files(video, formats=("mp4", "jsonl"), tracker="pose")
    assert len(executor.tasks) >= 3
    lines = lines_of(tmp_path / "out/clip/clip.jsonl")
    assert [line["frame"] for line in lines] == list(range(COUNT))
    np.testing.assert_allclose([line["pts"] / 90 for line in lines], VARIABLE_MS, atol=0.02)
    np.testing.assert_allclose([found_px(line) for line in lines], [place(it) for it in range(COUNT)], atol=1.5)
    assert [line["frame"] for line in lines_of(tmp_path / "out/clip/clip.jsonl", "rig")] == list(range(COUNT))
    assert len(read_rigs(tmp_path / "out/clip/clip.jsonl")) == COUNT
    source, annotated = read_video(video), read_video(tmp_path / "out/clip/clip.mp4")
    np.testing.assert_allclose(annotated.times_s, source.times_s, atol=1e-4)
    assert annotated.size_wh == SIZE_WH
    np.testing.assert_allclose(click_times_s(annotated), click_times_s(source), atol=2e-3)
    assert len(click_times_s(annotated)) == 4


@pytest.mark.parametrize("codec", ["aac", "libopus"])
def test_sound_that_mp4_takes_is_copied(tmp_path: Path, run_files: RunFiles, codec: str) -> None:
    video = write_video(
        tmp_path / "clip.mp4", square_pictures(70), sound=codec, times_ms=[200 + 33 * it for it in range(70)]
    )
    run_files(video, formats=("mp4",))
    source, annotated = read_video(video), read_video(tmp_path / "out/clip/clip.mp4")
    np.testing.assert_allclose(annotated.times_s, source.times_s, atol=1e-6)
    np.testing.assert_allclose(click_times_s(annotated), click_times_s(source), atol=1e-6)
    np.testing.assert_array_equal(annotated.sound, source.sound)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_video_is_tracked_and_written_upright(tmp_path: Path, run_files: RunFiles, rotation: int) -> None:
    stored = (np.rot90(picture, -rotation // 90) for picture in square_pictures(30))
    video = write_video(tmp_path / "phone.mp4", map(np.ascontiguousarray, stored), rotation=rotation)
    assert read_video(video).rotation % 360 == rotation
    run_files(video, formats=("mp4", "jsonl"), tracker="pose", draw=DrawOptions(overlay=()))
    lines = lines_of(tmp_path / "out/phone/phone.jsonl")
    assert {(line["width"], line["height"]) for line in lines} == {SIZE_WH}
    np.testing.assert_allclose([found_px(line) for line in lines], [place(it) for it in range(30)], atol=1.5)
    annotated = read_video(tmp_path / "out/phone/phone.mp4")
    assert (annotated.size_wh, annotated.rotation) == (SIZE_WH, 0)
    x, y = place(7)
    assert annotated.pictures[7][y, x].min() > 200


def test_smoothed_landmarks_have_no_seams(tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor) -> None:
    video = write_video(tmp_path / "clip.mp4", square_pictures(COUNT), key_every=20)
    run_files(video, formats=("jsonl",), tracker="pose", smooth=True)
    assert len(executor.tasks) >= 3
    lines = lines_of(tmp_path / "out/clip/clip.jsonl")
    assert [line["frame"] for line in lines] == list(range(COUNT))
    expected = zero_phase(np.arange(COUNT) / 30, np.array([place(it) for it in range(COUNT)], np.float64))
    np.testing.assert_allclose([found_px(line) for line in lines], expected, atol=1.5)


def test_a_part_of_the_frames_begins_at_0_in_the_annotated_video(tmp_path: Path, run_files: RunFiles) -> None:
    video = write_video(tmp_path / "clip.mp4", square_pictures(COUNT), sound="aac", fps=25)
    run_files(video, formats=("mp4", "jsonl"), start=1.0, end=2.97, every=2)
    lines = lines_of(tmp_path / "out/clip/clip.jsonl")
    assert [line["frame"] for line in lines] == list(range(25, 75, 2))
    assert [line["pts"] for line in lines] == [number * 3600 for number in range(25, 75, 2)]
    annotated = read_video(tmp_path / "out/clip/clip.mp4")
    np.testing.assert_allclose(annotated.times_s, np.arange(25) * 0.08, atol=1e-6)
    with av.open(str(tmp_path / "out/clip/clip.mp4")) as container:
        shown = container.streams.video[0]
        assert float(shown.duration * shown.time_base) == pytest.approx(2, abs=1e-3)
    np.testing.assert_allclose(click_times_s(annotated), [0, 1], atol=0.022)  # a packet of AAC is 21 ms


def test_a_file_whose_times_are_unknown_is_processed_in_one_piece(
    tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor
) -> None:
    video = write_video(tmp_path / "raw.h264", square_pictures(60), b_frames=0)
    assert run_files(video, formats=("mp4", "jsonl"), tracker="pose").ends == {"raw.h264": ("done", "")}
    (task,) = executor.tasks
    assert task.pts is None
    lines = lines_of(tmp_path / "out/raw/raw.jsonl")
    np.testing.assert_allclose([found_px(line) for line in lines], [place(it) for it in range(60)], atol=1.5)
    assert len(read_video(tmp_path / "out/raw/raw.mp4").times_s) == 60


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("odd.gif", "gif", "rgb8"),
        ("full.webm", "libvpx-vp9", "yuv444p"),
        ("ten_bit.mkv", "libx264", "yuv420p10le"),
        ("old.avi", "mpeg4", "yuv420p"),
        ("stream.ts", "mpeg2video", "yuv420p"),
    ],
)
def test_other_containers_codecs_and_sizes_are_read(
    tmp_path: Path, run_files: RunFiles, name: str, codec: str, pixels: str
) -> None:
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, rate=20)
        stream.width, stream.height, stream.pix_fmt = 101 if name == "odd.gif" else 100, 76, pixels
        for picture in square_pictures(12):
            cut = np.ascontiguousarray(picture[:76, : stream.width])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(cut, format="rgb24").reformat(format=pixels)))
        container.mux(stream.encode(None))
    assert run_files(tmp_path / name, formats=("mp4",)).ends == {name: ("done", "")}
    annotated = read_video(next((tmp_path / "out").rglob("*.mp4")))
    assert (len(annotated.times_s), annotated.size_wh) == (12, (100, 76))
    np.testing.assert_allclose(annotated.times_s, np.arange(12) / 20, atol=1e-3)


@pytest.mark.parametrize("sound", ["mp2", "aac"])
def test_a_damaged_broadcast_keeps_its_times(tmp_path: Path, run_files: RunFiles, sound: str) -> None:
    video = write_video(tmp_path / "clip.ts", square_pictures(COUNT), sound=sound)
    data = bytearray(video.read_bytes())
    for stream, number in ((0xE0, 40), (0xC0, 3), (0xC0, 5)):
        begins = [match.start() for match in re.finditer(b"\0\0\1" + bytes([stream]), data)]
        data[begins[number] + 9] ^= 2  # the highest bits of PTS (ISO/IEC 13818-1, 2.4.3.6): three hours later
    header = begins[8] + 14
    data[header : header + 4] = bytes(4)  # of a packet of sound
    (tmp_path / "damaged.ts").write_bytes(data)
    assert set(run_files(video, tmp_path / "damaged.ts", formats=("mp4",)).ends.values()) == {("done", "")}
    whole, damaged = (read_video(tmp_path / f"out/{name}/{name}.mp4") for name in ("clip", "damaged"))
    assert len(whole.times_s) == COUNT
    np.testing.assert_allclose(damaged.times_s, whole.times_s, atol=1e-3)
    with av.open(str(tmp_path / "out/damaged/damaged.mp4")) as container:
        loud_s = [frame.time for frame in container.decode(audio=0) if np.abs(frame.to_ndarray()).max() > 0.2]
    assert loud_s[-1] == pytest.approx(click_times_s(whole)[-1], abs=0.03)  # a packet is 21 ms


def test_pictures_in_a_sequence_are_frames(tmp_path: Path, run_files: RunFiles) -> None:
    for number, picture in enumerate(square_pictures(12)):
        cv2.imwrite(str(tmp_path / f"shot_{number + 5}.png"), picture)
    run_files(tmp_path / "shot_%d.png", formats=("mp4", "jsonl"), tracker="pose", fps=12.0)
    lines = lines_of(tmp_path / "out/shot/shot.jsonl")
    np.testing.assert_allclose([found_px(line) for line in lines], [place(it) for it in range(12)], atol=1.5)
    np.testing.assert_allclose(read_video(tmp_path / "out/shot/shot.mp4").times_s, np.arange(12) / 12, atol=1e-4)


def test_standard_input_is_read_to_its_end(
    tmp_path: Path, run_files: RunFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = write_video(tmp_path / "clip.mp4", square_pictures(20))
    with video.open("rb") as piped:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(piped))
        assert run_files("-", formats=("jsonl",)).ends == {"stdin": ("done", "")}
    assert len(lines_of(tmp_path / "out/stdin/stdin.jsonl")) == 20
    assert everything(tmp_path / "out") == ["stdin.jsonl", "summary.json"]


def test_broken_files_are_reported_and_the_others_go_on(tmp_path: Path, run_files: RunFiles) -> None:
    whole = write_video(tmp_path / "a.mp4", square_pictures(30))
    data = whole.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(data[: len(data) // 2])
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("This is no video.")
    write_video(tmp_path / "z.mp4", square_pictures(30))
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\na.mp4\n#EXT-X-ENDLIST\n")
    (tmp_path / "concat.mp4").write_text("ffconcat version 1.0\nfile a.mp4\n")
    names = ["a.mp4", "cut.mp4", "empty.mp4", "text.mp4", "list.m3u8", "concat.mp4", "missing.mp4", "z.mp4"]
    ends = run_files(*(tmp_path / name for name in names), formats=("mp4", "jsonl")).ends
    assert {name: state for name, (state, _) in ends.items()} == {
        name: "done" if name in ("a.mp4", "z.mp4") else "failed" for name in names
    }
    assert ends["text.mp4"][1] == "It is no video that can be read, or a broken one."
    assert ends["missing.mp4"][1] == "It cannot be read: No such file or directory."
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "z"]


def test_what_was_done_is_skipped_and_what_was_tracked_is_used(
    tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = write_video(tmp_path / "a.mp4", square_pictures(30))
    second = write_video(tmp_path / "b.mp4", square_pictures(400), key_every=20)
    inputs = (first, second)
    run_files(first, formats=("mp4", "jsonl"))
    assert everything(tmp_path / "out/a") == ["a.jsonl", "a.mp4", "summary.json"]
    kept: set[int] = set()

    def interrupt(reporter: CollectingReporter, file: str, count: int) -> None:
        kept.update(kept_frames(tmp_path / "out/b"))
        if kept:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(CollectingReporter, "frames", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_files(*inputs, formats=("mp4", "jsonl"))
    executor.close()
    assert not [
        name for name in everything(tmp_path / "out/b") if name.endswith((".mp4", ".jsonl")) or name == "summary.json"
    ]
    (tmp_path / "out/b/.unfinished-b.csv").touch()  # as a run leaves it that is killed
    executor.__init__()
    reporter = run_files(*inputs, formats=("mp4", "jsonl"))
    assert {name: state for name, (state, _) in reporter.ends.items()} == {"a.mp4": "skipped", "b.mp4": "done"}
    assert reporter.told == 400
    assert not kept & {number for task in executor.tasks for number in task.numbers[task.warm_up :].tolist()}
    assert [line["frame"] for line in lines_of(tmp_path / "out/b/b.jsonl")] == list(range(400))
    assert len(read_video(tmp_path / "out/b/b.mp4").times_s) == 400
    assert everything(tmp_path / "out/b") == ["b.jsonl", "b.mp4", "summary.json"]
    assert {state for state, _ in run_files(*inputs, formats=("mp4", "jsonl")).ends.values()} == {"skipped"}
    assert {state for state, _ in run_files(*inputs, formats=("jsonl",)).ends.values()} == {"done"}
    assert run_files(tmp_path, formats=("jsonl",)).ends.keys() == {"a.mp4", "b.mp4"}  # not what was made of them


def kept_frames(folder: Path) -> set[int]:
    """Return the frames that a run after this one need not track."""
    ends = {int(marker.stem): orjson.loads(marker.read_bytes())["end"] for marker in folder.glob("*/*.json")}
    return {number for begin, end in ends.items() for number in range(begin, end)}


def test_a_worker_without_work_takes_a_part_of_what_another_one_is_at(
    tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor.at_a_time = 2
    video = write_video(tmp_path / "clip.mp4", square_pictures(400), key_every=20)
    track, is_taken = executor.process, Event()

    def process(task: SegmentTask, on_frames: Progress) -> SegmentResult:
        def told(frames: int) -> int | None:
            assert task is not executor.tasks[0] or is_taken.wait(HANG_S)
            return on_frames(frames)

        if task not in executor.tasks[:2]:
            is_taken.set()
        return track(task, told)

    monkeypatch.setattr(executor, "process", process)
    reporter = run_files(video, formats=("mp4", "jsonl"))
    assert reporter.told == 400
    assert all(task.numbers[-1] < 399 for task in executor.tasks[2:]), "of what the first one was at"
    lines = lines_of(tmp_path / "out/clip/clip.jsonl")
    assert [line["frame"] for line in lines] == list(range(400))
    np.testing.assert_allclose([found_px(line) for line in lines], [place(it) for it in range(400)], atol=1.5)
    annotated = read_video(tmp_path / "out/clip/clip.mp4")
    np.testing.assert_allclose(annotated.times_s, np.arange(400) / 30, atol=1e-4)


def test_what_was_joined_of_a_segment_is_nobody_s_work_any_more_though_it_is_tracked_once_more(
    tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor.at_a_time, count = 2, 400
    video = write_video(tmp_path / "clip.mp4", square_pictures(count), key_every=20)
    track, join, cut = executor.process, FileJoin.add, FilesRun._cut
    is_joined, has_ended, is_idle = Event(), Event(), Event()
    sums = {"told": 0, "joined": 0}

    def process(task: SegmentTask, on_frames: Progress) -> SegmentResult:
        def ends(frames: int) -> int | None:
            if has_ended.is_set():
                return 0
            on_frames(frames)
            sums["told"] += frames
            if sums["told"] < 120:
                return None
            assert is_joined.wait(HANG_S)
            on_frames(-sums["told"])
            has_ended.set()
            return 0

        def waits(frames: int) -> int | None:
            assert (has_ended if task is executor.tasks[1] else is_idle).wait(HANG_S)
            return on_frames(frames)

        if task is executor.tasks[0]:
            track(task, ends)
        return track(task, waits)

    def add(self: FileJoin, count: int, end_pts: int | None) -> int:
        joined = join(self, count, end_pts)
        sums["joined"] += joined
        if sums["joined"] >= 120:
            is_joined.set()
        return joined

    def cuts(self: FilesRun, workers: int) -> bool:
        is_cut = cut(self, workers)
        if has_ended.is_set():
            is_idle.set()
        return is_cut

    monkeypatch.setattr(executor, "process", process)
    monkeypatch.setattr(FileJoin, "add", add)
    monkeypatch.setattr(FilesRun, "_cut", cuts)
    reporter = run_files(video, formats=("mp4", "jsonl"))
    assert reporter.ends == {"clip.mp4": ("done", "")}
    assert reporter.told == count
    lines = lines_of(tmp_path / "out/clip/clip.jsonl")
    assert [line["frame"] for line in lines] == list(range(count))
    np.testing.assert_allclose([found_px(line) for line in lines], [place(it) for it in range(count)], atol=1.5)
    assert len(read_video(tmp_path / "out/clip/clip.mp4").times_s) == count


def test_a_segment_whose_worker_ended_is_joined_though_its_files_are_not_there_again_yet(
    tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = write_video(tmp_path / "clip.mp4", square_pictures(COUNT))
    track, join, is_looked_for = executor.process, FileJoin.add, Event()

    def process(task: SegmentTask, on_frames: Progress) -> SegmentResult:
        if task is executor.tasks[0]:
            on_frames(24)  # of the worker that ended; the next one has deleted them
            assert is_looked_for.wait(HANG_S)
            on_frames(-24)
        return track(task, on_frames)

    def add(self: FileJoin, count: int, end_pts: int | None) -> int:
        try:
            return join(self, count, end_pts)
        finally:
            is_looked_for.set()

    monkeypatch.setattr(executor, "process", process)
    monkeypatch.setattr(FileJoin, "add", add)
    assert run_files(video, formats=("mp4", "jsonl")).ends == {"clip.mp4": ("done", "")}
    assert [line["frame"] for line in lines_of(tmp_path / "out/clip/clip.jsonl")] == list(range(COUNT))


def test_frames_that_cannot_be_decoded_are_not_taken_for_frames_that_are_left(
    tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor.at_a_time, unreadable = 2, range(40, 400)
    first = with_unreadable(tmp_path / "a.mkv", square_pictures(600), unreadable)
    second = write_video(tmp_path / "b.mp4", square_pictures(30))
    track, join, is_beyond, is_taken = executor.process, FileJoin.add, Event(), Event()
    sums = {"told": 0, "joined": 0}

    def process(task: SegmentTask, on_frames: Progress) -> SegmentResult:
        def waits_beyond(frames: int) -> int | None:
            assert sums["told"] < 56 or is_taken.wait(HANG_S)
            sums["told"] += frames
            return on_frames(frames)

        def waits(frames: int) -> int | None:
            assert is_beyond.wait(HANG_S)
            return on_frames(frames)

        if task not in executor.tasks[:2]:
            is_taken.set()
        return track(task, waits_beyond if task is executor.tasks[0] else waits)

    def add(self: FileJoin, count: int, end_pts: int | None) -> int:
        joined = join(self, count, end_pts)
        sums["joined"] += joined
        if sums["joined"] > unreadable.start:
            is_beyond.set()
        return joined

    monkeypatch.setattr(executor, "process", process)
    monkeypatch.setattr(FileJoin, "add", add)
    reporter = run_files(first, second, formats=("mp4", "jsonl"))
    assert reporter.ends == {"a.mkv": ("done", ""), "b.mp4": ("done", "")}
    lines = lines_of(tmp_path / "out/a/a.jsonl")
    assert [line["frame"] for line in lines] == [number for number in range(600) if number not in unreadable]


def with_unreadable(path: Path, pictures: Iterator[RgbImage], unreadable: range) -> Path:
    """Write a video, some frames of which cannot be decoded."""
    whole = write_video(path.with_suffix(".whole.mkv"), pictures, key_every=20, b_frames=0)
    with av.open(str(whole)) as source, av.open(str(path), "w") as damaged:
        stream = damaged.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(source.demux(video=0)):
            if packet.dts is not None:
                written = av.Packet(b"\xff" * packet.size if number in unreadable else bytes(packet))
                written.pts, written.dts, written.time_base = packet.pts, packet.dts, packet.time_base
                written.is_keyframe, written.stream = packet.is_keyframe, stream
                damaged.mux(written)
    return path


def test_files_that_are_tracked_are_joined_one_after_the_other(
    tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos = [write_video(tmp_path / f"{name}.mp4", square_pictures(45)) for name in "abc"]
    join, joined = FileJoin.add, []

    def submit(task: SegmentTask, on_frames: OnFrames) -> "Future[SegmentResult]":
        future: Future[SegmentResult] = Future()
        future.set_result(executor.process(task, lambda frames: on_frames(frames) and None))
        return future

    def add(self: FileJoin, count: int, end_pts: int | None) -> int:
        joined.append(self._task.stem)
        return join(self, count, end_pts)

    monkeypatch.setattr(executor, "submit", submit)
    monkeypatch.setattr(FileJoin, "add", add)
    run_files(*videos, formats=("jsonl",), tracker="face")
    assert joined == sorted(joined), "or as many files were open as there are"
    assert set(joined) == {"a", "b", "c"}


def test_formats_are_read_by_readers_of_their_own(tmp_path: Path, run_files: RunFiles) -> None:
    video = write_video(tmp_path / "clip.mp4", square_pictures(60), fps=30)
    run_files(video, formats=("csv", "parquet", "bvh", "vrma", "vmd", "trc", "c3d"), tracker="pose")
    folder = tmp_path / "out/clip"
    with (folder / "clip.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["frame"]) for row in rows] == list(range(60))
    assert float(rows[30]["time_s"]) == pytest.approx(1, abs=1e-3)
    x, y = float(rows[7]["pose_nose_x"]) * SIZE_WH[0] - 0.5, float(rows[7]["pose_nose_y"]) * SIZE_WH[1] - 0.5
    assert (x, y) == pytest.approx(place(7), abs=1.5)
    assert {rows[7][name] for name in rows[7] if name.startswith("left_hand")} == {""}
    table = parquet.read_table(folder / "clip.parquet")
    assert table.column_names == [*rows[0], "face"]
    assert table["frame"].to_pylist() == list(range(60))
    assert table["pose_nose_x"][7].as_py() == pytest.approx(float(rows[7]["pose_nose_x"]), abs=1e-6)
    assert table["left_hand_score"].null_count == table["face"].null_count == 60
    motion = Bvh((folder / "clip.bvh").read_text())
    assert motion.nframes == 60
    assert motion.frame_time == pytest.approx(1 / 30, rel=1e-3)
    glb = (folder / "clip.vrma").read_bytes()
    length = int.from_bytes(glb[12:16], "little")
    assert "VRMC_vrm_animation" in orjson.loads(glb[20 : 20 + length])["extensionsUsed"]
    assert (folder / "clip.vmd").read_bytes().startswith(b"Vocaloid Motion Data 0002")
    assert (folder / "clip.trc").read_text().split("\n")[2].split("\t")[:4] == ["30", "30", "60", "75"]
    with (folder / "clip.c3d").open("rb") as file:
        assert c3d.Reader(file).frame_count == 60


def test_files_that_keep_all_workers_busy_are_in_one_piece(
    tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor
) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        write_video(tmp_path / f"in/{number}.mp4", square_pictures(45), key_every=20)
    run_files(tmp_path / "in", formats=("jsonl",), tracker="face")
    assert [task.file.stem for task in executor.tasks] == ["0", "1", "2"]


def test_the_summary_says_what_there_was(tmp_path: Path, run_files: RunFiles) -> None:
    video = write_video(tmp_path / "clip.mp4", square_pictures(60), sound="aac")
    run_files(video, formats=("jsonl",), tracker="pose")
    summary = orjson.loads((tmp_path / "out/clip/summary.json").read_bytes())
    assert summary["source"] | {"made_at": ""} == {
        "name": str(video),
        "made_at": "",
        "codec": "h264",
        "width": 160,
        "height": 120,
        "rotation": 0,
        "fps": 30.0,
        "audio": ["aac"],
    }
    assert (summary["frames"], summary["missing"], summary["unreadable"], summary["tracker_failures"]) == (60, 0, 0, 0)
    assert summary["found"] == {"pose": 60, "face": 0, "left_hand": 0, "right_hand": 0}
    assert [output["name"] for output in summary["outputs"]] == ["clip.jsonl"]


def test_each_person_has_lines_rows_and_animations_of_their_own(
    tmp_path: Path, run_files: RunFiles, executor: ThreadExecutor
) -> None:
    video = write_video(tmp_path / "clip.mp4", square_pictures(COUNT), key_every=20)
    run_files(video, formats=("mp4", "jsonl", "csv", "parquet", "bvh"), tracker="pose", people=2)
    folder = tmp_path / "out/clip"
    assert len(executor.tasks) == 1, "in one piece, so that nobody changes their index"
    assert [line["person"] for line in lines_of(folder / "clip.jsonl")] == [0, 1] * COUNT
    with (folder / "clip.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [(row["frame"], row["person"]) for row in table[:3]] == [("0", "0"), ("0", "1"), ("1", "0")]
    assert parquet.read_table(folder / "clip.parquet")["person"].to_pylist() == [0, 1] * COUNT
    assert [Bvh((folder / name).read_text()).nframes for name in ("clip.bvh", "clip.person1.bvh")] == [COUNT, COUNT]


def test_a_tracker_that_tracks_one_person_is_told_plainly(tmp_path: Path, run_files: RunFiles) -> None:
    video = write_video(tmp_path / "clip.mp4", square_pictures(3))
    reporter = run_files(video, formats=("jsonl",), tracker="hands", people=2)
    assert reporter.ends["clip.mp4"][0] == "failed"
    assert "tracks one person" in reporter.ends["clip.mp4"][1]


def test_a_folder_that_cannot_be_written_is_told_from_a_video_that_cannot_be_read(
    tmp_path: Path, run_files: RunFiles
) -> None:
    (tmp_path / "out").write_text("no folder")
    reporter = run_files(write_video(tmp_path / "clip.mp4", square_pictures(3)), formats=("jsonl",), tracker="pose")
    assert reporter.ends["clip.mp4"] == ("failed", "The folder of its outputs cannot be written: Not a directory.")
