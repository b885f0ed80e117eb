"""A WebRTC client for the tests: a moving square as its camera, and what it gets back."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Literal

import numpy as np
import orjson
from aioice import Connection
from aiortc import (
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import (
    VIDEO_CLOCK_RATE,
    VIDEO_PTIME,
    VIDEO_TIME_BASE,
    MediaStreamError,
    MediaStreamTrack,
)
from aiortc.rtp import RtpPacket
from av import AudioFrame, VideoFrame
from bench.camera_encoder import encode_with

from mocast.webrtc.aiortc.video_receiver import VideoReceiver
from mocast.webrtc.video_decoder import VideoDecoder
from mocast.webrtc.video_encoder import EncoderLimits
from mocast.wire import landmarks_binary, rig_binary
from tests.polling import HANG_S

PTS_PER_FRAME = round(VIDEO_PTIME * VIDEO_CLOCK_RATE)
SQUARE = 48
STEP = 4


_query_consent = Connection.query_consent


async def _query_consent_while_open(connection: Connection) -> None:
    """As aioice does, but not on a connection that was closed while it connected: nothing would ever end it."""
    if not connection._closing:
        await _query_consent(connection)


Connection.query_consent = _query_consent_while_open  # type: ignore[method-assign]


class SquareTrack(VideoStreamTrack):
    """A white square on black that moves ``STEP`` pixels to the right with each frame.

    30 fps at most: on a busy machine frames come later, and never in bunches of those that were missed.
    """

    def __init__(self, width: int = 320, height: int = 240, *, first: int = 0) -> None:
        """``first``: the number of the first frame, where it takes the place of another track."""
        super().__init__()
        self.size = (width, height)
        self.sent = 0
        self._first = first

    def centre(self, number: int) -> tuple[float, float]:
        """Where the middle of the square is in frame ``number``, in pixels."""
        width, height = self.size
        return (number * STEP) % (width - SQUARE) + SQUARE / 2, height / 2

    async def recv(self) -> VideoFrame:
        if self.sent:
            await asyncio.sleep(VIDEO_PTIME)
        width, height = self.size
        rgb = np.zeros((height, width, 3), np.uint8)
        x, y = self.centre(self.sent)
        half = SQUARE // 2
        rgb[int(y) - half : int(y) + half, int(x) - half : int(x) + half] = 255
        frame = VideoFrame.from_ndarray(rgb, format="rgb24")
        frame.pts, frame.time_base = (self._first + self.sent) * PTS_PER_FRAME, VIDEO_TIME_BASE
        self.sent += 1
        return frame


class LossyTransport:
    """A datagram transport that loses media packets by their number."""

    def __init__(self, transport: Any, lost: Callable[[int], bool]) -> None:
        self.seen = 0
        self._transport = transport
        self._lost = lost

    def sendto(self, data: bytes, address: Any) -> None:
        # RTP and RTCP; handshakes and data channels start with other bytes (RFC 7983).
        if 128 <= data[0] <= 191:
            self.seen += 1
            if self._lost(self.seen - 1):
                return
        self._transport.sendto(data, address)

    def get_write_buffer_size(self) -> int:
        """As if some waited, so that each packet comes by."""
        return 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def lose(ice_transport: Any, lost: Callable[[int], bool]) -> Callable[[], int]:
    """Lose media packets by their number, from now on; return what tells how many came by."""
    protocol = ice_transport._connection._nominated[1].protocol
    lossy = protocol.transport = LossyTransport(protocol.transport, lost)
    return lambda: lossy.seen


class Peer:
    """One client: makes the offer, takes the answer, keeps what comes.

    ``pts`` of the frames is the RTP timestamp on the wire. ``tuned``: receives as a browser does, which does not wait
    for lost packets for ever as aiortc does.
    """

    def __init__(
        self,
        track: VideoStreamTrack | None = None,
        *,
        landmarks: str | None = "",
        rig: str | None = None,
        control: bool = True,
        video: bool = True,
        codec: str | None = None,
        direction: str = "sendrecv",
        tuned: bool = False,
        audio: MediaStreamTrack | Literal["recvonly"] | None = None,
        configuration: RTCConfiguration | None = None,
    ) -> None:
        """``audio``: what it sends of it, and ``"recvonly"`` where it only takes some."""
        encode_with(EncoderLimits())
        self.pc = RTCPeerConnection(configuration or RTCConfiguration(iceServers=[]))
        self.track = track or SquareTrack()
        if video:
            transceiver = self.pc.addTransceiver("video" if direction == "recvonly" else self.track, direction)
            if codec is not None:
                capabilities = RTCRtpSender.getCapabilities("video").codecs
                transceiver.setCodecPreferences([c for c in capabilities if c.mimeType == codec])
            self.sender = transceiver.sender
        if audio is not None:
            track = "audio" if isinstance(audio, str) else audio
            self.pc.addTransceiver(track, "recvonly" if audio == "recvonly" else "sendrecv")
        self.frames: list[VideoFrame] = []
        self.packets: list[RtpPacket] = []
        "Of video."
        self.arrivals: dict[int, float] = {}
        "When the last packet of each picture came, by its RTP timestamp."
        self.audio_packets: list[RtpPacket] = []
        self.audio_arrivals: dict[int, float] = {}
        self.sound: list[AudioFrame] = []
        self.landmark_messages: list[bytes | str] = []
        self.rig_messages: list[bytes | str] = []
        self.control_messages: list[dict[str, Any]] = []
        self.changed = asyncio.Condition()
        self._tuned = tuned
        self._tasks: set[asyncio.Task[None]] = set()
        self._receiver: VideoReceiver | None = None
        self._decoder: VideoDecoder | None = None
        self.landmarks = self.open_landmarks(landmarks) if landmarks is not None else None
        self.rig = self.open_rig(rig) if rig is not None else None
        self.control = self.open_control() if control else None
        self.pc.on("track", self._on_track)

    def open_landmarks(self, protocol: str = "") -> RTCDataChannel:
        channel = self.pc.createDataChannel("landmarks", ordered=False, maxRetransmits=0, protocol=protocol)
        channel.on("message", lambda message: self._keep(self.landmark_messages, message))
        return channel

    def open_rig(self, protocol: str = "") -> RTCDataChannel:
        channel = self.pc.createDataChannel("rig", ordered=False, maxRetransmits=0, protocol=protocol)
        channel.on("message", lambda message: self._keep(self.rig_messages, message))
        return channel

    def open_control(self) -> RTCDataChannel:
        self.control = self.pc.createDataChannel("control")
        self.control.on("message", lambda message: self._keep(self.control_messages, orjson.loads(message)))
        return self.control

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return self.pc.localDescription.sdp

    async def accept(self, answer: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def until(self, condition: Callable[[], Any], timeout_s: float = HANG_S) -> None:
        """Wait until something that came makes ``condition()`` true."""
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(condition)

    def command(self, **message: Any) -> None:
        """Send a control message."""
        assert self.control is not None
        self.control.send(orjson.dumps(message).decode())

    async def answer_to(self, message_id: object) -> dict[str, Any]:
        """Wait for the answer to the command with this id."""
        answers: list[dict[str, Any]] = []

        def found() -> bool:
            answers[:] = [message for message in self.control_messages if message.get("id") == message_id]
            return bool(answers)

        await self.until(found)
        return answers[0]

    def decoded_landmarks(self) -> dict[int, landmarks_binary.DecodedLandmarks]:
        """Every frame whose messages came, by its number."""
        by_frame: dict[int, list[bytes]] = {}
        for message in self.landmark_messages:
            assert isinstance(message, bytes)
            by_frame.setdefault(int.from_bytes(message[4:8], "little"), []).append(message)
        decoded = {number: landmarks_binary.decode(messages) for number, messages in by_frame.items()}
        return {number: frame for number, frame in decoded.items() if frame is not None}

    def rigs(self) -> list[rig_binary.DecodedRig]:
        """Every rig that came, in the order in which they came."""
        decoded = [rig_binary.decode(message) for message in self.rig_messages if isinstance(message, bytes)]
        return [rig for rig in decoded if rig is not None]

    def vanish(self) -> None:
        """Close the sockets and say goodbye to nobody, as when a network cable is pulled."""
        transport = self.pc.sctp.transport if self.pc.sctp else self.sender.transport
        connection = transport.transport.iceGatherer._connection
        for protocol in connection._protocols:
            protocol.transport.abort()

    async def close(self) -> None:
        if self._receiver is not None and self._decoder is not None:
            self._receiver.close()
            await asyncio.to_thread(self._decoder.close)
        await self.pc.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _on_track(self, track: MediaStreamTrack) -> None:
        receiver = next(r for r in self.pc.getReceivers() if r.track is track)
        if track.kind == "audio":
            self._own(self._read(track, self.sound))
            self._watch(receiver, self.audio_packets, self.audio_arrivals)
            return
        if self._tuned:
            loop = asyncio.get_running_loop()
            self._decoder = VideoDecoder(lambda frame: loop.call_soon_threadsafe(self._keep, self.frames, frame))
            self._receiver = VideoReceiver(receiver, self._decoder, _nothing)
            self._receiver._timestamps._last = 0
        else:
            self._own(self._read(track, self.frames))
        private: Any = receiver
        mapper = private._RTCRtpReceiver__timestamp_mapper
        mapper._origin = mapper._last = 0
        self._watch(receiver, self.packets, self.arrivals)

    def _watch(self, receiver: RTCRtpReceiver, packets: list[RtpPacket], arrivals: dict[int, float]) -> None:
        private: Any = receiver
        handle = private._handle_rtp_packet

        async def watched(packet: RtpPacket, arrival_time_ms: int) -> None:
            packets.append(packet)
            arrivals[packet.timestamp] = time.monotonic()
            await handle(packet, arrival_time_ms)

        private._handle_rtp_packet = watched

        if self._receiver is not None and packets is self.packets:
            ours: Any = self._receiver
            take = ours.take

            async def watched_take(data: bytes, arrived_ms: int) -> bool:
                is_taken = await take(data, arrived_ms)
                if is_taken:
                    packets.append(RtpPacket.parse(data))
                    arrivals[packets[-1].timestamp] = time.monotonic()
                return is_taken

            ours.take = watched_take

    async def _read(self, track: MediaStreamTrack, frames: list[Any]) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            frames.append(frame)
            await self._notify()

    def _keep(self, where: list[Any], what: Any) -> None:
        where.append(what)
        self._own(self._notify())

    def forget(self) -> None:
        """Keep nothing of what came until now."""
        everything: tuple[list[Any] | dict[int, float], ...] = (
            *(self.frames, self.packets, self.arrivals),
            *(self.sound, self.audio_packets, self.audio_arrivals),
            *(self.landmark_messages, self.rig_messages, self.control_messages),
        )
        for kept in everything:
            kept.clear()

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        """Run it in a task, until its end or that of the peer."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()


def _nothing() -> None:
    """What a client does at the end of a track."""
