"""Which form each network takes, on machines of every kind: lists of capabilities, and what their forms measure."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.conversion import NetworkName
from mocast.tracking.openvino.runtime import form_chooser
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.devices import Device
from mocast.tracking.openvino.runtime.form_chooser import FormChooser, FormSettings
from mocast.tracking.openvino.runtime.network_form import REFERENCE_FORM, NetworkForm
from mocast.tracking.openvino.runtime.precision import Measured

AVX2 = Device("CPU", "a desktop", ("FP32", "INT8"))
AVX512_BF16 = Device("CPU", "a server", ("BF16", "FP32", "INT8"))
ARM = Device("CPU", "a phone", ("FP16", "FP32", "INT8"))
GPU = Device("GPU", "a graphics card", ("FP16", "FP32", "INT8"))
NPU = Device("NPU", "a neural processor", ("FP16", "INT8"))

SPEEDS: Mapping[str, float] = {
    "f16": 0.55,
    "bf16": 0.55,
    "int8": 0.45,
    "int8_f16": 0.4,
    "int8_bf16": 0.4,
    "f32@GPU": 0.6,
    "f16@GPU": 0.3,
    "int8_f16@GPU": 0.29,
    "f16@NPU": 0.5,
    "int8_f16@NPU": 0.2,
}
"""Form → share of f32's time on the processor."""


class FakeMeter:
    """Measures what the test says."""

    asked: Sequence[str] = ()

    def __init__(self, *_: object) -> None: ...

    def measured(self, form: NetworkForm) -> Measured:
        FakeMeter.asked = (*FakeMeter.asked, str(form))
        share = FakeMeter.speeds[str(form)]
        if share is None:
            return Measured(form, float("inf"), float("nan"), float("nan"), failure="out of memory")
        return Measured(form, share, 0.1, 0.001, is_near=share > 0)

    speeds: Mapping[str, float | None] = SPEEDS


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    FakeMeter.asked, FakeMeter.speeds = (), SPEEDS
    monkeypatch.setattr(form_chooser, "FormMeter", FakeMeter)
    monkeypatch.setattr(form_chooser, "QUANTISED", {"hand_landmark"})


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    def has(*devices: Device) -> None:
        monkeypatch.setattr(form_chooser, "device_names", lambda: [one.name for one in devices])
        monkeypatch.setattr(form_chooser, "device", {one.name: one for one in devices}.__getitem__)

    return has


def choose(
    precision: str = "auto",
    device: str = "cpu",
    *,
    name: NetworkName = "hand_landmark",
    wanted: str = "reduced",
    cache: Path | None = None,
    origin: bytes = b"",
) -> form_chooser.FormChoice:
    settings = FormSettings(precision, device)  # type: ignore[arg-type]
    chooser = FormChooser(settings, lambda *_: pytest.fail("made"), CompiledCache(cache), lambda _: origin)
    return chooser.choice(name, wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cpu", "asked", "hand", "pose"),
    [
        (AVX2, "int8", "int8", "f32"),
        (AVX512_BF16, "bf16 int8_bf16", "int8_bf16", "bf16"),
        (ARM, "f16 int8_f16", "int8_f16", "f16"),
        (Device("CPU", "a machine of both", ("BF16", "FP16", "FP32", "INT8")), "f16 bf16 int8_f16", "int8_f16", "f16"),
        (Device("CPU", "an old one", ("FP32",)), "", "f32", "f32"),
    ],
)
def test_auto_is_the_fastest_of_what_the_processor_lists(
    cpu: Device, asked: str, hand: str, pose: str, machine: Any
) -> None:
    machine(cpu)
    assert str(choose().form) == hand
    assert " ".join(FakeMeter.asked) == asked
    assert str(choose(name="pose_landmark").form) == pose, "which has no int8 form"


