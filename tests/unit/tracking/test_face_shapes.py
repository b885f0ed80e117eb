import zipfile
from pathlib import Path

import pytest

from mocast.errors import TrackingError
from mocast.tracking.mediapipe.face_shapes import MOST_BYTES, NETWORK, FaceShapes
from mocast.tracking.networks_folder import network_file


def task_file(folder: Path, content: bytes, name: str = NETWORK) -> Path:
    path = folder / "face_landmarker.task"
    with zipfile.ZipFile(path, "w") as files:
        files.writestr(name, content)
    return path


def another_network() -> bytes:
    return network_file("face_detection").read_bytes()


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrackingError, match=r"nothing.task cannot be read: .*No such file"):
        FaceShapes(tmp_path / "nothing.task")


def test_a_file_that_is_no_zip_is_told(tmp_path: Path) -> None:
    path = tmp_path / "face.task"
    path.write_text("not the file that was meant")
    with pytest.raises(TrackingError, match="cannot be read: File is not a zip file"):
        FaceShapes(path)


def test_a_file_that_was_cut_short_or_damaged_is_told(tmp_path: Path) -> None:
    path = task_file(tmp_path, another_network())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(TrackingError, match="cannot be read"):
        FaceShapes(path)
    path.write_bytes(whole[:5000] + b"\0" * 100 + whole[5100:])
    with pytest.raises(TrackingError, match="cannot be read: Bad CRC-32"):
        FaceShapes(path)


def test_a_file_without_the_network_is_told(tmp_path: Path) -> None:
    path = task_file(tmp_path, another_network(), "face_detector.tflite")
    with pytest.raises(TrackingError, match=r"has no face_blendshapes\.tflite"):
        FaceShapes(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not a TensorFlow Lite network"),
        (b"something else" * 9, "not a TensorFlow Lite network"),
        (another_network()[:4000], "is damaged"),
        (another_network(), "does not run"),
        (bytes(MOST_BYTES + 1), "too large"),
    ],
)
def test_what_is_not_the_network_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(TrackingError, match=told):
        FaceShapes(task_file(tmp_path, content))
