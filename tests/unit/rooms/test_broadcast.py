"""A broadcast on fake channels: what is made, what is dropped, who is served first, and that nothing gets stuck."""

import asyncio
import threading
from typing import Any

from mocast.pipeline.fanout import MAX_FAILURES_IN_A_ROW, Fanout
from mocast.rooms.broadcast import EVERY_PERSON, Broadcast, Subscription
from mocast.rooms.data_channel import MAX_BUFFERED_BYTES
from mocast.rooms.fair_queue import BURST_S, FairQueue


class FakeChannel:
    """A channel that keeps what is sent, and says so in a list that may be shared."""

    def __init__(self, log: list[Any] | None = None) -> None:
        self.readyState = "open"
        self.bufferedAmount = 0
        self.sent: list[Any] = []
        self.log = log if log is not None else []

    def send(self, message: Any) -> None:
        self.sent.append(message)
        self.log.append(self)

    def close(self) -> None:
        self.readyState = "closed"


class Counted:
    """What one client was told to count."""

    def __init__(self) -> None:
        self.sent = self.dropped = 0

    def __call__(self, dropped: bool) -> None:
        self.dropped += dropped
        self.sent += not dropped


class Number(int):
    """An item of a stream: that of a frame of the same number."""

    person = 0

    @property
    def frame(self) -> int:
        return int(self)


class Broken(Number):
    """Cannot be encoded."""


class OfPerson(Number):
    """That of somebody else."""

    def __new__(cls, number: int, person: int) -> "OfPerson":
        made = super().__new__(cls, number)
        made.person = person
        return made


class InFrame(OfPerson):
    """That of a person in frame 7."""

    frame = 7  # type: ignore[assignment]


class Numbers:
    """A broadcast of numbers: as bytes, one message for each digit, or as text."""

    def __init__(self, share: float = 1.0) -> None:
        self.made: list[tuple[str, int]] = []
        self.fanout: Fanout[Number] = Fanout()
        self.broadcast = Broadcast(self.fanout, {"binary": self._bytes, "json": self._text}, FairQueue(share))

    def attach(
        self, channel: FakeChannel, form: str = "binary", *, first: bool = False, people: range = EVERY_PERSON
    ) -> tuple[Subscription, Counted]:
        counted = Counted()
        return self.broadcast.attach(channel, form, counted, first=first, people=people), counted

    def send(self, *numbers: int) -> None:
        """Send what was found in frames of these numbers."""
        for number in numbers:
            self.fanout.send(Number(number))

    def _bytes(self, number: int) -> list[bytes]:
        if isinstance(number, Broken):
            raise TypeError
        self.made.append(("binary", number))
        return [digit.encode() for digit in str(number)]

    def _text(self, number: int) -> list[str]:
        self.made.append(("json", number))
        return [str(number)]


