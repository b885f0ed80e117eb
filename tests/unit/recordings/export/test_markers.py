"""Landmarks as markers: TRC as text that OpenSim reads, C3D by a reader that others wrote."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import c3d
import numpy as np
import pytest
from tests import people
from tests.golden import make_recording

from mocast.errors import Unprocessable
from mocast.model.topology import HandLandmark, PoseLandmark
from mocast.model.tracked import Tracked
from mocast.recordings.export import c3d as c3d_writer
from mocast.recordings.export import trc
from mocast.recordings.export.jsonl import read_tracked
from mocast.recordings.export.markers import NAMES, Markers, markers_of, resampled


def frame(number: int, *, x: float = 0.0, hand: bool = True) -> Tracked:
    """The body's landmarks are at (x, their number in cm, 1 m toward the camera)."""
    one = people.person()
    assert one.pose is not None
    assert one.left_hand is not None
    world = np.stack([np.full(33, x), -np.arange(33) / 100, np.full(33, -1.0)], axis=1).astype(np.float32)
    left = replace(one.left_hand, world=np.float32(np.arange(63).reshape(21, 3) / 1000)) if hand else None
    return replace(
        one, frame=number, pts=3000 * number, pose=replace(one.pose, world=world), left_hand=left, right_hand=None
    )


def markers(frames: int = 3) -> Markers:
    return resampled(markers_of([frame(number, x=number / 10, hand=number != 1) for number in range(frames)]), 30)


def test_bodies_stand_up_and_hands_are_at_their_wrists() -> None:
    of = dict(zip(NAMES, markers_of([frame(0)]).positions[0], strict=True))
    np.testing.assert_allclose(of["leftWrist"], [0, 0.15, 1])
    assert PoseLandmark.LEFT_WRIST == 15
    tip = int(HandLandmark.INDEX_TIP)
    moved = np.array([3 * tip, -3 * tip, -3 * tip]) / 1000
    np.testing.assert_allclose(of["leftHandIndexTip"], of["leftWrist"] + moved, atol=1e-6)
    assert np.isnan(of["rightHandIndexTip"]).all()


def test_markers_between_frames_are_between_them_and_none_in_a_long_gap() -> None:
    found = resampled(markers_of([frame(0), frame(1, x=1), frame(61, x=2)]), 60)
    np.testing.assert_allclose(found.positions[:3, 0, 0], [0, 0.5, 1])
    assert np.isnan(found.positions[3:-1]).all()
    assert found.positions[-1, 0, 0] == 2


def test_smoothing_leaves_even_motion_as_it_is() -> None:
    frames = [frame(number, x=number / 10) for number in range(9)]
    np.testing.assert_allclose(
        markers_of(frames, smooth=True).positions, markers_of(frames).positions, atol=1e-5, equal_nan=True
    )


def test_a_recording_without_a_body_is_told() -> None:
    with pytest.raises(Unprocessable, match="no landmarks of a body"):
        markers_of([replace(frame(0), pose=None)])


def test_landmarks_of_a_recording_are_read_in_order() -> None:
    frames = read_tracked(make_recording.FILE)
    assert len(frames) >= 2
    assert [one.pts for one in frames] == sorted(one.pts for one in frames)


def test_trc_has_its_five_lines_of_header_and_a_row_a_frame() -> None:
    file = io.BytesIO()
    trc.write(markers(), file)
    lines = file.getvalue().decode("ascii").split("\n")
    assert lines[0].startswith("PathFileType\t4\t(X/Y/Z)\t")
    header = dict(zip(lines[1].split("\t"), lines[2].split("\t"), strict=True))
    assert (header["DataRate"], header["NumFrames"], header["NumMarkers"], header["Units"]) == ("30", "3", "75", "m")
    names = lines[3].split("\t")
    assert names[:3] == ["Frame#", "Time", "nose"]
    assert names[2 + 3 * NAMES.index("leftHandThumbTip")] == "leftHandThumbTip"
    assert lines[4].split("\t")[:6] == ["", "", "X1", "Y1", "Z1", "X2"]
    assert lines[5] == ""
    rows = [line.split("\t") for line in lines[6:-1]]
    assert [row[:2] for row in rows] == [["1", "0.000000"], ["2", "0.033333"], ["3", "0.066667"]]
    assert {len(row) for row in rows} == {2 + 3 * 75}
    wrist = 2 + 3 * PoseLandmark.LEFT_WRIST
    assert rows[1][wrist : wrist + 3] == ["1.00000", "0.15000", "-0.10000"], "forward, up, to the right"
    hand = 2 + 3 * NAMES.index("leftHandIndexTip")
    assert rows[1][hand : hand + 3] == ["", "", ""]
    assert rows[0][hand] != ""


@pytest.mark.filterwarnings("ignore:No analog data")
def test_c3d_is_read_by_a_reader_of_others(tmp_path: Path) -> None:
    path = tmp_path / "take.c3d"
    with path.open("wb") as file:
        c3d_writer.write(markers(), file)
    with path.open("rb") as file:
        reader = c3d.Reader(file)
        assert [label.strip() for label in reader.point_labels] == list(NAMES)
        assert (reader.point_rate, reader.point_used, reader.frame_count) == (30, 75, 3)
        assert (reader.first_frame, reader.last_frame, reader.point_scale) == (1, 3, -1)
        assert reader.get("POINT:UNITS").string_value.strip() == "mm"
        frames = [points for _, points, _ in reader.read_frames(copy=True)]
    wrist = int(PoseLandmark.LEFT_WRIST)
    np.testing.assert_allclose(frames[2][wrist, :3], [-200, 1000, 150], atol=1e-3)
    assert frames[2][wrist, 3] == 0
    tip = NAMES.index("leftHandIndexTip")
    assert [points[tip, 3] for points in frames] == [0, -1, 0]


class Beginning(io.BytesIO):
    """A file that keeps only what it is told first."""

    def write(self, data: Any, /) -> int:
        return super().write(data) if self.tell() < 65_536 else len(data)


@pytest.mark.filterwarnings("ignore:No analog data")
def test_a_c3d_of_an_hour_says_how_long_it_is(tmp_path: Path) -> None:
    """More frames than the header's 16 bits hold."""
    count = 70_000
    path = tmp_path / "long.c3d"
    positions = np.zeros((1, len(NAMES), 3), np.float32)
    long = Markers(np.arange(count) / 30, np.broadcast_to(positions, (count, *positions.shape[1:])))
    beginning = Beginning()
    c3d_writer.write(long, beginning)
    path.write_bytes(beginning.getvalue())
    with path.open("rb") as file:
        assert c3d.Reader(file).last_frame == count
