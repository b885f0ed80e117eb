"""Data channels on lossy networks: some loss, and packets that overtake each other, are no congestion.

aiortc's SCTP halves its window at each loss, down to four packets, and takes for lost what three later packets have
overtaken. With 5% loss and 50 ms each way a third of the landmarks would not leave. Video goes on: its bitrate follows
the loss only above a tenth (draft-ietf-rmcat-gcc-02, section 6). So do landmarks here. What is congestion is delay:
where packets wait in a queue of the network, the window shrinks before anything is lost (``DelayWindow``).
"""

import struct
from typing import Any, Final

from aiortc import RTCSctpTransport
from aiortc.rtcsctptransport import USERDATA_MAX_LENGTH, SackChunk
from aiortc.utils import uint32_gte

from mocast.webrtc.aiortc.chunks_in import MAX_WINDOW_BYTES
from mocast.webrtc.aiortc.delay_window import DelayWindow
from mocast.webrtc.aiortc.sctp_checksum import is_intact
from mocast.webrtc.aiortc.steady_clock import SteadyTime

TOLERATED_LOSS: Final = 0.1
"""The share of packets up to which a loss leaves the window as it is."""

WINDOW_CHUNKS: Final = 128
"""Over which loss is counted: a second of landmarks."""

OVERTAKEN_S: Final = 0.06
"""What was sent so much earlier than a chunk that has arrived is lost; until then it may only have been overtaken."""

_MISSES: Final = 2
"""aiortc takes a chunk for lost at the third acknowledgement of later ones."""

_PLAIN_SACK: Final = struct.Struct("!HHLLBBHLLHH")
"""A packet with a SACK that has neither gaps nor duplicates (RFC 9260, sections 3.1 and 3.3.4)."""
_CHUNK_TYPE: Final = 12


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
        self._handle = inside._handle_data
        inside._handle_data = self._handle_data
        inside._receive_sack_chunk = self._receive_sack
        inside._maybe_abandon = self._maybe_abandon
        inside._update_rto = self._time_round_trip

    async def _handle_data(self, data: bytes) -> None:
        """Take a packet. One that tells only up to where all has come, as nearly all do, goes no further."""
        if len(data) == _PLAIN_SACK.size and data[_CHUNK_TYPE] == SackChunk.type:
            _, _, tag, _, _, _, length, cumulative_tsn, _, gaps, duplicates = _PLAIN_SACK.unpack(data)
            inside, sent = self._inside, self._inside._sent_queue
            if (
                length == _PLAIN_SACK.size - _CHUNK_TYPE
                and not gaps
                and not duplicates
                and sent
                and uint32_gte(cumulative_tsn, sent[0].tsn)
                and uint32_gte(sent[-1].tsn, cumulative_tsn)
                and inside._fast_recovery_exit is None
                and tag == inside._local_verification_tag
                and is_intact(data)
            ):
                await self._acknowledge(cumulative_tsn)
                return
        await self._handle(data)

    async def _acknowledge(self, cumulative_tsn: int) -> None:
        """Do what ``_receive_sack`` and aiortc do for an acknowledgement without gaps that names something new."""
        inside = self._inside
        sent, window, now = inside._sent_queue, inside._cwnd, SteadyTime.time()
        oldest, newest = sent[0], self._newest(cumulative_tsn)
        if newest is not None and not newest._acked and newest._sent_count == 1:
            self._delay_window.add(now - newest._sent_time, is_lossy=self._is_lossy)
        is_used_up, arrived = inside._flight_size >= inside._cwnd, 0
        while sent and uint32_gte(cumulative_tsn, sent[0].tsn):
            chunk = sent.popleft()
            arrived += 0 if chunk._acked else chunk._book_size
            inside._flight_size_decrease(chunk)
        inside._last_sacked_tsn = cumulative_tsn
        if oldest._sent_count == 1 and not oldest._acked:
            self._update_rto(now - oldest._sent_time)
        if is_used_up:
            self._widen(arrived)
        inside._cwnd = min(inside._cwnd, window if self._delay_window.is_shrunk else MAX_WINDOW_BYTES)
        if sent:
            inside._t3_restart()
        else:
            inside._t3_cancel()
        inside._update_advanced_peer_ack_point()
        if inside._data_channel_queue or inside._reconfig_queue:
            await inside._data_channel_flush()
        is_due = inside._outbound_queue or inside._forward_tsn_chunk is not None
        if is_due or any(chunk._retransmit for chunk in sent):
            await inside._transmit()

    def _widen(self, arrived: int) -> None:
        """Widen the window (RFC 9260, sections 7.2.1 and 7.2.2). ``arrived``: bytes."""
        inside = self._inside
        if inside._cwnd <= inside._ssthresh:
            inside._cwnd += min(arrived, USERDATA_MAX_LENGTH)
            return
        inside._partial_bytes_acked += arrived
        if inside._partial_bytes_acked >= inside._cwnd:
            inside._partial_bytes_acked -= inside._cwnd
            inside._cwnd += USERDATA_MAX_LENGTH

    async def _receive_sack(self, sack: Any) -> None:
        inside = self._inside
        # A chunk that an earlier acknowledgement has named says nothing of the round trip. aiortc would take it for one
        # of seconds, and wait as long before it gives anything up.
        self._times_round_trip = not (inside._sent_queue and inside._sent_queue[0]._acked)
        window, threshold = inside._cwnd, inside._ssthresh
        newest = self._newest((sack.cumulative_tsn + max((end for _, end in sack.gaps), default=0)) % 2**32)
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

    def _newest(self, tsn: int) -> Any:
        """Return the chunk of this number, the newest that a SACK names, if it is still on its way."""
        return next((chunk for chunk in reversed(self._inside._sent_queue) if chunk.tsn == tsn), None)

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
