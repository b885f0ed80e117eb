"""A WebRTC client for the tests: a moving square as its camera, and what it gets back."""

import asyncio
import fractions
from typing import Any

import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from av import VideoFrame

from mocast.wire import landmarks_binary

SQUARE = 48


class SquareTrack(VideoStreamTrack):
    """A white square on black that moves 4 pixels to the right with each frame; 30 fps."""

    def __init__(self, width: int = 320, height: int = 240) -> None:
        super().__init__()
        self.size = (width, height)
        self.sent = 0

    def centre(self, number: int) -> tuple[float, float]:
        """Where the middle of the square is in frame ``number``, in pixels."""
        width, height = self.size
        return (number * 4) % (width - SQUARE) + SQUARE / 2, height / 2

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        width, height = self.size
        rgb = np.zeros((height, width, 3), np.uint8)
        x, y = self.centre(self.sent)
        half = SQUARE // 2
        rgb[int(y) - half : int(y) + half, int(x) - half : int(x) + half] = 255
        frame = VideoFrame.from_ndarray(rgb, format="rgb24")
        frame.pts, frame.time_base = pts, fractions.Fraction(time_base)
        self.sent += 1
        return frame


class Peer:
    """One client: makes the offer, takes the answer, keeps what comes."""

    def __init__(self, track: VideoStreamTrack | None = None, *, landmarks: str | None = "", control: bool = True):
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.track = track or SquareTrack()
        self.sender = self.pc.addTrack(self.track)
        self.frames: list[VideoFrame] = []
        self.landmark_messages: list[bytes | str] = []
        self.control_messages: list[dict[str, Any]] = []
        self.changed = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self.landmarks = self.control = None
        if landmarks is not None:
            self.landmarks = self.pc.createDataChannel(
                "landmarks", ordered=False, maxRetransmits=0, protocol=landmarks
            )
            self.landmarks.on("message", lambda message: self._keep(self.landmark_messages, message))
        if control:
            import orjson

            self.control = self.pc.createDataChannel("control")
            self.control.on("message", lambda message: self._keep(self.control_messages, orjson.loads(message)))
        self.pc.on("track", lambda track: self._tasks.append(asyncio.ensure_future(self._read(track))))

    async def offer(self) -> str:
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return self.pc.localDescription.sdp

    async def accept(self, answer: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def until(self, condition: Any, timeout_s: float = 20) -> None:
        """Wait until something that came makes ``condition()`` true."""
        async with asyncio.timeout(timeout_s), self.changed:
            await self.changed.wait_for(condition)

    def decoded_landmarks(self) -> dict[int, landmarks_binary.DecodedFrame]:
        """Every frame whose messages came, by its number."""
        by_frame: dict[int, list[bytes]] = {}
        for message in self.landmark_messages:
            by_frame.setdefault(int.from_bytes(message[4:8], "little"), []).append(message)
        decoded = {number: landmarks_binary.decode(messages) for number, messages in by_frame.items()}
        return {number: frame for number, frame in decoded.items() if frame is not None}

    async def close(self) -> None:
        await self.pc.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self, track: Any) -> None:
        from aiortc.mediastreams import MediaStreamError

        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            self._keep(self.frames, frame)
            await self._notify()

    def _keep(self, where: list[Any], what: Any) -> None:
        where.append(what)
        if where is not self.frames:
            self._tasks.append(asyncio.ensure_future(self._notify()))

    async def _notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()
