"""Viewers of a room's picture by WHEP that cost next to nothing: ``python -m bench.picture_viewers URL ROOM COUNT``.

Each has a connection, keys and reports (RTCP) of its own, as a player has; of the picture's packets only the mark of a
frame's last one is read, which is not encrypted. A browser takes more than a core for twenty, also where it decodes
nothing. They would be on machines of their own.
Prints ``ready`` when all are connected, and for each line on its input how many pictures came so far: the least and the
most of any viewer.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp
import aioice.ice
import uvloop
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription

from bench.peers import bearer
from mocast.webrtc.aiortc import installation

RTP = range(128, 192)
"""The first byte of RTP and RTCP (RFC 7983)."""
RTCP = range(64, 96)
"""The second byte of RTCP without its highest bit (RFC 5761, section 4)."""
MARKER = 0x80


class PictureViewers:
    """Viewers of one room, and how many pictures each got."""

    def __init__(self) -> None:
        self.pictures: Counter[int] = Counter()
        "By viewer."
        self._peers: list[RTCPeerConnection] = []
        self._viewer_of: dict[Any, int] = {}
        "By the connection of aioice."
        installation.install()
        aioice.ice.StunProtocol.datagram_received = self._counted(aioice.ice.StunProtocol.datagram_received)  # type: ignore[method-assign]

    async def join(self, http: aiohttp.ClientSession, url: str, room: str) -> None:
        """Connect one more viewer. Raises ``RuntimeError`` where it is refused."""
        peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        transceiver = peer.addTransceiver("video", direction="recvonly")
        vp8 = [codec for codec in RTCRtpSender.getCapabilities("video").codecs if codec.mimeType == "video/VP8"]
        transceiver.setCodecPreferences(vp8)
        connected = asyncio.Event()
        peer.on("connectionstatechange", lambda: peer.connectionState == "connected" and connected.set())
        await peer.setLocalDescription(await peer.createOffer())
        headers = {"Content-Type": "application/sdp"}
        async with http.post(f"{url}/whep/{room}", data=peer.localDescription.sdp, headers=headers) as answer:
            text = await answer.text()
            if answer.status != 201:
                raise RuntimeError(f"{url} answered {answer.status}: {text}")
        await peer.setRemoteDescription(RTCSessionDescription(text, "answer"))
        await connected.wait()
        ice: Any = transceiver.receiver.transport.transport
        self._viewer_of[ice._connection] = len(self._peers)
        self._peers.append(peer)

    def told(self) -> dict[str, list[int]]:
        """The least and the most pictures of any viewer."""
        counts = [self.pictures[viewer] for viewer in range(len(self._peers))]
        return {"picture": [min(counts), max(counts)]}

    async def close(self) -> None:
        """Leave."""
        await asyncio.gather(*(peer.close() for peer in self._peers))

    def _counted(self, handle: Callable[[Any, bytes, Any], None]) -> Callable[[Any, bytes, Any], None]:
        def datagram_received(protocol: Any, data: bytes, address: Any) -> None:
            viewer = self._viewer_of.get(protocol.receiver)
            if viewer is None or data[0] not in RTP or data[1] & 0x7F in RTCP:
                handle(protocol, data, address)
            elif data[1] & MARKER:
                self.pictures[viewer] += 1

        return datagram_received


async def watch(url: str, room: str, count: int) -> None:
    viewers, lines = PictureViewers(), asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with aiohttp.ClientSession(headers=bearer()) as http:
        for _ in range(count):
            await viewers.join(http, url, room)
        print("ready", flush=True)
        while await lines.readline():
            print(json.dumps(viewers.told()), flush=True)
    await viewers.close()


def main() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(watch(sys.argv[1], sys.argv[2], int(sys.argv[3])))


if __name__ == "__main__":
    main()
