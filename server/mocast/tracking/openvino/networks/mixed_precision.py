"""Mixed precision: a part of a graph stays at f32 when the rest of it is compiled with less."""

from typing import Final

import openvino as ov

from mocast.tracking.openvino.networks.layer_attributes import with_attributes

_ATTRIBUTE: Final = {"name": "DisablePrecisionConversion", "version": "0", "value": "dynamic:f16,bf16"}
"""Source: src/common/transformations/include/transformations/rt_info/disable_precision_conversion.hpp of OpenVINO 2026;
the CPU plugin asks for f16 whatever the lower precision is."""


def with_f32_tail(graph: ov.Model, reduced_output: int) -> ov.Model:
    """Return the graph with all layers at f32 that its output ``reduced_output`` does not depend on.

    Raises ``TrackingError``.
    """
    outputs = [result.input_value(0) for result in graph.get_results()]
    reduced = names_behind(outputs[reduced_output : reduced_output + 1])
    f32 = names_behind(outputs) - reduced
    return with_attributes(graph, lambda layer: _ATTRIBUTE if layer.get("name") in f32 else None)


def names_behind(outputs: list[ov.Output]) -> set[str]:
    """Return the names of all nodes that these outputs are computed from, constants too."""
    names: set[str] = set()
    waiting = [output.get_node() for output in outputs]
    while waiting:
        node = waiting.pop()
        if node.get_friendly_name() not in names:
            names.add(node.get_friendly_name())
            waiting += [value.get_node() for value in node.input_values()]
    return names