@pytest.mark.parametrize(
    ("speeds", "form"),
    [
        ({"bf16": 2.7, "int8": 0.45}, "int8"),  # bf16 is listed, without instructions for it
        ({"bf16": 0.55, "int8_bf16": 0.52}, "bf16"),  # int8 is further from f32, for no gain
        ({"bf16": 0.95, "int8": 0.95}, "f32"),
        ({"bf16": -1, "int8": -1}, "f32"),  # both are too far off
        ({"bf16": 0.55, "int8_bf16": -1}, "bf16"),
        ({"bf16": None, "int8": 0.45}, "int8"),
    ],
)
def test_a_form_that_is_further_off_must_be_clearly_faster(
    speeds: Mapping[str, float | None], form: str, machine: Any
) -> None:
    machine(AVX512_BF16)
    FakeMeter.speeds = speeds
    assert str(choose().form) == form


@pytest.mark.parametrize(
    ("cpu", "precision", "hand", "pose"),
    [
        (AVX2, "f32", "f32", "f32"),
        (ARM, "f16", "f16", "f16"),
        (AVX2, "f16", "f32", "f32"),  # which it does not have
        (AVX512_BF16, "bf16", "bf16", "bf16"),
        (AVX2, "bf16", "bf16", "bf16"),  # which it runs, slowly
        (AVX512_BF16, "int8", "int8", "f32"),
    ],
)
def test_what_is_set_is_not_measured(cpu: Device, precision: str, hand: str, pose: str, machine: Any) -> None:
    machine(cpu)
    assert str(choose(precision).form) == hand
    assert str(choose(precision, name="pose_landmark").form) == pose
    assert not FakeMeter.asked


@pytest.mark.parametrize("name", ["hand_landmark", "face_landmark"])
def test_f32_is_f32_on_the_processor_unless_a_device_is_set(name: NetworkName, machine: Any) -> None:
    machine(ARM, GPU)
    for precision in ("auto", "f16", "int8"):
        assert choose(precision, "auto", name=name, wanted="f32").form == REFERENCE_FORM
        assert choose(precision, "cpu", name=name, wanted="f32").form == REFERENCE_FORM
    assert not FakeMeter.asked
    assert str(choose("auto", "gpu", name=name, wanted="f32").form) == "f32@GPU"


def test_a_network_that_gains_nothing_is_not_reduced(machine: Any) -> None:
    machine(ARM)
    assert choose(name="face_landmark").form == REFERENCE_FORM
    assert not FakeMeter.asked


@pytest.mark.parametrize(
    ("device", "others", "form"),
    [
        ("auto", (), "int8"),
        ("auto", (GPU,), "f16@GPU"),
        ("auto", (NPU,), "int8_f16@NPU"),
        ("auto", (GPU, NPU), "int8_f16@NPU"),
        ("cpu", (GPU, NPU), "int8"),
        ("gpu", (GPU, NPU), "f16@GPU"),
        ("npu", (GPU, NPU), "int8_f16@NPU"),
    ],
)
def test_the_device_is_that_which_is_set_or_the_fastest(
    device: str, others: tuple[Device, ...], form: str, machine: Any
) -> None:
    machine(AVX2, *others)
    assert str(choose(device=device).form) == form


def test_a_device_that_is_set_is_used_even_where_it_is_slower(machine: Any) -> None:
    machine(AVX2, GPU)
    FakeMeter.speeds = {"f32@GPU": 2, "f16@GPU": 1.5, "int8_f16@GPU": 1.5, "int8": 0.45}
    assert str(choose(device="gpu").form) == "f16@GPU"
    assert str(choose(device="auto").form) == "int8"


def test_what_a_device_computes_wrong_or_not_at_all_stays_on_the_processor(machine: Any) -> None:
    machine(AVX2, GPU, NPU)
    FakeMeter.speeds = {"f32@GPU": None, "f16@GPU": -1, "int8@GPU": -1}
    choice = choose(device="gpu")
    assert choice.form == REFERENCE_FORM
    assert "f32@GPU does not run" in choice.why
    assert choose(device="npu", wanted="f32") == (REFERENCE_FORM, "NPU has no f32", ())


def test_a_precision_and_a_device_that_are_set_are_checked_alone(machine: Any) -> None:
    machine(AVX2, GPU)
    assert str(choose("f16", "gpu").form) == "f16@GPU"
    assert FakeMeter.asked == ("f16@GPU",)


