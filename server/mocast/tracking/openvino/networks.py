"""The networks inside the mediapipe wheel, compiled once by OpenVINO and shared by all sessions."""

from pathlib import Path
from threading import Lock
from weakref import WeakSet

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking.openvino import convert
from mocast.tracking.openvino.convert import NetworkName
from mocast.tracking.openvino.request import Request


class Networks:
    """Compiles networks and hands out places to run them from. Its methods may be called from any thread."""

    def __init__(self, *, streams: int, cache_folder: Path | None) -> None:
        """``streams`` networks may run at a time, each in one thread."""
        self._streams = streams
        self._cache_folder = cache_folder
        self._lock = Lock()
        self._compiling: dict[tuple[NetworkName, bool], Lock] = {}
        self._compiled: dict[tuple[NetworkName, bool], ov.CompiledModel] = {}
        self._requests: WeakSet[Request] = WeakSet()
        self._is_closed = False

    def request(self, name: NetworkName, *, reduced: bool = False) -> Request:
        """Return a new place to run a network from; the first for a network compiles it. Raises ``TrackingError``."""
        compiled = self._network(name, reduced=reduced)
        try:
            request = Request(compiled.create_infer_request(), is_shared=self._streams > 1)
        except RuntimeError as error:
            raise TrackingError(f"the network {name} cannot be run: {error}") from error
        with self._lock:
            self._check_open()
            self._requests.add(request)
        return request

    def reduced_pays(self) -> bool:
        """Return whether networks at lower precision are faster on this machine, and near enough."""
        return False

    def close(self) -> None:
        """Free the networks. Requests fail from now on."""
        with self._lock:
            self._is_closed = True
            self._compiled.clear()
            requests = list(self._requests)
        for request in requests:
            request.close()

    def _network(self, name: NetworkName, *, reduced: bool) -> ov.CompiledModel:
        key = (name, reduced)
        with self._lock:
            self._check_open()
            compiling = self._compiling.setdefault(key, Lock())
        with compiling:
            if key not in self._compiled:
                compiled = self._compile(name)
                with self._lock:
                    self._check_open()
                    self._compiled[key] = compiled
            return self._compiled[key]

    def _compile(self, name: NetworkName) -> ov.CompiledModel:
        settings = {
            "NUM_STREAMS": self._streams,
            "INFERENCE_NUM_THREADS": self._streams,
            "ENABLE_CPU_PINNING": False,
            "INFERENCE_PRECISION_HINT": "f32",
        }
        try:
            return convert.core().compile_model(convert.read(name), "CPU", settings)
        except RuntimeError as error:
            raise TrackingError(f"the network {name} cannot be compiled: {error}") from error

    def _check_open(self) -> None:
        if self._is_closed:
            raise TrackingError("the engine is closed")
