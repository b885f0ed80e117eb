"""Networks' int8 forms."""

from typing import Final

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.conversion import NetworkName

QUANTISED: Final[frozenset[NetworkName]] = frozenset()
"""Networks that have an int8 form."""


def quantise(name: NetworkName, graph: ov.Model) -> ov.Model:
    """Return the int8 form of what ``read_graph`` returned. Raises ``TrackingError`` where there is none."""
    raise TrackingError(f"the network {name} has no int8 form")
