"""What the registry compiles, with a compiler that compiles nothing."""

from collections import Counter
from collections.abc import Callable

import pytest

from mocast.tracking.openvino.networks.conversion import NetworkName, NetworkPrecision
from mocast.tracking.openvino.runtime import network_registry
from mocast.tracking.openvino.runtime.compiler import Compiler
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[NetworkName, NetworkPrecision]]:
    """How often each network was compiled."""
    counts: Counter[tuple[NetworkName, NetworkPrecision]] = Counter()

    def compile_nothing(_: Compiler, name: NetworkName, precision: NetworkPrecision, __: int) -> object:
        counts[name, precision] += 1
        return object()

    monkeypatch.setattr(Compiler, "compile", compile_nothing)
    return counts


def test_only_networks_that_gain_have_bf16(compiled: Counter[tuple[NetworkName, NetworkPrecision]]) -> None:
    NetworkRegistry(streams=1, cache_folder=None).prepare({"face_landmark": "bf16", "hand_landmark": "bf16"})
    assert set(compiled) == {("face_landmark", "f32"), ("hand_landmark", "bf16")}


@pytest.mark.parametrize("pays", [False, True])
def test_what_a_session_asks_for_while_bf16_is_measured_is_compiled_once(
    pays: bool, compiled: Counter[tuple[NetworkName, NetworkPrecision]], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = NetworkRegistry(streams=1, cache_folder=None)
    wanted: dict[NetworkName, NetworkPrecision] = {"pose_landmark": "bf16", "hand_recrop": "f32"}

    def measure(_request: Callable[..., object], _cache: object) -> bool:
        for name in ("hand_landmark", "pose_landmark"):
            for precision in ("f32", "bf16"):
                registry._replicas(network_registry._key(name, precision))  # type: ignore[arg-type]
        registry.prepare(wanted)  # by another session
        return pays

    monkeypatch.setattr(network_registry.precision, "bf16_pays", measure)
    assert registry.bf16_pays() is pays
    hand = ("hand_landmark", "bf16" if pays else "f32")
    assert set(registry._compiled) == {hand, ("pose_landmark", "f32"), *wanted.items()}, "the others are freed"
    registry.prepare(wanted)
    assert compiled["pose_landmark", "bf16"] == compiled["hand_recrop", "f32"] == 1
