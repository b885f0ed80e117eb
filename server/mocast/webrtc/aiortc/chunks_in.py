"""SCTP chunks that come in: how much one packet, one message and one client may have aiortc do."""

import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

import aiortc.rtcsctptransport
from aiortc import RTCSctpTransport
from aiortc.rtcsctptransport import (
    SCTP_DATA_FIRST_FRAG,
    SCTP_DATA_LAST_FRAG,
    DataChunk,
    ForwardTsnChunk,
    InitChunk,
    SackChunk,
    parse_packet,
)
from aiortc.utils import uint32_add, uint32_gte

from mocast.webrtc.aiortc.loop_budget import PAUSE_S, budget_of

MAX_UNFINISHED_BYTES: Final = 262_144
MAX_UNFINISHED_CHUNKS: Final = 256
"""Of messages that are not complete, or wait for an earlier one: as many full chunks as fit into the bytes.

aiortc walks over all chunks of a stream for each that comes, so their number counts, too.
"""

MAX_STREAMS: Final = 64
"""Streams that a client sends on: four times the channels that it may have. Each costs in every FORWARD-TSN."""

MAX_PARAMETERS: Final = 16
"""Of one chunk; no chunk of an honest client has more than five. Each RE-CONFIG parameter is answered by a datagram."""

MAX_DUPLICATES: Final = 32
"""Duplicate TSNs that a SACK reports: it fits into one datagram."""
MAX_GAPS: Final = 200
"""Gap blocks of a SACK: the same."""

MAX_WINDOW_BYTES: Final = 524_288
"""The congestion window's end: what is on its way to one client. aiortc walks over all of it for each SACK."""

ENDLESS_MESSAGE = "the client sent a message that has no end"
TOO_MANY_STREAMS = f"a client may send on {MAX_STREAMS} SCTP streams"

_WHOLE: Final = SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG
_HALF: Final = 1 << 31
"""TSNs are compared modulo 2^32 (RFC 9260, section 1.6)."""


def install() -> None:
    """Patch the parser of parameters, which reads one of length 0 for ever. Doing it again does nothing."""
    setattr(aiortc.rtcsctptransport, "decode_params", parameters)  # noqa: B010 (not an exported name)


def parameters(body: bytes) -> list[tuple[int, bytes]]:
    """Return type and value of each parameter of a chunk (RFC 9260, section 3.2.1), up to one that is broken."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at + 4 <= len(body) and len(found) < MAX_PARAMETERS:
        kind, length = struct.unpack_from("!HH", body, at)
        if length < 4:
            break
        found.append((kind, body[at + 4 : at + length]))
        at += length + -length % 4
    return found


def acknowledged(
    gaps: Sequence[tuple[int, int]], cumulative_tsn: int, first_tsn: int, last_tsn: int
) -> list[tuple[int, int]]:
    """Return a SACK's gap blocks as far as they are in order and within what is on its way, ``first_tsn`` and on."""
    first, last = (first_tsn - cumulative_tsn) % (2 * _HALF), (last_tsn - cumulative_tsn) % (2 * _HALF)
    if first >= _HALF or last >= _HALF:
        return []
    within = []
    for start, end in gaps:
        start, end = max(start, first), min(end, last)  # noqa: PLW2901
        if start <= end:
            within.append((start, end))
            first = end + 1
    return within


