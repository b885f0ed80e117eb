"""The wheel, installed by plain pip on a machine that has Python and nothing else."""

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripts.images import IMAGES, images

ROOT = Path(__file__).resolve().parents[2]
ENGINE = "podman" if "podman" in os.environ.get("COMPOSE", "") else "docker"
IMAGE = os.environ.get("PYTHON_IMAGE") or images(IMAGES.read_text())["PYTHON_IMAGE"]
INSTALLED = "mocast-wheel-check"
INSTALL = """
set -e
! command -v node npm make cc gcc c++ g++ clang
python3 -m venv /opt/mocast
/opt/mocast/bin/pip install --quiet --no-cache-dir /dist/*.whl
/opt/mocast/bin/pip check
"""


def engine(*words: object) -> str:
    done = subprocess.run([ENGINE, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed() -> Iterator[str]:
    """An image in which the wheel is installed, with whatever pip takes from the index today."""
    wheels = list((ROOT / "dist").glob("mocast-*.whl"))
    assert len(wheels) == 1, "run: make wheel"
    mounted = ("-v", f"{ROOT / 'dist'}:/dist:ro")
    container = engine("create", "--network", "host", *mounted, IMAGE, "sh", "-c", INSTALL).strip()
    try:
        engine("start", "--attach", container)
        engine("commit", container, INSTALLED)
    finally:
        engine("rm", "--force", container)
    yield INSTALLED
    engine("rmi", "--force", INSTALLED)


def inside(image: str, *flags: str, command: str) -> str:
    own = ("-v", f"{Path(__file__).parent / 'watched.py'}:/watched.py:ro")
    return engine("run", "--rm", *own, *flags, image, *shlex.split(command))


def watched(image: str, what: str) -> dict[str, Any]:
    said = inside(image, "--cap-add", "NET_RAW", command=f"/opt/mocast/bin/python /watched.py {what}")
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found


def packages(image: str) -> dict[str, str]:
    listed = json.loads(inside(image, command="/opt/mocast/bin/pip list --format json"))
    return {package["name"].lower(): package["version"] for package in listed}


def test_it_serves_the_page_and_tracks_a_picture_and_writes_to_nobody(installed: str) -> None:
    assert watched(installed, "serve") == {
        "result": {"health": 200, "page": True, "openapi": True, "engine": "openvino", "joints": 33, "status": 0},
        "written_to": [],
    }


def test_what_would_write_to_its_maker_is_installed_and_would_be_seen(installed: str) -> None:
    assert "openvino-telemetry" in packages(installed)
    assert watched(installed, "import")["written_to"] != []


def test_there_is_one_opencv_and_nothing_of_mediapipe(installed: str) -> None:
    names = packages(installed).keys()
    assert [name for name in names if name.startswith("opencv")] == ["opencv-python-headless"]
    assert not names & {"mediapipe", "jax", "jaxlib", "matplotlib", "scipy", "sounddevice"}


def test_doctor_finds_that_all_is_well(installed: str) -> None:
    said = inside(installed, command="/opt/mocast/bin/mocast doctor --port 0")
    assert said.endswith("all is well\n"), said


REFERENCE = """
/opt/mocast/bin/pip install --quiet --no-cache-dir --no-deps mediapipe==0.10.21 "protobuf<5"
/opt/mocast/bin/mocast doctor --port 0 --engine mediapipe
"""


def test_the_reference_engine_needs_its_package_alone(installed: str) -> None:
    said = inside(installed, "--network", "host", command=f"sh -ec {shlex.quote(REFERENCE)}")
    assert "ok    engine             mediapipe" in said
    assert said.endswith("all is well\n"), said


OTHER_OPENCV = """
/opt/mocast/bin/pip install --quiet --no-cache-dir --no-deps opencv-contrib-python==4.11.0.86
! /opt/mocast/bin/mocast doctor --port 0 2>said
cat said
PATH=/opt/mocast/bin:$PATH sh -ec "$(tail -n 1 said) --quiet --no-cache-dir"
/opt/mocast/bin/mocast doctor --port 0
"""


def test_another_build_of_opencv_that_takes_the_place_of_ours_is_named_with_what_helps(installed: str) -> None:
    said = inside(installed, "--network", "host", command=f"sh -ec {shlex.quote(OTHER_OPENCV)}")
    assert said.startswith("mocast: OpenCV does not load: libGL.so.1")
    assert said.endswith("all is well\n"), said
