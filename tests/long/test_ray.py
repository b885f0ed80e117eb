"""``mocast process --engine ray`` on a cluster of two machines, one of which is lost half-way: ``make test-ray``.

Both are on this machine, as two nodes of Ray's: each with its own raylet, its own object store and one processor.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.pictures import real_frames

ray = pytest.importorskip("ray")

FILES = 3
FRAMES = 560
"""Of each file."""
LIMIT_S = 500
MACHINE = {"num_cpus": 1, "object_store_memory": 100 << 20, "node_ip_address": "127.0.0.2"}
"""Loopback: clients take 127.0.0.1 for another address of this machine's."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Films of a person, each a little different."""
    folder = tmp_path_factory.mktemp("films")
    pictures = list(real_frames(280))
    for number in range(FILES):
        with av.open(str(folder / f"film{number}.mp4"), "w") as container:
            video = container.add_stream("libx264", rate=30, options={"preset": "ultrafast", "crf": "20"})
            video.width, video.height, video.pix_fmt = 640, 480, "yuv420p"
            for index in range(FRAMES):
                rgb = pictures[index] if index < len(pictures) else pictures[2 * len(pictures) - 1 - index]
                frame = av.VideoFrame.from_ndarray(np.roll(rgb, 8 * number, axis=1), format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, 30)
                container.mux(video.encode(frame))
            container.mux(video.encode(None))
    return folder


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A cluster whose first node has one processor."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_health_check_period_ms", "1000")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args=MACHINE)
    yield cluster
    cluster.shutdown()


def process(films: Path, outputs: Path, *flags: str, **environment: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "mocast", "process", str(films), "-o", str(outputs), "--tracker", "pose"]
    return subprocess.Popen(
        [*command, "--formats", "jsonl,mp4", "--progress", "json", *flags],
        env=os.environ | {"MOCAST_PRECISION": "f32"} | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def told(running: "subprocess.Popen[str]") -> Iterator[dict[str, Any]]:
    assert running.stdout is not None
    return map(json.loads, running.stdout)


def bodies(outputs: Path, name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return (n, 33, 2) where a body is in each frame, in pixels, and (n, 33) what of it is seen.

    Ends the test where frames are missing or there twice.
    """
    lines = [json.loads(line) for line in (outputs / name / f"{name}.jsonl").read_text().splitlines()]
    found = [line for line in lines[1:-1] if "pose" in line]
    assert [line["frame"] for line in found] == list(range(FRAMES))
    places = np.array([line["pose"]["image"] for line in found])[:, :, :2] * (640, 480)
    return places, np.array([line["pose"]["visibility"] for line in found]) > 0.5


@pytest.mark.timeout(LIMIT_S)
def test_every_file_is_there_once_and_whole_though_a_machine_is_lost(
    cluster: Any, folder: Path, tmp_path: Path
) -> None:
    lost = cluster.add_node(**MACHINE)
    cluster.wait_for_nodes()
    with process(folder, tmp_path / "ray", "--engine", "ray", RAY_ADDRESS=cluster.address) as running:
        ended = []
        for message in told(running):
            if message["type"] == "file":
                ended.append((Path(message["file"]).name, message["state"], message["reason"]))
            if message["type"] == "progress" and message["frames"] > FRAMES / 2 and lost is not None:
                cluster.remove_node(lost, allow_graceful=False)
                lost = None
    assert sorted(ended) == [(f"film{number}.mp4", "done", None) for number in range(FILES)]
    assert running.returncode == 0
    assert lost is None

    with process(folder, tmp_path / "local", "--jobs", "1") as running:
        list(told(running))
    assert running.returncode == 0
    for name in sorted(path.stem for path in folder.iterdir()):
        (found, _), (expected, are_seen) = bodies(tmp_path / "ray", name), bodies(tmp_path / "local", name)
        apart_px = np.hypot(*(found - expected)[are_seen].T)
        assert np.median(apart_px) <= 0.5, "where it was cut, see docs/files-speed.md"
        assert np.percentile(apart_px, 95) <= 10
        with av.open(str(tmp_path / "ray" / name / f"{name}.mp4")) as container:
            assert sum(1 for _ in container.decode(video=0)) == FRAMES
        assert {path.name for path in (tmp_path / "ray" / name).iterdir()} == {
            *(f"{name}.jsonl", f"{name}.mp4", "summary.json")
        }


def test_without_a_cluster_it_says_how_to_start_one(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mocast", "process", str(folder), "-o", str(tmp_path), "--engine", "ray"]
    environment = os.environ | {"RAY_ADDRESS": "127.0.0.1:9"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "There is no Ray cluster at 127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
