"""Kernels of convolutions: of oneDNN's two kinds, the one with which a network is faster at 32-bit floats.

On x86 OpenVINO takes those by small matrix products (BRGEMM). The older ones, for numbers in blocks of channels, are
faster in some networks, with AVX-512 and with AVX2; which ones, depends on the processor's maker (measured;
docs/tracking-speed.md).
"""

from collections.abc import Mapping
from typing import Final, NamedTuple
from xml.etree import ElementTree

import openvino as ov

from mocast.tracking.openvino.networks.conversion import NetworkName
from mocast.tracking.openvino.networks.layer_attributes import with_attributes
from mocast.tracking.openvino.networks.processor import is_x86

_BLOCKS: Final = "cpu:jit_avx512"
_POINTWISE_BLOCKS: Final = "cpu:jit_avx512_1x1"
_DEPTHWISE_BLOCKS: Final = "cpu:jit_avx512_dw"
"""Names of kernels; for these, too, a processor without AVX-512 takes its own of that kind. Source:
src/plugins/intel_cpu/src/onednn/iml_type_mapper.cpp of OpenVINO."""
_NAME: Final = "primitives_priority"
"""Of the attribute. Source: src/common/transformations/include/transformations/rt_info/
primitives_priority_attribute.hpp there."""


class Kernels(NamedTuple):
    """Which kernel a network's convolutions take, by kind."""

    pointwise: str | None
    "``None``: OpenVINO's choice."
    depthwise: str | None
    other: str | None = _BLOCKS


FASTER: Final[Mapping[NetworkName, Kernels]] = {
    "face_landmark": Kernels(_BLOCKS, None),
    "pose_landmark": Kernels(_POINTWISE_BLOCKS, _DEPTHWISE_BLOCKS),
    "hand_landmark": Kernels(_POINTWISE_BLOCKS, _DEPTHWISE_BLOCKS),
}
"""Those that gain."""
WITHOUT_SNIPPETS: Final[frozenset[NetworkName]] = frozenset(("face_landmark", "palm_detection"))
"""Networks in which OpenVINO has each addition and what follows it in a *snippet*, code that it makes of them, whose
description takes 0.2 MB. Without snippets an addition is a part of the convolution before."""
_DEPTHWISE_ALONE: Final = Kernels(None, _DEPTHWISE_BLOCKS, None)
FASTER_ON_AMD: Final[Mapping[NetworkName, Kernels]] = {
    **FASTER,
    "pose_landmark": _DEPTHWISE_ALONE,
    "hand_landmark": _DEPTHWISE_ALONE,
}
"""The same of AMD's processors: on a Zen 5 a body with all of them takes 5.4 ms, with these 4.8."""


def with_faster_kernels(name: NetworkName, graph: ov.Model, processor: str) -> ov.Model:
    """Return the graph with kernels named, where others are faster. Raises ``TrackingError``.

    ``processor``: its name, which begins with its maker's.
    """
    return _with(graph, (FASTER_ON_AMD if processor.startswith("AMD") else FASTER).get(name))


def with_faster_depthwise(graph: ov.Model) -> ov.Model:
    """Return an 8-bit form's graph with the kernel of its depthwise convolutions named, which are in floats.

    Raises ``TrackingError``.
    """
    return _with(graph, _DEPTHWISE_ALONE)


def _with(graph: ov.Model, kernels: Kernels | None) -> ov.Model:
    if kernels is None or not is_x86():
        return graph

    def attribute(layer: ElementTree.Element) -> Mapping[str, str] | None:
        kernel = _kernel(layer, kernels)
        return None if kernel is None else {"name": _NAME, "version": "0", "value": kernel}

    return with_attributes(graph, attribute)


def kernel_settings(name: NetworkName) -> dict[str, str]:
    """Return the settings with which a network is compiled besides, on the processor at 32-bit floats."""
    return no_snippets() if name in WITHOUT_SNIPPETS else {}


def no_snippets() -> dict[str, str]:
    """Return the setting that leaves snippets out, where that was measured."""
    return {"SNIPPETS_MODE": "DISABLE"} if is_x86() else {}


def _kernel(layer: ElementTree.Element, kernels: Kernels) -> str | None:
    if layer.get("type") == "GroupConvolution":
        return kernels.depthwise
    if layer.get("type") != "Convolution":
        return None
    _, weights = layer.findall("input/port")
    shape = [int(side.text or 0) for side in weights.findall("dim")]
    return kernels.pointwise if shape[2:] == [1, 1] else kernels.other
