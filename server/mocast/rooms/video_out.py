"""The way out: the newest annotated picture, as the track that aiortc encodes."""

import asyncio
from collections.abc import Callable

from aiortc.mediastreams import VIDEO_TIME_BASE, MediaStreamError, MediaStreamTrack
from av import VideoFrame

from mocast.model.frame import RgbImage
from mocast.rooms.shared_encode import SharedPictures
from mocast.webrtc.pixels import to_video_frame


class AnnotatedTrack(MediaStreamTrack):
    """A track that gives out the newest picture; one that the encoder did not take in time is dropped."""

    kind = "video"

    def __init__(self, on_sent: Callable[[], None]) -> None:
        super().__init__()
        self._home = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._newest: VideoFrame | None = None
        self._on_sent = on_sent

    def send(self, rgb: RgbImage, pts: int) -> bool:
        """Take a picture from the room's thread; return whether one that waited is dropped for it."""
        frame = to_video_frame(rgb)
        frame.pts, frame.time_base = pts, VIDEO_TIME_BASE
        evicted = self._newest is not None
        self._newest = frame
        if not self._home.is_closed():
            self._home.call_soon_threadsafe(self._ready.set)
        return evicted

    async def recv(self) -> VideoFrame:
        """Wait for the next picture. Raises ``MediaStreamError`` once the track is stopped."""
        while self.readyState == "live":
            await self._ready.wait()
            self._ready.clear()
            frame, self._newest = self._newest, None
            if frame is not None:
                self._on_sent()
                return frame
        raise MediaStreamError

    def stop(self) -> None:
        """End the track and wake whoever waits in ``recv``."""
        super().stop()
        self._ready.set()


class Pictures:
    """Where a publisher's finished pictures go: back to it, if it wants them, and to the room's viewers."""

    def __init__(self, own: AnnotatedTrack | None, shared: SharedPictures) -> None:
        self._own = own
        self._shared = shared

    @property
    def wanted(self) -> bool:
        """Whether anybody watches."""
        return self._own is not None or self._shared.wanted

    def send(self, rgb: RgbImage, pts: int) -> bool:
        """Take a picture from the room's thread; return whether one that waited is dropped for it."""
        evicted = self._own is not None and self._own.send(rgb, pts)
        self._shared.send(rgb, pts)
        return evicted
