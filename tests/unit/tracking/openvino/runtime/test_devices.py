from pathlib import Path

import pytest

from mocast.errors import TrackingError
from mocast.tracking.openvino.runtime.devices import (
    device,
    device_names,
    has_short_int8_sums,
    instruction_sets,
    selected,
)

MANY = ("CPU", "GPU.0", "GPU.1", "NPU")


@pytest.mark.parametrize(
    ("setting", "names", "expected"),
    [
        ("cpu", MANY, ("CPU",)),
        ("gpu", MANY, ("GPU.0",)),
        ("gpu", ("CPU", "GPU"), ("GPU",)),
        ("npu", MANY, ("NPU",)),
        ("auto", MANY, MANY),
        ("auto", ("CPU",), ("CPU",)),
    ],
)
def test_a_setting_selects_devices_by_openvinos_names(
    setting: str, names: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert selected(setting, names) == expected  # type: ignore[arg-type]


def test_a_missing_device_is_told() -> None:
    with pytest.raises(TrackingError, match=r"there is no NPU that OpenVINO can use \(it sees CPU, GPU\); its driver"):
        selected("npu", ("CPU", "GPU"))


def test_this_machines_processor_is_there() -> None:
    assert "CPU" in device_names()
    assert "FP32" in device("CPU").capabilities


def test_a_device_that_openvino_does_not_know_is_refused() -> None:
    with pytest.raises(TrackingError, match="OpenVINO does not run on TPU"):
        device("TPU")


def test_processors_of_one_name_are_told_apart_by_their_flags(tmp_path: Path) -> None:
    x86, arm = tmp_path / "x86", tmp_path / "arm"
    x86.write_text("model name\t: Xeon\nflags\t\t: fpu avx2\nflags\t\t: fpu avx2\n")
    arm.write_text("Features\t: fp asimd asimddp\n")
    assert instruction_sets(x86, {}) == "flags\t\t: fpu avx2 "
    assert instruction_sets(arm, {}) == "Features\t: fp asimd asimddp "
    assert instruction_sets(tmp_path / "none", {"ONEDNN_MAX_CPU_ISA": "avx2"}) == " AVX2"


@pytest.mark.parametrize(
    ("found", "machine", "is_short"),
    [
        ("flags : sse2 avx2 ", "x86_64", True),
        ("flags : sse2 avx512f ", "x86_64", True),
        ("flags : sse2 avx2 avx_vnni ", "x86_64", False),
        ("flags : sse2 avx512f avx512_vnni ", "x86_64", False),
        ("flags : sse2 avx512f avx512_vnni AVX2", "x86_64", True),
        ("flags : sse2 avx512f avx512_vnni AVX512_CORE_VNNI", "x86_64", False),
        ("Features : fp asimd asimddp ", "aarch64", False),
        (" ", "AMD64", True),
    ],
)
def test_x86_without_vnni_has_short_sums(found: str, machine: str, is_short: bool) -> None:
    """And x86 of which no flags are known."""
    assert has_short_int8_sums(found, machine) == is_short
