"""Messages of data channels: whole, together, and not to clients that do not take them."""

import asyncio
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from mocast.webrtc.aiortc.data_messages import MAX_CHUNKS_ON_THEIR_WAY, send_messages_together


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
