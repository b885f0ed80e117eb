"""The network of blend shapes, on OpenVINO."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.tracked import Face
from mocast.tracking.face_task import NETWORK, POINTS, named, points_px, read_network
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.user_network import UserNetwork


class OpenvinoFaceShapes:
    """Computes the blend shapes of faces. Its methods may be called from any thread."""

    def __init__(self, task: Path, cache_folder: Path | None = None) -> None:
        """Read and try the network of that file; what was compiled of it is kept in ``cache_folder``.

        Raises ``TrackingError`` where the file cannot be read or has no such network.
        """
        network = read_network(task)
        try:
            self._network = UserNetwork(network, CompiledCache(cache_folder))
            self._shapes(np.zeros((POINTS.size, 2), np.float32))
        except TrackingError as error:
            raise TrackingError(f"the network {NETWORK} in {task} does not run: {error}") from error

    def shape(self, face: Face, size_wh: tuple[int, int]) -> NDArray[np.float32]:
        """Return the (52,) float32 shapes, 0..1, of a face in a picture of that size in pixels; ``tongueOut`` is 0."""
        return self._shapes(points_px(face, size_wh))

    def close(self) -> None:
        """Free the network; ``shape`` fails from now on."""
        self._network.close()

    def _shapes(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        return named(self._network.run(points[np.newaxis]))