class InboundBounds:
    """Bounds what aiortc's association does with chunks; takes the place of those of its methods that have no bound.

    Chunks of a packet that come twice, but for DATA, are read once: no honest client sends two. When a client's packets
    have held the loop for its time, the rest of them waits.

    aiortc tells its receive window, but does not enforce it. Above it, what comes behind a gap is dropped
    unacknowledged, so the peer sends it again. What fills gaps is taken up to twice the window. Then a message is too
    long: all data is discarded, and the reason is told, once.
    """

    def __init__(self, sctp: RTCSctpTransport, on_overflow: Callable[[str], None]) -> None:
        """``on_overflow``: called once, with the reason, when the client is above a bound that no honest one meets."""
        inside: Any = sctp
        self._inside = inside
        self._on_overflow = on_overflow
        self._has_overflowed = False
        self._receive_data = inside._receive_data_chunk
        self._receive_sack = inside._receive_sack_chunk
        self._receive_forward_tsn = inside._receive_forward_tsn_chunk
        self._maybe_abandon = inside._maybe_abandon
        inside._advertised_rwnd = MAX_UNFINISHED_BYTES
        inside._handle_data = self.handle
        inside._mark_received = self.mark_received
        inside._receive = self.receive_message
        inside._receive_data_chunk = self.receive_data
        inside._receive_sack_chunk = self.receive_sack
        inside._receive_forward_tsn_chunk = self.receive_forward_tsn
        inside._maybe_abandon = self.maybe_abandon
        inside._send_sack = self.send_sack

    async def handle(self, data: bytes) -> None:
        """Take a packet; one that is malformed or not of this association is dropped."""
        inside = self._inside
        try:
            _, _, tag, chunks = parse_packet(data)
        except (ValueError, struct.error):
            return
        is_init = any(isinstance(chunk, InitChunk) for chunk in chunks)
        if tag != (0 if is_init else inside._local_verification_tag) or (is_init and len(chunks) > 1):
            return
        budget = budget_of(inside.transport)
        seen = set()
        for chunk in chunks:
            if chunk.type not in seen:
                await inside._receive_chunk(chunk)
                if budget.is_spent:
                    await budget.rest(PAUSE_S)
            if not isinstance(chunk, DataChunk):
                seen.add(chunk.type)
        if inside._sack_needed:
            await inside._send_sack()

    async def receive_data(self, chunk: DataChunk) -> None:
        """Take data as far as there is room for it."""
        inside = self._inside
        last = inside._last_received_tsn
        if last is None or not chunk.user_data or self._has_overflowed:
            return
        if chunk.stream_id not in inside._inbound_streams and len(inside._inbound_streams) >= MAX_STREAMS:
            self._overflow(TOO_MANY_STREAMS)
        elif chunk.tsn == uint32_add(last, 1) or not self._is_above(1):
            await self._receive_data(chunk)
            if self._is_above(2):
                self._overflow(ENDLESS_MESSAGE)

    async def receive_message(self, stream_id: int, kind: int, data: bytes) -> None:
        """Hand on a message that is complete; one gap's end may complete many."""
        try:
            await self._inside._data_channel_receive(stream_id, kind, data)
        except (UnicodeDecodeError, AssertionError, struct.error):
            return  # not UTF-8, or a channel opened twice
        budget = budget_of(self._inside.transport)
        if budget.is_spent:
            await budget.rest(PAUSE_S)

    def mark_received(self, tsn: int) -> bool:
        """Note a TSN; return whether it came before. aiortc sorts all that came in disorder for each chunk."""
        inside = self._inside
        misordered = inside._sack_misordered
        if uint32_gte(inside._last_received_tsn, tsn) or tsn in misordered:
            if len(inside._sack_duplicates) < MAX_DUPLICATES:
                inside._sack_duplicates.append(tsn)
            return True
        misordered.add(tsn)
        while (following := uint32_add(inside._last_received_tsn, 1)) in misordered:
            misordered.remove(following)
            inside._last_received_tsn = following
        return False

    async def receive_forward_tsn(self, chunk: ForwardTsnChunk) -> None:
        """Skip what the client has given up, on streams that it has or may still have."""
        inside = self._inside
        if inside._last_received_tsn is None:
            return
        known = inside._inbound_streams
        left = MAX_STREAMS - len(known)
        streams = dict(chunk.streams)
        new = [stream_id for stream_id in streams if stream_id not in known]
        for stream_id in new[left:]:
            del streams[stream_id]
        chunk.streams = list(streams.items())
        await self._receive_forward_tsn(chunk)

    async def receive_sack(self, chunk: SackChunk) -> None:
        """Take an acknowledgement of what is on its way, and of nothing else."""
        inside = self._inside
        if uint32_gte(chunk.cumulative_tsn, inside._local_tsn):
            return
        sent = inside._sent_queue
        chunk.gaps = acknowledged(chunk.gaps, chunk.cumulative_tsn, sent[0].tsn, sent[-1].tsn) if sent else []
        await self._receive_sack(chunk)
        inside._cwnd = min(inside._cwnd, MAX_WINDOW_BYTES)

    def maybe_abandon(self, chunk: Any) -> bool:
        """Abandon a message that was sent as often as it may be; return whether it is abandoned.

        aiortc searches its queue for the other chunks of each, also where there is only one.
        """
        if chunk.flags & _WHOLE != _WHOLE or chunk._expiry is not None or chunk._abandoned:
            is_abandoned: bool = self._maybe_abandon(chunk)
            return is_abandoned
        if chunk._max_retransmits is None or chunk._sent_count <= chunk._max_retransmits:
            return False
        chunk._abandoned, chunk._retransmit = True, False
        self._inside._flight_size_decrease(chunk)
        return True

    async def send_sack(self) -> None:
        """Acknowledge what has come, as far as it fits into a datagram."""
        inside = self._inside
        last = inside._last_received_tsn
        sack = SackChunk()
        sack.cumulative_tsn = last
        sack.advertised_rwnd = max(0, inside._advertised_rwnd)
        sack.duplicates = inside._sack_duplicates[:]
        gaps: list[tuple[int, int]] = []
        for place in sorted((tsn - last) % (2 * _HALF) for tsn in inside._sack_misordered):
            if gaps and gaps[-1][1] == place - 1:
                gaps[-1] = gaps[-1][0], place
            elif place > 0xFFFF or len(gaps) == MAX_GAPS:
                break
            else:
                gaps.append((place, place))
        sack.gaps = gaps
        await inside._send_chunk(sack)
        inside._sack_duplicates.clear()
        inside._sack_needed = False

    def _is_above(self, times: int) -> bool:
        inside = self._inside
        unfinished = MAX_UNFINISHED_BYTES - inside._advertised_rwnd
        kept = sum(len(stream.reassembly) for stream in inside._inbound_streams.values()) if unfinished else 0
        chunks = max(kept, len(inside._sack_misordered))
        return unfinished >= times * MAX_UNFINISHED_BYTES or chunks >= times * MAX_UNFINISHED_CHUNKS

    def _overflow(self, reason: str) -> None:
        self._has_overflowed = True
        self._on_overflow(reason)
