"""What the engine says of its networks' forms."""

import pytest

from mocast.errors import TrackingError
from mocast.tracking.engines import EngineOptions, NetworkChoice, precision_of
from mocast.tracking.openvino.engine import OpenvinoEngine
from mocast.tracking.openvino.runtime import form_chooser


@pytest.mark.parametrize("precision", ["f32", "bf16"])
def test_a_precision_that_is_set_is_used_and_nothing_is_measured(
    precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form_chooser, "choose", lambda *_: pytest.fail("measured"))
    engine = OpenvinoEngine(EngineOptions(threads=1, precision=precision))
    choices = engine.choices()
    assert set(choices.values()) == {NetworkChoice(precision, "as set")}
    assert precision_of(choices) == precision
    assert engine.describe().endswith("1 threads")
    engine.close()


def test_what_one_engine_chose_is_what_another_is_told() -> None:
    told = "hand_landmark=bf16,pose_landmark=f32"
    engine = OpenvinoEngine(EngineOptions(threads=1, precision=told))
    assert precision_of(engine.choices()) == told
    engine.close()


def test_a_plan_that_is_none_is_refused() -> None:
    with pytest.raises(TrackingError, match="not what a network can compute with"):
        OpenvinoEngine(EngineOptions(threads=1, precision="hand_landmark=f8"))


def test_a_device_that_is_not_there_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form_chooser, "device_names", lambda: ("CPU",))
    with pytest.raises(TrackingError, match="there is no GPU that OpenVINO can use"):
        OpenvinoEngine(EngineOptions(threads=1, device="gpu"))
