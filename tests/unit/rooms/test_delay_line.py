"""Packets leave when they are due, in their order, and nothing is left of a line that is closed."""

from tests.sound import SettableLoop, opus

from mocast.rooms.delay_line import MOST_AT_ONCE, MOST_WAITING, DelayLine
from mocast.webrtc.transport import OpusPacket


class Line:
    """A line, and what left it, with the time."""

    def __init__(self) -> None:
        self.loop = SettableLoop()
        self.left: list[tuple[float, int]] = []
        self.line = DelayLine(self._note, self.loop.monotonic, self.loop.call_later)

    def _note(self, packet: OpusPacket) -> None:
        self.left.append((round(self.loop.now, 3), packet.sequence_number))

    def put(self, number: int, due_at_s: float) -> bool:
        return self.line.put(opus(number), due_at_s)

    @property
    def numbers(self) -> list[int]:
        return [number for _, number in self.left]


def test_a_packet_leaves_when_it_is_due() -> None:
    line = Line()
    assert line.put(0, 0.05)
    assert line.put(1, 0.07)
    line.loop.run_until(0.049)
    assert line.left == []
    line.loop.run_until(1)
    assert line.left == [(0.05, 0), (0.07, 1)]
    assert line.loop.timers == 0


def test_what_is_due_leaves_at_once_without_a_timer() -> None:
    line = Line()
    assert line.put(0, 0.0)
    assert line.left == [(0, 0)]
    assert line.loop.timers == 0


def test_none_is_due_before_those_in_front_of_it() -> None:
    line = Line()
    line.put(0, 0.08)
    line.put(1, 0.01)
    line.loop.run_until(0.079)
    assert line.left == []
    line.loop.run_until(1)
    assert line.left == [(0.08, 0), (0.08, 1)]


def test_one_that_was_overtaken_takes_its_place_while_there_is_one() -> None:
    line = Line()
    line.put(0, 0.05)
    line.put(3, 0.06)
    assert line.put(1, 0.09)
    assert line.put(2, 0.055)
    assert not line.put(2, 0.055), "it is there already"
    line.loop.run_until(1)
    assert line.left == [(0.05, 0), (0.06, 1), (0.06, 2), (0.06, 3)]
    assert not line.put(2, 1.0), "a later one has left"
    assert line.numbers == [0, 1, 2, 3]


def test_a_full_line_takes_no_more() -> None:
    line = Line()
    assert all(line.put(number, 1.0) for number in range(MOST_WAITING))
    assert not line.put(MOST_WAITING, 1.0)
    line.loop.run_until(2)
    assert line.numbers == list(range(MOST_WAITING))


def test_the_loop_goes_on_between_packets_that_are_due_together() -> None:
    line = Line()
    for number in range(MOST_AT_ONCE + 1):
        line.put(number, 1.0)
    seen: list[int] = []
    line.loop.call_later(1.0, lambda: seen.append(len(line.left)))
    line.loop.run_until(2)
    assert seen == [MOST_AT_ONCE]
    assert len(line.left) == MOST_AT_ONCE + 1


def test_nothing_leaves_a_closed_line_and_no_timer_is_left() -> None:
    line = Line()
    line.put(0, 0.05)
    line.line.close()
    assert (len(line.line), line.loop.timers) == (0, 0)
    line.loop.run_until(1)
    assert line.left == []
    line.put(1, 1.05)
    line.loop.run_until(2)
    assert line.left == [(1.05, 1)]
