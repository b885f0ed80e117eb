"""Data channels keep their window while a tenth of the packets is lost, and halve it above."""

import random
import time
from typing import Any

import pytest
from aiortc import RTCPeerConnection
from aiortc.rtcsctptransport import (
    SCTP_DATA_FIRST_FRAG,
    SCTP_DATA_LAST_FRAG,
    SCTP_DATA_UNORDERED,
    USERDATA_MAX_LENGTH,
    DataChunk,
    SackChunk,
    serialize_packet,
)

from mocast.webrtc.aiortc.loss_tolerance import OVERTAKEN_S, LossTolerance

WINDOW = 40 * USERDATA_MAX_LENGTH
CHUNKS = 600


class Sender:
    """An association's sending side on a clock of its own; chunks leave one a millisecond and are never resent."""

    def __init__(self, *, tolerant: bool) -> None:
        self.sctp: Any = RTCPeerConnection().createDataChannel("landmarks").transport
        self.sctp._association_state = self.sctp.State.ESTABLISHED
        self.sctp._send_chunk = self._send
        self.sctp._t3_restart = self.sctp._t3_start = lambda: None
        self.sctp._data_channel_queue.clear()
        self.sctp._cwnd = self.sctp._ssthresh = WINDOW
        if tolerant:
            self.tolerance: Any = LossTolerance(self.sctp)
        self.began = time.time()
        self.first = self.sctp._local_tsn

    async def _send(self, _: Any) -> None:
        """A network takes it."""

    def send(self, number: int) -> None:
        chunk = DataChunk(flags=SCTP_DATA_FIRST_FRAG | SCTP_DATA_LAST_FRAG | SCTP_DATA_UNORDERED)
        chunk.tsn = self.sctp._local_tsn
        chunk.user_data = b"x" * 100
        for name, value in {
            "_abandoned": False,
            "_acked": False,
            "_book_size": 100,
            "_expiry": None,
            "_max_retransmits": 0,
            "_misses": 0,
            "_retransmit": False,
            "_sent_count": 1,
            "_sent_time": self.began + number / 1000,
            "_in_flight": True,
        }.items():
            setattr(chunk, name, value)
        self.sctp._local_tsn += 1
        self.sctp._sent_queue.append(chunk)
        self.sctp._flight_size += 100

    async def acknowledge(self, received: set[int], newest: int) -> None:
        """Tell what has come, as a receiver does for each packet."""
        first_missing = next(number for number in range(newest + 2) if number not in received)
        gaps, number = [], first_missing + 1
        while number <= newest:
            if number in received:
                end = number
                while end + 1 in received and end + 1 <= newest:
                    end += 1
                gaps.append((number - first_missing + 1, end - first_missing + 1))
                number = end
            number += 1
        sack = SackChunk()
        sack.cumulative_tsn = self.first + first_missing - 1
        sack.gaps = gaps
        await self.sctp._receive_sack_chunk(sack)


async def stream(sender: Sender, share: float, seed: int = 1) -> None:
    """Send chunks of which a share is lost; the receiver moves on when told to (FORWARD-TSN)."""
    lost, received = random.Random(seed), set[int]()
    for number in range(CHUNKS):
        sender.send(number)
        if lost.random() >= share:
            received.add(number)
            await sender.acknowledge(received, number)
        skipped = sender.sctp._advanced_peer_ack_tsn - sender.first
        received.update(range(skipped + 1))


@pytest.mark.parametrize(("share", "keeps"), [(0.0, True), (0.01, True), (0.05, True), (0.3, False)])
async def test_the_window_stays_up_to_a_tenth_of_loss(share: float, keeps: bool) -> None:
    sender = Sender(tolerant=True)
    await stream(sender, share)
    assert (sender.sctp._cwnd >= WINDOW) is keeps
    if share:
        as_before = Sender(tolerant=False)
        await stream(as_before, share)
        assert as_before.sctp._cwnd < WINDOW / 2


