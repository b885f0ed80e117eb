"""SCTP chunks: whatever a client writes into one, the work that it makes is bounded. Work is counted, not timed."""

import asyncio
import random
import struct
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import aiortc.rtcsctptransport
import pytest
from aiortc import RTCPeerConnection
from aiortc.rtcsctptransport import (
    SCTP_DATA_FIRST_FRAG,
    SCTP_DATA_LAST_FRAG,
    WEBRTC_STRING,
    Chunk,
    DataChunk,
    ForwardTsnChunk,
    HeartbeatAckChunk,
    HeartbeatChunk,
    InitChunk,
    ReconfigChunk,
    SackChunk,
)
from google_crc32c import value as crc32c
from hypothesis import given
from hypothesis import strategies as st

from mocast.webrtc.aiortc import installation, loop_budget
from mocast.webrtc.aiortc.chunks_in import (
    ENDLESS_MESSAGE,
    MAX_DUPLICATES,
    MAX_GAPS,
    MAX_PARAMETERS,
    MAX_STREAMS,
    MAX_UNFINISHED_BYTES,
    MAX_UNFINISHED_CHUNKS,
    MAX_WINDOW_BYTES,
    TOO_MANY_STREAMS,
    InboundBounds,
    acknowledged,
    parameters,
)

WHOLE = SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG
RANDOM = random.Random(0)


@pytest.fixture(autouse=True)
def installed() -> None:
    installation.install()


class Association:
    """A peer's association with bounds, fed by hand; keeps what it sends."""

    def __init__(self, size: int = 1) -> None:
        self.pc, self.size, self.reasons = RTCPeerConnection(), size, list[str]()
        self.pc.createDataChannel("control")
        self.sctp: Any = self.pc.sctp
        self.sent: list[Any] = []
        self.sctp._send_chunk = self._send
        self.sctp._association_state = self.sctp.State.ESTABLISHED
        self.bounds = InboundBounds(self.sctp, self.reasons.append)
        self.sctp._last_received_tsn = 0
        self.sctp._data_channel_queue.clear()

    async def _send(self, chunk: Any) -> None:
        self.sent.append(chunk)

    async def take(self, tsn: int, flags: int = 0, stream_id: int = 0) -> None:
        await self.sctp._receive_data_chunk(data(tsn, flags, stream_id, b"x" * self.size))

    async def packet(self, *chunks: Chunk) -> None:
        """Take chunks as one packet."""
        await self.sctp._handle_data(packed(self.sctp._local_verification_tag, b"".join(map(bytes, chunks))))

    @property
    def kept(self) -> int:
        return len(self.sctp._inbound_streams[0].reassembly)


def packed(tag: int, chunks: bytes) -> bytes:
    header = struct.pack("!HHL", 5000, 5000, tag)
    return header + struct.pack("<L", crc32c(header + bytes(4) + chunks)) + chunks


def data(tsn: int, flags: int = WHOLE, stream_id: int = 0, content: bytes = b"x") -> DataChunk:
    chunk = DataChunk(flags)
    chunk.tsn, chunk.stream_id, chunk.stream_seq, chunk.protocol = tsn, stream_id, 0, WEBRTC_STRING
    chunk.user_data = content
    return chunk


def sack(cumulative_tsn: int, gaps: Iterable[tuple[int, int]]) -> SackChunk:
    chunk = SackChunk()
    chunk.cumulative_tsn, chunk.advertised_rwnd, chunk.gaps = cumulative_tsn, 1 << 20, list(gaps)
    return chunk


