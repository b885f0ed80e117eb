"""A client that connects as it should and then sends what it likes, below aiortc's own checks."""

import asyncio
import os
import socket
import struct
from typing import Any

import pylibsrtp
from aiortc.rtp import is_rtcp

from mocast.webrtc.aiortc.aiortc_transport import AiortcTransport
from mocast.webrtc.transport import OpusPacket
from tests.fuzzing.malice import Check, Padding, Request, as_sctp, joined, with_rtcp_lengths
from tests.integration.http_server import Running
from tests.peers import Peer
from tests.sound import Tone

OPUS_TYPE = 96
"""aiortc's payload type for it."""

STRANGER = -1
"""Stands for the port of who is no client."""


class Captured:
    """What honest clients send, by its border; taken while an attacker connects."""

    def __init__(self) -> None:
        self.datagrams: dict[str, list[bytes]] = {name: [] for name in ("rtp", "audio", "rtcp", "sctp", "dtls")}
        self.some = {name: asyncio.Event() for name in self.datagrams}
        "There are a few."

    def keep(self, border: str, data: bytes) -> None:
        if len(self.datagrams[border]) < 40 and data not in self.datagrams[border]:
            self.datagrams[border].append(data)
            if len(self.datagrams[border]) > 1:
                self.some[border].set()


class Attacker:
    """One client of a room of its own; it looks into the server's side of its connection for its numbers."""

    def __init__(self, server: Running, room: str, captured: Captured) -> None:
        self._server, self._room, self._captured = server, room, captured
        self._peer: Peer | None = None
        self._there: Any = None
        self._offer = self._session = ""
        self._sources: dict[tuple[int, int], socket.socket] = {}
        "By the check's port, or ``STRANGER``, and the address family."
        self.connections = 0

    async def be_connected(self) -> None:
        """Connect, unless the connection is whole on both sides."""
        if self._peer is not None and self._is_whole():
            self._peer.forget()
            return
        await self.close()
        self.connections += 1
        self._peer = peer = self._new_peer()
        self._watch(peer)
        made: list[Any] = []
        init = AiortcTransport.__init__

        def note(transport: Any, *args: Any, **options: Any) -> None:
            init(transport, *args, **options)
            made.append(transport)

        room = f"{self._room}-{self.connections}"
        AiortcTransport.__init__ = note  # type: ignore[method-assign]
        try:
            self._offer = await peer.offer()
            answer = await asyncio.to_thread(self._server.publish, room, self._offer)
        finally:
            AiortcTransport.__init__ = init  # type: ignore[method-assign]
        assert answer.status == 201, answer.body
        self._session = answer.location
        await peer.accept(answer.body.decode())
        self._there = made[-1]
        await peer.until(lambda: peer.control_messages and peer.landmark_messages, 60)

    def _new_peer(self) -> Peer:
        return Peer(rig="", codec="video/VP8")

    def _is_whole(self) -> bool:
        assert self._peer is not None
        sctp = self._there.pc.sctp
        return (
            self._peer.pc.connectionState == self._there.pc.connectionState == "connected"
            and sctp._association_state == sctp.State.ESTABLISHED
            and not self._there._events._ending.is_set()
        )

    def _watch(self, peer: Peer) -> None:
        """Keep what it sends before it is encrypted."""
        dtls: Any = peer.sender.transport  # all media use that of the first
        send_rtp, send_data, send = dtls._send_rtp, dtls._send_data, dtls.transport._send

        async def rtp(data: bytes) -> None:
            media = "audio" if data[1] & 0x7F == OPUS_TYPE else "rtp"
            self._captured.keep("rtcp" if is_rtcp(data) else media, data)
            await send_rtp(data)

        async def sctp(data: bytes) -> None:
            self._captured.keep("sctp", data)
            await send_data(data)

        async def datagram(data: bytes) -> None:
            if 19 < data[0] < 64:
                self._captured.keep("dtls", data)
            await send(data)

        dtls._send_rtp, dtls._send_data, dtls.transport._send = rtp, sctp, datagram

    @property
    def _here(self) -> Any:
        assert self._peer is not None
        assert self._peer.pc.sctp is not None
        return self._peer.pc.sctp.transport

    def state(self) -> dict[str, int]:
        """The numbers that the connection is at, as the server knows them."""
        sctp = self._there.pc.sctp
        receiver = self._there.pc.getReceivers()[0]
        sources = receiver._RTCRtpReceiver__remote_streams
        source, statistics = next(iter(sources.items()), (1, None))
        video = receiver.mocast_receiver
        sender = self._there.pc.getSenders()[0]
        history = max(self._sent(sender), default=0)
        return {
            "tsn": ((sctp._last_received_tsn or 0) + 1) % 2**32,
            "ack": sctp._local_tsn,
            "ssrc": source,
            "seq": (video._jitter._highest or 0) + 1,
            "time": getattr(statistics, "_last_timestamp", 0) or 0,
            "sender": sender._ssrc,
            "sent": history,
        }

    @staticmethod
    def _sent(sender: Any) -> list[int]:
        """The numbers of packets that can be sent again."""
        owner = getattr(sender._handle_rtcp_packet, "__self__", None)
        return [number for number, *_ in getattr(owner, "_history", {}).values()]

    def send(self, data: bytes) -> None:
        """Send a datagram from the client's own socket."""
        pair = self._here.transport._connection._nominated.get(1)
        if pair is not None and not pair.protocol.transport.is_closing():
            pair.protocol.transport.sendto(data, pair.remote_addr)

    def send_rtp(self, parts: Any) -> None:
        data = joined(parts, self.state())
        try:
            self.send(self._here._tx_srtp.protect(data))
        except (pylibsrtp.Error, ValueError):
            self.send(data)

    def send_rtcp(self, packets: Any) -> None:
        data = with_rtcp_lengths(packets, self.state())
        try:
            self.send(self._here._tx_srtp.protect_rtcp(data))
        except (pylibsrtp.Error, ValueError):
            self.send(data)

    def send_sctp(self, chunks: Any) -> None:
        self._peer.pc.sctp._receive_sack_chunk = _nothing  # type: ignore  # of what aiortc has not sent itself
        begins = bool(chunks) and not isinstance(chunks[0], bytes) and chunks[0][0][:1] == b"\x01"
        tag = 0 if begins else self._there.pc.sctp._local_verification_tag
        data = as_sctp(chunks, tag, self.state())
        self._here._ssl.send(data)
        self.send(self._here._ssl.bio_read(4_096))

    def send_check(self, check: Check) -> None:
        """Send a connectivity check: from the client's socket, one nearby, or a stranger's."""
        connection = self._there.pc.sctp.transport.transport._connection
        data = check.pack(f"{connection.local_username}:{connection.remote_username}", connection.local_password)
        if check.port == 0 and not check.is_stranger:
            self.send(data)
            return
        pair = self._here.transport._connection._nominated.get(1)
        if pair is None:
            return
        family = socket.AF_INET6 if ":" in pair.remote_addr[0] else socket.AF_INET
        name = (STRANGER if check.is_stranger else check.port, family)
        source = self._sources.get(name)
        if source is None:
            source = self._sources[name] = socket.socket(family, socket.SOCK_DGRAM)
            if not check.is_stranger:
                source.bind((pair.protocol.local_candidate.host, 0))
            source.setblocking(False)
        source.sendto(data[:60_000], pair.remote_addr)

    def send_message(self, message: bytes | str) -> None:
        assert self._peer is not None
        channel = self._peer.control
        if channel is not None and channel.readyState == "open" and channel.bufferedAmount < 1 << 20:
            channel.send(message)

    async def close(self) -> None:
        if self._peer is not None:
            await self._peer.close()
        self._peer = None
        for source in self._sources.values():
            source.close()
        self._sources.clear()