async def test_what_was_only_overtaken_is_not_given_up() -> None:
    sender = Sender(tolerant=True)
    for number in range(10):
        sender.send(number)
    received = {0}
    for number in (9, 8, 7, 6, 5, 4, 3, 2):
        received.add(number)
        await sender.acknowledge(received, 9)
    assert not sender.sctp._sent_queue[0]._abandoned
    received.add(1)
    await sender.acknowledge(received, 9)
    assert (list(sender.sctp._sent_queue), sender.sctp._cwnd) == ([], WINDOW)


async def test_what_later_chunks_have_overtaken_by_far_is_given_up() -> None:
    sender = Sender(tolerant=True)
    after = round(1000 * OVERTAKEN_S) + 5
    for number in range(after + 1):
        sender.send(number)
    received = {0}
    for number in range(2, after + 1):
        received.add(number)
        await sender.acknowledge(received, number)
    assert sender.sctp._advanced_peer_ack_tsn >= sender.first + 1


def window_of(sctp: Any) -> tuple[object, ...]:
    names = ("_cwnd", "_ssthresh", "_flight_size", "_last_sacked_tsn", "_advanced_peer_ack_tsn", "_partial_bytes_acked")
    return (*(getattr(sctp, name) for name in names), [chunk.tsn for chunk in sctp._sent_queue])


@pytest.mark.parametrize("window", [300, WINDOW])
async def test_a_packet_that_only_acknowledges_does_what_its_chunk_would(window: int) -> None:
    by_packet, by_chunk = Sender(tolerant=True), Sender(tolerant=True)
    for sender in (by_packet, by_chunk):
        sctp = sender.sctp
        sctp._cwnd, sctp._ssthresh, sctp._local_verification_tag = window, 2 * window, 7
        sctp._local_tsn = sender.first = 1_000
        sctp._last_sacked_tsn = sctp._advanced_peer_ack_tsn = 999
        sender.tolerance._delay_window.add = lambda *_, **__: None  # a busy machine is no full line
    handled: list[bytes] = []

    async def handle(data: bytes) -> None:
        handled.append(data)

    by_packet.tolerance._handle = handle
    rng, acknowledged, repeated = random.Random(1), 0, 0
    for number in range(300):
        for sender in (by_packet, by_chunk):
            sender.send(number)
        if rng.random() < 0.4:
            newest = rng.randrange(max(acknowledged - 1, 0), number + 1)
            repeated += newest + 1 == acknowledged
            acknowledged = newest + 1
            sack = SackChunk()
            sack.cumulative_tsn = 1_000 + newest
            await by_packet.sctp._handle_data(serialize_packet(5000, 5000, 7, sack))
            await by_chunk.sctp._receive_sack_chunk(sack)
            assert window_of(by_packet.sctp) == window_of(by_chunk.sctp)
    assert by_packet.sctp._cwnd > window or window == WINDOW
    assert len(handled) == repeated, "only those that name nothing new go aiortc's way"


@pytest.mark.parametrize("broken", ["tag", "checksum", "tsn", "type"])
async def test_a_packet_that_is_not_quite_an_acknowledgement_goes_aiortcs_way(broken: str) -> None:
    sender = Sender(tolerant=True)
    sender.sctp._local_verification_tag = 7
    handled: list[bytes] = []

    async def handle(data: bytes) -> None:
        handled.append(data)

    sender.tolerance._handle = handle
    sender.send(0)
    sack = SackChunk()
    sack.cumulative_tsn = (sender.first + (5 if broken == "tsn" else 0)) % 2**32
    packet = bytearray(serialize_packet(5000, 5000, 8 if broken == "tag" else 7, sack))
    if broken in ("checksum", "type"):
        packet[8 if broken == "checksum" else 12] ^= 1
    await sender.sctp._handle_data(bytes(packet))
    assert handled == [packet]
    assert len(sender.sctp._sent_queue) == 1
