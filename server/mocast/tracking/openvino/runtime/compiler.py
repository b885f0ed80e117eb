"""Compiler of networks for a device, with a cache."""

from functools import cache, partial
from hashlib import sha256
from typing import Final

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking import networks_folder
from mocast.tracking.openvino.networks.conversion import NetworkName, read_graph
from mocast.tracking.openvino.networks.joined_outputs import join_outputs
from mocast.tracking.openvino.networks.kernels import kernel_settings, with_faster_depthwise, with_faster_kernels
from mocast.tracking.openvino.networks.mixed_precision import with_f32_tail
from mocast.tracking.openvino.networks.openvino_core import reason
from mocast.tracking.openvino.networks.quantised import quantise
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.compiled_file import Settings, Wanted, compiled_apart, compiled_once
from mocast.tracking.openvino.runtime.devices import device, has_short_int8_sums, instruction_sets
from mocast.tracking.openvino.runtime.network_form import CPU, REFERENCE_FORM, NetworkForm
from mocast.tracking.openvino.runtime.sources import SOURCES_SHA256

_HEATMAP: Final = 1
"""The output of the pose's landmark network, joined, that may be computed with f16 or bf16 to its end. World landmarks
would be off by 97 mm (measured with bf16): they are sums of a hundred thousand terms."""


class Compiler:
    """Compiles networks of the mediapipe package. Its methods may be called from any thread."""

    def __init__(self, cache: CompiledCache) -> None:
        self._cache = cache

    def compile(self, name: NetworkName, form: NetworkForm, streams: int) -> ov.CompiledModel:
        """Return a compiled network with so many streams, each on one core. Raises ``TrackingError``."""
        try:
            return compiled_once(self._cache, self._wanted(name, form, streams))
        except (OSError, RuntimeError) as error:
            raise TrackingError(f"the network {name} cannot be compiled: {reason(error)}") from error

    def compile_apart(self, name: NetworkName, form: NetworkForm, streams: int) -> bool:
        """Have another process compile into the cache what is not there; return whether it did.

        Raises ``TrackingError`` where the network cannot be read.
        """
        try:
            wanted = self._wanted(name, form, streams)
        except OSError as error:
            raise TrackingError(f"the network {name} cannot be read: {reason(error)}") from error
        is_there = self._cache.map(wanted.file, wanted.origin) is not None
        return not is_there and compiled_apart(self._cache, wanted)

    def origin(self, name: NetworkName, device_name: str = CPU) -> bytes:
        """Return what a compiled network depends on: its file in the cache is valid only for that.

        Raises ``OSError``, and ``TrackingError`` for a device that is not there.
        """
        return machine(device_name) + sha256(networks_folder.network_file(name).read_bytes()).digest()

    def _wanted(self, name: NetworkName, form: NetworkForm, streams: int) -> Wanted:
        """Return what is compiled. Raises what ``origin`` raises."""
        file = f"{name}-{form}-{streams}".replace(":", "-")
        graph = partial(_graph, name, form)
        return Wanted(file, self.origin(name, form.device), graph, form.device, _settings(name, form, streams))


def _graph(name: NetworkName, form: NetworkForm) -> ov.Model:
    """Return what is compiled. Raises ``TrackingError``."""
    graph = read_graph(name)
    if form.is_quantised:
        has_short_sums = CPU in form.device and has_short_int8_sums(instruction_sets())
        graph = quantise(name, graph, has_short_sums=has_short_sums)
        graph = with_faster_depthwise(graph) if has_short_sums else graph
    graph = join_outputs(graph)
    if form.precision == "f32":
        return with_faster_kernels(name, graph, device(CPU).full_name) if form.device == CPU else graph
    return with_f32_tail(graph, _HEATMAP) if name == "pose_landmark" else graph


def _settings(name: NetworkName, form: NetworkForm, streams: int) -> Settings:
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
        **(kernel_settings(name) if form == REFERENCE_FORM else {}),
    }


@cache
def machine(device_name: str = CPU) -> bytes:
    """Return what a compiled network depends on besides its file: device, processor, OpenVINO and our conversion.

    Raises ``TrackingError`` for a device that is not there.
    """
    return repr((ov.get_version(), device(CPU), device(device_name), instruction_sets(), SOURCES_SHA256)).encode()
