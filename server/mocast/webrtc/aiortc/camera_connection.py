"""A client's connection: sends a camera to a server and hears what the server has to say."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import Packet, VideoFrame
from av.video.stream import VideoStream

from mocast.errors import RequestError
from mocast.webrtc.aiortc.installation import use_loopback_when_alone

ENDED: Final = ("failed", "closed")

SILENCE_S: Final = 3.0
"""The server tells statistics once a second. After this long without any it is gone, as the page has it, too; ICE would
wait for 30 s."""

NextFrame = Callable[[], Awaitable["Packet[VideoStream] | VideoFrame | None"]]


@dataclass(frozen=True, slots=True)
class IceServer:
    """A server that helps connect, as the ``Link`` of an answer names it."""

    url: str
    username: str | None = None
    credential: str | None = None


class CameraConnection:
    """One connection, from the offer to the end. On the loop only."""

    def __init__(
        self, next_frame: NextFrame, ice_servers: Sequence[IceServer] = (), codec_name: str | None = None
    ) -> None:
        """``next_frame`` waits for the camera's next frame, and returns ``None`` at its end.

        ``codec_name``: the codec in which the frames are encoded already; ``None``: they are pictures.
        """
        use_loopback_when_alone()
        servers = [RTCIceServer(one.url, one.username, one.credential) for one in ice_servers]
        self._peer = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._track = CameraTrack(next_frame)
        self._sends_pictures = codec_name is None
        transceiver = self._peer.addTransceiver(self._track, direction="sendonly")
        inside: Any = transceiver.sender
        self._encode_next = inside._next_encoded_frame
        inside._next_encoded_frame = self._next_encoded_frame
        if codec_name is not None:
            known = RTCRtpSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([one for one in known if one.name == codec_name])
        self._peer.on("connectionstatechange", self._on_state)
        self._peer.createDataChannel("control").on("message", self._on_message)
        self._connected = asyncio.Event()
        self._ended = asyncio.Event()
        self._silence: asyncio.TimerHandle | None = None
        self.fault: Exception | None = None
        "Why no frame can be sent any more: what the camera, or the encoder, raised."
        self.notices: dict[str, str] = {}
        "The details of what the server told unasked, by the notice's name."

    async def offer(self) -> str:
        """Return the SDP offer, with all candidates."""
        await self._peer.setLocalDescription(await self._peer.createOffer())
        return str(self._peer.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        """Take the server's answer. Raises ``RequestError`` where it is none."""
        try:
            await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        except Exception as error:  # aiortc raises whatever its parser does
            raise RequestError("The server's answer cannot be read.") from error

    async def wait_connected(self) -> bool:
        """Wait until the connection is made; return whether it was."""
        await self._connected.wait()
        return not self._ended.is_set()

    async def wait_ended(self) -> None:
        """Wait until the connection has ended, by whomever."""
        await self._ended.wait()

    async def close(self) -> None:
        """End the connection."""
        if self._silence is not None:
            self._silence.cancel()
        await self._peer.close()

    async def _next_encoded_frame(self, codec: RTCRtpCodecParameters) -> Any:
        """Return what aiortc's sender sends next. A fault ends the connection: the sender would only fall silent."""
        try:
            return await self._encode_next(codec)
        except MediaStreamError:
            raise
        except Exception as error:
            self.fault = error
            self._ended.set()
            self._connected.set()
            raise MediaStreamError from error

    def _on_state(self) -> None:
        state = self._peer.connectionState
        if state in ENDED:
            self._ended.set()
        if state in ("connected", *ENDED):
            self._connected.set()
        if state == "connected":
            self._note_sign_of_life()

    def _note_sign_of_life(self) -> None:
        """Note a sign of life of the server: the connection is ended when ``SILENCE_S`` pass without another."""
        if self._silence is not None:
            self._silence.cancel()
        self._silence = asyncio.get_running_loop().call_later(SILENCE_S, self._ended.set)

    def _on_message(self, text: Any) -> None:
        self._note_sign_of_life()
        message = orjson.loads(text)
        if message.get("type") == "notice":
            self.notices[str(message.get("notice"))] = str(message.get("detail"))
        elif message.get("type") == "frame_rate" and self._sends_pictures:
            # An encoded frame cannot be left out: those after it refer to it.
            self._track.most_fps = message.get("fps")


class CameraTrack(MediaStreamTrack):
    """A camera as aiortc's sender reads it."""

    kind = "video"

    def __init__(self, next_frame: NextFrame) -> None:
        super().__init__()
        self.most_fps: float | None = None
        "Frames a second that are sent at most; ``None``: all."
        self._next_frame = next_frame
        self._due_s = 0.0
        "When the next frame may be sent, on the monotonic clock."

    async def recv(self) -> "Packet[VideoStream] | VideoFrame":
        """Return the next frame. Raises ``MediaStreamError`` when there is none any more."""
        if self.most_fps:
            interval_s = 1 / self.most_fps  # which the server may change, or end, while the frame waits
            await asyncio.sleep(self._due_s - time.monotonic())
            self._due_s = max(self._due_s, time.monotonic() - interval_s) + interval_s
        frame = await self._next_frame()
        if frame is None:
            self.stop()
            raise MediaStreamError
        return frame
