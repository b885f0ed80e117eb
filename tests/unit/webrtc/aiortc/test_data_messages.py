"""Messages of data channels: whole, together, and bounded while they are unfinished."""

import asyncio
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcsctptransport import SCTP_DATA_FIRST_FRAG, SCTP_DATA_LAST_FRAG, DataChunk

from mocast.webrtc.aiortc.data_messages import (
    ENDLESS_MESSAGE,
    MAX_UNFINISHED_BYTES,
    MAX_UNFINISHED_CHUNKS,
    bound_messages,
    send_messages_together,
)


async def connected() -> tuple[RTCPeerConnection, RTCPeerConnection, Any]:
    """Two peers, and the channel of the first."""
    one, other = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    channel = one.createDataChannel("c", ordered=False, maxRetransmits=0)
    opened = asyncio.Event()
    channel.on("open", opened.set)
    await one.setLocalDescription(await one.createOffer())
    await other.setRemoteDescription(one.localDescription)
    assert one.sctp is not None
    send_messages_together(one.sctp)
    await other.setLocalDescription(await other.createAnswer())
    await one.setRemoteDescription(other.localDescription)
    async with asyncio.timeout(60):
        await opened.wait()
    return one, other, channel


async def test_messages_arrive_as_they_were_and_leave_in_one_task() -> None:
    received: list[bytes | str] = []
    has_all = asyncio.Event()
    one, other, channel = await connected()
    messages: list[bytes | str] = [b"a" * 1100, "text", b"", "", b"b" * 5000, "é"]

    def take(message: bytes | str) -> None:
        received.append(message)
        if len(received) == len(messages):
            has_all.set()

    (there,) = other.sctp._data_channels.values()  # type: ignore[union-attr]
    there.on("message", take)
    before = asyncio.all_tasks()
    for message in messages:
        channel.send(message)
    assert len(asyncio.all_tasks() - before) == 1
    assert channel.bufferedAmount == sum(max(1, len(m.encode() if isinstance(m, str) else m)) for m in messages)
    async with asyncio.timeout(60):
        await has_all.wait()
    assert received == messages
    assert channel.bufferedAmount == 0
    await one.close()
    await other.close()


async def test_a_message_that_is_too_long_for_the_client_is_refused() -> None:
    one, other, channel = await connected()
    one.sctp._remote_max_message_size = 10  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="up to 10 bytes"):
        channel.send(b"x" * 11)
    assert channel.bufferedAmount == 0
    one.sctp._remote_max_message_size = 0  # type: ignore[union-attr]  # any length
    channel.send(b"x" * 11)
    await one.close()
    await other.close()


class Association:
    """A peer's data transport with bounded messages, fed with chunks by hand."""

    def __init__(self, size: int) -> None:
        self.pc, self.size, self.reasons = RTCPeerConnection(), size, list[str]()
        self.pc.createDataChannel("control")
        self.sctp: Any = self.pc.sctp
        bound_messages(self.sctp, self.reasons.append)
        self.sctp._last_received_tsn = 0

    async def take(self, tsn: int, flags: int = 0) -> None:
        chunk = DataChunk(flags)
        chunk.tsn, chunk.stream_id, chunk.stream_seq, chunk.protocol = tsn, 0, 0, 51
        chunk.user_data = b"x" * self.size
        await self.sctp._receive_data_chunk(chunk)

    @property
    def kept(self) -> int:
        return len(self.sctp._inbound_streams[0].reassembly)


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
