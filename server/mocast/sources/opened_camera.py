"""A camera opened by PyAV: what FFmpeg is asked for each kind, and what its errors mean. Blocks; for a thread."""

import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import av
from av import FFmpegError, Packet
from av.container import InputContainer
from av.stream import Discard
from av.video.stream import VideoStream

from mocast.sources.camera_address import CameraAddress
from mocast.webrtc.video_decoder import Codec

OPEN_S: Final = 10.0
"""Cameras that sleep take some seconds; each of connecting and finding the video may take so long."""
READ_S: Final = 5.0
"""A camera that sends nothing for so long is gone."""

LOW_DELAY: Final = {
    "fflags": "nobuffer+discardcorrupt",
    "flags": "low_delay",
    "analyzeduration": "1000000",  # microseconds
    "max_delay": "100000",  # microseconds, in which UDP's packets are put into order
}
"""FFmpeg's options (``ffmpeg -h full``) against frames that wait in the demuxer."""

PROTOCOLS: Final = {"rtsp": "rtsp,rtsps,rtp,srtp,udp,tcp,tls", "http": "http,https,tcp,tls", "file": "file"}
"""What FFmpeg may use: a camera that answers with a playlist has it open no file."""

SCREENS: Final = {
    "linux": ("x11grab", os.environ.get("DISPLAY", ":0")),
    "win32": ("gdigrab", "desktop"),
    "darwin": ("avfoundation", "Capture screen 0:none"),
}
"""FFmpeg's device of the screen, and its name there, by platform."""

SCREEN_FPS: Final = 30.0

_SENTENCES: Final[tuple[tuple[type[FFmpegError], str], ...]] = (
    (av.error.HTTPUnauthorizedError, "the camera refuses the user name or the password"),
    (av.error.HTTPForbiddenError, "the camera forbids this user its video"),
    (av.error.HTTPNotFoundError, "the camera has no video at this path"),
    (av.error.HTTPError, "the camera answers with an error of its own"),
    (av.error.HTTPClientError, "the camera does not take the request"),
    (av.error.ExitError, "the camera does not answer"),
    (av.error.TimeoutError, "the camera does not answer"),
    (av.error.ConnectionRefusedError, "nothing listens at the camera's address and port"),
    (av.error.EOFError, "the camera has ended its video"),
    (av.error.InvalidDataError, "what comes from there is no video"),
    (av.error.FileNotFoundError, "there is no such file or device"),
    (av.error.PermissionError, "this process may not open it"),
)
_NETWORK_SENTENCES: Final = {
    errno.EHOSTUNREACH: "the camera's host cannot be reached",
    errno.ENETUNREACH: "the camera's network cannot be reached",
    errno.ECONNRESET: "the camera has ended the connection",
    errno.EPIPE: "the camera has ended the connection",
    errno.EIO: "the camera has ended the connection",
}
UNKNOWN_HOST: Final = "the camera's host is unknown, or its answer cannot be read"


class CameraError(Exception):
    """A camera cannot be read; the message is one sentence without its address."""


@dataclass(frozen=True, slots=True)
class CameraVideo:
    """A camera's video, as it says before the first frame."""

    codec: Codec
    fps: float
    "0: not said."
    reorder_depth: int
    "Frames by which each comes late, as others are sent before it (B-frames)."

    def __str__(self) -> str:
        rate = f", {self.fps:g} fps" if self.fps else ""
        return f"{self.codec.name} {self.codec.width}x{self.codec.height}{rate}"


class OpenedCamera:
    """One open camera; used in one thread."""

    def __init__(self, address: CameraAddress) -> None:
        """Connect, and find the video. Raises ``CameraError``."""
        self._address = address
        try:
            self._container = _open(address)
        except (FFmpegError, ValueError) as error:
            # FFmpeg's own text quotes the address; its error for a name that is not found is one of input and output.
            unknown = address.is_remote and getattr(error, "errno", None) == errno.EIO
            raise CameraError(UNKNOWN_HOST if unknown else sentence(address, error)) from None
        try:
            self._stream = self._first_video()
        except CameraError:
            self.close()
            raise

    @property
    def stream(self) -> VideoStream:
        """FFmpeg's video stream."""
        return self._stream

    @property
    def video(self) -> CameraVideo:
        """What the video is."""
        context = self._stream.codec_context
        codec = Codec(context.name, context.extradata, context.width, context.height, context.pix_fmt)
        return CameraVideo(codec, float(self._stream.average_rate or 0), int(context.has_b_frames))

    @property
    def is_looped(self) -> bool:
        """Whether it is a file that begins again at its end."""
        return self._address.kind == "file" and self._address.options.loop

    def packets(self) -> Iterator["Packet[VideoStream]"]:
        """Yield the video's packets, each a whole frame, until the end. Raises ``CameraError``."""
        try:
            yield from (packet for packet in self._container.demux(self._stream) if packet.size)
        except FFmpegError as error:
            raise CameraError(sentence(self._address, error)) from None

    def rewind(self) -> None:
        """Go back to the beginning of a file. Raises ``CameraError``."""
        try:
            self._container.seek(0)
        except FFmpegError as error:
            raise CameraError(sentence(self._address, error)) from None

    def close(self) -> None:
        """Close the connection, device or file."""
        self._container.close()

    def _first_video(self) -> VideoStream:
        streams = self._container.streams.video
        if not streams:
            raise CameraError("the camera has no video")
        (stream, *_) = streams
        if stream.codec_context is None:
            raise CameraError("there is no decoder for the camera's video")
        for other in self._container.streams:
            if other is not stream:
                other.discard = Discard.all
        return stream


def sentence(address: CameraAddress, error: Exception) -> str:
    """Return what an error of PyAV's means, without the address, which FFmpeg's own text quotes."""
    if not isinstance(error, FFmpegError):
        return f"FFmpeg has no {_format(address)} here"  # PyAV's ValueError
    for kind, text in _SENTENCES:
        if isinstance(error, kind):
            return text
    if address.is_remote and error.errno in _NETWORK_SENTENCES:
        return _NETWORK_SENTENCES[error.errno]
    if address.kind == "screen":
        return f"the screen cannot be grabbed: {(error.strerror or 'no reason given').lower()}"
    return f"it cannot be read: {(error.strerror or type(error).__name__).lower()}"


def _format(address: CameraAddress) -> str | None:
    match address.kind:
        case "rtsp":
            return "rtsp"
        case "device":
            return "v4l2"
        case "screen":
            return SCREENS.get(sys.platform, SCREENS["linux"])[0]
    return None


def _open(address: CameraAddress) -> InputContainer:
    options, url = {}, address.url
    chosen = address.options
    match address.kind:
        case "rtsp":
            options = {**LOW_DELAY, "rtsp_transport": chosen.transport}
            if chosen.transport == "udp":  # FFmpeg would show what anybody else sends to its port, too
                options["rtsp_flags"] = "filter_src"
        case "http":
            options = dict(LOW_DELAY)
        case "screen":
            url = SCREENS.get(sys.platform, SCREENS["linux"])[1]
            options["framerate"] = f"{chosen.fps or SCREEN_FPS:g}"
        case "device" if chosen.fps:
            options["framerate"] = f"{chosen.fps:g}"
    if chosen.size and address.kind in ("screen", "device"):
        options["video_size"] = chosen.size
    if address.kind in PROTOCOLS:
        options["protocol_whitelist"] = PROTOCOLS[address.kind]
    container = av.open(url, "r", format=_format(address), options=options, timeout=(OPEN_S, READ_S))
    assert isinstance(container, InputContainer)
    return container
