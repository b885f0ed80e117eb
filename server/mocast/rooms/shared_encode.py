"""A room's annotated picture for all its viewers, encoded once for each codec that they use."""

import asyncio
import functools
import time
from collections.abc import Callable

import structlog
from aiortc.mediastreams import VIDEO_TIME_BASE

from mocast.model.frame import RgbImage
from mocast.rooms.fair_queue import FairQueue
from mocast.rooms.viewer_track import SharedPicture, ViewerTrack
from mocast.webrtc.encoders import EncoderLimits, LiveCodec, shared_codec
from mocast.webrtc.pixels import to_video_frame

log = structlog.get_logger(__name__)

KEY_FRAME_GAP_S = 0.5
"""Between key frames, however many viewers ask: each takes the bits of some ten other pictures."""

LOG_EVERY_S = 1.0


class SharedEncode:
    """One codec's encoder. It takes the newest picture only, and works only while somebody watches."""

    def __init__(self, codec: LiveCodec, viewers: FairQueue, clock: Callable[[], float] = time.monotonic) -> None:
        self._codec = codec
        self._viewers = viewers
        self._clock = clock
        self._start_bitrate = codec.bitrate
        self._loop = asyncio.get_running_loop()
        self._tracks: tuple[ViewerTrack, ...] = ()
        self._ready = asyncio.Event()
        self._newest: tuple[RgbImage, int] | None = None
        self._key_frame_at = self._logged_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    @property
    def wanted(self) -> bool:
        """Whether anybody watches. From any thread."""
        return bool(self._tracks)

    def send(self, rgb: RgbImage, pts: int) -> None:
        """Take a picture from the room's thread, in place of one that was not encoded yet."""
        self._newest = (rgb, pts)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ready.set)

    def track(self, count: Callable[[bool], None]) -> ViewerTrack:
        """Return a track for another viewer; it joins when its sender begins."""
        return ViewerTrack(self._join, self._leave, count, self._clock)

    def _join(self, track: ViewerTrack) -> None:
        self._tracks = (*self._tracks, track)
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._work(), name="shared encode")

    def _leave(self, track: ViewerTrack) -> None:
        self._tracks = tuple(other for other in self._tracks if other is not track)
        self._ready.set()

    async def _work(self) -> None:
        """Encode and hand out until nobody is left. Not cancelled, as the encoder may be busy in its thread."""
        while self._tracks:
            await self._ready.wait()
            self._ready.clear()
            newest, self._newest = self._newest, None
            if newest is None or not self._tracks:
                continue
            asking = self._asking()
            self._codec.bitrate = self._bitrate()
            encode = functools.partial(self._encode, *newest, key_frame=bool(asking))
            try:
                picture = await self._loop.run_in_executor(None, encode)
            except Exception:
                if self._clock() - self._logged_at >= LOG_EVERY_S:
                    self._logged_at = self._clock()
                    log.exception("picture for viewers could not be encoded")
                continue
            if picture.is_key_frame:
                self._key_frame_at = self._clock()
                for track in asking:
                    track.key_frame_made()
            for track in self._tracks:
                track.put(picture)
                self._viewers.push(track)
        self._newest = None
        self._codec.close()

    def _asking(self) -> list[ViewerTrack]:
        """Those for whom the next picture is to be a key frame."""
        if self._clock() - self._key_frame_at < KEY_FRAME_GAP_S:
            return []
        return [track for track in self._tracks if track.wants_key_frame]

    def _bitrate(self) -> int:
        """What the best line carries; those on worse ones are given fewer pictures."""
        estimates = [track.link.bits_per_s or self._start_bitrate for track in self._tracks]
        return max(estimates)

    def _encode(self, rgb: RgbImage, pts: int, *, key_frame: bool) -> SharedPicture:
        frame = to_video_frame(rgb)
        frame.pts, frame.time_base = pts, VIDEO_TIME_BASE
        encoded = self._codec.encode(frame, key_frame=key_frame)
        return SharedPicture(encoded.data, encoded.is_key_frame, pts)


class SharedPictures:
    """A room's encoders, one for each codec that a viewer has asked for."""

    def __init__(self, limits: EncoderLimits, viewers: FairQueue) -> None:
        self._limits = limits
        self._viewers = viewers
        self._encodes: dict[str, SharedEncode] = {}

    @property
    def wanted(self) -> bool:
        """Whether anybody watches. From any thread."""
        return any(encode.wanted for encode in tuple(self._encodes.values()))

    def send(self, rgb: RgbImage, pts: int) -> None:
        """Take a finished picture from the room's thread."""
        for encode in tuple(self._encodes.values()):
            if encode.wanted:
                encode.send(rgb, pts)

    def track(self, mime_type: str, count: Callable[[bool], None]) -> ViewerTrack:
        """Return a track for a viewer of this codec. Raises ``KeyError`` where there is no encoder for it."""
        name = mime_type.lower()
        if name not in self._encodes:
            self._encodes[name] = SharedEncode(shared_codec(name, self._limits), self._viewers)
        return self._encodes[name].track(count)
