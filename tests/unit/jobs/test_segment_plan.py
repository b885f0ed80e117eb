"""Parts of a segment hold its frames once, are warmed up before, and are cut where that is worth it."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mocast.jobs.segment_plan import (
    ALIGNED,
    FAR_BACK,
    JOINING_SHARE,
    NEAR_BACK,
    SHORTEST,
    WARM_UP,
    FilePlan,
    frames_beyond,
    wanted_frames,
)
from mocast.model.options import JobOptions, TrackerName

MILLISECONDS = Fraction(1, 1000)


def every(step: int, count: int) -> np.ndarray:
    return np.arange(count, dtype=np.int64) * step


@settings(max_examples=60)
@given(
    count=st.integers(1, 6000),
    keys=st.lists(st.integers(1, 5999), max_size=60),
    begin=st.integers(0, 2000),
    workers=st.integers(2, 16),
    every_frames=st.integers(1, 5),
)
def test_parts_of_a_segment_hold_each_frame_once_and_can_be_decoded(
    count: int, keys: list[int], begin: int, workers: int, every_frames: int
) -> None:
    pts = every(33, count)
    wanted = pts[::every_frames]
    key_pts = np.unique(pts[[0, *(key for key in keys if key < count)]])
    plan, end = FilePlan(wanted, key_pts, every_frames), len(wanted)
    cuts = plan.cuts(min(begin, end), end, workers, end)
    assert len(cuts) < workers
    assert (np.diff([min(begin, end), *cuts, end]) > 0).all() or not cuts
    for cut in cuts:
        segment = plan.segment(cut, end)
        assert segment.warm_up % ALIGNED == 0
        assert segment.warm_up == 0 or WARM_UP <= segment.begin - segment.warm_up < WARM_UP + ALIGNED
        assert key_pts[segment.key] <= wanted[segment.first]
        tracked = segment.tracked(0)
        assert (np.diff(tracked) > 0).all()
        assert tracked[-1] == segment.end - 1
        assert len(segment.far) % ALIGNED == 0
        assert segment.begin - segment.first <= max(FAR_BACK // every_frames, WARM_UP + ALIGNED)


@pytest.mark.parametrize("workers", [2, 4])
def test_while_a_part_is_joined_the_next_one_s_rest_is_tracked(workers: int) -> None:
    plan = FilePlan(every(33, 6000), every(33, 6000)[::10])
    lengths = np.diff([0, *plan.cuts(0, 6000, workers, 6000), 6000])
    assert len(lengths) == workers
    tracked = lengths + plan._lead_in(3000) * (np.arange(workers) > 0)
    np.testing.assert_allclose(np.diff(tracked), JOINING_SHARE * lengths[1:], atol=40)


def test_a_cut_that_saves_too_little_is_left_out() -> None:
    plan = FilePlan(every(33, 6000), every(33, 6000)[::10])
    assert plan.cuts(0, 6000, 2, 6000)
    assert plan.cuts(5700, 6000, 2, 300)
    assert not plan.cuts(5880, 6000, 2, 120), "to begin there takes as long"
    assert not plan.cuts(5700, 6000, 2, 3000), "joining takes longer"
    far_from_a_key = FilePlan(every(33, 6000), np.array([0]))
    assert not far_from_a_key.cuts(5200, 6000, 2, 800), "decoding up to there takes as long"
    assert far_from_a_key.cuts(0, 6000, 2, 6000)


def test_workers_that_would_be_led_in_until_the_others_end_get_no_part() -> None:
    far_from_a_key = FilePlan(every(33, 3000), np.array([0]), 5)
    lengths = np.diff([0, *far_from_a_key.cuts(0, 3000, 32, 3000), 3000])
    assert 2 <= len(lengths) < 32
    assert lengths.min() >= SHORTEST // 2


@pytest.mark.parametrize(("tracker", "lead"), [("holistic", FAR_BACK), ("pose", FAR_BACK), ("hands", 24), ("face", 24)])
def test_a_cut_near_a_key_frame_is_not_where_much_is_decoded_in_vain(tracker: TrackerName, lead: int) -> None:
    plan = FilePlan(every(33, 6000), every(33, 6000)[::250], tracker=tracker)
    for begin in range(0, 3000, 10):
        (cut,) = plan.cuts(begin, 6000, 2, 6000 - begin)
        segment = plan.segment(cut, 6000)
        assert (len(segment.far) > 0) == (lead > WARM_UP)
        before = -(cut - lead) % 250
        assert before <= 10 or before >= SHORTEST // 2, "else all since the key frame before would be decoded"


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
    begin = 3000
    second = FilePlan(every(33, 6000), every(33, 6000)[::10]).segment(begin, 6000)
    is_near = begin - second.far <= NEAR_BACK
    assert set(np.diff(second.far[~is_near])) == {8}
    assert set(np.diff(second.far[is_near])) == {4}
    assert second.warm_up - second.far[-1] == 4
    assert FAR_BACK - 24 < begin - second.far[0] <= FAR_BACK
    alone = FilePlan(every(33, 6000), every(33, 6000)[::10], tracker="pose").segment(begin, 6000)
    is_near = begin - alone.far < NEAR_BACK
    assert set(np.diff(alone.far[~is_near])) == {8}
    assert set(np.diff(alone.far[is_near])) == {1}
    assert alone.warm_up - alone.far[-1] == 1
    third = FilePlan(every(33, 6000), every(33, 6000)[::10], 3).segment(begin, 6000)
    assert set(np.diff(third.far)) == {1, 2}, "of every third frame, these are as far apart"
