"""Messages of data channels: whole, together, and not to clients that do not take them."""

import asyncio
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcdtlstransport import State
from aiortc.rtcsctptransport import WEBRTC_BINARY, ForwardTsnChunk, serialize_packet

from mocast.webrtc.aiortc.data_messages import MAX_CHUNKS_ON_THEIR_WAY, MessageSender


async def connected() -> tuple[RTCPeerConnection, RTCPeerConnection, Any]:
    """Two peers, and the channel of the first."""
    one, other = (RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2))
    channel = one.createDataChannel("c", ordered=False, maxRetransmits=0)
    opened = asyncio.Event()
    channel.on("open", opened.set)
    await one.setLocalDescription(await one.createOffer())
    await other.setRemoteDescription(one.localDescription)
    assert one.sctp is not None
    MessageSender(one.sctp)
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


async def test_what_is_sent_again_to_who_has_gone_is_no_error() -> None:
    one, other, _ = await connected()
    sctp: Any = one.sctp
    sctp._forward_tsn_chunk = ForwardTsnChunk()
    state, sctp.transport._state = sctp.transport._state, State.CLOSED
    await sctp._transmit()
    sctp.transport._state, sctp._forward_tsn_chunk = state, None
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


async def test_a_client_that_acknowledges_nothing_is_sent_no_more() -> None:
    one, other, channel = await connected()
    sctp: Any = one.sctp
    sctp._sent_queue.extend([None] * MAX_CHUNKS_ON_THEIR_WAY)
    with pytest.raises(ValueError, match="not acknowledged"):
        channel.send(b"x")
    assert channel.bufferedAmount == 0
    sctp._sent_queue.clear()
    channel.send(b"x")
    await one.close()
    await other.close()


@pytest.mark.parametrize("size", [1, 1099, 1100])
async def test_a_message_that_leaves_straight_is_packed_as_aiortc_packs_it(size: int) -> None:
    one, other, channel = await connected()
    sctp: Any = one.sctp
    sender = sctp._send_chunk.__self__
    sctp._local_tsn, before = 2**32 - 1, sctp._flight_size
    assert sender._is_plain(channel, WEBRTC_BINARY, b"x" * size)
    packet = sender._packed(channel, WEBRTC_BINARY, b"x" * size)
    chunk = sctp._sent_queue[-1]
    ports = sctp._local_port, sctp._remote_port
    assert packet == serialize_packet(*ports, sctp._remote_verification_tag, chunk)
    assert (sctp._local_tsn, sctp._flight_size - before, chunk._book_size) == (0, size, size)
    await one.close()
    await other.close()


async def test_a_full_window_lets_messages_wait_in_their_channel() -> None:
    one, other, channel = await connected()
    sctp: Any = one.sctp
    sctp._cwnd = 2_500
    for _ in range(6):
        channel.send(b"x" * 1_000)
    await asyncio.sleep(0)
    assert (len(sctp._sent_queue), len(sctp._outbound_queue)) == (3, 1)
    assert channel.bufferedAmount == 2_000
    left = asyncio.Event()
    channel.on("bufferedamountlow", left.set)
    async with asyncio.timeout(60):
        await left.wait()
    await one.close()
    await other.close()
