"""The pace of a film, and the life of a reader's thread."""

import asyncio
import threading
from pathlib import Path

import pytest
from tests.fakes import SettableClock
from tests.ip_camera import film
from tests.peers import HANG_S

from mocast.sources.camera_address import CameraOptions, parse_camera, read_camera_options
from mocast.sources.camera_reader import FILE_ENDED, CameraReader, Pace
from mocast.sources.opened_camera import CameraError


class Stopping(threading.Event):
    """An event on which waiting moves a clock."""

    def __init__(self, clock: SettableClock) -> None:
        super().__init__()
        self.clock = clock

    def wait(self, timeout: float | None = None) -> bool:
        self.clock.now += timeout or 0
        return False


def test_frames_of_a_film_come_at_their_times_and_after_a_long_pause_not_in_a_bunch() -> None:
    clock = SettableClock()
    pace = Pace(Stopping(clock), clock.monotonic)
    came = []
    for number in range(6):
        if number == 3:
            clock.now += 10.0  # the machine slept
        pace.wait_for(number * 0.5)
        came.append(clock.now - 1_000.0)
    assert came == pytest.approx([0.0, 0.5, 1.0, 11.0, 11.5, 12.0])


async def test_a_film_waits_until_it_is_started_and_says_that_it_has_ended(tmp_path: Path) -> None:
    reader = CameraReader(parse_camera(str(film(tmp_path / "film.mp4", 5)))[0])
    video = await reader.open()
    assert video.codec.name == "h264"
    times_s: list[float] = []
    reader.start(lambda _, time_s: times_s.append(time_s))
    async with asyncio.timeout(HANG_S):
        assert await reader.ended() == FILE_ENDED
    assert sorted(times_s) == pytest.approx([number / 30 for number in range(5)], abs=1e-3)
    assert reader.bytes_received == 0


async def test_a_film_that_loops_goes_on_until_it_is_stopped(tmp_path: Path) -> None:
    address = read_camera_options(parse_camera(str(film(tmp_path / "film.mp4", 3, bf="0")))[0], {"loop": "true"})
    assert address.options == CameraOptions(loop=True)
    reader, enough, loop = CameraReader(address), asyncio.Event(), asyncio.get_running_loop()
    times_s: list[float] = []

    def take(_: object, time_s: float) -> None:
        times_s.append(time_s)
        if len(times_s) == 7:
            loop.call_soon_threadsafe(enough.set)

    await reader.open()
    reader.start(take)
    async with asyncio.timeout(HANG_S):
        await enough.wait()
        reader.stop()
        assert await reader.ended() == ""
    assert times_s[:7] == pytest.approx([number / 30 for number in range(7)], abs=0.02)


async def test_a_camera_that_cannot_be_opened_leaves_no_thread(tmp_path: Path) -> None:
    reader = CameraReader(parse_camera(str(tmp_path / "none.mp4"))[0])
    with pytest.raises(CameraError, match="no such file"):
        await reader.open()
    async with asyncio.timeout(HANG_S):
        await reader.ended()
    reader._thread.join(HANG_S)
    assert not reader._thread.is_alive()
