"""The network of blend shapes in a file that somebody supplies, run by either engine's library."""

import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tests.tflite_networks import linear

from mocast.errors import TrackingError
from mocast.model.blendshapes import SHAPE_COUNT, Shape
from mocast.model.topology import FACE_COUNT
from mocast.model.tracked import Face
from mocast.tracking.face_task import MOST_BYTES, NETWORK, POINTS, FaceShapes, load_face_shapes
from mocast.tracking.networks_folder import network_file

Load = Callable[[Path], FaceShapes]


@pytest.fixture(params=["openvino", "mediapipe"])
def load(request: pytest.FixtureRequest) -> Load:
    return partial(load_face_shapes, request.param)


def task_file(folder: Path, content: bytes, name: str = NETWORK) -> Path:
    path = folder / "face_landmarker.task"
    with zipfile.ZipFile(path, "w") as files:
        files.writestr(name, content)
    return path


def another_network() -> bytes:
    return network_file("face_detection").read_bytes()


def test_a_missing_file_is_told(load: Load, tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match=r"nothing.task cannot be read: .*No such file"):
        load(tmp_path / "nothing.task")


def test_a_file_that_is_no_zip_is_told(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "face.task"
    path.write_text("not the file that was meant")
    with pytest.raises(TrackingError, match="cannot be read: File is not a zip file"):
        load(path)


def test_a_file_that_was_cut_short_or_damaged_is_told(load: Load, tmp_path: Path) -> None:
    path = task_file(tmp_path, another_network())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TrackingError, match="cannot be read"):
        load(path)
    path.write_bytes(whole[:5000] + b"\0" * 100 + whole[5100:])
    with pytest.raises(TrackingError, match="cannot be read: Bad CRC-32"):
        load(path)


def test_a_packed_file_that_was_damaged_is_told(load: Load, tmp_path: Path) -> None:
    path = tmp_path / "face_landmarker.task"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr(NETWORK, another_network())
    whole = path.read_bytes()
    for place in range(1000, 9000, 1000):
        path.write_bytes(whole[:place] + b"\xff" * 9 + whole[place + 9 :])
        with pytest.raises(TrackingError, match="cannot be read"):
            load(path)
    name = whole.rindex(NETWORK.encode())
    flags = name - 46 + 8  # of its entry in the directory: bit 11 says that names are UTF-8
    path.write_bytes(whole[: flags + 1] + b"\x08" + whole[flags + 2 : name] + b"\xff" + whole[name + 1 :])
    with pytest.raises(TrackingError, match="cannot be read"):
        load(path)


def test_a_file_without_the_network_is_told(load: Load, tmp_path: Path) -> None:
    path = task_file(tmp_path, another_network(), "face_detector.tflite")
    with pytest.raises(TrackingError, match=r"has no face_blendshapes\.tflite"):
        load(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not a TensorFlow Lite network"),
        (b"something else" * 9, "not a TensorFlow Lite network"),
        (another_network()[:4000], "is damaged|does not run"),
        (another_network(), "does not run"),
        (linear(np.ones((51, 2 * POINTS.size), np.float32), (1, POINTS.size, 2)), "puts out 51 numbers, not 52"),
        (bytes(MOST_BYTES + 1), "too large"),
    ],
)
def test_what_is_not_the_network_is_told(load: Load, tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(TrackingError, match=told):
        load(task_file(tmp_path, content))


def test_shapes_are_what_the_network_says_of_146_landmarks_in_pixels(load: Load, tmp_path: Path) -> None:
    made_up = np.random.default_rng(1)
    weights = made_up.normal(size=(SHAPE_COUNT, 2 * POINTS.size)).astype(np.float32)
    shapes = load(task_file(tmp_path, linear(weights, (1, POINTS.size, 2))))
    face = Face(made_up.random((FACE_COUNT, 3), np.float32))
    found = shapes.shape(face, (640, 480))
    expected = weights @ (face.image[POINTS, :2] * (640, 480)).reshape(-1)
    np.testing.assert_allclose(found[: Shape.TONGUE_OUT], expected[1:], rtol=1e-3, atol=0.05)
    assert (found.dtype, found[Shape.TONGUE_OUT]) == (np.float32, 0)
    shapes.close()
    with pytest.raises(TrackingError):
        shapes.shape(face, (640, 480))
