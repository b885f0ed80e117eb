"""Form of a network: what it computes with, and on which device."""

from typing import Literal, NamedTuple, Self, get_args

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.conversion import NetworkPrecision

Floats = Literal["f32", "f16", "bf16"]
CPU = "CPU"
"""OpenVINO's name of the processor."""


class NetworkForm(NamedTuple):
    """What a network is compiled for."""

    precision: NetworkPrecision = "f32"
    device: str = CPU
    "OpenVINO's name, such as ``GPU.0`` or ``HETERO:CPU``."

    @property
    def is_quantised(self) -> bool:
        """Whether it is the int8 form."""
        return self.precision.startswith("int8")

    @property
    def floats(self) -> Floats:
        """What is not quantised computes with."""
        return self.precision.removeprefix("int8").removeprefix("_") or "f32"  # type: ignore[return-value]

    def __str__(self) -> str:
        """Return the precision, and the device where that is not the processor: ``int8``, ``f16@GPU``."""
        return self.precision if self.device == CPU else f"{self.precision}@{self.device}"

    @classmethod
    def parsed(cls, text: str) -> Self:
        """Return the form that ``str`` made a text of. Raises ``TrackingError``."""
        precision, _, device = text.partition("@")
        if precision not in get_args(NetworkPrecision):
            raise TrackingError(f"{text!r} is not what a network can compute with")
        return cls(precision, device or CPU)  # type: ignore[arg-type]


REFERENCE_FORM = NetworkForm()
"""f32 on the processor: always to be had, and what the others are compared with."""
