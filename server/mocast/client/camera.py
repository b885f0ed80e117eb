"""Pictures of a device, a file, an address or a program: the newest, for as long as there are any."""

import asyncio
import threading
import time
from collections.abc import AsyncIterable, Callable, Generator, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import av
import numpy as np
from av.container import InputContainer
from numpy.typing import NDArray

from mocast.errors import RequestError
from mocast.pipeline.slot import LatestSlot, in_loop
from mocast.sources.camera_address import parse_camera, read_camera_options
from mocast.sources.camera_clock import CameraClock
from mocast.sources.camera_reader import Pace
from mocast.sources.opened_camera import CameraError, OpenedCamera
from mocast.webrtc.pixels import capped_size
from mocast.webrtc.video_decoder import TIME_BASE

CLOSE_S: Final = 2.0
"""A thread that reads is left alone after this long: nothing can end it."""

Pictures = Iterable[NDArray[np.uint8]] | AsyncIterable[NDArray[np.uint8]]
Source = OpenedCamera | InputContainer | Iterable[NDArray[np.uint8]]
CameraInput = str | Path | InputContainer | Pictures


class Camera:
    """Reads pictures beside the loop, or in a task where they come from one, and keeps the newest.

    A file is read at its own speed, anything else as fast as it comes. Pictures above 1,280 pixels are scaled down.
    """

    def __init__(self, source: OpenedCamera | InputContainer | Pictures, *, is_file: bool = False) -> None:
        """Begin to read. On the loop only."""
        self.ended = asyncio.Event()
        "There are no more pictures."
        self.codec_name: str | None = None
        self._changed = asyncio.Event()
        self._newest: LatestSlot[av.VideoFrame] = LatestSlot(in_loop(self._changed.set))
        self._closing = threading.Event()
        self._error: Exception | None = None
        self._tell_end = in_loop(self._end)
        self._clock = CameraClock()
        self._pace = Pace(self._closing) if is_file else None
        self._task: asyncio.Task[None] | None = None
        if isinstance(source, AsyncIterable):
            self._task = asyncio.create_task(self._follow(source), name="camera")
        else:
            threading.Thread(target=self._read, args=[source], name="camera", daemon=True).start()

    @classmethod
    async def open(cls, source: CameraInput) -> "Camera":
        """Return a camera that reads. Raises ``RequestError`` where there is no such device, file or address."""
        if isinstance(source, InputContainer):
            return cls(source, is_file=source.duration is not None)
        if isinstance(source, Iterable | AsyncIterable) and not isinstance(source, str):
            return cls(source)
        if not isinstance(source, str | Path):  # such as the number that OpenCV gives a camera
            raise TypeError(f"a camera is a path such as /dev/video0, an address, or yields pictures: {source!r}")
        try:
            address, options = parse_camera(str(source))
            opened = await asyncio.to_thread(OpenedCamera, read_camera_options(address, options))
        except CameraError as error:
            raise RequestError(f"The camera {address.name} cannot be opened: {error}.") from error
        except ValueError as error:
            raise RequestError(str(error)) from error
        return cls(opened, is_file=address.kind == "file")

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
                self._put(_from_array(picture))
        except Exception as error:
            self._error = error
        finally:
            self._end()

    def _read(self, source: Source) -> None:
        try:
            with closing(_frames(source, self._clock.restart)) as frames:
                for frame in frames:
                    self._put(frame)
                    if self._closing.is_set():
                        break
        except Exception as error:
            self._error = error
        finally:
            self._tell_end()

    def _put(self, frame: av.VideoFrame) -> None:
        """Take a picture, a file's when it is due."""
        time_s = self._clock.seconds(time.monotonic() if frame.time is None else frame.time)
        if self._pace is not None:
            self._pace.wait_for(time_s)
        size = capped_size(frame.width, frame.height)
        if size != (frame.width, frame.height) or frame.format.name != "yuv420p":
            frame = frame.reformat(*size, format="yuv420p")
        frame.pts, frame.time_base = round(time_s / TIME_BASE), TIME_BASE
        self._newest.put(frame)


def _frames(source: Source, on_restart: Callable[[], None]) -> Generator[av.VideoFrame, None, None]:
    """Yield a source's pictures; close it when there are no more, or none is wanted.

    ``on_restart``: called where a film begins again.
    """
    if isinstance(source, InputContainer):
        with source:
            yield from source.decode(video=0)
    elif isinstance(source, OpenedCamera):
        with closing(source):
            while True:
                for packet in source.packets():
                    yield from packet.decode()
                for frame in source.stream.codec_context.decode():  # the last ones, of B-frames
                    frame.time_base = source.stream.time_base
                    yield frame
                if not source.is_looped:
                    break
                source.rewind()
                on_restart()
    else:
        yield from map(_from_array, source)


def _from_array(picture: NDArray[np.uint8]) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(picture, format="rgb24")