@pytest.mark.parametrize(("size", "most"), [(1, MAX_UNFINISHED_CHUNKS), (1024, MAX_UNFINISHED_BYTES // 1024)])
async def test_what_waits_behind_a_gap_is_bounded_and_taken_when_it_comes_again(size: int, most: int) -> None:
    association = Association(size)
    for tsn in range(2, 3_000):
        await association.take(tsn)
    assert association.kept == most
    await association.take(1, SCTP_DATA_FIRST_FRAG)
    await association.take(most + 2, SCTP_DATA_LAST_FRAG)
    assert (association.kept, association.reasons) == (0, [])
    await association.pc.close()


@pytest.mark.parametrize(("size", "most"), [(1, MAX_UNFINISHED_CHUNKS), (1024, MAX_UNFINISHED_BYTES // 1024)])
async def test_a_message_without_end_is_not_kept(size: int, most: int) -> None:
    association = Association(size)
    await association.take(1, SCTP_DATA_FIRST_FRAG)
    for tsn in range(2, 3_000):
        await association.take(tsn)
    assert (association.kept, association.reasons) == (2 * most, [ENDLESS_MESSAGE])
    await association.pc.close()


async def test_unfinished_messages_are_bounded_over_all_streams() -> None:
    association = Association()
    for tsn in range(1, 3_000):
        await association.take(tsn, SCTP_DATA_FIRST_FRAG, stream_id=tsn % MAX_STREAMS)
    streams = association.sctp._inbound_streams
    assert sum(len(stream.reassembly) for stream in streams.values()) == 2 * MAX_UNFINISHED_CHUNKS
    assert association.reasons == [ENDLESS_MESSAGE]
    await association.pc.close()


async def test_data_without_data_is_not_kept() -> None:
    association = Association(0)
    for tsn in range(1, 1_000):
        await association.take(tsn, 0)
    assert association.sctp._inbound_streams == {}
    await association.pc.close()


async def test_streams_are_bounded_by_data_and_by_forward_tsn() -> None:
    association = Association()
    for number in range(8):
        forward = ForwardTsnChunk()
        forward.cumulative_tsn = number + 1
        forward.streams = [(stream_id, 0) for stream_id in range(250 * number, 250 * number + 250)]
        await association.packet(forward)
    assert len(association.sctp._inbound_streams) == MAX_STREAMS
    assert association.sctp._last_received_tsn == 8
    assert association.reasons == []
    await association.take(9, WHOLE, stream_id=5)
    assert association.reasons == []
    await association.take(10, WHOLE, stream_id=9_999)
    assert association.reasons == [TOO_MANY_STREAMS]
    assert len(association.sctp._inbound_streams) == MAX_STREAMS
    await association.pc.close()


async def test_a_packet_of_forward_tsns_costs_one_walk_over_the_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    association = Association()
    for stream_id in range(MAX_STREAMS):
        await association.take(stream_id + 1, WHOLE, stream_id)
    pruned: list[int] = []
    monkeypatch.setattr(aiortc.rtcsctptransport.InboundStream, "prune_chunks", lambda _, tsn: pruned.append(tsn) or 0)
    chunks = []
    for tsn in range(1_000, 1_143):
        chunks.append(ForwardTsnChunk())
        chunks[-1].cumulative_tsn = tsn
    await association.packet(*chunks)
    assert pruned == [1_000] * MAX_STREAMS
    await association.pc.close()


class CountedRange:
    """Counts how many positions gap blocks are taken to hold."""

    def __init__(self) -> None:
        self.positions = 0

    def __call__(self, *bounds: int) -> Iterator[int]:
        for number in range(*bounds):
            self.positions += len(bounds) == 2  # with one, it is the parser's
            yield number


async def test_a_sack_costs_as_many_steps_as_chunks_are_on_their_way(monkeypatch: pytest.MonkeyPatch) -> None:
    association = Association()
    sctp = association.sctp
    sctp._ssthresh, sctp._cwnd = 1 << 30, 40
    for _ in range(40):
        await sctp._send(1, WEBRTC_STRING, b"x")
    assert len(sctp._sent_queue) == 40
    counted = CountedRange()
    monkeypatch.setattr(aiortc.rtcsctptransport, "range", counted, raising=False)
    before = sctp._sent_queue[0].tsn - 1
    await association.packet(sack(before, [(2, 65_535)] * 300))
    assert counted.positions == 39
    assert [chunk._acked for chunk in sctp._sent_queue] == [False] + [True] * 39
    await association.packet(sack(before, [(50_000, 65_535)] * 300))
    assert counted.positions == 39
    await association.pc.close()


async def test_what_was_never_sent_is_not_acknowledged_and_the_window_ends() -> None:
    association = Association()
    sctp = association.sctp
    sctp._ssthresh = sctp._cwnd = 1 << 30
    for _ in range(3):
        await sctp._send(1, WEBRTC_STRING, b"x")
    await association.packet(sack(sctp._local_tsn, []))
    assert len(sctp._sent_queue) == 3
    await association.packet(sack(sctp._local_tsn - 1, []))
    assert len(sctp._sent_queue) == 0
    assert sctp._cwnd == MAX_WINDOW_BYTES
    await association.pc.close()


@given(
    st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=20),
    st.integers(0, 2**32 - 1),
    st.integers(1, 60),
    st.integers(0, 20),
)
def test_gap_blocks_are_in_order_apart_and_within_what_is_on_its_way(
    gaps: list[tuple[int, int]], cumulative: int, first: int, more: int
) -> None:
    wrapped = 2**32
    kept = acknowledged(gaps, cumulative, (cumulative + first) % wrapped, (cumulative + first + more) % wrapped)
    places = [place for start, end in kept for place in range(start, end + 1)]
    assert places == sorted(set(places))
    assert all(first <= place <= first + more for place in places)
    honest = all(a <= b for a, b in gaps) and all(b[0] > a[1] for a, b in pairwise(gaps))
    if honest:
        assert places == [p for a, b in gaps for p in range(a, b + 1) if first <= p <= first + more]


def test_a_parameter_of_no_length_ends_the_list() -> None:
    assert parameters(bytes(4)) == []
    assert parameters(struct.pack("!HH", 1, 3) + bytes(20)) == []
    many = struct.pack("!HH", 1, 4) * 300
    assert parameters(many) == [(1, b"")] * MAX_PARAMETERS
    assert parameters(struct.pack("!HH2sxxHH", 7, 6, b"ab", 8, 4)) == [(7, b"ab"), (8, b"")]
    assert aiortc.rtcsctptransport.decode_params is parameters


async def test_a_packet_of_heartbeats_is_answered_once() -> None:
    association = Association()
    await association.packet(*[HeartbeatChunk() for _ in range(300)])
    assert [type(chunk) for chunk in association.sent] == [HeartbeatAckChunk]
    await association.pc.close()


async def test_a_packet_of_reset_requests_is_answered_a_few_times() -> None:
    association = Association()
    chunk = ReconfigChunk()
    chunk.params = [(17, struct.pack("!LHH", number, 1, 0)) for number in range(100)]
    await association.packet(chunk, chunk)
    assert len(association.sent) == MAX_PARAMETERS
    await association.pc.close()


async def test_packets_that_are_cut_short_or_not_of_this_association_are_dropped() -> None:
    association = Association()
    tag = association.sctp._local_verification_tag
    for kind in range(256):
        for length in (4, 5, 8, 15):
            body = bytes(length - 4)
            chunk = struct.pack("!BBH", kind, 0, length) + body + bytes(-length % 4)
            if kind not in (6, 7, 14):  # those that end it
                await association.sctp._handle_data(packed(tag, chunk))
    init = InitChunk()
    await association.sctp._handle_data(packed(0, bytes(init) + bytes(HeartbeatChunk())))
    association.sent.clear()
    await association.sctp._handle_data(packed(tag ^ 1, bytes(HeartbeatChunk())))
    assert association.sent == []
    await association.packet(HeartbeatChunk())
    assert len(association.sent) == 1
    await association.pc.close()


async def test_data_before_the_association_is_dropped() -> None:
    association = Association()
    association.sctp._last_received_tsn = None
    forward = ForwardTsnChunk()
    forward.cumulative_tsn = 7
    await association.packet(data(1), forward)
    assert association.sctp._inbound_streams == {}
    await association.pc.close()


async def test_tsns_in_any_order_are_acknowledged_as_aiortc_does() -> None:
    ours, theirs = Association(), RTCPeerConnection()
    theirs.createDataChannel("control")
    inside: Any = theirs.sctp
    start = 1_000_000
    ours.sctp._last_received_tsn = inside._last_received_tsn = start
    order = [start + 1 + n for n in range(120)]
    RANDOM.shuffle(order)
    for tsn in (*order[:60], *order[20:100], *order):
        assert ours.bounds.mark_received(tsn) == inside._mark_received(tsn)
        assert ours.sctp._last_received_tsn == inside._last_received_tsn
        assert ours.sctp._sack_misordered == inside._sack_misordered
    assert ours.sctp._last_received_tsn == start + 120
    assert len(ours.sctp._sack_duplicates) == MAX_DUPLICATES
    ours.sctp._last_received_tsn = 2**32 - 3
    for tsn in (1, 0, 2**32 - 1, 2**32 - 2):
        assert not ours.bounds.mark_received(tsn)
    assert ours.sctp._last_received_tsn == 1, "they go round"
    await ours.pc.close()
    await theirs.close()


async def test_an_acknowledgement_fits_into_a_datagram() -> None:
    association = Association()
    for tsn in range(3, 2_000, 2):
        association.bounds.mark_received(tsn)
        association.bounds.mark_received(tsn)
    await association.sctp._send_sack()
    (chunk,) = association.sent
    assert chunk.gaps == [(place, place) for place in range(3, 3 + 2 * MAX_GAPS, 2)]
    assert len(chunk.duplicates) == MAX_DUPLICATES
    assert len(bytes(chunk)) < 1_100
    association.sctp._sack_misordered = {5, 6, 7, 10, 100_000}
    await association.sctp._send_sack()
    assert association.sent[-1].gaps == [(5, 7), (10, 10)]
    assert association.sent[-1].duplicates == []
    await association.pc.close()


async def test_a_message_that_is_no_text_is_dropped_and_the_next_is_read() -> None:
    association = Association()
    received: list[str] = []
    channel = association.pc.createDataChannel("c", negotiated=True, id=0)
    channel.on("message", received.append)
    first, second = data(1, WHOLE, 0, b"\xff\xfe"), data(2, WHOLE, 0, b"text")
    second.stream_seq = 1
    await association.packet(first, second)
    assert received == ["text"]
    await association.pc.close()


async def test_what_one_datagram_completes_does_not_keep_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a budget of nothing, other tasks run between any two of the messages that a gap's end completes."""
    association = Association()
    monkeypatch.setattr(loop_budget, "HELD_S", -1.0)
    steps: list[str] = []
    channel = association.pc.createDataChannel("c", negotiated=True, id=0)
    channel.on("message", lambda _: steps.append("message"))

    async def other() -> None:
        while True:
            steps.append("other")
            await asyncio.sleep(0)

    monkeypatch.setattr("mocast.webrtc.aiortc.chunks_in.PAUSE_S", 0.0)
    for tsn in range(2, 12):
        chunk = data(tsn)
        chunk.stream_seq = tsn - 1
        await association.sctp._receive_data_chunk(chunk)
    task = asyncio.create_task(other())
    await association.packet(data(1))
    task.cancel()
    assert steps.count("message") == 11
    assert "message,message" not in ",".join(steps)
    await association.pc.close()


async def test_a_queue_of_whole_messages_is_abandoned_without_a_search_for_each() -> None:
    association = Association()
    sctp = association.sctp
    sctp._cwnd = 1 << 20
    for _ in range(100):
        await sctp._send(1, WEBRTC_STRING, b"x", max_retransmits=0, ordered=False)
    for _ in range(2):
        await sctp._send(1, WEBRTC_STRING, b"x" * 3_000, max_retransmits=0, ordered=False)

    class Queue(type(sctp._sent_queue)):  # type: ignore[misc]
        searches = 0

        def index(self, *arguments: Any) -> int:
            Queue.searches += 1
            found: int = super().index(*arguments)
            return found

    sctp._sent_queue = Queue(sctp._sent_queue)
    sctp._t3_expired()
    assert Queue.searches == 2
    assert sctp._flight_size == 0
    assert len(sctp._sent_queue) == 0
    await association.pc.close()
