"""MediaPipe's network of blend shapes, from a ``face_landmarker.task`` file that the operator supplies."""

import struct
import zipfile
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.blendshapes import SHAPE_COUNT, Shape
from mocast.model.topology import FACE_COUNT
from mocast.model.tracked import Face
from mocast.tracking.mediapipe import graphs
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.mediapipe.running import RunningGraph
from mocast.tracking.mediapipe.shared import SharedGraph
from mocast.tracking.mediapipe.tflite import widen_weights

NETWORK: Final = "face_blendshapes.tflite"
"""The network's name in the file, which is a zip."""
MOST_BYTES: Final = 16 * 2**20
"""Of the network; the published one has 1 MB."""
_TFLITE: Final = b"TFL3"  # at byte 4: a flatbuffer's file identifier

# The landmarks that the network reads. Source: mediapipe/tasks/cc/vision/face_landmarker/face_blendshapes_graph.cc
_POINTS: Final = np.array([
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65, 66, 67, 70, 78, 80,
    81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136, 144, 145, 146, 148, 149, 150, 152, 153,
    154, 155, 157, 158, 159, 160, 161, 162, 163, 168, 172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251,
    263, 267, 269, 270, 276, 282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318,
    321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380, 381, 382, 384, 385, 386,
    387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466, 468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
])  # fmt: skip


class FaceShapes:
    """Says how faces are shaped. Its methods may be called from any thread."""

    def __init__(self, task: Path, *, most: int = 2) -> None:
        """Read and try the network of that file. At most so many threads run it at a time; others wait.

        Raises ``TrackingError`` where the file cannot be read or has no such network.
        """
        self._graph = SharedGraph(partial(_running, _network(task)), most)
        try:
            self._shapes(np.zeros((FACE_COUNT, 2), np.float32))
        except TrackingError as error:
            self._graph.close()
            raise TrackingError(f"the network {NETWORK} in {task} does not run: {error}") from error

    def shape(self, face: Face, size_wh: tuple[int, int]) -> NDArray[np.float32]:
        """Return the (52,) float32 shapes, 0..1, of a face in a picture of that size in pixels; ``tongueOut`` is 0."""
        return self._shapes(face.image[:, :2] * np.array(size_wh, np.float32))

    def close(self) -> None:
        """Free the network; faces have no shapes from now on."""
        self._graph.close()

    def _shapes(self, points_px: NDArray[np.float32]) -> NDArray[np.float32]:
        bindings = native()
        points = bindings._packet_creator.create_matrix(np.ascontiguousarray(points_px[_POINTS]))
        packet = self._graph.run({"face_points": points}).get("face_shapes")
        found = [] if packet is None else bindings._packet_getter.get_float_list(packet)
        if len(found) != SHAPE_COUNT:
            raise TrackingError(f"it puts out {len(found)} numbers, not {SHAPE_COUNT}")
        # The first is how neutral the face is; the others are in the order of Shape, whose last the network lacks.
        shapes = np.zeros(SHAPE_COUNT, np.float32)
        shapes[: Shape.TONGUE_OUT] = found[1:]
        return shapes


def _network(task: Path) -> bytes:
    try:
        with zipfile.ZipFile(task) as files:
            if files.getinfo(NETWORK).file_size > MOST_BYTES:
                raise TrackingError(f"{NETWORK} in {task} is too large to be the network of blend shapes")
            network = files.read(NETWORK)
    except KeyError:
        raise TrackingError(f"{task} has no {NETWORK}; it is not a face_landmarker.task with blend shapes") from None
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise TrackingError(f"the face task {task} cannot be read: {error}") from error
    if network[4:8] != _TFLITE:
        raise TrackingError(f"{NETWORK} in {task} is not a TensorFlow Lite network")
    try:
        return widen_weights(network)
    except (TrackingError, ValueError, IndexError, struct.error) as error:
        raise TrackingError(f"{NETWORK} in {task} is damaged: {error}") from error


def _running(network: bytes) -> RunningGraph:
    packet: Any = native()._packet_creator.create_string(network)
    return RunningGraph(graphs.face_shapes(), {"face_shapes": packet})
