"""A real RTSP server, GStreamer's, feeds rooms: by TCP and UDP, with a password, in the codecs that cameras have."""

import asyncio
import functools
import platform
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from bench.barcode import read

from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.rooms.registry import Rooms
from mocast.rooms.room import Room
from mocast.sources import registry
from mocast.sources.camera_address import parse_sources
from mocast.sources.registry import Sources
from tests.debian import unpacked
from tests.fakes import CentreTracker, FakeTrackers
from tests.interop import gstreamer
from tests.peers import HANG_S
from tests.polling import until
from tests.rooms import open_rooms

PROGRAM = Path(__file__).with_name("rtsp_server.py")

PASSWORD = "pass word/of#the@camera"
ENCODED = "pass%20word%2Fof%23the%40camera"

GROWTH_MS = 30
"""A frame. A delay that grows does so by hundreds of milliseconds in the seconds that are measured."""


@functools.cache
def environment() -> dict[str, str]:
    """GStreamer's, with its RTSP server."""
    folder = unpacked("gir1.2-gst-rtsp-server-1.0", "libgstrtspserver-1.0-0")
    assert folder is not None, "Debian's gir1.2-gst-rtsp-server-1.0 cannot be had here"
    libraries, found = folder / f"usr/lib/{platform.machine()}-linux-gnu", dict(gstreamer.environment())
    for name, place in (("LD_LIBRARY_PATH", libraries), ("GI_TYPELIB_PATH", libraries / "girepository-1.0")):
        found[name] = f"{place}:{found.get(name, '')}".rstrip(":")
    return found


class RtspServer:
    """The program ``rtsp_server.py``, and when it made each picture."""

    def __init__(self, *flags: str) -> None:
        command = [gstreamer.PYTHON, str(PROGRAM), *flags]
        self.made_ns: dict[int, int] = {}
        self._process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        word, port = self._process.stdout.readline().split()
        assert word == "port"
        self.port = int(port)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            number, made_ns = map(int, line.split())
            self.made_ns[number] = made_ns

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()


@contextmanager
def rtsp_server(*flags: str) -> Iterator[RtspServer]:
    """A server that is killed in the end."""
    server = RtspServer(*flags)
    try:
        yield server
    finally:
        server.kill()


class NumberTracker(CentreTracker):
    """Reads the numbers on pictures, and notes when."""

    def __init__(self, takes_s: float = 0.0) -> None:
        super().__init__(takes_s=takes_s)
        self.seen: list[tuple[int, int]] = []
        self.enough = threading.Event()
        self.wanted = 1

    def track(self, frame: Frame) -> Tracked:
        number, at_ns = read(frame.rgb[..., 1]), time.monotonic_ns()
        tracked = super().track(frame)
        if number is not None:
            self.seen.append((number, at_ns))
            if len(self.seen) >= self.wanted:
                self.enough.set()
        return tracked

    def wait_for_more(self, count: int) -> None:
        """Wait until so many more frames were seen."""
        self.enough.clear()
        self.wanted = len(self.seen) + count
        assert self.enough.wait(HANG_S), f"{len(self.seen)} of {self.wanted} frames came"


class NumberTrackers(FakeTrackers):
    """Gives out one tracker, again and again."""

    def __init__(self, takes_s: float = 0.0) -> None:
        super().__init__()
        self.one = NumberTracker(takes_s)

    def acquire(self, *_: object, **__: object) -> NumberTracker:
        self.out.append(self.one)
        return self.one


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "LONGEST_DELAY_S", 0.5)


@asynccontextmanager
async def feeding(rooms: Rooms, setting: str) -> AsyncIterator[None]:
    """The operator's sources at work, until the block ends."""
    life = Sources(rooms, parse_sources(setting)).running()
    await anext(life)
    try:
        yield
    finally:
        with suppress(StopAsyncIteration):
            await anext(life)


async def wait_for(rooms: Rooms, condition: Callable[[Room], bool]) -> None:
    await until(lambda: any(map(condition, rooms)))


def waits(room: Room) -> bool:
    return room.source is not None and room.source.state == "waiting"


def address(server: RtspServer, options: str = "", password: str = "") -> str:
    user = f"admin:{password}@" if password else ""
    return f"studio=rtsp://{user}127.0.0.1:{server.port}/camera#{options}"


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize("codec", ["h264", "h265", "mjpeg"])
async def test_a_camera_s_pictures_come_within_a_moment(codec: str, transport: str) -> None:
    trackers = NumberTrackers()
    with rtsp_server("--codec", codec) as server:
        async with open_rooms(trackers) as rooms, feeding(rooms, address(server, f"transport={transport}")):
            await asyncio.to_thread(trackers.one.wait_for_more, 90)
        delays_ms = [(at_ns - server.made_ns[number]) / 1e6 for number, at_ns in trackers.one.seen[30:]]
    print(f"\n{codec} {transport}: median {np.median(delays_ms):.1f} ms, p95 {np.percentile(delays_ms, 95):.1f} ms")
    assert np.median(delays_ms) < 150


async def test_a_slow_tracker_gets_the_newest_frame_and_the_delay_stays_as_it_is() -> None:
    trackers = NumberTrackers(takes_s=0.1)
    with rtsp_server() as server:
        async with open_rooms(trackers) as rooms, feeding(rooms, address(server)):
            await asyncio.to_thread(trackers.one.wait_for_more, 120)
        delays_ms = np.array([(at_ns - server.made_ns[number]) / 1e6 for number, at_ns in trackers.one.seen])
    early, late = np.median(delays_ms[10:40]), np.median(delays_ms[-30:])
    print(f"\nten frames a second of thirty, 12 s: {early:.1f} ms at first, {late:.1f} ms at last")
    assert late < early + GROWTH_MS


async def test_a_server_that_is_killed_and_started_again_feeds_the_room_again() -> None:
    trackers = NumberTrackers()
    with rtsp_server("--password", PASSWORD) as first:
        port = first.port
        async with open_rooms(trackers) as rooms, feeding(rooms, address(first, password=ENCODED)):
            await asyncio.to_thread(trackers.one.wait_for_more, 30)
            first.kill()
            await wait_for(rooms, waits)
            assert rooms.room("studio").publisher is None
            with rtsp_server("--password", PASSWORD, "--port", str(port)):
                await asyncio.to_thread(trackers.one.wait_for_more, 30)
                assert rooms.room("studio").publisher is not None


@pytest.mark.parametrize(
    ("password", "path", "reason"),
    [
        ("wrong", "camera", "the camera refuses the user name or the password"),
        (ENCODED, "none", "the camera has no video at this path"),
    ],
)
async def test_what_is_wrong_is_told(password: str, path: str, reason: str) -> None:
    with rtsp_server("--password", PASSWORD) as server:
        async with open_rooms(NumberTrackers()) as rooms:
            setting = address(server, password=password).replace("/camera", f"/{path}")
            async with feeding(rooms, setting):
                await wait_for(rooms, waits)
                source = rooms.room("studio").source
                assert source is not None
                assert source.reason == reason
