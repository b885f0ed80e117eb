"""The Python examples as their READMEs run them, against a real server process."""

import asyncio
import csv
import importlib.util
import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import av
import numpy as np
import pytest
import yaml
from PIL import Image

from mocast.model.frame import Frame
from mocast.model.options import DrawOptions
from mocast.model.topology import PoseLandmark
from mocast.model.tracked import Tracked
from mocast.wire.stream_kinds import LANDMARKS
from tests.e2e.server import Server
from tests.fakes import CentreTracker
from tests.golden import make
from tests.integration.http_server import running
from tests.peers import HANG_S
from tests.pictures import astronaut_frames
from tests.ports import free_port

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CLIENT = EXAMPLES / "python-client" / "client.py"
LISTENER = EXAMPLES / "vmc-listener" / "listener.py"
LINE = re.compile(r"frame (\d+): left wrist at (-?[\d.]+), (-?[\d.]+)")


TOKEN = "a-secret-of-the-server"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks for a token."""
    server = Server(tmp_path_factory.mktemp("guarded") / "log", warm="pose", auth="token", token=TOKEN)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(guarded: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The same, whose token the examples and the bridge have from the environment."""
    monkeypatch.setenv("MOCAST_TOKEN", TOKEN)
    return guarded


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
    port = str(free_port())
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


def example(path: str) -> ModuleType:
    """A program of the examples, as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, EXAMPLES / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class ArmsTracker(CentreTracker):
    """Finds somebody whose nose is in the middle and whose other joints are all at the square."""

    seen: ClassVar[Counter[bool]] = Counter()
    "How often these were above the nose, and how often below."

    def track(self, frame: Frame) -> Tracked:
        tracked = super().track(frame)
        if tracked.pose is not None:
            self.seen[bool(tracked.pose.image[0, 1] < 0.5)] += 1
            tracked.pose.image[PoseLandmark.NOSE] = 0.5
        return tracked


async def raising(times: int) -> AsyncIterator[np.ndarray]:
    """Pictures whose square is down and up by turns, each for as long as it takes to be seen ten times."""
    for is_up in (False, True) * times:
        picture = np.zeros((240, 320, 3), np.uint8)
        top = 20 if is_up else 150
        picture[top : top + 48, 100:148] = 255
        until = ArmsTracker.seen[is_up] + 10
        while ArmsTracker.seen[is_up] < until:
            yield picture
            await asyncio.sleep(1 / 30)


async def test_programs_of_ten_lines_count_and_write(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tests.fakes.CentreTracker", ArmsTracker)
    with running() as server:
        address = f"http://127.0.0.1:{server.port}"
        async with asyncio.timeout(HANG_S):
            await example("python-library/count_raises.py").count(raising(2), address)
            assert re.findall(r"^\d+$", capsys.readouterr().out, re.MULTILINE) == ["1", "2"]
            await example("python-library/to_csv.py").write(raising(1), address)
    table = re.findall(r"^(?:frame|\d+),.*$", capsys.readouterr().out, re.MULTILINE)  # the server's log is there, too
    rows = list(csv.DictReader(table))
    assert {row["joint"] for row in rows} == {landmark.name.lower() for landmark in PoseLandmark}
    assert len(rows) == 33 * len({row["frame"] for row in rows})
    assert {float(row["y"]) > 0.5 for row in rows if row["joint"] == "left_wrist"} == {True, False}


class Table:
    """A Table DAT."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []

    def clear(self) -> None:
        self.rows.clear()

    def appendRow(self, row: list[Any]) -> None:  # noqa: N802 (TouchDesigner's name)
        self.rows.append(row)


def test_touchdesigners_table_has_the_joints_of_the_newest_frame() -> None:
    callbacks, tables = example("touchdesigner/callbacks.py"), {"joints": Table()}
    setattr(callbacks, "op", tables.get)  # noqa: B010 (TouchDesigner's)
    tracked = make.holistic()
    assert tracked.pose is not None
    for person in (tracked, make.frame(2)):
        (message,) = LANDMARKS.encoders["socket"](person, DrawOptions())
        callbacks.onReceiveText(None, 0, message)
    callbacks.onReceiveText(None, 0, '{"type": "notice", "notice": "draining", "detail": ""}')
    head, *rows = tables["joints"].rows
    assert head == ["name", "x", "y", "z", "visibility"]
    found = {name: place for name, *place, _ in rows}
    assert len(found) == 13
    for name, place in found.items():
        assert place == pytest.approx(tracked.pose.image[PoseLandmark[name.upper()]], abs=1e-5)


def test_home_assistants_requests_are_answered() -> None:
    text = (EXAMPLES / "home-assistant" / "configuration.yaml").read_text()
    with running() as server:
        asked = yaml.safe_load(text.replace("MOCAST:8080", f"127.0.0.1:{server.port}"))
        command = asked["rest_command"]["mocast_record"]
        request = urllib.request.Request(command["url"], method=command["method"].upper())
        with urllib.request.urlopen(request) as answer:
            assert answer.status == 201
        with urllib.request.urlopen(asked["rest"][0]["resource"]) as answer:
            (room,) = json.load(answer)["rooms"]
    assert (room["room"], room["publisher"], room["viewers"]) == ("studio", None, 0)
