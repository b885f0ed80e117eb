"""``mocast source``: a camera of this machine in a room of a server, without being encoded anew where that can be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiortc.rtcrtpsender
import pytest
from aiortc.codecs import get_encoder
from av import VideoFrame

from mocast.client import Conflict, MocastError
from mocast.commands import source as source_command
from mocast.commands.source import SourceArguments, parse_arguments, publish
from mocast.sources.camera_frame_source import CameraFrameSource
from tests.integration.http_server import Running, running
from tests.integration.test_sources import is_tracked, wait_for
from tests.ip_camera import PASSWORD, film, mjpeg_camera
from tests.peers import HANG_S


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_command, "LONGEST_DELAY_S", 0.1)


@asynccontextmanager
async def publishing(*words: str) -> AsyncIterator["asyncio.Task[None]"]:
    """The command at work, until the block ends."""
    task = asyncio.create_task(publish(parse_arguments(words)))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=HANG_S)


def to(server: Running, *words: str) -> tuple[str, ...]:
    return (*words, "--room", "studio", "--server", f"http://127.0.0.1:{server.port}")


class PicturesRefused:
    """An encoder that only packs what is encoded already."""

    def __init__(self, codec: Any) -> None:
        self.encoder = get_encoder(codec)

    def pack(self, packet: Any) -> Any:
        return self.encoder.pack(packet)

    def encode(self, frame: VideoFrame, force_keyframe: bool = False) -> Any:
        raise AssertionError("a picture was encoded")


async def test_h264_goes_as_it_comes_and_the_server_is_asked_for_what_follows_the_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aiortc.rtcrtpsender, "get_encoder", PicturesRefused)
    path = film(tmp_path / "film.mp4", bf="0", g="10")
    with running() as server:
        async with publishing(*to(server, f"{path}#tracker=hands", "--loop")):
            await asyncio.to_thread(wait_for, server, is_tracked)
            assert server.pool.out[0].name == "hands"
        await asyncio.to_thread(wait_for, server, lambda found: not found)


@pytest.mark.parametrize(
    ("codec", "options"), [("libx264", {"bf": "2"}), ("libx265", {"x265-params": "log-level=none"})]
)
async def test_what_cannot_go_as_it_is_is_encoded_anew(tmp_path: Path, codec: str, options: dict[str, str]) -> None:
    path = film(tmp_path / "film.mp4", 30, codec, g="10", **options)
    with running() as server:
        async with publishing(*to(server, str(path), "--loop")):
            await asyncio.to_thread(wait_for, server, is_tracked)


async def test_a_film_ends_the_command_and_the_room(tmp_path: Path) -> None:
    with running() as server:
        async with (
            publishing(*to(server, str(film(tmp_path / "film.mp4", 15, bf="0")))) as task,
            asyncio.timeout(HANG_S),
        ):
            await task
        await asyncio.to_thread(wait_for, server, lambda found: not found)


async def test_a_camera_that_comes_back_is_published_again_and_nothing_tells_its_password(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with running() as server, mjpeg_camera() as camera:
        port = camera.port
        async with publishing(*to(server, camera.url())):
            await asyncio.to_thread(wait_for, server, is_tracked)
            camera.switch_off()
            await asyncio.to_thread(wait_for, server, lambda found: not found)
            with mjpeg_camera(port):
                await asyncio.to_thread(wait_for, server, is_tracked)
    said = capsys.readouterr()
    assert f"http://127.0.0.1:{port}: live in room studio, encoded anew\n" in said.out
    assert f"http://127.0.0.1:{port}: the camera has ended the connection; trying again\n" in said.out
    assert PASSWORD not in said.out + said.err


async def test_a_live_camera_is_opened_again_after_a_frame_that_cannot_be_sent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [OSError("the lens fell off")]
    next_frame = CameraFrameSource.next_frame

    async def once_broken(self: CameraFrameSource) -> Any:
        if faults:
            raise faults.pop()
        return await next_frame(self)

    monkeypatch.setattr(CameraFrameSource, "next_frame", once_broken)
    with running() as server, mjpeg_camera() as camera:
        async with publishing(*to(server, camera.url())):
            await asyncio.to_thread(wait_for, server, is_tracked)
    assert ": The camera failed: the lens fell off; trying again\n" in capsys.readouterr().out


async def test_a_room_that_is_taken_ends_the_command_with_the_server_s_sentence(tmp_path: Path) -> None:
    path = str(film(tmp_path / "film.mp4", bf="0"))
    with running(sources=f"studio={path}#loop=true") as server:
        await asyncio.to_thread(wait_for, server, is_tracked)
        with pytest.raises(Conflict, match="is fed by a camera of the server's"):
            await publish(parse_arguments(to(server, path)))


async def test_an_option_that_the_server_does_not_know_ends_the_command(tmp_path: Path) -> None:
    with running() as server, pytest.raises(MocastError, match='"trakcer" is not valid'):
        await publish(parse_arguments(to(server, f"{film(tmp_path / 'film.mp4')}#trakcer=pose")))


def test_what_is_wrong_on_the_command_line_is_said_without_the_address(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {
        ("rtmp://admin:hunter2@cam/1",): "begins with rtsp",
        ("rtsp://admin:hunter2@cam/1", "--room", "a/b"): "room's name",
        ("rtsp://admin:hunter2@cam/1", "--room", ".."): "does not begin with a dot",
        ("rtsp://admin:hunter2@cam/1#transport=quic",): '"transport" is not valid',
        ("screen", "--server", "localhost:8080"): "begins with http",
    }
    for words, sentence in wrong.items():
        assert source_command.source(words) == 2
        said = capsys.readouterr().err
        assert sentence in said
        assert "hunter2" not in said


def test_a_film_that_is_not_there_ends_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert source_command.source([str(tmp_path / "none.mp4")]) == 1
    assert capsys.readouterr().err == "mocast source: none.mp4: there is no such file or device\n"


def test_flags_are_the_camera_s_options_and_the_rest_is_the_session_s() -> None:
    plan = parse_arguments(["rtsp://cam/1#privacy=blur&transport=tcp", "--transport", "udp", "--room", "hall"])
    assert isinstance(plan, SourceArguments)
    assert (plan.camera.options.transport, plan.options, plan.room) == ("udp", {"privacy": "blur"}, "hall")
