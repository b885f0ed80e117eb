"""MediaPipe's network of blend shapes: the installed one, or that of an operator's ``face_landmarker.task``."""

import zipfile
import zlib
from importlib import import_module
from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.blendshapes import SHAPE_COUNT, Shape
from mocast.model.tracked import Face
from mocast.tracking.engines import AUTO, FAST, REFERENCE
from mocast.tracking.networks_folder import FACE_SHAPES

log = structlog.get_logger(__name__)

FaceShapesChoice = Literal["auto", "network", "geometry"]
"""What shapes of faces are made from. ``auto``: the network and geometry, where the network is installed."""

NETWORK: Final = "face_blendshapes.tflite"
"""The network's name in the file, which is a zip."""
MOST_BYTES: Final = 16 * 2**20
"""Largest size of the network; the published one has 1 MB."""
_TFLITE: Final = b"TFL3"  # at byte 4: a flatbuffer's file identifier

# The landmarks that the network reads. Source: mediapipe/tasks/cc/vision/face_landmarker/face_blendshapes_graph.cc
POINTS: Final = np.array([
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251,
    263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318,
    321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386,
    387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
])  # fmt: skip

_RUNNING: Final = {
    "openvino": "mocast.tracking.openvino.face_shapes:OpenvinoFaceShapes",
    "mediapipe": "mocast.tracking.mediapipe.face_shapes:GraphFaceShapes",
}
"""Name of an engine → ``module:Class`` of what runs the network with the same library."""


class FaceShapes(Protocol):
    """Computes the blend shapes of faces. Its methods may be called from any thread.

    Made by ``FaceShapes(file, cache_folder)``, which raises ``TrackingError`` where the file cannot be read or its
    network not run. An engine that compiles networks keeps them in that folder; ``None``: nowhere.
    """

    def shape(self, face: Face, size_wh: tuple[int, int]) -> NDArray[np.float32]:
        """Return the (52,) float32 shapes, 0..1, of a face in a picture of that size in pixels; ``tongueOut`` is 0."""

    def close(self) -> None:
        """Free the network; ``shape`` fails from now on."""


def load_face_shapes(engine_name: str, file: Path, cache_folder: Path | None = None) -> FaceShapes:
    """Return what runs the network of that file with that engine's library. Raises ``TrackingError``.

    ``AUTO`` stands for the fast engine's where that loads.
    """
    if engine_name == AUTO:
        try:
            return load_face_shapes(FAST, file, cache_folder)
        except (TrackingError, ImportError):
            return load_face_shapes(REFERENCE, file, cache_folder)
    module, _, attribute = _RUNNING[engine_name].partition(":")
    shapes: FaceShapes = getattr(import_module(module), attribute)(file, cache_folder)
    return shapes


def choose_face_shapes(
    engine_name: str, choice: FaceShapesChoice, task: Path | None, cache_folder: Path | None = None
) -> FaceShapes | None:
    """Return what runs the network, or ``None`` where shapes are measured by geometry alone.

    ``task``: the operator's own file. ``cache_folder``: as of ``FaceShapes``. Raises ``TrackingError`` where that file
    cannot be used, or the network is demanded.
    """
    if choice == "geometry":
        return None
    if choice == "network" or task is not None:
        return load_face_shapes(engine_name, task or FACE_SHAPES, cache_folder)
    try:
        return load_face_shapes(engine_name, FACE_SHAPES, cache_folder)
    except TrackingError as error:
        log.warning("face shapes are measured by geometry alone", reason=str(error))
        return None


def read_network(task: Path) -> bytes:
    """Return the network in a task file, or in a file of its own, as a TensorFlow Lite model. Raises ``TrackingError``.

    The latter is the file's name at its end, ``.tflite``.
    """
    try:
        if task.suffix == ".tflite":
            return _checked(task.read_bytes(), task)
        with zipfile.ZipFile(task) as files:
            if files.getinfo(NETWORK).file_size > MOST_BYTES:
                raise TrackingError(f"{NETWORK} in {task} is too large to be the network of blend shapes")
            network = files.read(NETWORK)
    except KeyError:
        raise TrackingError(f"{task} has no {NETWORK}; it is not a face_landmarker.task with blend shapes") from None
    except (OSError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise TrackingError(f"the face task {task} cannot be read: {error}") from error
    return _checked(network, task)


def _checked(network: bytes, file: Path) -> bytes:
    if network[4:8] != _TFLITE:
        raise TrackingError(f"{NETWORK} in {file} is not a TensorFlow Lite network")
    return network


def points_px(face: Face, size_wh: tuple[int, int]) -> NDArray[np.float32]:
    """Return the network's input, those landmarks of a face that it needs: (146, 2) float32, pixels."""
    points: NDArray[np.float32] = face.image[POINTS, :2] * np.array(size_wh, np.float32)
    return points


def named(found: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the (52,) shapes from what the network puts out. Raises ``TrackingError`` where those are not 52 numbers.

    Its first is how neutral the face is; the others are in the order of ``Shape``, whose last it lacks.
    """
    if found.size != SHAPE_COUNT:
        raise TrackingError(f"it puts out {found.size} numbers, not {SHAPE_COUNT}")
    shapes = np.zeros(SHAPE_COUNT, np.float32)
    shapes[: Shape.TONGUE_OUT] = found.reshape(-1)[1:]
    return shapes
