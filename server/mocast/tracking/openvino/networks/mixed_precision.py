"""Mixed precision: a part of a graph stays at f32 when the rest of it is compiled with less.

OpenVINO's Python interface cannot express that. Its file format can, by an attribute of a layer, which plugins respect.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree import ElementTree

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.openvino_core import core, reason

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
    try:
        with TemporaryDirectory() as folder:
            description, numbers = Path(folder) / "graph.xml", Path(folder) / "graph.bin"
            ov.serialize(graph, description, numbers)
            tree = ElementTree.parse(description)
            for layer in tree.iterfind("layers/layer"):
                if layer.get("name") in f32:
                    _mark(layer)
            return core().read_model(ElementTree.tostring(tree.getroot()), numbers.read_bytes())
    except (OSError, RuntimeError, ElementTree.ParseError) as error:
        raise TrackingError(f"the graph {graph.get_friendly_name()} cannot be edited: {reason(error)}") from error


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


def _mark(layer: ElementTree.Element) -> None:
    attributes = layer.find("rt_info")
    if attributes is None:
        attributes = ElementTree.Element("rt_info")
        # The format has an order: data, rt_info, ports.
        layer.insert(0 if layer.find("data") is None else 1, attributes)
    ElementTree.SubElement(attributes, "attribute", _ATTRIBUTE)