@pytest.mark.parametrize("device", ["gpu", "npu"])
def test_a_device_that_is_not_there_is_an_error_that_says_what_is(device: str, machine: Any) -> None:
    machine(AVX2)
    with pytest.raises(TrackingError, match=rf"there is no {device.upper()} that OpenVINO can use \(it sees CPU\)"):
        choose(device=device)


def test_the_answer_is_kept_for_this_machine_these_networks_and_these_settings(machine: Any, tmp_path: Path) -> None:
    machine(AVX512_BF16, GPU)
    first = choose(cache=tmp_path, origin=b"1")
    FakeMeter.speeds = dict.fromkeys((*SPEEDS, "int8@GPU"), 1.0)  # a busy start
    assert choose(cache=tmp_path, origin=b"1")[:2] == first[:2]
    assert str(choose(device="auto", cache=tmp_path, origin=b"1").form) == "f32", "measured for itself"
    assert choose(cache=tmp_path, origin=b"1")[:2] == first[:2]
    assert str(choose(cache=tmp_path, origin=b"2").form) == "f32", "measured anew for another OpenVINO or network"
    machine(ARM)
    assert str(choose(cache=tmp_path, origin=b"2").form) == "f32"


@pytest.mark.parametrize("failures", [1, 2])
def test_what_failed_is_tried_again_at_the_next_start_and_when_it_fails_there_no_more(
    machine: Any, tmp_path: Path, failures: int
) -> None:
    machine(AVX2)
    FakeMeter.speeds = {"int8": None}
    for _ in range(failures):
        assert choose(cache=tmp_path).form == REFERENCE_FORM
    FakeMeter.speeds = SPEEDS
    assert str(choose(cache=tmp_path).form) == ("int8" if failures == 1 else "f32")
    assert len(FakeMeter.asked) == 2


def test_a_network_is_measured_once(machine: Any) -> None:
    machine(AVX2)
    chooser = FormChooser(FormSettings(), lambda *_: pytest.fail("made"), CompiledCache(None), lambda _: b"")
    assert chooser.choice("hand_landmark", "reduced") is chooser.choice("hand_landmark", "reduced")
    assert FakeMeter.asked == ("int8",)


@pytest.mark.parametrize("failures", [0, 1])
def test_what_another_process_chose_is_taken(machine: Any, tmp_path: Path, failures: int) -> None:
    machine(AVX512_BF16)
    FakeMeter.speeds = {**SPEEDS, "bf16": None} if failures else SPEEDS

    def apart(name: NetworkName, wanted: str, is_kept: Callable[[], bool]) -> bool:
        assert not is_kept()
        with capture_logs():  # its log is not this process's
            chosen.append(choose(name=name, wanted=wanted, cache=tmp_path))
        assert is_kept() == (not failures), "what failed is measured again"
        FakeMeter.speeds = {}  # whatever is asked for from now on fails the test
        return True

    chosen: list[form_chooser.FormChoice] = []
    chooser = FormChooser(
        FormSettings(),
        lambda *_: pytest.fail("made"),
        CompiledCache(tmp_path),
        lambda _: b"",
        choose_apart=apart,  # type: ignore[arg-type]
    )
    with capture_logs() as logs:
        assert chooser.choice("hand_landmark", "reduced")[:2] == chosen[0][:2]
    assert [entry["form"] for entry in logs if entry["log_level"] == "warning"] == failures * ["bf16"]
    assert str(chosen[0].form) == ("int8" if failures else "int8_bf16")


def test_a_plan_is_followed(machine: Any) -> None:
    machine(AVX2)
    settings = FormSettings(plan={"hand_landmark": NetworkForm("bf16")})
    chooser = FormChooser(settings, lambda *_: pytest.fail("made"), CompiledCache(None), lambda _: b"")
    assert chooser.choice("hand_landmark", "reduced").form == NetworkForm("bf16")
    assert chooser.choice("pose_landmark", "reduced").form == REFERENCE_FORM
    assert chooser.choice("hand_landmark", "f32").form == REFERENCE_FORM