async def settled() -> None:
    """Wait until all that is due on the loop is done."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_each_form_is_made_once_however_many_want_it() -> None:
    numbers = Numbers()
    channels = [FakeChannel() for _ in range(6)]
    for index, channel in enumerate(channels):
        numbers.attach(channel, "json" if index % 2 else "binary", first=index == 0)
    numbers.send(42)
    await settled()
    assert sorted(numbers.made) == [("binary", 42), ("json", 42)]
    assert [channel.sent for channel in channels] == [[b"4", b"2"], ["42"]] * 3


async def test_it_is_in_the_fan_out_only_while_somebody_is_served() -> None:
    numbers = Numbers()
    assert len(numbers.fanout) == 0
    (first, _), (second, _) = numbers.attach(FakeChannel()), numbers.attach(FakeChannel())
    assert len(numbers.fanout) == 1
    numbers.broadcast.detach(first)
    numbers.broadcast.detach(first)
    assert len(numbers.fanout) == 1
    numbers.broadcast.detach(second)
    assert len(numbers.fanout) == 0


async def test_without_an_open_channel_nothing_is_made_and_nothing_counted() -> None:
    numbers, channel = Numbers(), FakeChannel()
    _, counted = numbers.attach(channel)
    channel.readyState = "closing"
    numbers.send(1)
    await settled()
    assert (numbers.made, channel.sent, counted.sent, counted.dropped) == ([], [], 0, 0)


async def test_the_publisher_is_served_before_the_viewers_who_came_first() -> None:
    numbers, log = Numbers(), []
    viewers = [FakeChannel(log) for _ in range(3)]
    for viewer in viewers:
        numbers.attach(viewer)
    publisher = FakeChannel(log)
    numbers.attach(publisher, first=True)
    numbers.send(7)
    await settled()
    assert log == [publisher, *viewers]


async def test_a_loop_that_is_late_sends_the_newest_and_counts_the_others_for_everyone() -> None:
    numbers, publisher, viewer = Numbers(), FakeChannel(), FakeChannel()
    _, first = numbers.attach(publisher, first=True)
    _, other = numbers.attach(viewer)
    for number in range(5):
        numbers.send(number)
    await settled()
    assert publisher.sent == viewer.sent == [b"4"]
    assert (first.sent, first.dropped) == (other.sent, other.dropped) == (1, 4)


async def test_a_full_channel_drops_whole_frames_of_its_own() -> None:
    numbers, slow, quick = Numbers(), FakeChannel(), FakeChannel()
    _, lost = numbers.attach(slow)
    _, kept = numbers.attach(quick)
    slow.bufferedAmount = MAX_BUFFERED_BYTES + 1
    numbers.send(12)
    await settled()
    assert (slow.sent, quick.sent) == ([], [b"1", b"2"])
    slow.bufferedAmount = 0
    numbers.send(34)
    await settled()
    assert slow.sent == [b"3", b"4"]
    assert ((lost.sent, lost.dropped), (kept.sent, kept.dropped)) == ((1, 1), (2, 0))


async def test_a_channel_that_closes_before_its_turn_is_left_alone() -> None:
    numbers, channel = Numbers(), FakeChannel()
    numbers.attach(channel)
    numbers.send(1)
    channel.readyState = "closed"
    await settled()
    assert channel.sent == []
    channel.readyState = "open"
    numbers.send(2)
    await settled()
    assert channel.sent == [b"2"], "and is served again when it is back"


async def test_a_viewer_whose_turn_does_not_come_loses_the_older_frame() -> None:
    numbers, publisher, viewer = Numbers(share=0.0), FakeChannel(), FakeChannel()
    numbers.broadcast._viewers._budget.spend(BURST_S)
    _, first = numbers.attach(publisher, first=True)
    _, other = numbers.attach(viewer)
    for number in range(4):
        numbers.send(number)
        await settled()
    assert (first.sent, first.dropped) == (4, 0)
    assert (other.sent, other.dropped, viewer.sent) == (0, 3, []), "the newest still waits"


async def test_threads_and_loop_together_lose_nothing_uncounted_and_never_get_stuck() -> None:
    numbers, channel = Numbers(), FakeChannel()
    _, counted = numbers.attach(channel, first=True)
    per_thread, threads = 3_000, 2

    def work(first: int) -> None:
        for number in range(first, first + per_thread):
            numbers.send(number)

    workers = [threading.Thread(target=work, args=(index * per_thread,)) for index in range(threads)]
    for worker in workers:
        worker.start()
    await asyncio.gather(*(asyncio.to_thread(worker.join) for worker in workers))
    await settled()
    assert counted.sent + counted.dropped == per_thread * threads
    before = len(channel.sent)
    numbers.send(5)
    await settled()
    assert len(channel.sent) == before + 1


async def test_a_stream_that_cannot_be_encoded_is_taken_out_and_its_clients_told() -> None:
    numbers = Numbers()
    first, other = FakeChannel(), FakeChannel()
    numbers.attach(first, first=True)
    numbers.attach(other)
    for _ in range(MAX_FAILURES_IN_A_ROW):
        await asyncio.to_thread(numbers.fanout.send, Broken(0))
    await settled()
    assert (first.readyState, other.readyState, len(numbers.fanout)) == ("closed", "closed", 0)
    again = FakeChannel()
    numbers.attach(again)
    numbers.send(7)
    await settled()
    assert again.sent == [b"7"], "who asks anew is served"


async def test_only_who_asks_for_several_people_gets_them() -> None:
    numbers, publisher, viewer, old = Numbers(), FakeChannel(), FakeChannel(), FakeChannel()
    numbers.attach(publisher, first=True)
    numbers.attach(viewer, people=range(2))
    _, counted = numbers.attach(old, people=range(1))
    for person in range(3):
        numbers.fanout.send(InFrame(person, person))
    await settled()
    assert (publisher.sent, viewer.sent, old.sent) == ([b"0", b"1", b"2"], [b"0", b"1"], [b"0"])
    assert (counted.sent, counted.dropped) == (1, 0)


async def test_people_of_one_frame_count_once_and_none_of_them_replaces_another() -> None:
    numbers, publisher, viewer = Numbers(), FakeChannel(), FakeChannel()
    _, first = numbers.attach(publisher, first=True)
    _, other = numbers.attach(viewer)
    numbers.fanout.send(InFrame(4, 0))
    numbers.fanout.send(InFrame(5, 1))
    await settled()
    numbers.fanout.send(InFrame(6, 2))  # after the loop has taken the others
    await settled()
    assert publisher.sent == viewer.sent == [b"4", b"5", b"6"]
    assert (first.sent, first.dropped) == (other.sent, other.dropped) == (1, 0)


async def test_a_frame_is_dropped_for_all_people_or_for_none() -> None:
    numbers, channel = Numbers(), FakeChannel()
    _, counted = numbers.attach(channel)
    channel.bufferedAmount = MAX_BUFFERED_BYTES + 1
    numbers.fanout.send(InFrame(4, 0))
    await settled()
    channel.bufferedAmount = 0
    numbers.fanout.send(InFrame(5, 1))
    await settled()
    assert (channel.sent, counted.sent, counted.dropped) == ([], 0, 1)
    numbers.send(8)
    await settled()
    channel.bufferedAmount = MAX_BUFFERED_BYTES + 1  # by person 0's message
    numbers.fanout.send(OfPerson(8, 1))
    await settled()
    assert (channel.sent, counted.sent, counted.dropped) == ([b"8", b"8"], 1, 1)
