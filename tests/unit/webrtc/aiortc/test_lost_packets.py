"""What is lost at random is asked for, what a full queue loses is not."""

import random

import numpy as np
import pytest
from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RTP_HISTORY_SIZE, RtpPacket

from mocast.webrtc.aiortc import lost_packets
from mocast.webrtc.aiortc.lost_packets import MOST_AT_ONCE, LostPackets


class CountedSet(set[int]):
    """Counts the entries made."""

    made = 0

    def add(self, number: int) -> None:
        CountedSet.made += 1
        super().add(number)


def test_packets_are_missed_as_aiortc_misses_them_however_far_the_numbers_jump(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lost_packets, "MOST_AT_ONCE", 10**9)
    steps = [1, 1, 1, 2, 3, -1, -5, 100, 127, 128, 129, 130, 131, 500, 32_767, 32_768, 40_000, -130]
    chosen = np.random.default_rng(3)
    ours, aiortcs = LostPackets(), NackGenerator()
    ours.missing = CountedSet()
    number = 0
    for jump in chosen.choice(steps, 3_000):
        number = int(number + jump) % 65_536
        before = CountedSet.made
        assert ours.add(RtpPacket(sequence_number=number)) == aiortcs.add(RtpPacket(sequence_number=number))
        assert (ours.missing, ours.max_seq) == (aiortcs.missing, aiortcs.max_seq)
        assert CountedSet.made - before <= RTP_HISTORY_SIZE


def asked_share(loss: float, *, answered: float) -> float:
    """The share of lost packets that is asked for, of a line that loses so many, and so many of what is sent again."""
    chosen = random.Random(1)
    packets = LostPackets()
    packets.add(RtpPacket(sequence_number=65_000))
    lost = asked = 0
    for number in range(65_001, 65_001 + 10_000):
        if chosen.random() < loss:
            lost += 1
            continue
        before = set(packets.missing)
        if packets.add(RtpPacket(sequence_number=number % 65_536)):
            new = packets.missing - before
            asked += len(new)
            for missing in sorted(new):
                if chosen.random() < answered:
                    packets.add(RtpPacket(sequence_number=missing))
        if chosen.random() < 0.1:
            packets.forget()  # as the jitter buffer has given up waiting
    return asked / lost


@pytest.mark.parametrize("loss", [0.01, 0.1, 0.2])
def test_where_packets_are_lost_at_random_all_of_them_are_asked_for(loss: float) -> None:
    assert asked_share(loss, answered=1 - loss) > 0.99


def test_where_a_full_queue_loses_them_few_are() -> None:
    assert asked_share(0.85, answered=0.15) < 0.05


def test_what_never_comes_in_time_is_asked_for_ever_less() -> None:
    assert 0.1 < asked_share(0.2, answered=0) < 0.45


def test_more_than_the_budget_is_given_up_at_once() -> None:
    packets = LostPackets()
    packets.add(RtpPacket(sequence_number=5))
    assert not packets.add(RtpPacket(sequence_number=5 + MOST_AT_ONCE + 2))
    assert packets.missing == set()
    assert packets.are_given_up
    packets.forget()
    assert not packets.are_given_up
    assert packets.add(RtpPacket(sequence_number=5 + MOST_AT_ONCE + 4)), "the budget is for what can be of use"


def test_what_comes_earns_as_much_while_something_is_missing() -> None:
    packets = LostPackets()
    packets.add(RtpPacket(sequence_number=0))
    packets.add(RtpPacket(sequence_number=1 + MOST_AT_ONCE))
    assert len(packets.missing) == MOST_AT_ONCE, "all that could be asked for"
    for number in range(2 + MOST_AT_ONCE, 62 + MOST_AT_ONCE):
        packets.add(RtpPacket(sequence_number=number))
    packets.add(RtpPacket(sequence_number=67 + MOST_AT_ONCE))
    assert not packets.are_given_up, "five for sixty"
