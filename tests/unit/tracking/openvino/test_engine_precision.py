import pytest

from mocast.tracking.openvino.engine import OpenvinoEngine
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry


@pytest.mark.parametrize(("precision", "said"), [("f32", "f32, as set"), ("bf16", "bf16, as set")])
def test_a_precision_that_is_set_is_used_and_nothing_is_measured(
    precision: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NetworkRegistry, "bf16_pays", lambda _: pytest.fail("measured"))
    engine = OpenvinoEngine(threads=1, precision=precision)  # type: ignore[arg-type]
    assert engine.uses_bf16() == (precision == "bf16")
    assert engine.describe().endswith(said)
    engine.close()


@pytest.mark.parametrize(
    ("pays", "said"), [(False, "1 threads, f32, as bf16 does not pay"), (True, "1 threads, bf16 where it pays")]
)
def test_auto_is_what_a_measurement_says(pays: bool, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NetworkRegistry, "bf16_pays", lambda _: pays)
    engine = OpenvinoEngine(threads=1)
    assert engine.uses_bf16() is pays
    assert engine.describe().endswith(said)
    engine.close()
