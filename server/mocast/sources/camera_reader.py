"""The reader of a camera: a thread of its own that opens it, reads its frames as they come, and closes it."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from av import Packet
from av.video.stream import VideoStream

from mocast.sources.camera_address import CameraAddress
from mocast.sources.camera_clock import CameraClock
from mocast.sources.opened_camera import OPEN_S, CameraError, CameraVideo, OpenedCamera

log = structlog.get_logger(__name__)

LATE_S: Final = 1.0
"""A file that is read this late, as the machine slept or was busy, goes on from where it is."""

LONGEST_DELAY_S: Final = 15.0
"""Between two attempts: cameras that restart need some ten seconds; nobody wants to wait much longer for them."""

HANGS_S: Final = 2 * OPEN_S + 5.0
"""When a camera that is being opened is given up, whatever FFmpeg says."""

Take = Callable[["Packet[VideoStream]", float], object]
"""Takes a frame, encoded, and its time in seconds; on the reader's thread."""

FILE_ENDED: Final = "the file has ended"
CAMERA_ENDED: Final = "the camera has ended its video"


class CameraReader:
    """Reads one camera, once. Its methods are the event loop's."""

    def __init__(self, address: CameraAddress) -> None:
        self.address = address
        self.bytes_received = 0
        "By the network."
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[CameraVideo | CameraError] = self._loop.create_future()
        self._ended: asyncio.Future[str] = self._loop.create_future()
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._take: Take | None = None
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)

    async def open(self) -> CameraVideo:
        """Open the camera and return what its video is. Raises ``CameraError``."""
        self._thread.start()
        await asyncio.wait([self._opened], timeout=HANGS_S)
        if not self._opened.done():
            log.error("a camera hangs; its thread is left alone", camera=self.address.name)
            raise CameraError("the camera hangs")
        opened = self._opened.result()
        if isinstance(opened, CameraError):
            raise opened
        return opened

    def start(self, take: Take) -> None:
        """Hand on each frame from now on. Those of before are dropped, but a file waits."""
        self._take = take
        self._started.set()

    def stop(self) -> None:
        """Have the thread end after the frame in work, and close the camera."""
        self._stopping.set()
        self._started.set()

    async def ended(self) -> str:
        """Wait until the camera has ended, and return why, in a sentence; empty where it was stopped."""
        return await asyncio.shield(self._ended)

    def _run(self) -> None:
        try:
            with contextlib.closing(OpenedCamera(self.address)) as camera:
                self._tell(self._opened, camera.video)
                self._read(camera)
            reason = FILE_ENDED if self.address.kind == "file" else CAMERA_ENDED
        except CameraError as error:
            reason = str(error)
        except Exception as error:  # its text may quote the address
            log.error("camera failed", camera=self.address.name, error=type(error).__name__)  # noqa: TRY400
            reason = "the camera cannot be read, for a reason that FFmpeg does not name"
        self._tell(self._opened, CameraError(reason))
        self._tell(self._ended, "" if self._stopping.is_set() else reason)

    def _read(self, camera: OpenedCamera) -> None:
        """Hand on all frames until the end, or until stopped. Raises ``CameraError``."""
        is_file, pts, dts = self.address.kind == "file", CameraClock(), CameraClock()
        pace = Pace(self._stopping)
        if is_file:
            self._started.wait()
        while True:
            for packet in camera.packets():
                if is_file:
                    pace.wait_for(dts.seconds(_seconds(packet, packet.dts)))
                if self._stopping.is_set():
                    return
                if self.address.is_remote:
                    self.bytes_received += packet.size
                time_s = pts.seconds(_seconds(packet, packet.pts))
                if self._take is not None:
                    self._take(packet, time_s)
            if not camera.is_looped:
                return
            camera.rewind()
            pts.restart()
            dts.restart()

    def _tell(self, future: "asyncio.Future[Any]", result: object) -> None:
        """Set a future's result on the loop, unless it has one."""

        def tell() -> None:
            if not future.done():
                future.set_result(result)

        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(tell)


class Pace:
    """Holds a file's frames back until their time has come."""

    def __init__(self, stopping: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
        self._stopping = stopping
        self._clock = clock
        self._began_at_s: float | None = None

    def wait_for(self, time_s: float) -> None:
        """Return at a frame's time, counted from the first one's; at once where that is over, or it is to stop."""
        now_s = self._clock()
        if self._began_at_s is None or now_s - self._began_at_s - time_s > LATE_S:
            self._began_at_s = now_s - time_s
        self._stopping.wait(max(self._began_at_s + time_s - now_s, 0))


def _seconds(packet: "Packet[VideoStream]", ticks: int | None) -> float | None:
    return None if ticks is None else float(ticks * packet.time_base)
