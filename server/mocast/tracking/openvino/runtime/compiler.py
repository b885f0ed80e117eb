"""Compiler of networks for this processor, with a cache."""

from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Final

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking import networks_folder
from mocast.tracking.openvino.networks.conversion import NetworkName, NetworkPrecision, read_graph
from mocast.tracking.openvino.networks.mixed_precision import with_f32_tail
from mocast.tracking.openvino.networks.openvino_core import core, reason
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.sources import SOURCES_SHA256

Settings = dict[str, str | int | bool]

_HEATMAP: Final = 2
"""The output of the pose's landmark network that may be computed with bf16 to its end. World landmarks would be off by
97 mm (measured): they are sums of a hundred thousand terms."""


class Compiler:
    """Compiles networks of the mediapipe package. Its methods may be called from any thread."""

    def __init__(self, cache: CompiledCache) -> None:
        self._cache = cache

    def compile(self, name: NetworkName, precision: NetworkPrecision, streams: int) -> ov.CompiledModel:
        """Return a compiled network with so many streams, each on one core. Raises ``TrackingError``."""
        file = f"{name}-{precision}-{streams}"
        try:
            origin = self.origin(name)
            compiled = self._imported(self._cache.read(file, origin), _settings(precision, streams))
            if compiled is None:
                graph = read_graph(name)
                if name == "pose_landmark" and precision != "f32":
                    graph = with_f32_tail(graph, _HEATMAP)
                compiled = core().compile_model(graph, "CPU", _settings(precision, streams))
                self._cache.write(file, origin, compiled.export_model().getvalue())
        except (OSError, RuntimeError) as error:
            raise TrackingError(f"the network {name} cannot be compiled: {reason(error)}") from error
        return compiled

    def origin(self, name: NetworkName) -> bytes:
        """Return what a compiled network depends on: its file in the cache is valid only for that.

        Raises ``OSError``.
        """
        return machine() + sha256(networks_folder.network_file(name).read_bytes()).digest()

    def _imported(self, exported: bytes | None, settings: Settings) -> ov.CompiledModel | None:
        if exported is None:
            return None
        try:
            return core().import_model(BytesIO(exported), "CPU", settings)
        except RuntimeError:
            return None  # written by an OpenVINO of the same version string that is not the same


def _settings(precision: NetworkPrecision, streams: int) -> Settings:
    return {
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": streams,
        "ENABLE_CPU_PINNING": False,  # the process has other threads on every core
        "INFERENCE_PRECISION_HINT": precision,
    }


@cache
def machine() -> bytes:
    """Return what a compiled network depends on besides its file: processor, OpenVINO and our conversion."""
    name = core().get_property("CPU", "FULL_DEVICE_NAME")
    capabilities = core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return repr((ov.get_version(), name, capabilities, SOURCES_SHA256)).encode()
