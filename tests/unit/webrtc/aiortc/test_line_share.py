"""What of a thin line is the video's: less where it is full, more where it is not, all where it is not thin."""

import pytest
from tests.fakes import SettableClock

from mocast.webrtc.aiortc.line_share import (
    FULL,
    HEAVY_LOSS,
    MAX_DECREASE,
    MIN_VIDEO,
    RECENT_S,
    THIN_S,
    VIDEO_SHARE,
    LineShare,
)


class Line:
    """A line that carries so much, on a clock of its own."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.sent = 0
        self.changes: list[float | None] = []
        self.share = LineShare(lambda: self.sent, self.clock.monotonic)
        self.share.on_change = lambda: self.changes.append(self.share.video_bits_per_s)

    def run(
        self, seconds: float, bits_per_s: float, *, is_queueing: bool, loss: float = 0.0, of_data: float = 0.9
    ) -> None:
        for _ in range(round(10 * seconds)):
            self.clock.now += 0.1
            self.sent += round(bits_per_s / 80)
            self.share.data_bytes += round(of_data * bits_per_s / 80)
            self.share.decide(is_queueing=is_queueing, loss=loss)


def test_a_line_without_a_queue_is_all_the_videos() -> None:
    line = Line()
    line.run(30, 3e6, is_queueing=False, loss=0.1)
    line.run(0.1, 3e6, is_queueing=True)
    line.run(1, 3e6, is_queueing=False)
    assert (line.share.video_bits_per_s, line.share.is_thin, line.changes) == (None, False, [])


def test_a_full_line_is_shared() -> None:
    line = Line()
    line.run(5, 2.5e6, is_queueing=False)
    line.run(0.3, 2.5e6, is_queueing=True, loss=0.88)
    assert line.share.is_thin
    assert line.share.video_bits_per_s is not None
    line.run(5, 3e5, is_queueing=True)
    assert line.share.video_bits_per_s == pytest.approx(VIDEO_SHARE * 3e5, rel=0.05)
    assert all(now >= MAX_DECREASE * before - 1 for before, now in zip(line.changes, line.changes[1:], strict=False))


def test_a_video_that_has_less_than_its_share_of_a_full_line_gets_more() -> None:
    line = Line()
    line.run(3, 1e4, is_queueing=True)
    assert line.share.video_bits_per_s == MIN_VIDEO
    line.run(5, 3e5, is_queueing=True)
    assert line.share.video_bits_per_s == pytest.approx(VIDEO_SHARE * 3e5, rel=0.05)


def test_the_video_gets_what_data_channels_leave_of_a_full_line() -> None:
    line = Line()
    line.run(10, 1e6, is_queueing=True, of_data=0.1)
    assert line.share.video_bits_per_s == pytest.approx((FULL - 0.1) * 1e6, rel=0.01)


def test_a_line_that_has_become_wide_is_the_videos_again() -> None:
    line = Line()
    line.run(3, 3e5, is_queueing=True)
    line.run(THIN_S - 0.5, 3e5, is_queueing=False)
    assert line.share.is_thin
    assert line.share.video_bits_per_s is not None
    assert line.share.video_bits_per_s < 2 * VIDEO_SHARE * 3e5
    line.run(15, 3e6, is_queueing=False)
    assert (line.share.video_bits_per_s, line.share.is_thin, line.changes[-1]) == (None, False, None)


def test_heavy_loss_is_a_full_line_at_once_and_some_loss_is_not() -> None:
    line = Line()
    line.run(1, 2.5e6, is_queueing=False)
    line.share.note_video_loss(HEAVY_LOSS)
    assert not line.share.is_thin
    line.clock.now += 0.1
    line.sent += round(2.5e6 / 80)
    line.share.data_bytes += round(2.5e6 / 80)
    line.share.note_video_loss(0.88)
    assert line.share.is_thin
    assert line.share.video_bits_per_s == pytest.approx(MAX_DECREASE * 0.12 * 2.5e6, rel=0.01)


def test_what_was_noted_of_the_queue_before_the_server_is_forgotten() -> None:
    line = Line()
    assert line.share.up_queue_s == 0.0
    line.share.note_up_queue(0.3)
    assert line.share.up_queue_s == 0.3
    line.clock.now += RECENT_S
    assert line.share.up_queue_s == 0.0
