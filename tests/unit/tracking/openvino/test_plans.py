from dataclasses import asdict
from itertools import pairwise

from mocast.tracking.openvino.plans import PLANS


def test_exact_looks_at_every_frame_with_full_precision() -> None:
    exact = asdict(PLANS["exact"])
    assert not exact["spares"]
    for saving in ("reduced", "calm"):
        assert not any(value for name, value in exact.items() if name.startswith(saving)), saving


def test_each_quality_leaves_out_what_the_better_one_does_and_more() -> None:
    plans = [asdict(PLANS[quality]) for quality in ("exact", "balanced", "fast")]
    for better, worse in pairwise(plans):
        assert better != worse
        assert better.pop("misses") >= worse["misses"]
        for saving, value in better.items():
            assert value <= worse[saving], saving


def test_no_check_is_left_out_beyond_the_strain_at_which_following_ends() -> None:
    assert all(plan.sure_face <= 1 and plan.sure_hand <= 1 for plan in PLANS.values())


def test_what_is_not_there_is_looked_for_several_times_a_second() -> None:
    """At 15 frames per second, too."""
    assert all(plan.rest <= 3 for plan in PLANS.values())
