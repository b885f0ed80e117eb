"""A small network that somebody supplies as a file: numbers in, numbers out."""

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.tracking.openvino.core import core, reason


class LoadedNetwork:
    """A TensorFlow Lite network with one input and one output. Its methods may be called from any thread."""

    def __init__(self, network: bytes) -> None:
        """Compile it, for one thread each time that it runs. Raises ``TrackingError``."""
        settings = {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}
        try:
            with TemporaryDirectory() as folder:
                # OpenVINO reads this format from files of this name only.
                path = Path(folder) / "network.tflite"
                path.write_bytes(network)
                graph = core().read_model(path)
                if len(graph.inputs) != 1 or len(graph.outputs) != 1 or graph.is_dynamic():
                    raise TrackingError("it does not have one input and one output of fixed shapes")
                self._compiled: ov.CompiledModel | None = core().compile_model(graph, "CPU", settings)
        except (OSError, RuntimeError) as error:
            raise TrackingError(f"OpenVINO cannot run it: {reason(error)}") from error
        self._shape = tuple(graph.input().shape)
        self._lock = Lock()
        self._idle: list[ov.InferRequest] = []

    @property
    def shape(self) -> tuple[int, ...]:
        """What it takes."""
        return self._shape

    def run(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what it puts out for numbers of its ``shape``. Raises ``TrackingError``."""
        if numbers.shape != self._shape:
            raise TrackingError(f"it takes numbers of the shape {self._shape}, not {numbers.shape}")
        with self._lock:
            compiled = self._compiled
            if compiled is None:
                raise TrackingError("the network is closed")
            idle = self._idle.pop() if self._idle else None
        try:
            running = idle or compiled.create_infer_request()
            running.get_input_tensor().data[:] = numbers
            running.infer(share_outputs=True)
            found: NDArray[np.float32] = running.get_output_tensor().data.copy()
        except RuntimeError as error:
            raise TrackingError(f"OpenVINO failed on numbers: {reason(error)}") from error
        with self._lock:
            if self._compiled is not None:
                self._idle.append(running)
        return found

    def close(self) -> None:
        """Free it; it fails from now on."""
        with self._lock:
            self._compiled = None
            self._idle.clear()
