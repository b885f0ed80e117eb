"""Devices that OpenVINO can compute on, and which of them a setting selects."""

import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from mocast.errors import TrackingError
from mocast.tracking.engines import DeviceSetting
from mocast.tracking.openvino.networks.openvino_core import core, reason
from mocast.tracking.openvino.networks.processor import is_x86
from mocast.tracking.openvino.runtime.network_form import CPU


class Device(NamedTuple):
    """A device as OpenVINO tells of it."""

    name: str
    "``CPU``, ``GPU.0``, ``NPU``."
    full_name: str
    "The maker's."
    capabilities: tuple[str, ...]
    "``FP32``, ``FP16``, ``BF16``, ``INT8``: what it says it computes with. BF16 may be there, and be slow."


@cache
def device(name: str) -> Device:
    """Return a device. Raises ``TrackingError`` where OpenVINO cannot use it."""
    asked = name.partition(":")[0]  # of OpenVINO's virtual devices, such as AUTO:CPU, itself
    try:
        full_name: str = core().get_property(asked, "FULL_DEVICE_NAME")
        capabilities = tuple(sorted(core().get_property(asked, "OPTIMIZATION_CAPABILITIES")))
    except RuntimeError as error:
        raise TrackingError(f"OpenVINO does not run on {name}: {reason(error)}") from error
    return Device(name, full_name, capabilities)


def device_names() -> Sequence[str]:
    """Return OpenVINO's names of what it can compute on here; may take a second, as it loads drivers."""
    return tuple(core().available_devices)


def selected(setting: DeviceSetting, names: Sequence[str]) -> tuple[str, ...]:
    """Return the devices that a setting selects, the processor first. Raises ``TrackingError`` where there are none.

    ``auto`` selects all; of several GPUs ``gpu`` selects the first.
    """
    if setting == "auto":
        return (CPU, *(name for name in names if name.startswith(("GPU", "NPU"))))
    found = [name for name in names if name.partition(".")[0] == setting.upper()]
    if not found:
        raise TrackingError(
            f"there is no {setting.upper()} that OpenVINO can use (it sees {', '.join(names)}); "
            "its driver may be missing, or a container was not given the device"
        )
    return (found[0],)


def has_short_int8_sums(found: str, machine: str = "") -> bool:
    """Return whether, by ``instruction_sets``, a processor adds products of 8 bits in 16: x86 without VNNI.

    Networks in 8 bits need a form of their own there, as others overflow: a body's landmarks would be off by 4 px and
    230 mm (measured). ``True``, too, of x86 whose flags are not known: that form is right everywhere.
    """
    words = set(found.split())
    return is_x86(machine) and not (words & _VNNI and not words & _LIMITS_BELOW_VNNI)


_VNNI: Final = {"avx512_vnni", "avx_vnni"}
"""Flags of Linux."""
_LIMITS_BELOW_VNNI: Final = {"SSE41", "AVX", "AVX2", "AVX512_CORE"}
"""Of oneDNN (``ONEDNN_MAX_CPU_ISA``)."""


def instruction_sets(cpuinfo: Path = Path("/proc/cpuinfo"), environment: Mapping[str, str] = os.environ) -> str:
    """Return what decides, besides the processor's name, what it computes with: virtual machines share one name.

    The processor's flags where Linux tells them, and the limit for oneDNN in the environment.
    """
    try:
        lines = cpuinfo.read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), "")
    limit = environment.get("ONEDNN_MAX_CPU_ISA", "").upper()  # oneDNN takes either case
    return f"{flags} {limit}"