async def _nothing(*_: object) -> None:
    """Takes what comes."""


class SoundAttacker(Attacker):
    """A client that sends sound, to a room in which somebody listens."""

    async def be_connected(self) -> None:
        before = self.connections
        await super().be_connected()
        if self.connections > before:
            audio = self._there._events.room.audio
            self._server.loop.call_soon_threadsafe(audio.join, self)

    def put(self, packet: OpusPacket) -> None:
        """Listen."""

    def _new_peer(self) -> Peer:
        return Peer(rig="", codec="video/VP8", audio=Tone())

    def state(self) -> dict[str, int]:
        receiver: Any = next(one for one in self._there.pc.getReceivers() if one._RTCRtpReceiver__kind == "audio")
        source, statistics = next(iter(receiver._RTCRtpReceiver__remote_streams.items()), (1, None))
        number, time = getattr(statistics, "max_seq", 0) or 0, getattr(statistics, "_last_timestamp", 0) or 0
        return {**super().state(), "ssrc": source, "seq": number + 1, "time": time}


class SocketAttacker:
    """A WebSocket reader that sends frames of its own making."""

    def __init__(self, server: Running, room: str) -> None:
        self._server, self._room = server, room
        self._socket: socket.socket | None = None
        self.connections = 0

    async def be_connected(self) -> None:
        if self._socket is not None and self._is_open():
            return
        await self.close()
        self.connections += 1
        await asyncio.to_thread(self._connect)

    def _connect(self) -> None:
        self._socket = socket.create_connection(("127.0.0.1", self._server.port), 60)
        lines = [
            f"GET /v1/rooms/{self._room}/landmarks HTTP/1.1",
            f"Host: localhost:{self._server.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ]
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            more = self._socket.recv(4_096)
            assert more, answer
            answer += more
        assert answer.startswith(b"HTTP/1.1 101"), answer
        self._socket.setblocking(False)

    def _is_open(self) -> bool:
        assert self._socket is not None
        try:
            while data := self._socket.recv(1 << 16):
                del data
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def send_frames(self, data: bytes) -> None:
        assert self._socket is not None
        try:
            self._socket.send(data)
        except OSError:
            return

    async def close(self) -> None:
        if self._socket is not None:
            # Reset, so that no port waits for its end.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._socket.close()
        self._socket = None


def resident_bytes() -> int:
    """The process's memory (RSS)."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class RequestAttacker(Attacker):
    """A client with a session that makes requests of its own making; offers open further sessions."""

    def send_offer(self, padding: Padding) -> None:
        """Offer, and leave again."""
        try:
            answer = self._server.publish("offers", padding.into(self._offer))
        except OSError:
            return  # refused before it was read
        if answer.status == 201:
            self._server.ask("DELETE", answer.location)

    def send_request(self, request: Request) -> None:
        path = request.path.format(session=self._session, room=f"/v1/rooms/{self._room}-{self.connections}")
        headers = {"If-Match": "*", **({"Content-Type": request.content_type} if request.content_type else {})}
        try:
            self._server.ask(request.method, path, request.body or None, headers)
        except OSError:
            return  # refused before it was read
