"""The Python examples as their READMEs run them, against a real server process."""

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests.e2e.server import Server
from tests.peers import HANG_S
from tests.pictures import astronaut_frames

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CLIENT = EXAMPLES / "python-client" / "client.py"
LISTENER = EXAMPLES / "vmc-listener" / "listener.py"
LINE = re.compile(r"frame (\d+): left wrist at (-?[\d.]+), (-?[\d.]+)")


TOKEN = "a-secret-of-the-server"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """One that asks for a token, which the examples and the bridge have from the environment."""
    monkeypatch.setenv("MOCAST_TOKEN", TOKEN)
    server = Server(tmp_path / "server.log", warm="pose", auth="token", token=TOKEN)
    server.start()
    yield server
    server.stop()


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A program that runs until it is interrupted, as by Ctrl-C, and then ends cleanly."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            _, errors = process.communicate(timeout=HANG_S)
        finally:
            process.kill()
    assert (process.returncode, errors) == (0, "")


def line_of(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """Read on until a line matches."""
    assert process.stdout is not None
    for line in process.stdout:
        if match := re.search(pattern, line):
            return match
    raise AssertionError(f"no line matched {pattern}")


def write_video(path: Path, rgb: np.ndarray, frames: int, fps: int = 15) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=fps)
        stream.height, stream.width = rgb.shape[:2]
        stream.pix_fmt, stream.bit_rate = "yuv420p", 4_000_000
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode())


def wrist_in_picture(server: Server, picture: Path) -> tuple[float, float]:
    """Where the picture API sees the left wrist."""
    request = urllib.request.Request(f"{server.url}/v1/images?tracker=pose", data=picture.read_bytes())
    request.add_header("Content-Type", "image/png")
    request.add_header("Authorization", f"Bearer {TOKEN}")
    with urllib.request.urlopen(request) as answer:
        landmarks = json.load(answer)["pose"]["landmarks"]
    wrist = next(landmark for landmark in landmarks if landmark["name"] == "left_wrist")
    return wrist["x"], wrist["y"]


def test_python_client_prints_the_wrist_until_the_video_ends_and_leaves(server: Server, tmp_path: Path) -> None:
    rgb = next(astronaut_frames(1)).rgb
    write_video(tmp_path / "still.mp4", rgb, frames=45)
    Image.fromarray(rgb).save(tmp_path / "still.png")

    command = [sys.executable, str(CLIENT), str(tmp_path / "still.mp4"), server.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr

    found = [tuple(map(float, match.groups())) for match in LINE.finditer(done.stdout)]
    assert found, done.stdout
    numbers = [number for number, _, _ in found]
    assert len(set(numbers)) == len(numbers)
    # Roughly at the same place: the wrist is below the picture's edge, where tracking guesses.
    wrist = np.median([(x, y) for _, x, y in found], axis=0)
    assert np.abs(wrist - wrist_in_picture(server, tmp_path / "still.png")).max() < 0.25

    with urllib.request.urlopen(f"{server.url}/v1/info") as answer:
        assert json.load(answer)["sessions"] == 0


def test_vmc_listener_prints_the_bones_of_whom_the_camera_sees(server: Server, tmp_path: Path) -> None:
    write_video(tmp_path / "still.mp4", next(astronaut_frames(1)).rgb, frames=120)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    angle = r"\((-?\d+), (-?\d+), (-?\d+)\)"
    with started(sys.executable, str(LISTENER), port) as listener:
        line_of(listener, "listening")
        room = f"{server.url}/?room=python"  # the room of the Python client
        with started(sys.executable, "-m", "mocast", "bridge", room, "--vmc", f"127.0.0.1:{port}") as bridge:
            line_of(bridge, "connected")
            with started(sys.executable, str(CLIENT), str(tmp_path / "still.mp4"), server.url) as client:
                line_of(client, "left wrist")
                line_of(bridge, "motion comes in")
                pattern = rf"Head {angle}  LeftUpperArm {angle}  RightUpperArm {angle}(?!.*nobody)"
                turned = [int(number) for number in line_of(listener, pattern).groups()]
                client.wait(HANG_S)
    # She sits upright with her arms down: the left one, at -X in Unity, goes down by a positive roll, the right by -.
    assert max(map(abs, turned[:3])) < 45
    assert 20 < turned[5] <= 110
    assert -110 <= turned[8] < -20
