"""Compiles networks for this processor, or takes them from the cache."""

from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking import networks_folder
from mocast.tracking.openvino import convert
from mocast.tracking.openvino.cache import Cache
from mocast.tracking.openvino.convert import NetworkName
from mocast.tracking.openvino.core import core, reason
from mocast.tracking.openvino.precise_end import with_precise_end

Precision = Literal["f32", "bf16"]
"""What a network computes with; its outputs are float32 either way."""

Settings = dict[str, str | int | bool]

_HEATMAP: Final = 2
"""The output of the body's landmark network that bears lower precision to its end. Landmarks at bf16 would be off by
97 mm in the world: they are a sum over a hundred thousand terms, from a few hundred thousand weights."""

_SOURCES: Final = ("compiling.py", "convert.py", "face_attention.py", "less_work.py", "precise_end.py")
"""What decides how a network is edited before it is compiled."""


class Compiler:
    """Turns networks into what runs here. Its methods may be called from any thread."""

    def __init__(self, kept: Cache) -> None:
        self._kept = kept

    def compile(self, name: NetworkName, precision: Precision, streams: int) -> ov.CompiledModel:
        """Return a network of which so many requests can run at a time, each on one core. Raises ``TrackingError``."""
        file = f"{name}-{precision}-{streams}"
        try:
            origin = self.origin(name)
            compiled = self._imported(self._kept.read(file, origin), _settings(precision, streams))
            if compiled is None:
                graph = convert.read(name)
                if name == "pose_landmark" and precision != "f32":
                    graph = with_precise_end(graph, _HEATMAP)
                compiled = core().compile_model(graph, "CPU", _settings(precision, streams))
                self._kept.write(file, origin, compiled.export_model().getvalue())
        except (OSError, RuntimeError) as error:
            raise TrackingError(f"the network {name} cannot be compiled: {reason(error)}") from error
        return compiled

    def origin(self, name: NetworkName) -> bytes:
        """Return what a network is compiled from; its file in the cache is good only for that. Raises ``OSError``."""
        return machine() + sha256(networks_folder.network_file(name).read_bytes()).digest()

    def _imported(self, exported: bytes | None, settings: Settings) -> ov.CompiledModel | None:
        if exported is None:
            return None
        try:
            return core().import_model(BytesIO(exported), "CPU", settings)
        except RuntimeError:
            return None  # of an OpenVINO that calls itself the same and is not


def _settings(precision: Precision, streams: int) -> Settings:
    return {
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": streams,
        "ENABLE_CPU_PINNING": False,  # other work of this process has its place on every core
        "INFERENCE_PRECISION_HINT": precision,
    }


@cache
def machine() -> bytes:
    """Return what, besides a network itself, decides what it is compiled to: processor, OpenVINO and the edits."""
    name = core().get_property("CPU", "FULL_DEVICE_NAME")
    capabilities = core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    sources = (Path(__file__).with_name(source).read_bytes() for source in _SOURCES)
    return repr((ov.get_version(), name, capabilities, *sources)).encode()
