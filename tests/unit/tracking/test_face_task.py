"""The network of blend shapes in a file that somebody supplies, run by either engine's library."""

import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs
from tests.faces import SIZE_WH, Grimace, seen
from tests.tflite_networks import linear

from mocast.errors import TrackingError
from mocast.model.blendshapes import SHAPE_COUNT, Shape
from mocast.model.topology import FACE_COUNT
from mocast.model.tracked import Face
from mocast.tracking import face_task
from mocast.tracking.engines import AUTO
from mocast.tracking.face_task import MOST_BYTES, NETWORK, POINTS, FaceShapes, choose_face_shapes, load_face_shapes
from mocast.tracking.networks_folder import FACE_SHAPES, network_file

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


def faces() -> dict[str, Face]:
    """The average face, and the same with the mouth open."""
    return {name: seen(grimace) for name, grimace in (("calm", Grimace()), ("open", Grimace(jaw_deg=18)))}


def test_the_installed_network_tells_an_open_mouth_from_a_calm_one_with_either_engine(load: Load) -> None:
    shapes = load(FACE_SHAPES)
    found = {name: shapes.shape(face, SIZE_WH) for name, face in faces().items()}
    shapes.close()
    assert found["calm"][Shape.JAW_OPEN] < 0.1
    assert found["open"][Shape.JAW_OPEN] > 0.5


def test_both_engines_run_the_installed_network_alike() -> None:
    ours, theirs = (load_face_shapes(engine, FACE_SHAPES) for engine in ("openvino", "mediapipe"))
    for face in faces().values():
        np.testing.assert_allclose(ours.shape(face, SIZE_WH), theirs.shape(face, SIZE_WH), atol=0.01)
    ours.close()
    theirs.close()


def test_the_network_is_used_where_it_is_installed_and_geometry_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = choose_face_shapes(AUTO, "auto", None)
    assert network is not None
    network.close()
    assert choose_face_shapes("openvino", "geometry", None) is None
    monkeypatch.setattr(face_task, "FACE_SHAPES", tmp_path / "face_blendshapes.tflite")
    with capture_logs() as lines:
        assert choose_face_shapes("openvino", "auto", None) is None
    assert [line["event"] for line in lines] == ["face shapes are measured by geometry alone"]
    with pytest.raises(TrackingError, match="cannot be read"):
        choose_face_shapes("openvino", "network", None)
    with pytest.raises(TrackingError, match=r"mine\.task cannot be read"):
        choose_face_shapes("openvino", "auto", tmp_path / "mine.task")
