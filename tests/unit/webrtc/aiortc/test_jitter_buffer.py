"""The jitter buffer with lost, late, doubled and swapped packets, on a clock that the test sets."""

import random
from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocast.webrtc.aiortc.jitter_buffer import CAPACITY, GIVE_UP_S, RETRY_S, AssembledFrame, JitterBuffer
from mocast.webrtc.aiortc.video_receiver import VideoPacket

PER_FRAME = 4
"""Packets of each frame in these tests."""


class Timers:
    """Calls that are due later, made when the test moves the clock on."""

    class Entry:
        def __init__(self, due: float, call: Callable[[], None]) -> None:
            self.due, self.call, self.cancelled = due, call, False

        def cancel(self) -> None:
            self.cancelled = True

    def __init__(self) -> None:
        self.now = 0.0
        self._entries: list[Timers.Entry] = []

    @property
    def pending(self) -> int:
        return sum(not entry.cancelled for entry in self._entries)

    def call_later(self, delay: float, call: Callable[[], None]) -> "Timers.Entry":
        entry = Timers.Entry(self.now + delay, call)
        self._entries.append(entry)
        return entry

    def advance(self, seconds: float) -> None:
        end = self.now + seconds + 1e-9
        while due := sorted((e for e in self._entries if not e.cancelled and e.due <= end), key=lambda e: e.due):
            self.now = due[0].due
            self._entries.remove(due[0])
            due[0].call()
        self.now = end


