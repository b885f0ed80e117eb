"""Pictures of a device, a file, an address or a program: the newest, for as long as there are any."""

import asyncio
import threading
import time
from collections.abc import AsyncIterable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from mocast.errors import RequestError
from mocast.pipeline.slot import LatestSlot, in_loop
from mocast.webrtc.pixels import capped_size
from mocast.webrtc.video_decoder import TIME_BASE

DEVICE_PREFIX: Final = "/dev/video"
STALL_S: Final = 10.0
"""An address that sends nothing for this long has failed."""
CLOSE_S: Final = 2.0
"""A thread that reads is left alone after this long: nothing can end it."""

Pictures = Iterable[NDArray[np.uint8]] | AsyncIterable[NDArray[np.uint8]]
CameraInput = str | Path | InputContainer | Pictures


class Camera:
    """Reads pictures beside the loop, or in a task where they come from one, and keeps the newest.

    A file is read at its own speed, anything else as fast as it comes. Pictures above 1,280 pixels are scaled down.
    """

    def __init__(self, source: InputContainer | Pictures) -> None:
        """Begin to read. On the loop only."""
        self.ended = asyncio.Event()
        "There are no more pictures."
        self._changed = asyncio.Event()
        self._newest: LatestSlot[av.VideoFrame] = LatestSlot(in_loop(self._changed.set))
        self._closing = threading.Event()
        self._error: Exception | None = None
        self._tell_end = in_loop(self._end)
        self._started_at: float | None = None
        self._task: asyncio.Task[None] | None = None
        if isinstance(source, AsyncIterable):
            self._task = asyncio.create_task(self._follow(source), name="camera")
        else:
            threading.Thread(target=self._read, args=[source], name="camera", daemon=True).start()

    @classmethod
    async def open(cls, source: CameraInput) -> "Camera":
        """Return a camera that reads. Raises ``RequestError`` where there is no such device, file or address."""
        if isinstance(source, str | Path):
            source = await asyncio.to_thread(_open, str(source))
        return cls(source)

    async def next_frame(self) -> av.VideoFrame | None:
        """Wait for a picture that was not taken yet; ``None`` when there are no more."""
        while (frame := self._newest.take()) is None and not self.ended.is_set():
            self._changed.clear()
            await self._changed.wait()
        return frame

    def check(self) -> None:
        """Raise ``RequestError`` where the pictures ended by a fault."""
        if self._error is not None:
            raise RequestError(f"The camera failed: {self._error}.") from self._error

    async def close(self) -> None:
        """Read no more."""
        self._closing.set()
        if self._task is not None:
            self._task.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                await self.ended.wait()

    def _end(self) -> None:
        self.ended.set()
        self._changed.set()

    async def _follow(self, pictures: AsyncIterable[NDArray[np.uint8]]) -> None:
        try:
            async for picture in pictures:
                self._put(av.VideoFrame.from_ndarray(picture, format="rgb24"))
        except Exception as error:
            self._error = error
        finally:
            self._end()

    def _read(self, source: InputContainer | Iterable[NDArray[np.uint8]]) -> None:
        try:
            if isinstance(source, InputContainer):
                with source:
                    self._decode(source)
            else:
                for picture in source:
                    self._put(av.VideoFrame.from_ndarray(picture, format="rgb24"))
                    if self._closing.is_set():
                        break
        except Exception as error:
            self._error = error
        finally:
            self._tell_end()

    def _decode(self, container: InputContainer) -> None:
        is_file = container.duration is not None
        first: float | None = None
        for frame in container.decode(video=0):
            if first is None:
                first = frame.time
            since = frame.time - first if frame.time is not None and first is not None else None
            if self._closing.wait(self._wait_s(since) if is_file else 0):
                return
            self._put(frame, since)

    def _wait_s(self, since: float | None) -> float:
        """Seconds until a picture of a file is due."""
        if since is None or self._started_at is None:
            return 0
        return max(self._started_at + since - time.monotonic(), 0)

    def _put(self, frame: av.VideoFrame, since: float | None = None) -> None:
        """Take a picture; ``since``: seconds since the first one, where they are known."""
        now = time.monotonic()
        if self._started_at is None:
            self._started_at = now
        size = capped_size(frame.width, frame.height)
        if size != (frame.width, frame.height) or frame.format.name != "yuv420p":
            frame = frame.reformat(*size, format="yuv420p")
        frame.pts = round((now - self._started_at if since is None else since) / TIME_BASE)
        frame.time_base = TIME_BASE
        self._newest.put(frame)


def _open(source: str) -> InputContainer:
    try:
        container = av.open(source, "r", "v4l2" if source.startswith(DEVICE_PREFIX) else None, timeout=STALL_S)
    except (OSError, ValueError) as error:  # av's own are both
        reason = getattr(error, "strerror", None) or error
        raise RequestError(f"The camera {source} cannot be opened: {reason}.") from error
    if not container.streams.video:
        container.close()
        raise RequestError(f"There is no video in {source}.")
    return container
