"""The engines by name, and the protocols that they implement."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, NamedTuple, Protocol, get_args

import structlog

from mocast.errors import TrackingError
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import OfflineQuality, TrackerName
from mocast.model.tracked import FaceBoxes, Tracked

log = structlog.get_logger(__name__)

ENGINES = {
    "openvino": "mocast.tracking.openvino.engine:OpenvinoEngine",
    "mediapipe": "mocast.tracking.mediapipe.engine:MediapipeEngine",
}
"""Name → ``module:Class``, imported when it is asked for: an engine's library takes long to load and much memory."""

AUTO: Final = "auto"
"""Stands for ``FAST`` where that loads, and for ``REFERENCE`` elsewhere."""
FAST: Final = "openvino"
REFERENCE: Final = "mediapipe"

PrecisionSetting = Literal["auto", "f32", "f16", "bf16", "int8"]
"""What networks compute with. ``f32``: 32-bit floats, so that landmarks do not depend on the processor; ``f16``,
``bf16``: 16-bit ones, ``int8``: 8-bit integers, where a quality allows them and the machine and the network have them;
``auto``: of each network the fastest that is near enough to ``f32``, measured once on each machine."""
Precision = str
"""A ``PrecisionSetting``, or what ``precision_of`` returned."""
DeviceSetting = Literal["auto", "cpu", "gpu", "npu"]
"""Where networks compute. ``auto``: what a quality may reduce, where it is fastest; all else on the processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """What the operator says of an engine, which is made with it."""

    threads: int | None = None
    "That it may use at most; ``None``: its own choice."
    cache_folder: Path | None = None
    "Where it may keep what it has compiled; ``None``: nowhere."
    precision: Precision = "auto"
    "What its networks compute with."
    device: DeviceSetting = "cpu"
    "Where they compute."


DEFAULT_OPTIONS: Final = EngineOptions()


class NetworkChoice(NamedTuple):
    """What a network computes with, and why."""

    form: str
    "``int8``, or with the device where that is not the processor: ``f16@GPU``."
    why: str


def precision_of(choices: Mapping[str, NetworkChoice]) -> Precision:
    """Return the choices in short, ``FORM`` or ``NAME=FORM,...``, as an engine takes them for its ``precision``."""
    forms = {choice.form for choice in choices.values()} or {"f32"}
    if len(forms) == 1 and forms <= set(get_args(PrecisionSetting)):
        return forms.pop()
    return ",".join(f"{name}={choice.form}" for name, choice in choices.items())


class Tracker(Protocol):
    """Tracks people through one stream, or finds them in unrelated pictures. Used from one thread at a time."""

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame; raises ``TrackingError``, after which the tracker must be closed."""

    def close(self) -> None:
        """Free what it holds. Calling it again does nothing."""


FaceRange = Literal["near", "far"]
"""MediaPipe's two detectors: of faces within about 2 m of a camera, and within about 5 m."""


class FaceFinder(Protocol):
    """Finds the faces of all people in unrelated pictures. Used from one thread at a time."""

    def find(self, rgb: RgbImage) -> FaceBoxes:
        """Return the faces in a picture; raises ``TrackingError``, after which another finder must be built."""


class Engine(Protocol):
    """Builds trackers that share its networks. Its methods may be called from any thread.

    Made with ``EngineOptions``. Raises ``TrackingError`` where it cannot run so.
    """

    def build(
        self,
        tracker: TrackerName,
        quality: OfflineQuality,
        *,
        still: bool,
        people: int = 1,
        takes_turns: bool = False,
    ) -> Tracker:
        """Return a new tracker, ready to work; the first of its kind may take seconds. Raises ``TrackingError``.

        ``people``: how many are tracked at most; above 1 only where ``tracks_several``. ``takes_turns``: whether a
        frame of a live stream may leave some of them out, where there is no time for all, or more of a person be
        extrapolated where there is none for all frames.
        """

    def tracks_several(self, tracker: TrackerName) -> bool:
        """Return whether ``build`` takes ``people`` above 1 for this tracker."""

    def face_finder(self, reach: FaceRange) -> FaceFinder:
        """Return a new finder of faces; the first of its kind may take a second. Raises ``TrackingError``."""

    def describe(self) -> str:
        """Return in a few words what it runs on, for ``mocast doctor``. May take seconds."""

    def choices(self) -> Mapping[str, NetworkChoice]:
        """Return what each network that a quality may reduce computes with, and why. May take seconds."""

    def keep(self) -> None:
        """Keep the networks that were loaded so far; others may be given back when nobody has used them for a while."""

    def close(self) -> None:
        """Free the networks. Its trackers fail from now on."""


def load_engine(name: str, options: EngineOptions = DEFAULT_OPTIONS) -> Engine:
    """Import and make the engine of that name. Raises ``TrackingError`` where it does not load."""
    if name not in ENGINES:
        raise TrackingError(f"there is no engine {name!r}; there are: {', '.join(ENGINES)}")
    module, _, attribute = ENGINES[name].partition(":")
    try:
        make = getattr(import_module(module), attribute)
        engine: Engine = make(options)
    except Exception as error:  # a library that does not fit this machine or its numpy may raise anything
        raise TrackingError(f"the engine {name} does not load: {error}") from error
    return engine


def installed_engine(name: str) -> str:
    """Return which engine tracks where that name is asked for, as far as what is installed tells; none is loaded."""
    if name != AUTO:
        return name
    return REFERENCE if find_spec("openvino") is None else FAST


def choose_engine(name: str, options: EngineOptions = DEFAULT_OPTIONS) -> tuple[str, Engine]:
    """Load the engine of that name, or for ``AUTO`` the best that loads; return its own name, too.

    Raises ``TrackingError`` where it, or none, loads, and where a GPU or NPU is set that is not there.
    """
    if name == AUTO:
        try:
            return FAST, load_engine(FAST, options)
        except TrackingError as error:
            if options.device in ("gpu", "npu"):
                raise
            log.warning("the slower engine tracks", engine=REFERENCE, reason=str(error))
            name = REFERENCE
    return name, load_engine(name, options)
