"""What the parity program makes of the errors."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from bench.parity import distributions, figures, measures, options, panels, rounded

from mocast.model.tracked import Hand, Tracked


def hands(*shifts: float | None) -> list[Tracked]:
    """Frames of 100x100 with a hand 10 px high, or none, so many pixels to the right."""
    return [
        Tracked(number, 0, 0, (100, 100), left_hand=None if shift is None else hand(shift))
        for number, shift in enumerate(shifts)
    ]


def hand(shift_px: float) -> Hand:
    points = np.zeros((21, 3), np.float32)
    points[:, 0] = 0.5 + shift_px / 100
    points[:, 1] = np.linspace(0.2, 0.3, 21)
    return Hand(points, points, 1.0)


def test_figures_of_one_run():
    values = measures([hands(1, 1, 3, None, 0)], hands(0, 0, 0, 0, None))
    assert values["hands_median_pct"] == pytest.approx(10, abs=1e-3)
    assert values["hands_p95_px"] == pytest.approx(3, abs=1e-4)
    assert values["left_hand_max_px"] == pytest.approx(3, abs=1e-4)
    assert values["left_hand_agreement"] == pytest.approx(3 / 5)
    assert (values["false_hands"], values["false_hands_alone"], values["missed_hands"]) == (1, 0, 1)
    assert values["left_hand_stutter_px"] == pytest.approx(2, abs=1e-4)
    assert (values["frames"], values["left_hand_reference_frames"]) == (5, 4)


def test_runs_are_pooled_and_what_is_counted_is_the_mean_of_the_runs():
    reference = hands(0, 0, None, 0)
    values = measures([hands(1, 1, 0, 1), hands(3, 3, None, 3)], reference)
    assert values["hands_median_px"] == pytest.approx(2, abs=1e-4)
    assert values["false_hands"] == 0.5
    assert values["left_hand_agreement"] == pytest.approx(7 / 8)
    assert values["frames"] == 4


def test_where_there_is_nothing_to_compare_json_says_null():
    values = rounded(measures([hands(None, None)], hands(0, 0)))
    assert values["hands_p95_pct"] is None
    assert values["pose_stutter_pct"] is None
    assert values["missed_hands"] == 2
    json.dumps(values, allow_nan=False)


def test_distributions_rise_from_the_least_error_to_the_greatest():
    (line,) = panels({"fast": distributions([hands(1, 2, 3)], hands(0, 0, 0))}).values()
    errors_pct = line["fast"]
    assert (errors_pct[0], errors_pct[-1]) == (pytest.approx(10, abs=1e-3), pytest.approx(30, abs=1e-3))
    assert errors_pct == sorted(errors_pct)


def test_errors_are_held_against_the_noise_floor_where_it_is_known():
    reference = hands(0, 0, 0)
    floor = measures([hands(1, 1, 1)], reference)
    values = measures([hands(2, 2, 2)], reference) | {"speedup": 2.5, "noise": floor}
    (speed, error, false_hands) = figures({"balanced": values})
    assert (speed.value, speed.is_met) == (2.5, True)
    assert (error.value, error.is_met) == (pytest.approx(2, abs=1e-3), True)
    assert false_hands.is_met
    assert not figures({"exact": values})[1].is_met
    assert len(figures({"exact": values | {"noise": None}})) == 2
    assert len(figures({"fast": values})) == 2


def test_a_figure_that_could_not_be_measured_is_missed():
    assert not figures({"exact": {"speedup": math.nan, "noise": None, "false_hands_alone": 0}})[0].is_met


def test_a_hand_that_nobody_else_sees_for_long_is_false():
    ours, reference = hands(*[0] * 20), hands(*[None] * 20)
    reference[0] = replace(reference[0], left_hand=hand(0))
    values = measures([ours], reference)
    assert (values["false_hands"], values["false_hands_alone"]) == (19, 14)


def test_stutter_is_told_in_percent_of_the_references():
    ours, reference = hands(0, 3, 0, 3, 0), hands(0, 2, 0, 2, 0)
    values = measures([ours], reference)
    assert values["hands_stutter_pct"] == pytest.approx(150, abs=0.01)
    assert values["hands_stutter_median_pct"] == pytest.approx(150, abs=0.01)
    assert math.isnan(measures([ours], hands(0, 0, 0, 0, 0))["hands_stutter_pct"])


def test_a_precision_is_chosen_as_in_the_settings():
    assert options().parse_args(["clip.mp4", "--precision", "int8"]).precision == "int8"
    with pytest.raises(SystemExit):
        options().parse_args(["clip.mp4", "--precision", "f8"])
