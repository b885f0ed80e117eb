"""Segments cover a file's wanted frames once, warm up before, and are cut near key frames."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocast.jobs.segment_plan import (
    ALIGNED,
    FAR_BACK,
    LONGEST,
    NEAR_BACK,
    WARM_UP,
    frames_beyond,
    plan_segments,
    wanted_frames,
)
from mocast.model.options import JobOptions, TrackerName

MILLISECONDS = Fraction(1, 1000)


def every(step: int, count: int) -> np.ndarray:
    return np.arange(count, dtype=np.int64) * step


@settings(max_examples=40)
@given(
    count=st.integers(1, 6000),
    keys=st.lists(st.integers(1, 5999), max_size=60),
    at_a_time=st.integers(1, 16),
    every_frames=st.integers(1, 5),
)
def test_segments_hold_each_frame_once_and_can_be_decoded(
    count: int, keys: list[int], at_a_time: int, every_frames: int
) -> None:
    pts = every(33, count)
    wanted = pts[::every_frames]
    key_pts = np.unique(pts[[0, *(key for key in keys if key < count)]])
    segments = plan_segments(wanted, key_pts, at_a_time, every_frames)
    assert [segment.begin for segment in segments] == [0, *(segment.end for segment in segments[:-1])]
    assert segments[-1].end == len(wanted)
    for segment in segments:
        assert segment.begin < segment.end
        assert segment.warm_up % ALIGNED == 0
        assert segment.warm_up == 0 or WARM_UP <= segment.begin - segment.warm_up < WARM_UP + ALIGNED
        assert key_pts[segment.key] <= wanted[segment.first]
        tracked = segment.tracked(0)
        assert (np.diff(tracked) > 0).all()
        assert tracked[-1] == segment.end - 1
        assert len(segment.far) % ALIGNED == 0
        assert segment.begin - segment.first <= max(FAR_BACK // every_frames, WARM_UP + ALIGNED)


def test_one_worker_takes_the_file_in_one_piece() -> None:
    (segment,) = plan_segments(every(33, 20_000), every(990, 600), 1)
    assert (segment.warm_up, segment.begin, segment.end) == (0, 0, 20_000)


@pytest.mark.parametrize(
    ("tracker", "engine", "warm_up", "lead"),
    [
        ("holistic", "auto", 24, FAR_BACK),
        ("pose", "openvino", 16, FAR_BACK),
        ("pose", "mediapipe", 24, FAR_BACK),
        ("hands", "auto", 24, 24),
        ("face", "auto", 24, 24),
    ],
)
def test_cuts_are_where_nothing_is_decoded_in_vain(tracker: TrackerName, engine: str, warm_up: int, lead: int) -> None:
    pts = every(33, 6000)
    key_pts = pts[::250]
    segments = plan_segments(pts, key_pts, 2, tracker=tracker, engine=engine)
    assert len(segments) > 4
    assert {segment.begin - segment.warm_up for segment in segments[1:]} == {warm_up}
    assert all((len(segment.far) > 0) == (lead > warm_up) for segment in segments[1:])
    decoded = [segment.first - int(np.searchsorted(pts, key_pts[segment.key])) for segment in segments]
    assert [segment.begin % 250 for segment in segments[1:3]] == [lead, lead]
    assert max(decoded[:3]) <= 16, "long segments are cut where no more is decoded than the steps of what is tracked"
    assert max(decoded) < 250
    assert max(segment.end - segment.begin for segment in segments) <= 1.5 * LONGEST


def test_segments_of_a_file_with_one_key_frame_grow_with_what_is_decoded_before_them() -> None:
    segments = plan_segments(every(33, 108_000), np.array([0]), 2)
    decoded = sum(segment.warm_up for segment in segments)
    assert decoded < 4 * 108_000
    assert len(segments) > 8


@pytest.mark.parametrize(
    ("options", "numbers"),
    [
        (JobOptions(), list(range(10))),
        (JobOptions(every=4), [0, 4, 8]),
        (JobOptions(start=0.3), [3, 4, 5, 6, 7, 8, 9]),
        (JobOptions(start=0.3, end=0.6), [3, 4, 5]),
        (JobOptions(start=0.25, every=3), [3, 6, 9]),
        (JobOptions(start=5), []),
    ],
)
def test_options_choose_frames_by_the_time_at_which_they_are_shown(options: JobOptions, numbers: list[int]) -> None:
    pts = 7_000 + every(100, 10)
    assert wanted_frames(pts, MILLISECONDS, 7_000, options).tolist() == numbers


def test_a_segment_is_smoothed_with_the_frames_after_it_that_there_are() -> None:
    pts = np.arange(100) * 3000
    assert frames_beyond(pts, 50, Fraction(1, 90_000)) == 2  # of the next 88 ms
    assert frames_beyond(pts, 99, Fraction(1, 90_000)) == 1
    assert frames_beyond(pts, 100, Fraction(1, 90_000)) == 0


def test_long_before_a_segment_every_eighth_frame_is_tracked_and_nearer_ones_more_often() -> None:
    second = plan_segments(every(33, 6000), every(33, 6000)[::10], 2)[1]
    is_near = second.begin - second.far <= NEAR_BACK
    assert set(np.diff(second.far[~is_near])) == {8}
    assert set(np.diff(second.far[is_near])) == {4}
    assert second.warm_up - second.far[-1] == 4
    assert FAR_BACK - 24 < second.begin - second.far[0] <= FAR_BACK
    alone = plan_segments(every(33, 6000), every(33, 6000)[::10], 2, tracker="pose")[1]
    is_near = alone.begin - alone.far < NEAR_BACK
    assert set(np.diff(alone.far[~is_near])) == {8}
    assert set(np.diff(alone.far[is_near])) == {1}
    assert alone.warm_up - alone.far[-1] == 1
    third = plan_segments(every(33, 6000), every(33, 6000)[::10], 2, 3)[1]
    assert set(np.diff(third.far)) == {1, 2}, "of every third frame, these are as far apart"
