"""A client's line where it is thin: what of it is for the returned video, what for data channels.

Where packets wait in a queue on their way to the client, the line is full, and what arrives is what it carries. Then
the video gets ``VIDEO_SHARE`` of that, as a bitrate, or what data channels leave of it; they take the rest by
themselves: their window is small, and each of their packets leaves when an earlier one has arrived. Frames of data
leave whole, the newest, and none waits here. To go down to a part of what arrives is the idea of
draft-ietf-rmcat-gcc-02, section 5.5.
"""

import time
from collections.abc import Callable
from typing import Final

VIDEO_SHARE: Final = 0.4
"""Of what the line carries. At 300 kbit/s, five frames a second of a whole body's landmarks take half of the line."""

MIN_VIDEO: Final = 60_000
"""Bits per second that the video gets anyway."""

FULL: Final = 0.85
"""The part of what a full line carries that may be sent, for its queue to become shorter."""

MAX_DECREASE: Final = 0.5
"""By how much the video's bitrate falls at once, at most: what arrives is measured over a short time."""

SMOOTHED_S: Final = 0.5
"""The time constant with which what arrives is averaged."""

GROWTH_PER_S, FREE_GROWTH_PER_S = 0.08, 0.4
"""By which part the video's bitrate grows (draft-ietf-rmcat-gcc-02, section 5.5), and where nothing has queued for
``THIN_S``."""

THIN_S: Final = 5.0
"""For so long after a queue a line is thin."""

HEAVY_LOSS: Final = 0.4
"""A share of lost packets that is a full queue's."""

QUEUED_BEFORE: Final = 1
"""So many decisions have found a queue before a line counts as thin: a busy client delays once, too."""

RECENT_S: Final = 1.0
"""For so long what was noted of losses and of the queue before the server holds."""

MOST_VIDEO: Final = 4_000_000
"""Bits per second above which the line is not thin for video."""


class LineShare:
    """Watches one line. On the loop only."""

    def __init__(self, bytes_sent: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        """``bytes_sent``: all that was sent on the line until now."""
        self.video_bits_per_s: float | None = None
        "What the video may take; ``None``: all."
        self.on_change: Callable[[], None] = lambda: None
        "Called when ``video_bits_per_s`` has changed."
        self.data_bytes = 0
        "What data channels have sent."
        self._data_before = 0
        self._bytes_sent = bytes_sent
        self._clock = clock
        self._thin_until = float("-inf")
        self._decided_at = clock()
        self._sent_before = bytes_sent()
        self._arrived: float | None = None
        "Bits per second, smoothed."
        self._queued = 0
        "How many decisions in a row have found a queue."
        self._up_queue_s = _Recent(clock)
        self._video_loss = _Recent(clock)

    @property
    def is_thin(self) -> bool:
        """Whether packets have queued lately."""
        return self._clock() < self._thin_until

    def note_up_queue(self, seconds: float) -> None:
        """Take how long what the client sends waits in a queue: round trips are longer by that."""
        self._up_queue_s.value = seconds

    def note_video_loss(self, share: float) -> None:
        """Take the share of the video's packets that were lost lately, as the client has reported.

        Where so much is lost, a queue is full, and what would tell of it by its delay may be lost as well.
        """
        self._video_loss.value = share
        if share > HEAVY_LOSS:
            self._arrived = None
            self._queued = QUEUED_BEFORE
            self.decide(is_queueing=True, loss=share)

    @property
    def up_queue_s(self) -> float:
        """How long what the client sends waits in a queue."""
        return self._up_queue_s.value

    def decide(self, *, is_queueing: bool, loss: float) -> None:
        """Decide upon the shares, several times a second. ``loss``: the share of lost packets of data."""
        now, sent = self._clock(), self._bytes_sent()
        elapsed_s = max(now - self._decided_at, 1e-3)
        arrived = 8 * (sent - self._sent_before) * (1 - max(loss, self._video_loss.value)) / elapsed_s
        of_data = (self.data_bytes - self._data_before) / max(sent - self._sent_before, 1)
        self._decided_at, self._sent_before, self._data_before = now, sent, self.data_bytes
        before = arrived if self._arrived is None else self._arrived
        self._arrived = arrived = before + (arrived - before) * elapsed_s / (elapsed_s + SMOOTHED_S)
        self._queued = self._queued + 1 if is_queueing else 0
        if is_queueing and (self._queued > QUEUED_BEFORE or self.video_bits_per_s is not None):
            self._thin_until = now + THIN_S
            self._share(max(VIDEO_SHARE, FULL - of_data) * arrived, min(elapsed_s, 1.0))
        elif is_queueing or self.video_bits_per_s is None:
            return
        else:
            growth = GROWTH_PER_S if now < self._thin_until else FREE_GROWTH_PER_S
            grown = self.video_bits_per_s * (1 + growth * min(elapsed_s, 1.0))
            self.video_bits_per_s = grown if grown < MOST_VIDEO else None
        self.on_change()

    def _share(self, fair: float, elapsed_s: float) -> None:
        """Give the video less where it has more than its part of a full line, and more where it has less."""
        before = self._arrived or 0.0 if self.video_bits_per_s is None else self.video_bits_per_s
        now = max(fair, MAX_DECREASE * before) if fair < before else before + (fair - before) * elapsed_s
        self.video_bits_per_s = min(max(now, MIN_VIDEO), MOST_VIDEO)


class _Recent:
    """A value that holds for ``RECENT_S``; 0 after that."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._value, self._noted_at = 0.0, float("-inf")

    @property
    def value(self) -> float:
        """The value, if it is recent."""
        return self._value if self._clock() - self._noted_at < RECENT_S else 0.0

    @value.setter
    def value(self, value: float) -> None:
        self._value, self._noted_at = value, self._clock()
