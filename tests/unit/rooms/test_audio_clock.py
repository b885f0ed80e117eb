"""Numbers and timestamps go on over all that a source may do, and only what is lost is missing."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sound import PACKET_TICKS, opus

from mocast.rooms.audio_clock import MOST_SKIPPED, AudioClock
from mocast.webrtc.transport import OPUS_TICKS_PER_S, OpusPacket

PUBLISHER = "a publisher"


def mapped(packets: list[OpusPacket], clock: AudioClock | None = None) -> list[tuple[int, int]]:
    clock = clock or AudioClock()
    return [(one.sequence_number, one.timestamp) for one in (clock.map(PUBLISHER, packet) for packet in packets)]


def test_numbers_and_timestamps_go_round_and_grow_on() -> None:
    packets = [opus(number) for number in range(65_534, 65_539)]
    packets = [packet._replace(timestamp=(packet.timestamp + 2**32 - 2 * PACKET_TICKS) % 2**32) for packet in packets]
    assert mapped(packets) == [(number, number * PACKET_TICKS) for number in range(5)]


def test_what_is_lost_is_missing_and_what_is_silent_is_not() -> None:
    silence = [opus(4, at_s=0.48, timestamp=24 * PACKET_TICKS)]
    assert mapped([opus(0), opus(3), *silence]) == [(0, 0), (3, 3 * PACKET_TICKS), (4, 24 * PACKET_TICKS)]


def test_what_was_overtaken_keeps_its_place() -> None:
    assert mapped([opus(0), opus(2), opus(1, at_s=0.041), opus(3)]) == [
        (number, number * PACKET_TICKS) for number in (0, 2, 1, 3)
    ]


def test_the_next_source_goes_on_after_as_much_time_as_has_passed() -> None:
    first, *others = mapped(
        [opus(7), opus(30_000, at_s=3.14, timestamp=5, source=2), opus(30_001, at_s=3.16, source=2)]
    )
    assert first == (0, 0)
    assert others[0] == (1, 3 * OPUS_TICKS_PER_S)
    assert others[1][0] == 2


def test_the_next_publisher_goes_on_even_with_the_same_source() -> None:
    clock = AudioClock()
    one = clock.map(PUBLISHER, opus(7))
    other = clock.map("another publisher", opus(7, at_s=7 * 0.02 + 1e-4))
    assert other.sequence_number == one.sequence_number + 1
    assert other.timestamp == one.timestamp + PACKET_TICKS, "at least a packet later"


@pytest.mark.parametrize(
    "anew",
    [
        opus(2, timestamp=2**31),
        opus(2, timestamp=2**32 - 10 * OPUS_TICKS_PER_S),
        opus(2 + MOST_SKIPPED, at_s=0.04, timestamp=2 * PACKET_TICKS),
        opus(2 - 2 * MOST_SKIPPED, at_s=0.04, timestamp=2 * PACKET_TICKS),
    ],
    ids=["timestamp ahead", "timestamp back", "number ahead", "number back"],
)
def test_a_source_that_begins_anew_goes_on(anew: OpusPacket) -> None:
    assert mapped([opus(0), opus(1), anew])[2] == (2, 2 * PACKET_TICKS)


def test_a_timestamp_that_stood_still_while_the_microphone_was_off_goes_on_as_time_does() -> None:
    assert mapped([opus(0), opus(1, at_s=60.0)])[1] == (1, 60 * OPUS_TICKS_PER_S)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 65_535), st.integers(0, 2**32 - 1), st.integers(0, 1), st.floats(0, 2, allow_nan=False)
        ),
        min_size=2,
        max_size=60,
    )
)
def test_whatever_a_client_sends_neither_numbers_nor_timestamps_run_away(
    steps: list[tuple[int, int, int, float]],
) -> None:
    clock, at_s = AudioClock(), 0.0
    results = []
    for number, timestamp, source, gap_s in steps:
        at_s += gap_s
        results.append(clock.map(PUBLISHER, OpusPacket(b"x", source, number, timestamp, 0, at_s)))
    numbers = [result.sequence_number for result in results]
    assert max(abs(later - earlier) for earlier, later in pairwise(numbers)) <= 2 * MOST_SKIPPED
    for result in results:
        assert result.timestamp >= -2 * OPUS_TICKS_PER_S
        assert result.timestamp <= (at_s + 2 * len(steps)) * OPUS_TICKS_PER_S
