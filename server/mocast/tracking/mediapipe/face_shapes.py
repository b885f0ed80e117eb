"""The network of blend shapes in a MediaPipe graph."""

import struct
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.tracked import Face
from mocast.tracking.face_task import NETWORK, POINTS, named, points_px, read_network
from mocast.tracking.mediapipe import graph_builder
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.mediapipe.graph_pool import GraphPool
from mocast.tracking.mediapipe.graph_runner import GraphRunner
from mocast.tracking.mediapipe.tflite_patch import widen_weights


class GraphFaceShapes:
    """Finds the blend shapes of faces. Its methods may be called from any thread."""

    def __init__(self, task: Path, _cache_folder: Path | None = None, *, most: int = 2) -> None:
        """Read the network of a ``face_landmarker.task`` file and run it once.

        ``most``: threads that run it at a time; others wait. Raises ``TrackingError`` where the file cannot be read,
        has no such network, or the network does not run.
        """
        self._graph = GraphPool(partial(_running, _network(task)), most)
        try:
            self._shapes(np.zeros((POINTS.size, 2), np.float32))
        except TrackingError as error:
            self._graph.close()
            raise TrackingError(f"the network {NETWORK} in {task} does not run: {error}") from error

    def shape(self, face: Face, size_wh: tuple[int, int]) -> NDArray[np.float32]:
        """Return the (52,) float32 shapes, 0..1, of a face in a picture of ``size_wh`` pixels; ``tongueOut`` is 0."""
        return self._shapes(points_px(face, size_wh))

    def close(self) -> None:
        """Free the network; ``shape`` raises ``TrackingError`` from now on."""
        self._graph.close()

    def _shapes(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        bindings = native()
        rows = bindings._packet_creator.create_matrix(np.ascontiguousarray(points))
        packet = self._graph.run({"face_points": rows}).get("face_shapes")
        found = [] if packet is None else bindings._packet_getter.get_float_list(packet)
        return named(np.array(found, np.float32))


def _network(task: Path) -> bytes:
    network = read_network(task)
    try:
        return widen_weights(network)
    except (TrackingError, ValueError, IndexError, struct.error) as error:
        raise TrackingError(f"{NETWORK} in {task} is damaged: {error}") from error


def _running(network: bytes) -> GraphRunner:
    packet: Any = native()._packet_creator.create_string(network)
    return GraphRunner(graph_builder.face_shapes(), {"face_shapes": packet})
