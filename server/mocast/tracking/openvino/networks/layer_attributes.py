"""Attributes of a graph's layers that plugins respect: OpenVINO's Python interface cannot set them, its files can."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.openvino_core import core, reason

AttributeOf = Callable[[ElementTree.Element], Mapping[str, str] | None]
"""Returns what is said of a layer, as written to a file; ``None``: nothing."""


def with_attributes(graph: ov.Model, attribute_of: AttributeOf) -> ov.Model:
    """Return the graph with an attribute of some layers. Raises ``TrackingError``."""
    try:
        with TemporaryDirectory() as folder:
            description, numbers = Path(folder) / "graph.xml", Path(folder) / "graph.bin"
            ov.serialize(graph, description, numbers)
            tree = ElementTree.parse(description)
            for layer in tree.iterfind("layers/layer"):
                if (attribute := attribute_of(layer)) is not None:
                    _add(layer, attribute)
            return core().read_model(ElementTree.tostring(tree.getroot()), numbers.read_bytes())
    except (OSError, RuntimeError, ElementTree.ParseError) as error:
        raise TrackingError(f"the graph {graph.get_friendly_name()} cannot be edited: {reason(error)}") from error


def _add(layer: ElementTree.Element, attribute: Mapping[str, str]) -> None:
    attributes = layer.find("rt_info")
    if attributes is None:
        attributes = ElementTree.Element("rt_info")
        # The format has an order: data, rt_info, ports.
        layer.insert(0 if layer.find("data") is None else 1, attributes)
    ElementTree.SubElement(attributes, "attribute", dict(attribute))
