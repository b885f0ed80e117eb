"""A room's audio: held for as long as the picture takes, bounded, one publisher's at a time."""

from collections.abc import Iterator

import pytest
from tests.sound import PACKET_S, SettableLoop, opus

from mocast.rooms.fair_queue import FairQueue
from mocast.rooms.room_audio import (
    BITS_PER_S,
    BURST_S,
    MOST_HELD_S,
    MOST_SKEW_S,
    PACKETS_PER_S,
    PublishedAudio,
    RoomAudio,
)
from mocast.webrtc.transport import OpusPacket


class Hall:
    """A room's audio on a loop that is moved by hand, and a sink that notes what comes and when."""

    def __init__(self, loop: SettableLoop) -> None:
        self.loop = loop
        self.audio = RoomAudio(FairQueue(call_later=loop.call_later), loop.monotonic, loop.call_later)
        self.came: list[tuple[float, OpusPacket]] = []
        self.audio.join(self)
        self._pts = 0

    def put(self, packet: OpusPacket) -> None:
        self.came.append((self.loop.now, packet))

    def show_picture(self, takes_s: float) -> None:
        """Have a picture come now, and leave so much later."""
        self._pts += 3_000
        pts = self._pts
        self.audio.picture_delay.arrived(pts)
        self.loop.call_later(takes_s, lambda: self.audio.picture_delay.left(pts))

    def play(self, published: PublishedAudio, numbers: range, picture_s: float | None = None) -> list[bool]:
        """Send packets at their times, with a picture beside each."""
        taken = []
        for number in numbers:
            self.loop.run_until(number * PACKET_S)
            if picture_s is not None:
                self.show_picture(picture_s)
            taken.append(published.put(opus(number)))
        self.loop.run_until(self.loop.now + 1)
        return taken

    @property
    def held_s(self) -> list[float]:
        return [at_s - packet.arrived_at_s for at_s, packet in self.came]


@pytest.fixture
def hall() -> Iterator[Hall]:
    loop = SettableLoop()
    yield Hall(loop)
    assert loop.timers == 0


def test_sound_is_held_for_as_long_as_the_picture_takes(hall: Hall) -> None:
    assert all(hall.play(hall.audio.begin(), range(50), picture_s=0.06))
    assert hall.held_s[10:] == pytest.approx([0.06] * 40, abs=1e-6)
    assert [packet.data for _, packet in hall.came] == [opus(number).data for number in range(50)]


def test_sound_goes_alone_where_no_picture_is_sent(hall: Hall) -> None:
    hall.play(hall.audio.begin(), range(10))
    assert hall.held_s == pytest.approx([0] * 10)


@pytest.mark.parametrize(
    ("picture_s", "skew_s", "held_s"),
    [
        (0.06, 0.04, 0.1),
        (0.06, -0.04, 0.02),
        (0.06, -0.2, 0.0),
        (0.06, MOST_SKEW_S + 0.1, 0.06),
        (0.7, 0.0, MOST_HELD_S),
        (0.3, 0.4, MOST_HELD_S),
    ],
)
def test_it_is_held_longer_by_what_the_picture_was_under_way_for_longer_within_bounds(
    hall: Hall, picture_s: float, skew_s: float, held_s: float
) -> None:
    hall.play(hall.audio.begin(lambda: skew_s), range(100), picture_s=picture_s)
    assert hall.held_s[60:] == pytest.approx([held_s] * 40, abs=0.001)


def test_order_is_kept_while_the_delay_changes(hall: Hall) -> None:
    published = hall.audio.begin()
    for number in range(200):
        hall.loop.run_until(number * PACKET_S)
        hall.show_picture(0.02 if number // 20 % 2 else 0.1)
        assert published.put(opus(number))
    hall.loop.run_until(10)
    numbers = [packet.sequence_number for _, packet in hall.came]
    assert numbers == sorted(numbers)
    assert len(numbers) == 200
    assert max(hall.held_s) <= 0.1 + 1e-6


def test_nothing_is_held_while_nobody_listens(hall: Hall) -> None:
    hall.audio.leave(hall)
    published = hall.audio.begin()
    for number in range(5):
        hall.show_picture(0.01)
        hall.loop.run_until(hall.loop.now + PACKET_S)
        assert published.put(opus(number, at_s=hall.loop.now))
    assert hall.loop.timers == 0
    hall.audio.join(hall)
    published.put(opus(5, at_s=hall.loop.now))
    hall.loop.run_until(9)
    assert len(hall.came) == 1


def test_who_leaves_while_packets_wait_gets_none_of_them(hall: Hall) -> None:
    hall.show_picture(0.01)
    hall.loop.run_until(0.01)
    hall.audio.begin().put(opus(0, at_s=hall.loop.now))
    hall.audio.leave(hall)
    hall.loop.run_until(9)
    assert hall.came == []


def test_the_next_publisher_takes_over_with_its_first_packet_and_numbers_go_on(hall: Hall) -> None:
    first, second = hall.audio.begin(), hall.audio.begin()
    assert first.put(opus(40_000, at_s=0.0))
    assert second.put(opus(3, at_s=0.02))
    assert not first.put(opus(40_001, at_s=0.02)), "its time is over"
    assert second.put(opus(4, at_s=0.04))
    hall.loop.run_until(1)
    assert [packet.sequence_number for _, packet in hall.came] == [0, 1, 2]


def test_nothing_leaves_after_the_end(hall: Hall) -> None:
    hall.show_picture(0.05)
    hall.loop.run_until(0.05)
    published = hall.audio.begin()
    assert published.put(opus(0, at_s=hall.loop.now))
    assert hall.loop.timers == 1
    published.end()
    assert hall.loop.timers == 0
    assert not published.put(opus(1, at_s=hall.loop.now))
    assert hall.came == []


def test_a_flood_of_packets_is_dropped(hall: Hall) -> None:
    published = hall.audio.begin()
    taken = [published.put(opus(number, at_s=0.0, timestamp=number)) for number in range(2_000)]
    assert taken.count(True) == PACKETS_PER_S * BURST_S
    hall.loop.run_until(1)
    assert published.put(opus(2_001, at_s=1.0, timestamp=2_001)), "what comes in time is taken again"


def test_more_bits_than_opus_has_are_dropped(hall: Hall) -> None:
    published = hall.audio.begin()
    packets = [opus(number, at_s=0.0, timestamp=number)._replace(data=bytes(2_000)) for number in range(200)]
    assert [published.put(packet) for packet in packets].count(True) == BITS_PER_S * BURST_S // 16_000
