import json

import numpy as np
import pytest
from tests.golden import make_recording as make

from mocast.recordings.export.jsonl import rigs_of
from mocast.wire import recording_json

GOLDEN = make.FILE


def test_todays_code_writes_the_golden_file() -> None:
    assert make.recording() == GOLDEN.read_bytes()


def test_golden_file_has_the_documented_lines() -> None:
    header, *frames, end = [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]
    assert header == {
        "type": "recording",
        "version": 1,
        "server": "mocast 0.1.0",
        "room": "hall",
        "started_at": "2026-01-02T03:04:05.678+00:00",
        "record": ["landmarks", "rig"],
    }
    assert [(frame.get("type"), frame["frame"], frame["pts"]) for frame in frames] == [
        (None, 0, 2**32 - 3000),
        ("rig", 0, 2**32 - 3000),
        (None, 1, 0),
        ("rig", 1, 0),
    ]
    assert frames[0]["mirrored"] is False
    assert end == {
        "type": "end",
        "state": "stopped",
        "reason": "it was stopped",
        "seconds": 0.125,
        "landmarks": 2,
        "rigs": 2,
        "dropped": 0,
    }


def test_golden_file_is_read_as_it_was_meant() -> None:
    rigs = rigs_of(GOLDEN.read_bytes().splitlines(keepends=True))
    assert [rig.pts for rig in rigs] == [2**32 - 3000, 2**32]
    for number, rig in enumerate(rigs):
        meant = make.rig(number)
        np.testing.assert_allclose(rig.rotations, meant.rotations, atol=1e-6)
        np.testing.assert_array_equal(rig.shapes, meant.shapes)
        np.testing.assert_array_equal(rig.expressions, meant.expressions)
        np.testing.assert_array_equal(rig.gaze_deg, meant.gaze_deg)
        np.testing.assert_array_equal(rig.hips, meant.hips)


def test_lines_tell_their_stream_by_their_beginning() -> None:
    lines = GOLDEN.read_bytes().splitlines(keepends=True)[1:-1]
    assert [recording_json.stream_of(line) for line in lines] == ["landmarks", "rig"] * 2


@pytest.mark.parametrize("line", [b"", b"null", b"[]", b"{}", b'{"type":"recording","version":"1"}', b"{"])
def test_other_lines_are_no_header_and_no_end(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (any)
        recording_json.read_header(line)
    with pytest.raises(ValueError):  # noqa: PT011 (any)
        recording_json.read_trailer(line)


def test_end_with_fields_of_another_version_is_none() -> None:
    with pytest.raises(ValueError, match="no trailer"):
        recording_json.read_trailer(b'{"type":"end","state":"stopped"}\n')
