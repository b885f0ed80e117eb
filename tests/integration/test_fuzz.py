"""The short form of ``make fuzz``: a few cases at each border, against one server."""

import sys

import pytest

from tests.fuzzing.campaign import BORDERS, MOST_HELD_S, fuzz

CASES = 20


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # aiortc's tasks do, meanwhile
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_nothing_that_a_client_sends_holds_the_loop_or_costs_a_bystander_a_frame() -> None:
    outcome = fuzz(BORDERS, CASES, derandomize=True)
    for campaign in outcome.campaigns:
        held = f"{campaign.border}: {campaign.worst_step}\n{campaign.worst_case}"
        assert campaign.worst_s <= MOST_HELD_S, held
        assert len(campaign.holds_s) >= CASES // 2
        assert campaign.tasks_left <= 5
    assert outcome.errors == []
    assert outcome.sessions_left == 0
    assert outcome.bystander is not None
    assert outcome.bystander.lost == 0
