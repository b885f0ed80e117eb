import numpy as np
import pytest

from mocast.rigging.face.measures import AVERAGE_MM, MEASURE_COUNT, Measure
from mocast.rigging.face.neutral_face import LEARN_FAST_S, MAX_SPREADS_FROM_AVERAGE, SPREAD_MM, NeutralFaceEstimate

SMILE = np.zeros(MEASURE_COUNT)
SMILE[[Measure.CORNER_OUT_LEFT, Measure.CORNER_OUT_RIGHT, Measure.CORNER_UP_LEFT, Measure.CORNER_UP_RIGHT]] = 7.0


def taught(
    estimate: NeutralFaceEstimate, change_mm: np.ndarray, seconds: float, *, is_at_rest: bool, fps: float = 30
) -> NeutralFaceEstimate:
    """Show a face that differs so much from the average one."""
    for _ in range(round(seconds * fps)):
        estimate.learn(AVERAGE_MM + change_mm, 1 / fps, is_at_rest)
    return estimate


def test_it_begins_with_the_average_face() -> None:
    np.testing.assert_array_equal(NeutralFaceEstimate().measures, AVERAGE_MM)


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_a_face_at_rest_is_learnt_most_of_the_way_in_seconds_and_wholly_in_minutes(fps: float) -> None:
    own = 0.8 * SPREAD_MM
    estimate = taught(NeutralFaceEstimate(), own, LEARN_FAST_S, is_at_rest=True, fps=fps)
    share = (estimate.measures - AVERAGE_MM) / own
    assert 0.5 < share.min() <= share.max() < 0.9
    taught(estimate, own, 180, is_at_rest=True, fps=fps)
    np.testing.assert_allclose(estimate.measures, AVERAGE_MM + own, atol=0.05)


def test_an_expression_teaches_nothing_however_long_it_lasts() -> None:
    estimate = taught(NeutralFaceEstimate(), np.zeros(MEASURE_COUNT), 5, is_at_rest=True)
    taught(estimate, SMILE, 600, is_at_rest=False)
    np.testing.assert_allclose(estimate.measures, AVERAGE_MM, atol=1e-6)


def test_a_resting_face_is_never_far_from_the_average_one() -> None:
    estimate = taught(NeutralFaceEstimate(), np.full(MEASURE_COUNT, 50.0), 600, is_at_rest=True)
    assert (np.abs(estimate.measures - AVERAGE_MM) <= MAX_SPREADS_FROM_AVERAGE * SPREAD_MM + 1e-9).all()


def test_what_was_learnt_wrongly_at_the_start_is_unlearnt_even_where_the_face_seems_to_frown() -> None:
    estimate = taught(NeutralFaceEstimate(), SMILE, LEARN_FAST_S, is_at_rest=False)
    assert estimate.measures[Measure.CORNER_UP_LEFT] > AVERAGE_MM[Measure.CORNER_UP_LEFT] + 1
    taught(estimate, np.zeros(MEASURE_COUNT), 180, is_at_rest=False)
    np.testing.assert_allclose(estimate.measures, AVERAGE_MM, atol=0.05)


def test_a_long_gap_counts_as_one_short_step() -> None:
    estimate = NeutralFaceEstimate()
    estimate.learn(AVERAGE_MM + SPREAD_MM, 1e6, True)
    assert (estimate.measures < AVERAGE_MM + 0.1 * SPREAD_MM).all()


def test_every_measure_has_a_spread() -> None:
    assert SPREAD_MM.shape == (MEASURE_COUNT,)
    assert (SPREAD_MM > 0).all()
    assert SPREAD_MM[Measure.UPPER_LIP_THICK] == 1.3, "the longest name that fits counts"
