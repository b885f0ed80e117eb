"""Data channels on lossy networks: some loss, and packets that overtake each other, are no congestion.

aiortc's SCTP halves its window at each loss, down to four packets, and takes for lost what three later packets have
overtaken. With 5% loss and 50 ms each way a third of the landmarks would not leave. Video goes on: its bitrate follows
the loss only above a tenth (draft-ietf-rmcat-gcc-02, section 6). So do landmarks here. What is congestion is delay:
where packets wait in a queue of the network, the window shrinks before anything is lost (``DelayWindow``).
"""

from typing import Any, Final

from aiortc import RTCSctpTransport

from mocast.webrtc.aiortc.delay_window import DelayWindow
from mocast.webrtc.aiortc.steady_clock import SteadyTime

TOLERATED_LOSS: Final = 0.1
"""The share of packets up to which a loss leaves the window as it is."""

WINDOW_CHUNKS: Final = 128
"""Over which loss is counted: a second of landmarks."""

OVERTAKEN_S: Final = 0.06
"""What was sent so much earlier than a chunk that has arrived is lost; until then it may only have been overtaken."""

_MISSES: Final = 2
"""aiortc takes a chunk for lost at the third acknowledgement of later ones."""


class LossTolerance:
    """Watches the acknowledgements of an association and corrects what aiortc makes of them."""

    def __init__(self, sctp: RTCSctpTransport) -> None:
        inside: Any = sctp
        self._inside = inside
        self._take = inside._receive_sack_chunk
        self._abandon = inside._maybe_abandon
        self._counted_to: int = inside._local_tsn
        "The sequence number (TSN) up to which chunks were counted."
        self._sent = self._lost = 0.0
        self._delay_window = DelayWindow(inside)
        self._is_reading = False
        "Whether an acknowledgement is being read: what is given up meanwhile was lost."
        self._update_rto = inside._update_rto
        self._times_round_trip = True
        inside._receive_sack_chunk = self._receive_sack
        inside._maybe_abandon = self._maybe_abandon
        inside._update_rto = self._time_round_trip

    async def _receive_sack(self, sack: Any) -> None:
        inside = self._inside
        # A chunk that an earlier acknowledgement has named says nothing of the round trip. aiortc would take it for one
        # of seconds, and wait as long before it gives anything up.
        self._times_round_trip = not (inside._sent_queue and inside._sent_queue[0]._acked)
        window, threshold = inside._cwnd, inside._ssthresh
        newest = self._newest(sack)
        if newest is not None and not newest._acked and newest._sent_count == 1:  # what was named before says nothing
            self._delay_window.add(SteadyTime.time() - newest._sent_time, is_lossy=self._is_lossy)
        if sack.gaps:
            self._wait_for_overtaken(0.0 if newest is None else newest._sent_time)
            self._count_sent()
            self._is_reading = True
            await self._take(sack)
            self._is_reading = False
            if inside._cwnd < window and not self._is_lossy:
                inside._cwnd, inside._ssthresh = window, threshold
        else:
            await self._take(sack)
        if self._delay_window.is_shrunk:
            inside._cwnd = min(inside._cwnd, window)

    @property
    def _is_lossy(self) -> bool:
        return self._lost > TOLERATED_LOSS * self._sent

    def _newest(self, sack: Any) -> Any:
        """Return the newest chunk that a SACK names, if it is still on its way."""
        highest = (sack.cumulative_tsn + max((end for _, end in sack.gaps), default=0)) % 2**32
        return next((chunk for chunk in reversed(self._inside._sent_queue) if chunk.tsn == highest), None)

    def _wait_for_overtaken(self, latest: float) -> None:
        """Let no chunk be taken for lost that may only have been overtaken (by time, as RFC 8985 does for TCP).

        ``latest``: when the newest one that has come was sent.
        """
        for chunk in self._inside._sent_queue:
            if chunk._misses == _MISSES and chunk._sent_time > latest - OVERTAKEN_S:
                chunk._misses = _MISSES - 1

    def _count_sent(self) -> None:
        following = self._inside._local_tsn
        self._sent += (following - self._counted_to) % 2**32
        self._counted_to = following
        while self._sent > WINDOW_CHUNKS:
            self._sent, self._lost = self._sent / 2, self._lost / 2

    def _maybe_abandon(self, chunk: Any) -> bool:
        self._lost += self._is_reading and not chunk._abandoned
        abandoned: bool = self._abandon(chunk)
        return abandoned

    def _time_round_trip(self, seconds: float) -> None:
        if self._times_round_trip:
            self._update_rto(seconds)
