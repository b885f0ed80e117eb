"""What the registry compiles, with a compiler that compiles nothing."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from weakref import WeakSet

import pytest

from mocast.tracking.openvino.networks.conversion import NetworkName, WantedPrecision
from mocast.tracking.openvino.runtime import form_chooser, network_registry
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


def test_on_another_device_a_network_has_one_copy_for_all_streams(compiled: Compiled) -> None:
    settings = FormSettings(plan={"hand_landmark": NetworkForm("f16", "GPU")})
    NetworkRegistry(streams=4, cache_folder=None, settings=settings).prepare(
        {"hand_landmark": "reduced", "hand_recrop": "f32"}
    )
    assert compiled == {("hand_landmark", "f16@GPU", 4): 1, ("hand_recrop", "f32", 1): 1}, (
        "on the processor one at first"
    )


@pytest.mark.parametrize("chosen", ["f32", "bf16"])
def test_what_a_session_asks_for_while_forms_are_measured_is_compiled_once(
    chosen: str, compiled: Compiled, monkeypatch: pytest.MonkeyPatch
) -> None:
    bf16 = Device("CPU", "a server", ("BF16", "FP32"))
    monkeypatch.setattr(form_chooser, "device", lambda _: bf16)
    registry = NetworkRegistry(streams=1, cache_folder=None)
    exact: dict[NetworkName, WantedPrecision] = {"pose_landmark": "f32", "hand_recrop": "f32"}

    def kept(_: FormChooser, name: NetworkName, *__: object) -> FormChoice:
        for form in (NetworkForm(), NetworkForm("bf16"), NetworkForm("int8")):
            registry._copies(_Key(name, form))
        registry.prepare(exact)  # by another session, which does not wait
        return FormChoice(NetworkForm.parsed(chosen), "")

    monkeypatch.setattr(FormChooser, "_kept", kept)
    registry.prepare({"pose_landmark": "reduced"})
    found = {("pose_landmark", chosen), ("pose_landmark", "f32"), ("hand_recrop", "f32")}
    assert {(key.name, str(key.form)) for key in registry._compiled} == found, "the others are freed"
    registry.prepare(exact)
    assert compiled["pose_landmark", chosen, 1] == compiled["hand_recrop", "f32", 1] == 1


class Request:
    """Stands for a request of a network."""

    def close(self) -> None: ...


class Copies:
    """Copies of a network that remember who has requests."""

    def __init__(self, *_: object, **__: object) -> None:
        self.requests: WeakSet[Request] = WeakSet()

    @property
    def is_used(self) -> bool:
        return bool(list(self.requests))

    def request(self, _on_failure: Callable[[], None]) -> Request:
        made = Request()
        self.requests.add(made)
        return made


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[NetworkRegistry]:
    """One with a cache, whose networks are given back only when the test says so."""
    monkeypatch.setattr(network_registry, "NetworkCopies", Copies)
    monkeypatch.setattr(network_registry, "IDLE_S", 1e6)
    made = NetworkRegistry(streams=1, cache_folder=tmp_path)
    yield made
    made.close()


def names(registry: NetworkRegistry) -> set[str]:
    return {key.name for key in registry._compiled}


def test_a_network_that_nobody_used_for_a_while_is_given_back(registry: NetworkRegistry) -> None:
    registry.prepare({"palm_detection": "f32", "hand_landmark": "f32"})
    palm = registry.request("palm_detection")
    registry.prepare({"pose_landmark": "f32"})
    for _ in range(3):
        registry._give_back()
    assert names(registry) == {"palm_detection", "pose_landmark"}, "what has requests, and the latest tracker's"
    assert registry._timer is not None, "it looks again"
    del palm
    registry._give_back()
    assert names(registry) == {"palm_detection", "pose_landmark"}, "somebody may want it again soon"
    registry._give_back()
    assert names(registry) == {"pose_landmark"}


def test_a_network_that_is_wanted_again_stays(registry: NetworkRegistry) -> None:
    registry.prepare({"palm_detection": "f32"})
    registry.prepare({"pose_landmark": "f32"})
    registry._give_back()
    registry.request("palm_detection")
    registry._give_back()
    assert names(registry) == {"palm_detection", "pose_landmark"}
    registry._give_back()
    assert names(registry) == {"pose_landmark"}


def test_networks_that_are_kept_stay(registry: NetworkRegistry) -> None:
    registry.prepare({"palm_detection": "f32"})
    registry.prepare({"hand_landmark": "f32"})
    registry.keep()
    registry.prepare({"pose_landmark": "f32"})
    registry.prepare({"face_landmark": "f32"})
    for _ in range(2):
        registry._give_back()
    assert names(registry) == {"palm_detection", "hand_landmark", "face_landmark"}


def test_what_is_let_go_is_given_back_though_it_was_kept(registry: NetworkRegistry) -> None:
    registry.prepare({"pose_detection": "f32", "pose_landmark": "f32"})
    registry.keep()
    searching = registry.request("pose_detection")
    registry.let_go("pose_detection")
    for _ in range(3):
        registry._give_back()
    assert names(registry) == {"pose_detection", "pose_landmark"}, "another session still has it"
    assert registry._timer is not None, "it looks again"
    del searching
    for _ in range(2):
        registry._give_back()
    assert names(registry) == {"pose_landmark"}
    assert registry._timer is None
    registry.prepare({"pose_detection": "f32", "pose_landmark": "f32"})
    for _ in range(3):
        registry._give_back()
    assert names(registry) == {"pose_detection", "pose_landmark"}


def test_without_a_cache_all_networks_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_registry, "NetworkCopies", Copies)
    registry = NetworkRegistry(streams=1, cache_folder=None)
    registry.prepare({"palm_detection": "f32"})
    registry.prepare({"pose_landmark": "f32"})
    assert registry._timer is None
    registry.close()
