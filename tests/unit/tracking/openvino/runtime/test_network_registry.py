"""What the registry compiles, with a compiler that compiles nothing."""

from collections import Counter

import pytest

from mocast.tracking.openvino.networks.conversion import NetworkName, WantedPrecision
from mocast.tracking.openvino.runtime import form_chooser
from mocast.tracking.openvino.runtime.compiler import Compiler
from mocast.tracking.openvino.runtime.devices import Device
from mocast.tracking.openvino.runtime.form_chooser import FormChoice, FormChooser, FormSettings
from mocast.tracking.openvino.runtime.network_form import NetworkForm
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry, _Key

Compiled = Counter[tuple[NetworkName, str, int]]


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Compiled:
    """How often each network was compiled, in which form, for how many streams."""
    counts: Compiled = Counter()

    def compile_nothing(_: Compiler, name: NetworkName, form: NetworkForm, streams: int) -> object:
        counts[name, str(form), streams] += 1
        return object()

    monkeypatch.setattr(Compiler, "compile", compile_nothing)
    return counts


def test_only_networks_that_gain_are_reduced(compiled: Compiled) -> None:
    registry = NetworkRegistry(streams=1, cache_folder=None, settings=FormSettings("bf16"))
    registry.prepare({"face_landmark": "reduced", "hand_landmark": "reduced", "pose_landmark": "f32"})
    assert set(compiled) == {("face_landmark", "f32", 1), ("hand_landmark", "bf16", 1), ("pose_landmark", "f32", 1)}


def test_on_another_device_a_network_has_one_replica_for_all_streams(compiled: Compiled) -> None:
    settings = FormSettings(plan={"hand_landmark": NetworkForm("f16", "GPU")})
    NetworkRegistry(streams=4, cache_folder=None, settings=settings).prepare(
        {"hand_landmark": "reduced", "hand_recrop": "f32"}
    )
    assert compiled == {("hand_landmark", "f16@GPU", 4): 1, ("hand_recrop", "f32", 1): 2, ("hand_recrop", "f32", 2): 1}


@pytest.mark.parametrize("chosen", ["f32", "bf16"])
def test_what_a_session_asks_for_while_forms_are_measured_is_compiled_once(
    chosen: str, compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    bf16 = Device("CPU", "a server", ("BF16", "FP32"))
    monkeypatch.setattr(form_chooser, "device", lambda _: bf16)
    registry = NetworkRegistry(streams=1, cache_folder=None)
    exact: dict[NetworkName, WantedPrecision] = {"pose_landmark": "f32", "hand_recrop": "f32"}

    def kept(_: FormChooser, name: NetworkName, __: object) -> FormChoice:
        for form in (NetworkForm(), NetworkForm("bf16"), NetworkForm("int8")):
            registry._replicas(_Key(name, form))
        registry.prepare(exact)  # by another session, which does not wait
        return FormChoice(NetworkForm.parsed(chosen), "")

    monkeypatch.setattr(FormChooser, "_kept", kept)
    registry.prepare({"pose_landmark": "reduced"})
    found = {("pose_landmark", chosen), ("pose_landmark", "f32"), ("hand_recrop", "f32")}
    assert {(key.name, str(key.form)) for key in registry._compiled} == found, "the others are freed"
    registry.prepare(exact)
    assert compiled["pose_landmark", chosen, 1] == compiled["hand_recrop", "f32", 1] == 1
