"""A WebRTC client that knows of every frame when it was sent and when it was back."""

import asyncio
import fractions
import json
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aiohttp
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack
from av import VideoFrame

from bench import barcode
from bench.camera_encoder import encode_with
from bench.clips import YuvPicture, there_and_back
from bench.journey import Journey, Seconds
from mocast.webrtc.aiortc import installation
from mocast.webrtc.aiortc.video_receiver import VideoReceiver
from mocast.webrtc.pixels import to_rgb
from mocast.webrtc.video_decoder import VideoDecoder
from mocast.webrtc.video_encoder import EncoderLimits

CLOCK_RATE = 90_000
FRAME_NUMBER = slice(4, 8)
"""Where a binary message of landmarks or of a rig has the number of its frame: ``docs/wire-format.md``."""
TRACKING_TIME = slice(16, 18)
"""Where one of landmarks has the time in the tracker, in tenths of a millisecond."""

GRACE_S = 0.5
"""After the last frame was sent: what is not back by then counts as waiting."""


CAMERA = EncoderLimits(vp8_min_quantizer=4, h264_min_quantizer=0)
"""It fills its line, as a browser's camera does, with some 2.4 Mbit/s; the server spares what nobody sees."""


class Camera(MediaStreamTrack):
    """Sends a number of pictures at a fixed rate, each with its number on it, and notes when."""

    kind = "video"

    def __init__(
        self, pictures: Sequence[YuvPicture], *, seconds: float, fps: float = 30, heeds_rate: bool = False
    ) -> None:
        """``heeds_rate``: leaves pictures out where the server asks for fewer, as a browser's sender does."""
        super().__init__()
        self.sent_at_s: list[float] = []
        self.done = asyncio.Event()
        self.heeds_rate = heeds_rate
        self._pictures = pictures
        self._pictures_in_all = max(2, round(seconds * fps))
        self._fps = fps
        self._next = 0
        "Number of the next picture of the camera's, be it sent or not."
        self._wanted_fps: float | None = None
        self._credit = 0.0

    def want(self, fps: float | None) -> None:
        """Send so many frames a second at most from now on."""
        self._wanted_fps = fps if self.heeds_rate else None

    async def recv(self) -> VideoFrame:
        """Return the next picture when its time has come; after the last one, none ever again."""
        while self._leaves_out():
            self._next += 1
        if self._next >= self._pictures_in_all:
            self.done.set()
            await asyncio.Future[None]()
        number = len(self.sent_at_s)
        if number:
            await asyncio.sleep(max(0.0, self.sent_at_s[0] + self._next / self._fps - time.monotonic()))
        planes = self._pictures[there_and_back(self._next, len(self._pictures))].copy()
        barcode.stamp(planes[: len(planes) * 2 // 3], number)
        frame = VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.pts = round(self._next * CLOCK_RATE / self._fps)
        self._next += 1
        frame.time_base = fractions.Fraction(1, CLOCK_RATE)
        self.sent_at_s.append(time.monotonic())
        return frame

    def _leaves_out(self) -> bool:
        """Whether the next picture is one too many; each adds its share of what is wanted."""
        self._credit += 1.0 if self._wanted_fps is None else min(1.0, self._wanted_fps / self._fps)
        if self._credit < 1.0:
            return True
        self._credit -= 1.0
        return False


class Peer:
    """One publisher. Both sides hand a frame on at its last packet, as browsers do."""

    def __init__(
        self,
        camera: Camera,
        http: aiohttp.ClientSession,
        codec: str,
        channels: Sequence[str],
        microphone: MediaStreamTrack | None = None,
    ) -> None:
        self.camera = camera
        self.posted_at_s = 0.0
        self._http = http
        self._session_url: str | None = None
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._pictures_at_s: dict[int, float] = {}
        self._messages_at_s: dict[str, dict[int, float]] = {label: {} for label in channels}
        self.tracking_ms: dict[int, float] = {}
        "Of each frame whose landmarks came, by its number."
        self._receiver: VideoReceiver | None = None
        self._decoder = VideoDecoder(self._on_picture)
        self._pc.on("track", self._on_track)
        if camera.heeds_rate:
            self._pc.createDataChannel("control").on("message", self._on_control)
        transceiver = self._pc.addTransceiver(camera, direction="sendrecv")
        transceiver.setCodecPreferences(
            [c for c in RTCRtpSender.getCapabilities("video").codecs if c.mimeType in (f"video/{codec}", "video/rtx")]
        )
        if microphone is not None:
            self._pc.addTransceiver(microphone, direction="sendonly")
        for label in channels:
            channel = self._pc.createDataChannel(label, ordered=False, maxRetransmits=0)
            channel.on("message", partial(self._on_message, label))

    async def connect(self, url: str, query: Mapping[str, str]) -> None:
        """Publish to ``url``, which answers an SDP offer with 201 and an SDP answer."""
        await self._pc.setLocalDescription(await self._pc.createOffer())
        self.posted_at_s = time.monotonic()
        headers = {"Content-Type": "application/sdp"}
        async with self._http.post(url, data=self._pc.localDescription.sdp, headers=headers, params=query) as answer:
            text = await answer.text()
            if answer.status != 201:
                raise RuntimeError(f"{url} answered {answer.status}: {text}")
            if "Location" in answer.headers:
                self._session_url = str(answer.url.join(type(answer.url)(answer.headers["Location"])))
        await self._pc.setRemoteDescription(RTCSessionDescription(text, "answer"))

    async def statistics(self) -> dict[str, Any]:
        """Return what the server itself counted."""
        async with self._http.get(str(self._session_url)) as answer:
            statistics: dict[str, Any] = (await answer.json())["statistics"]
            return statistics

    async def finish(self) -> Journey:
        """Wait until all pictures are sent, and a little for the last to return."""
        await self.camera.done.wait()
        await asyncio.sleep(GRACE_S)
        return self.journey()

    def journey(self) -> Journey:
        """Return when each picture that was sent so far was back."""
        return self._journey(self._pictures_at_s)

    async def change(self, **settings: object) -> None:
        """Change settings while live."""
        assert self._session_url is not None
        async with self._http.patch(self._session_url, json=settings) as answer:
            answer.raise_for_status()

    async def finish_messages(self, label: str) -> Journey:
        """Do the same with each frame's last message on a data channel in place of its picture.

        They carry the server's count of frames. It is the camera's only where no frame was lost on the way there, so
        that is checked.
        """
        await self.camera.done.wait()
        await asyncio.sleep(GRACE_S)
        received = (await self.statistics())["frames_in"]
        if received != len(self.camera.sent_at_s):
            raise RuntimeError(f"the server received {received} of {len(self.camera.sent_at_s)} frames")
        return self._journey(self._messages_at_s[label])

    async def close(self) -> None:
        """Leave, as a page does when it is closed."""
        if self._receiver is not None:
            self._receiver.close()
        await asyncio.to_thread(self._decoder.close)
        if self._session_url is not None:
            await self._http.delete(self._session_url)
        await self._pc.close()

    def _journey(self, at_s: Mapping[int, float]) -> Journey:
        sent_at_s: Seconds = np.array(self.camera.sent_at_s)
        returned_at_s = np.array([at_s.get(number, np.nan) for number in range(len(sent_at_s))])
        return Journey(self.posted_at_s, sent_at_s, returned_at_s)

    def _on_track(self, track: MediaStreamTrack) -> None:
        receiver = next(r for r in self._pc.getReceivers() if r.track is track)
        self._receiver = VideoReceiver(receiver, self._decoder, lambda: None)

    def _on_picture(self, frame: VideoFrame) -> None:
        """Called in the decoder's thread."""
        at_s = time.monotonic()
        code = barcode.read(to_rgb(frame)[: barcode.CELL, :, 1])
        if code is not None:
            number = barcode.nearest_before(code, len(self.camera.sent_at_s) - 1)
            self._pictures_at_s.setdefault(number, at_s)

    def _on_control(self, text: str) -> None:
        message = json.loads(text)
        if message["type"] == "frame_rate":
            self.camera.want(message["fps"])

    def _on_message(self, label: str, message: bytes) -> None:
        number = int.from_bytes(message[FRAME_NUMBER], "little")
        self._messages_at_s[label][number] = time.monotonic()
        if label == "landmarks":
            self.tracking_ms[number] = int.from_bytes(message[TRACKING_TIME], "little") / 10


def bearer() -> dict[str, str]:
    """Return the header for a server that asks for a token, which is in ``MOCAST_TOKEN``."""
    token = os.environ.get("MOCAST_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token else {}


@asynccontextmanager
async def connected(
    server_url: str,
    camera: Camera,
    *,
    room: str = "bench",
    codec: str = "VP8",
    channels: Sequence[str] = ("landmarks",),
    microphone: MediaStreamTrack | None = None,
    **query: str,
) -> AsyncIterator[Peer]:
    """Publish to a room while the context lasts. ``query``: as in ``docs/http-api.md``; ``returns`` for ``return``."""
    installation.install()
    encode_with(CAMERA)
    parameters = {"return" if name == "returns" else name: value for name, value in query.items()}
    async with aiohttp.ClientSession(headers=bearer()) as http:
        peer = Peer(camera, http, codec, channels, microphone)
        try:
            await peer.connect(f"{server_url}/v1/rooms/{room}/publish", parameters)
            yield peer
        finally:
            await peer.close()


async def journey(
    server_url: str, pictures: Sequence[YuvPicture], *, seconds: float, codec: str = "VP8", **query: str
) -> Journey:
    """Publish for some seconds and return when each frame was back."""
    async with connected(server_url, Camera(pictures, seconds=seconds), codec=codec, **query) as peer:
        return await (peer.finish_messages("landmarks") if query.get("returns") == "none" else peer.finish())
