"""Stages of a frame on made-up times."""

import numpy as np
import pytest
from bench.interleaved import BLOCK
from bench.stages import REST, Watch, stages


def test_a_stages_share_is_its_mean_over_all_frames_that_count_also_where_it_did_not_run():
    spent = [{"pose": (9.0, 1)}] * BLOCK + [{"pose": (0.004, 1), "hand": (0.006, 2)}, {"pose": (0.004, 1)}] * 4
    found = stages(spent, np.array([99.0] * BLOCK + [13.0, 7.0] * 4))
    assert found["pose"] == pytest.approx((4, 1))
    assert found["hand"] == pytest.approx((3, 1))
    assert found[REST] == pytest.approx((3, 1))


def test_what_a_watch_says_is_only_said_once():
    watch = Watch()
    for _ in range(2):
        with watch.stage("crop"):
            pass
    seconds, runs = watch.read()["crop"]
    assert (seconds >= 0, runs) == (True, 2)
    assert watch.read() == {}
