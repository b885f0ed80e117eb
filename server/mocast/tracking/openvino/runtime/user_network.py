"""A small TensorFlow Lite network that the operator supplies: an array in, an array out."""

from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.graph_passes import take_parts_first
from mocast.tracking.openvino.networks.kernels import no_snippets
from mocast.tracking.openvino.networks.openvino_core import core, reason
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.compiled_file import Settings, Wanted, compiled_once
from mocast.tracking.openvino.runtime.compiler import machine
from mocast.tracking.openvino.runtime.inference_request import infer_here
from mocast.tracking.openvino.runtime.network_form import CPU

SETTINGS: Final[Settings] = {
    "NUM_STREAMS": 1,
    "INFERENCE_NUM_THREADS": 1,
    "INFERENCE_PRECISION_HINT": "f32",
    **no_snippets(),
}
FILE: Final = "user_network"
"""In the cache. Each program has one such network at most."""
NO_CACHE: Final = CompiledCache(None)


class _Running(NamedTuple):
    """An infer request with its memory, which OpenVINO takes long to tell."""

    request: ov.InferRequest
    numbers: NDArray[np.float32]
    output: NDArray[np.float32]
    first_values: list[NDArray[np.float32]]


def _running(request: ov.InferRequest) -> _Running:
    output = request.get_output_tensor().data
    return _Running(request, request.get_input_tensor().data, output, [output.reshape(-1)[:1]])


class UserNetwork:
    """A network with one input and one output, of fixed shapes. Its methods may be called from any thread."""

    def __init__(self, network: bytes, cache: CompiledCache = NO_CACHE) -> None:
        """``network``: the file's bytes. It is compiled for one thread per run, and kept in the cache's one file of
        such networks. Raises ``TrackingError``.
        """
        self._network = network
        self._cache = cache
        compiled = self._compile()
        self._compiled: ov.CompiledModel | None = compiled
        self._shape = tuple(compiled.input().shape)
        self._lock = Lock()
        self._idle: list[_Running] = []
        self._is_closed = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the input."""
        return self._shape

    def run(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the output for an input of ``shape``. Raises ``TrackingError``."""
        if numbers.shape != self._shape:
            raise TrackingError(f"it takes numbers of the shape {self._shape}, not {numbers.shape}")
        with self._lock:
            if self._is_closed:
                raise TrackingError("the network is closed")
            if self._compiled is None:
                self._compiled = self._compile()
            compiled = self._compiled
            idle = self._idle.pop() if self._idle else None
        try:
            running = idle or _running(compiled.create_infer_request())
            running.numbers[:] = numbers
            infer_here(running.request, running.first_values)
        except RuntimeError as error:
            self._forget(compiled)
            raise TrackingError(f"OpenVINO failed on numbers: {reason(error)}") from error
        found: NDArray[np.float32] = running.output.copy()
        with self._lock:
            if self._compiled is compiled:
                self._idle.append(running)
        return found

    def close(self) -> None:
        """Free it; it fails from now on."""
        with self._lock:
            self._is_closed = True
            self._compiled = None
            self._idle.clear()

    def _compile(self) -> ov.CompiledModel:
        origin = machine() + sha256(self._network).digest()
        try:
            return compiled_once(self._cache, Wanted(FILE, origin, partial(_read, self._network), CPU, SETTINGS))
        except RuntimeError as error:
            raise TrackingError(f"OpenVINO cannot run it: {reason(error)}") from error

    def _forget(self, failed: ov.CompiledModel) -> None:
        """Have it compiled anew for the next run: OpenVINO may not be able to run again what failed."""
        with self._lock:
            if self._compiled is failed:
                self._compiled = None
                self._idle.clear()


def _read(network: bytes) -> ov.Model:
    try:
        with TemporaryDirectory() as folder:
            # OpenVINO reads this format from files of this name only.
            path = Path(folder) / "network.tflite"
            path.write_bytes(network)
            graph = core().read_model(path)
    except (OSError, RuntimeError) as error:
        raise TrackingError(f"OpenVINO cannot run it: {reason(error)}") from error
    if len(graph.inputs) != 1 or len(graph.outputs) != 1 or graph.is_dynamic():
        raise TrackingError("it does not have one input and one output of fixed shapes")
    take_parts_first(graph)
    return graph