class Receiver:
    """A buffer with what its owner does around it."""

    def __init__(self) -> None:
        self.timers = Timers()
        self.frames: list[AssembledFrame] = []
        self.asked: list[list[int]] = []
        self.skips = 0
        self.buffer = JitterBuffer()

    def take(self, packets: Iterable[VideoPacket]) -> None:
        for packet in packets:
            self.frames += self.buffer.add(packet)
            self.skips += self.buffer.take_loss()
            if not self.timers.pending:
                self._watch()

    def _watch(self) -> None:
        if self.buffer.has_gap:
            self.timers.call_later(RETRY_S, self._retry)

    def _retry(self) -> None:
        missing, frames = self.buffer.retry()
        if missing:
            self.asked.append(missing)
        self.frames += frames
        self.skips += self.buffer.take_loss()
        self._watch()

    @property
    def numbers(self) -> list[int]:
        """Which frames came out, by their timestamps."""
        return [frame.timestamp // 3000 for frame in self.frames]


def packet(sequence_number: int, frame: int, data: bytes, *, marker: bool) -> VideoPacket:
    return VideoPacket(sequence_number % 65536, frame * 3000, int(marker), data)


def stream(frames: Iterable[int], first: int = 100, *, markers: bool = True) -> list[VideoPacket]:
    """Frames of ``PER_FRAME`` packets; a packet's data says where it belongs."""
    return [
        packet(first + n * PER_FRAME + i, n, f"{n}.{i};".encode(), marker=markers and i == PER_FRAME - 1)
        for n in frames
        for i in range(PER_FRAME)
    ]


def whole(number: int) -> bytes:
    return b"".join(f"{number}.{i};".encode() for i in range(PER_FRAME))


def without(packets: list[VideoPacket], lost: Iterable[int]) -> list[VideoPacket]:
    gone = set(lost)
    return [packet for index, packet in enumerate(packets) if index not in gone]


def test_a_frame_leaves_at_its_marker() -> None:
    receiver = Receiver()
    packets = stream(range(1))
    receiver.take(packets[:-1])
    assert receiver.frames == []
    receiver.take(packets[-1:])
    assert [frame.data for frame in receiver.frames] == [whole(0)]


def test_a_frame_without_a_marker_leaves_when_the_next_begins() -> None:
    receiver = Receiver()
    packets = stream(range(2), markers=False)
    receiver.take(packets[:PER_FRAME])
    assert receiver.frames == []
    receiver.take(packets[PER_FRAME : PER_FRAME + 1])
    assert [frame.data for frame in receiver.frames] == [whole(0)]


def test_swapped_and_doubled_packets_change_nothing() -> None:
    receiver = Receiver()
    packets = stream(range(6))
    for i in range(1, len(packets) - 1, 3):
        packets[i], packets[i + 1] = packets[i + 1], packets[i]
    receiver.take(packet for packet in packets for _ in range(2))
    assert [frame.data for frame in receiver.frames] == [whole(n) for n in range(6)]
    receiver.timers.advance(2 * GIVE_UP_S)
    assert (receiver.asked, receiver.skips) == ([], 0)


@pytest.mark.parametrize("first", [0, 65530, 65535, 32766])
def test_sequence_numbers_may_wrap(first: int) -> None:
    receiver = Receiver()
    packets = stream(range(12), first)
    receiver.take(without(packets, [9]))
    receiver.take(packets[9:10])
    assert receiver.numbers == list(range(12))


def test_a_late_packet_sets_the_whole_backlog_free_at_once() -> None:
    receiver = Receiver()
    packets = stream(range(10))
    receiver.take(without(packets, [5]))
    assert receiver.numbers == [0]
    receiver.take(packets[5:6])
    assert receiver.numbers == list(range(10))
    receiver.timers.advance(2 * GIVE_UP_S)
    assert (receiver.asked, receiver.skips) == ([], 0)


def test_a_gap_is_asked_for_again_and_again_then_skipped() -> None:
    receiver = Receiver()
    packets = stream(range(10))
    receiver.take(without(packets, [5, 6, 21]))
    receiver.timers.advance(GIVE_UP_S - RETRY_S)
    assert receiver.asked == [[105, 106, 121]] * round(GIVE_UP_S / RETRY_S - 1)
    assert (receiver.numbers, receiver.skips) == ([0], 0)
    receiver.timers.advance(RETRY_S)
    assert receiver.skips == 1
    assert receiver.numbers == [0, 6, 7, 8, 9], "what came after the last gap, and not the frames that it cut"
    assert receiver.timers.pending <= 1
    receiver.timers.advance(1)
    assert receiver.timers.pending == 0, "with nothing missing there is nothing to wait for"


def test_a_retransmission_that_loses_its_race_is_ignored() -> None:
    receiver = Receiver()
    packets = stream(range(80))
    receiver.take(without(packets[:40], [5]))
    receiver.timers.advance(GIVE_UP_S)
    assert receiver.skips == 1
    receiver.take(packets[40 : 40 * PER_FRAME])
    receiver.take(packets[5:6])  # more than 100 packets late: aiortc takes that for a new start of the stream
    receiver.take(packets[40 * PER_FRAME :])
    assert receiver.numbers == [0, *range(2, 80)]
    assert receiver.skips == 1


def test_after_a_cut_frame_with_nothing_behind_it_the_next_frames_flow_at_once() -> None:
    receiver = Receiver()
    packets = stream(range(6))
    receiver.take(without(packets[: 2 * PER_FRAME], [5]))
    receiver.timers.advance(GIVE_UP_S)
    assert receiver.skips == 1
    receiver.take(packets[2 * PER_FRAME :])
    assert receiver.numbers == [0, 2, 3, 4, 5]
    assert receiver.skips == 1


@pytest.mark.parametrize("new_start", [100 - CAPACITY, 100 - 3 * CAPACITY, 100 + 5 * CAPACITY, 100 + 30_000])
def test_a_stream_that_starts_anew_elsewhere_goes_on_and_gaps_are_still_seen(new_start: int) -> None:
    receiver = Receiver()
    receiver.take(stream(range(5)))
    again = [
        packet(new_start + i, 50 + i // PER_FRAME, b"x", marker=i % PER_FRAME == PER_FRAME - 1)
        for i in range(10 * PER_FRAME)
    ]
    receiver.take(without(again, [10]))
    receiver.timers.advance(GIVE_UP_S)
    assert receiver.numbers[-7:] == list(range(53, 60))
    assert receiver.skips == 2, "once for the new start, once for the gap"


def test_more_packets_than_fit_cost_the_oldest_frames_and_a_key_frame_is_wanted() -> None:
    receiver = Receiver()
    packets = stream(range(CAPACITY // PER_FRAME + 20))
    receiver.take(without(packets, [2]))
    assert receiver.skips >= 1
    assert receiver.numbers[-1] == CAPACITY // PER_FRAME + 19
    assert [frame.data for frame in receiver.frames] == [whole(n) for n in receiver.numbers]


def test_padding_is_not_a_frame() -> None:
    receiver = Receiver()
    frames = stream(range(2), first=100)
    padding = [packet(104 + i, 0, b"", marker=False) for i in range(3)]
    later = [packet(107 + i, 1, f"1.{i};".encode(), marker=i == PER_FRAME - 1) for i in range(PER_FRAME)]
    receiver.take([*frames[:PER_FRAME], *padding, *later])
    assert [frame.data for frame in receiver.frames] == [whole(0), whole(1)]


def lose_at_random(share: float) -> Callable[[int], set[int]]:
    return lambda count: {i for i in range(count) if random.Random(i).random() < share}


PATTERNS: dict[str, Callable[[int], set[int]]] = {
    "every tenth": lambda count: set(range(3, count, 10)),
    "5 % at random": lose_at_random(0.05),
    "30 % at random": lose_at_random(0.30),
    "a burst of 30": lambda _: set(range(50, 80)),
    "a burst beyond the capacity": lambda _: set(range(50, 50 + CAPACITY + 7)),
    "the first packets": lambda _: set(range(3)),
    "every marker for a while": lambda _: set(range(43, 120, PER_FRAME)),
    "every first packet for a while": lambda _: set(range(40, 120, PER_FRAME)),
}


@pytest.mark.parametrize("resent_after", [None, 20, 150, 400], ids=lambda n: f"resent after {n}")
@pytest.mark.parametrize("name", PATTERNS)
def test_whatever_is_lost_frames_flow_again_afterwards(name: str, resent_after: int | None) -> None:
    receiver = Receiver()
    frames = 400
    packets = stream(range(frames))
    lost = {i for i in PATTERNS[name](len(packets)) if i < 300 * PER_FRAME}
    on_their_way: dict[int, VideoPacket] = {}
    for index, one in enumerate(packets):
        if index % PER_FRAME == 0:
            receiver.timers.advance(1 / 30)
        if index in lost:
            if resent_after is not None:
                on_their_way[index + resent_after] = one
        else:
            receiver.take([one])
        if index in on_their_way:
            receiver.take([on_their_way[index]])
    assert receiver.numbers == sorted(set(receiver.numbers)), "in order, and none twice"
    recovered_by = 300 + 2 + int(30 * (GIVE_UP_S + RETRY_S))
    assert receiver.numbers[-(frames - recovered_by) :] == list(range(recovered_by, frames))
    assert all(frame.data == whole(n) for frame, n in zip(receiver.frames, receiver.numbers, strict=True) if n > 300)
    receiver.timers.advance(1)
    assert receiver.timers.pending == 0


@given(
    st.lists(st.integers(0, 159), max_size=60),
    st.lists(st.tuples(st.integers(0, 159), st.integers(1, 40)), max_size=20),
    st.integers(0, 65_535),
)
def test_no_frame_is_ever_made_of_parts_that_do_not_belong_together(
    lost: list[int], delayed: list[tuple[int, int]], first: int
) -> None:
    receiver = Receiver()
    packets = stream(range(60), first)
    order = sorted(range(240), key=lambda i: i + dict(delayed).get(i, 0) + 0.5 * (i in dict(delayed)))
    for index in order:
        if index % PER_FRAME == 0:
            receiver.timers.advance(1 / 30)
        if index not in lost:
            receiver.take([packets[index]])
    for frame, number in zip(receiver.frames, receiver.numbers, strict=True):
        assert whole(number).endswith(frame.data), "a frame, or the rest of one whose beginning was skipped"
    assert receiver.numbers == sorted(set(receiver.numbers))
    assert receiver.numbers[-8:] == list(range(52, 60))
