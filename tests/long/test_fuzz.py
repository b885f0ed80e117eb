"""Thousands of cases at each border, each against a server of its own; prints the table of docs/reliability/fuzz.md."""

import os

import pytest

from tests.fuzzing.campaign import BORDERS, HEAD, MOST_HELD_S, fuzz

CASES = int(os.environ.get("FUZZ_CASES", "10000"))
MOST_GROWN_BYTES = 10_000_000


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # aiortc's tasks do, meanwhile
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("border", BORDERS)
def test_nothing_that_a_client_sends_holds_the_loop(border: str, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = fuzz([border], CASES, derandomize=False)
    (campaign,), bystander = outcome.campaigns, outcome.bystander
    assert bystander is not None
    with capsys.disabled():
        print(f"\n{HEAD}\n{campaign.row()}")
        print(f"worst: {campaign.worst_step[:200]}\n{campaign.worst_case[:300]}")
        print(
            f"bystander: {bystander.frames} frames, {bystander.lost} lost, {bystander.dropped} dropped, longest gap "
            f"{1e3 * bystander.longest_gap_s:.0f} ms; "
            f"garbage collection: {1e3 * outcome.worst_collection_s:.1f} ms at most"
        )
    assert campaign.worst_s <= MOST_HELD_S, f"{campaign.worst_step}\n{campaign.worst_case}"
    assert outcome.errors == []
    assert outcome.sessions_left == 0
    assert bystander.lost == 0
    assert campaign.tasks_left <= 5
    assert campaign.threads_left <= 5
    assert campaign.grown_bytes <= MOST_GROWN_BYTES
