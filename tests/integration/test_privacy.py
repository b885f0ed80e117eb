"""What leaves a session and what stays of it: no connection of the server's own, no file, no face that is covered."""

import asyncio
import platform
import sys
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from mocast.model.frame import RgbImage
from mocast.model.options import DrawOptions, SessionOptions
from mocast.model.tracked import FaceBoxes
from mocast.rendering.renderer import Renderer
from mocast.webrtc.pixels import to_rgb
from tests.e2e.server import Server
from tests.fakes import FakeTrackers, NoFaces
from tests.peers import Peer
from tests.rooms import open_rooms, publish, subscribe
from tests.seccomp import killed_by

WRITES_ARE_LOGGED = """
import os, sys

def tell(event, arguments):
    if event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and arguments[0] != os.devnull:
        os.write(2, f"WROTE {arguments[0]}\\n".encode())
    elif event in ("os.mkdir", "os.rename", "os.remove", "shutil.copyfile"):
        os.write(2, f"WROTE {arguments[0]}\\n".encode())

sys.addaudithook(tell)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="seccomp is Linux's")
@pytest.mark.skipif(platform.machine() not in {"x86_64", "aarch64"}, reason="the number of connect() is not known")
async def test_a_session_makes_the_server_connect_nowhere_and_write_nothing(tmp_path: Path) -> None:
    """The kernel kills a server that calls connect(), and Python tells each file that it opens to write."""
    folders = {name: str(folder_in(tmp_path, name)) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME")}
    prologue = f"import os; os.environ.update({folders!r}); import sys; sys.dont_write_bytecode = True\n"
    server = Server(tmp_path / "log", prologue=prologue + WRITES_ARE_LOGGED + killed_by("connect"), warm="pose")
    server.start()
    try:
        before = written(server), files(tmp_path)
        peer, viewer = Peer(), Peer(direction="recvonly")
        assert before[0], "compiled networks are kept"
        offer = await peer.offer()
        await peer.accept(await asyncio.to_thread(post, f"{server.url}/v1/rooms/r/publish?tracker=pose", offer))
        offer = await viewer.offer()
        await viewer.accept(await asyncio.to_thread(post, f"{server.url}/v1/rooms/r/subscribe", offer))
        await peer.until(lambda: len(peer.frames) >= 5 and len(peer.landmark_messages) >= 5)
        await viewer.until(lambda: len(viewer.frames) >= 5)
        await viewer.close()
        await peer.close()
        assert (written(server), files(tmp_path)) == before
        await asyncio.to_thread(server.stop)
    finally:
        if server.runs:
            server.kill()


def post(url: str, offer: str) -> str:
    request = urllib.request.Request(url, offer.encode(), {"Content-Type": "application/sdp"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        body: bytes = answer.read()
    return body.decode()


def written(server: Server) -> list[str]:
    return [line for line in server.log_tail(1_000_000).splitlines() if line.startswith("WROTE")]


def folder_in(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


class FaceEverywhere(NoFaces):
    """Finds one face, as large as the picture."""

    def find(self, rgb: RgbImage, pts: int) -> FaceBoxes:
        return np.float32([[0, 0, 1, 1]])


class SeesFaces(FakeTrackers):
    def every_face(self, *, still: bool = False) -> NoFaces:
        return FaceEverywhere()


async def test_faces_are_covered_before_a_picture_is_encoded_for_anybody() -> None:
    options = SessionOptions(draw=DrawOptions(privacy="pixelate", overlay=()))
    peer, viewer = Peer(), Peer(direction="recvonly")
    async with open_rooms(SeesFaces(), renderer=Renderer) as rooms:
        await publish(rooms, peer, options=options)
        await subscribe(rooms, viewer)
        await peer.until(lambda: len(peer.frames) >= 3)
        await viewer.until(lambda: len(viewer.frames) >= 3)
        for frame in (*peer.frames, *viewer.frames):
            # The camera's square is white on black; a block of the cover is larger, so it is never quite white.
            assert to_rgb(frame).max() < 230
        await viewer.close()
        await peer.close()
