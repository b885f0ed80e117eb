"""Pictures of files and programs, as a publication takes them."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.peers import HANG_S

from mocast.client.camera import Camera
from mocast.errors import RequestError
from mocast.webrtc.video_decoder import TIME_BASE

Picture = NDArray[np.uint8]


def picture(value: int, width: int = 64, height: int = 48) -> Picture:
    return np.full((height, width, 3), value, np.uint8)


def film(path: Path, frames: int, fps: int = 100, codec: str = "mpeg4") -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), format="rgb24")))
        container.mux(stream.encode())
    return path


async def seen(camera: Camera) -> list[av.VideoFrame]:
    frames = []
    async with asyncio.timeout(HANG_S):
        while (frame := await camera.next_frame()) is not None:
            frames.append(frame)
    await camera.close()
    return frames


async def test_a_film_is_read_at_its_own_speed_and_ends(tmp_path: Path) -> None:
    began = asyncio.get_running_loop().time()
    frames = await seen(await Camera.open(film(tmp_path / "film.mp4", 30)))
    assert asyncio.get_running_loop().time() - began >= 0.25, "as fast as it could be read"
    pts = [frame.pts for frame in frames]
    assert pts == sorted(set(pts))
    assert set(pts) <= {round(number / 100 / TIME_BASE) for number in range(30)}
    assert {frame.format.name for frame in frames} == {"yuv420p"}


async def test_the_last_pictures_of_a_film_with_b_frames_are_read(tmp_path: Path) -> None:
    frames = await seen(await Camera.open(film(tmp_path / "film.mp4", 12, codec="libx264")))
    assert frames[-1].pts == round(11 / 100 / TIME_BASE)


async def test_a_film_that_is_looped_begins_again_and_its_time_goes_on(tmp_path: Path) -> None:
    camera = await Camera.open(f"{film(tmp_path / 'film.mp4', 12, codec='libx264')}#loop=true")
    pts: list[int] = []
    async with asyncio.timeout(HANG_S):
        while not pts or pts[-1] < 3 * 12 / 100 / TIME_BASE:
            frame = await camera.next_frame()
            assert frame is not None, "the film has ended"
            assert frame.pts is not None
            pts.append(frame.pts)
    await camera.close()
    assert pts == sorted(set(pts))


async def test_an_opened_container_is_taken_as_it_is(tmp_path: Path) -> None:
    assert await seen(await Camera.open(av.open(str(film(tmp_path / "film.mp4", 3)))))


@pytest.mark.parametrize("is_async", [False, True])
async def test_a_programs_pictures_are_taken_the_newest_first(is_async: bool) -> None:
    gate = asyncio.Event()

    async def made() -> AsyncIterator[Picture]:
        yield picture(10)
        yield picture(20)
        await gate.wait()
        yield picture(250)

    camera = Camera(made() if is_async else iter([picture(10), picture(250)]))
    if not is_async:
        await camera.ended.wait()
    first = await camera.next_frame()
    assert first is not None
    assert first.to_ndarray(format="gray").mean() == pytest.approx(20 if is_async else 250, abs=6)
    gate.set()
    assert len(await seen(camera)) == (1 if is_async else 0)
    camera.check()


async def test_large_pictures_are_scaled_and_sides_are_even() -> None:
    camera = Camera(iter([picture(9, width=2561, height=101)]))
    (frame,) = await seen(camera)
    assert (frame.width, frame.height) == (1280, 50)


async def test_a_program_that_fails_is_told_of() -> None:
    def failing() -> Iterator[Picture]:
        yield picture(1)
        raise OSError("the lens fell off")

    camera = Camera(failing())
    await seen(camera)
    with pytest.raises(RequestError, match=r"^The camera failed: the lens fell off\.$"):
        camera.check()


async def test_what_cannot_be_opened_is_told_of_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"^The camera nothing\.mp4 cannot be opened: there is no such"):
        await Camera.open(tmp_path / "nothing.mp4")
    with pytest.raises(RequestError, match=r"^The camera rtsp://127\.0\.0\.1:9 cannot be opened") as raised:
        await Camera.open("rtsp://ann:secret@127.0.0.1:9/stream")
    assert "secret" not in str(raised.value)
    with pytest.raises(TypeError, match="/dev/video0"):
        await Camera.open(0)  # type: ignore[arg-type]  # as OpenCV calls it


async def test_a_camera_that_is_closed_ends() -> None:
    def endless() -> Iterator[Picture]:
        while True:
            yield picture(1)

    camera = Camera(endless())
    await camera.close()
    assert camera.ended.is_set()
