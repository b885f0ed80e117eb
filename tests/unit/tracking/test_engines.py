"""Which engine tracks: the one that was asked for or none, and of ``auto`` the best that loads."""

import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from tests.reference_engine import needs_mediapipe

from mocast.errors import TrackingError
from mocast.tracking.engines import (
    ENGINES,
    EngineOptions,
    NetworkChoice,
    choose_engine,
    load_engine,
    precision_of,
)
from mocast.tracking.mediapipe import bindings

OPTIONS = EngineOptions(threads=3, cache_folder=Path("/kept"), precision="f32", device="auto")


class Loads:
    """An engine that remembers what it was made with."""

    def __init__(self, options: EngineOptions) -> None:
        self.made_with = options


class Refuses:
    """An engine that cannot run here."""

    def __init__(self, _: EngineOptions) -> None:
        raise TrackingError("this processor is too old")


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENGINES:
        monkeypatch.setitem(ENGINES, name, f"{__name__}:Loads")


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, by: str = f"{__name__}:Refuses") -> None:
    monkeypatch.setitem(ENGINES, name, by)


def test_auto_is_the_fast_one_where_it_loads() -> None:
    with capture_logs() as logged:
        name, engine = choose_engine("auto", OPTIONS)
    assert (name, logged) == ("openvino", [])
    assert engine.made_with == OPTIONS  # type: ignore[attr-defined]


def test_auto_is_the_reference_elsewhere_and_one_line_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "openvino")
    with capture_logs() as logged:
        name, engine = choose_engine("auto", OPTIONS)
    assert (name, engine.made_with) == ("mediapipe", OPTIONS)  # type: ignore[attr-defined]
    (line,) = logged
    assert (line["log_level"], line["engine"]) == ("warning", "mediapipe")
    assert line["reason"] == "the engine openvino does not load: this processor is too old"


class DoesNotFit:
    """An engine whose library was built for another numpy."""

    def __init__(self, _: EngineOptions) -> None:
        raise ValueError("numpy.dtype size changed")


def test_auto_is_the_reference_whatever_the_fast_one_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "openvino", f"{__name__}:DoesNotFit")
    with capture_logs() as logged:
        assert choose_engine("auto")[0] == "mediapipe"
    assert "size changed" in logged[0]["reason"]


def test_auto_is_an_error_where_none_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "openvino")
    refuse(monkeypatch, "mediapipe", "mocast.no_such_module:Engine")
    with pytest.raises(TrackingError, match=r"the engine mediapipe does not load: No module named 'mocast\.no_such"):
        choose_engine("auto")


@pytest.mark.parametrize("name", ["openvino", "mediapipe"])
def test_an_engine_that_was_asked_for_is_not_replaced_by_another(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    refuse(monkeypatch, name)
    with capture_logs() as logged, pytest.raises(TrackingError, match=f"the engine {name} does not load: this proc"):
        choose_engine(name)
    assert logged == []


def test_an_unknown_engine_is_refused_by_name() -> None:
    with pytest.raises(TrackingError, match=r"'abacus'.*openvino, mediapipe"):
        load_engine("abacus")


WITHOUT_OPENVINO = """
import sys
sys.modules["openvino"] = None
from mocast.tracking.engines import choose_engine
name, engine = choose_engine("auto")
print(name, type(engine).__name__)
"""


@needs_mediapipe
def test_where_openvino_is_not_installed_mediapipe_tracks() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_OPENVINO], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.splitlines()[-1] == "mediapipe MediapipeEngine", done.stderr
    assert "the engine openvino does not load: " in done.stdout


def test_an_engine_whose_libraries_were_left_out_does_not_load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(bindings, "package_folder", lambda: tmp_path)
    with pytest.raises(TrackingError, match=r"the engine mediapipe does not load: .* has no mediapipe\.python\._frame"):
        load_engine("mediapipe")


WITHOUT_PROTOBUF = """
import sys
sys.modules["google.protobuf"] = None
from mocast.errors import TrackingError
from mocast.tracking.mediapipe.bindings import native
try:
    native()
except TrackingError as error:
    print(error)
"""


@needs_mediapipe
def test_a_native_module_that_does_not_load_says_what_it_needs() -> None:
    command = [sys.executable, "-c", WITHOUT_PROTOBUF]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "native module does not load" in done.stdout, done.stderr
    assert done.stdout.endswith("it needs protobuf 4\n")


def test_mediapipe_computes_with_f32_on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for precision in ("f16", "bf16", "int8"):
        with pytest.raises(TrackingError, match=r"the engine mediapipe does not load: .* f32 only"):
            load_engine("mediapipe", EngineOptions(precision=precision))
    with pytest.raises(TrackingError, match="compute on the processor only"):
        load_engine("mediapipe", EngineOptions(device="gpu"))


def test_a_device_that_is_not_there_is_told_and_the_reference_does_not_stand_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refuse(monkeypatch, "openvino")
    with pytest.raises(TrackingError, match="the engine openvino does not load"):
        choose_engine("auto", EngineOptions(device="gpu"))


@pytest.mark.parametrize(
    ("forms", "said"),
    [
        ((), "f32"),
        (("f32", "f32"), "f32"),
        (("int8", "int8"), "int8"),
        (("int8", "f32"), "hand_landmark=int8,pose_landmark=f32"),
        (("int8_bf16", "int8_bf16"), "hand_landmark=int8_bf16,pose_landmark=int8_bf16"),
        (("f16@GPU", "f16@GPU"), "hand_landmark=f16@GPU,pose_landmark=f16@GPU"),
    ],
)
def test_precision_is_told_in_a_word_where_all_networks_have_the_same(forms: tuple[str, ...], said: str) -> None:
    names = ("hand_landmark", "pose_landmark")
    choices = {name: NetworkChoice(form, "") for name, form in zip(names, forms, strict=False)}
    assert precision_of(choices) == said
