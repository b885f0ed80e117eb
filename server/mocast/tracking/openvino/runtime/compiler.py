"""Compiler of networks for a device, with a cache."""

from functools import cache
from hashlib import sha256
from typing import Final

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking import networks_folder
from mocast.tracking.openvino.networks.conversion import NetworkName, read_graph
from mocast.tracking.openvino.networks.kernels import with_faster_kernels
from mocast.tracking.openvino.networks.mixed_precision import with_f32_tail
from mocast.tracking.openvino.networks.openvino_core import core, reason
from mocast.tracking.openvino.networks.quantised import quantise
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.devices import device, instruction_sets
from mocast.tracking.openvino.runtime.network_form import CPU, NetworkForm
from mocast.tracking.openvino.runtime.sources import SOURCES_SHA256

Settings = dict[str, str | int | bool]

_HEATMAP: Final = 2
"""The output of the pose's landmark network that may be computed with f16 or bf16 to its end. World landmarks would be
off by 97 mm (measured with bf16): they are sums of a hundred thousand terms."""


class Compiler:
    """Compiles networks of the mediapipe package. Its methods may be called from any thread."""

    def __init__(self, cache: CompiledCache) -> None:
        self._cache = cache

    def compile(self, name: NetworkName, form: NetworkForm, streams: int) -> ov.CompiledModel:
        """Return a compiled network with so many streams, each on one core. Raises ``TrackingError``."""
        file = f"{name}-{form}-{streams}".replace(":", "-")
        settings = _settings(form, streams)
        try:
            origin = self.origin(name, form.device)
            compiled = self._imported(file, origin, form.device, settings)
            if compiled is None:
                compiled = core().compile_model(_graph(name, form), form.device, settings)
                self._keep(file, origin, compiled)
                # As imported it takes less: its weights stay in the file, and what compiling needed is freed.
                compiled = self._imported(file, origin, form.device, settings) or compiled
        except (OSError, RuntimeError) as error:
            raise TrackingError(f"the network {name} cannot be compiled: {reason(error)}") from error
        return compiled

    def origin(self, name: NetworkName, device_name: str = CPU) -> bytes:
        """Return what a compiled network depends on: its file in the cache is valid only for that.

        Raises ``OSError``, and ``TrackingError`` for a device that is not there.
        """
        return machine(device_name) + sha256(networks_folder.network_file(name).read_bytes()).digest()

    def _imported(self, file: str, origin: bytes, device_name: str, settings: Settings) -> ov.CompiledModel | None:
        """Return the model in a file of the cache, whose weights stay there until they are read; ``None``: no such."""
        exported = self._cache.map(file, origin)
        if exported is None:
            return None
        try:
            imported = core().import_model(ov.Tensor(exported, shared_memory=True), device_name, settings)
        except RuntimeError:
            return None  # written by an OpenVINO of the same version string that is not the same
        return ov.CompiledModel(imported, weights=exported)  # which keeps the memory that it reads

    def _keep(self, file: str, origin: bytes, compiled: ov.CompiledModel) -> None:
        try:
            exported = compiled.export_model().getvalue()
        except RuntimeError:
            return  # OpenVINO's virtual devices AUTO and MULTI cannot
        self._cache.write(file, origin, exported)


def _graph(name: NetworkName, form: NetworkForm) -> ov.Model:
    """Return what is compiled. Raises ``TrackingError``."""
    graph = read_graph(name)
    if form.is_quantised:
        graph = quantise(name, graph)
    if form.precision == "f32":
        return with_faster_kernels(name, graph, device(CPU).full_name) if form.device == CPU else graph
    return with_f32_tail(graph, _HEATMAP) if name == "pose_landmark" else graph


def _settings(form: NetworkForm, streams: int) -> Settings:
    if CPU not in form.device:  # HETERO:CPU and others pass the processor's on
        # An NPU computes with f16 and int8 alone, and refuses to be told.
        hint = {} if form.device.startswith("NPU") else {"INFERENCE_PRECISION_HINT": form.floats}
        return {"PERFORMANCE_HINT": "LATENCY", **hint}
    return {
        "NUM_STREAMS": streams,
        "INFERENCE_NUM_THREADS": streams,
        "ENABLE_CPU_PINNING": False,  # the process has other threads on every core
        # Named for f32, too: without it OpenVINO computes with f16 on Arm, and with bf16 where there is AMX.
        "INFERENCE_PRECISION_HINT": form.floats,
    }


@cache
def machine(device_name: str = CPU) -> bytes:
    """Return what a compiled network depends on besides its file: device, processor, OpenVINO and our conversion.

    Raises ``TrackingError`` for a device that is not there.
    """
    return repr((ov.get_version(), device(CPU), device(device_name), instruction_sets(), SOURCES_SHA256)).encode()
