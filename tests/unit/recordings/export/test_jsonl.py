from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from tests import motions
from tests.golden import make

from mocast.errors import Unprocessable
from mocast.model.rig import Rig
from mocast.recordings.export.jsonl import rigs_of
from mocast.recordings.export.motion import motion_of
from mocast.wire import landmarks_json, recording_json, rig_json

HEADER = recording_json.header("hall", datetime(2026, 1, 2, tzinfo=UTC), ("landmarks", "rig"))


def line(rig: Rig) -> bytes:
    return rig_json.encode(rig).encode() + b"\n"


def lines(rigs: Sequence[Rig]) -> list[bytes]:
    return [HEADER, *[line(rig) for rig in rigs]]


def test_rigs_are_read_as_exactly_as_they_were_written() -> None:
    rigs = [motions.rig(frame) for frame in range(5)]
    read = motion_of(rigs_of(lines(rigs)))
    np.testing.assert_allclose(read.times_s, np.arange(5) / 30)
    for frame, rig in enumerate(rigs):
        np.testing.assert_allclose(read.hips[frame], rig.hips, atol=0.51e-4)
        np.testing.assert_allclose(read.rotations[frame], rig.rotations, atol=1e-5)
        np.testing.assert_allclose(read.shapes[frame], rig.shapes, atol=0.51e-3)
        np.testing.assert_allclose(read.expressions[frame], rig.expressions, atol=0.51e-3)
        np.testing.assert_allclose(read.gaze_deg[frame], rig.gaze_deg, atol=0.51e-2)


def test_landmarks_and_the_end_are_left_out() -> None:
    tracked = make.frame(0, pose=make.pose(1))
    end = recording_json.RecordingTrailer("stopped", "enough", 1.0, {"landmarks": 1, "rigs": 1}, 0)
    landmarks = landmarks_json.encode(tracked, mirrored=False).encode() + b"\n"
    written = [HEADER, landmarks, line(motions.rig(7)), recording_json.trailer(end)]
    (read,) = rigs_of(written)
    assert read.frame == 7


def test_times_go_on_where_timestamps_begin_anew() -> None:
    rigs = [motions.rig(0, pts=2**32 - 6000), motions.rig(1, pts=2**32 - 3000), motions.rig(2, pts=2**32 + 3000)]
    read = rigs_of(lines(rigs))
    assert np.diff([rig.pts for rig in read]).tolist() == [3000, 6000]


def test_rigs_that_are_not_later_than_the_one_before_are_left_out() -> None:
    rigs = [motions.rig(0, pts=3000), motions.rig(1, pts=3000), motions.rig(2, pts=0), motions.rig(3, pts=6000)]
    assert [rig.frame for rig in rigs_of(lines(rigs))] == [0, 3]


def test_last_line_that_was_cut_short_is_left_out() -> None:
    written = lines([motions.rig(0), motions.rig(1)])
    written[-1] = written[-1][:-50]
    assert [rig.frame for rig in rigs_of(written)] == [0]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ([], "no recording"),
        ([b"hello\n"], "no recording"),
        ([line(motions.rig())], "no recording"),
        ([HEADER], "holds no rig"),
        ([HEADER, line(motions.rig())[:-50] + b"\n", line(motions.rig(1))], "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told(written: list[bytes], told: str) -> None:
    with pytest.raises(Unprocessable, match=told):
        rigs_of(written)


def test_only_one_person_s_rigs_are_read() -> None:
    both = [replace(motions.rig(frame), person=person) for frame in range(4) for person in (0, 2)]
    assert [(rig.frame, rig.person) for rig in rigs_of(lines(both), 2)] == [(frame, 2) for frame in range(4)]
    assert len(rigs_of(lines(both))) == 4
    with pytest.raises(Unprocessable, match="of person 1"):
        rigs_of(lines(both), 1)
