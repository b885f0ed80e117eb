"""The engines by name, and what each of them must be able to do."""

from importlib import import_module
from pathlib import Path
from typing import Final, Protocol

import structlog

from mocast.errors import TrackingError
from mocast.model.frame import Frame
from mocast.model.options import Quality, TrackerName
from mocast.model.tracked import Tracked

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


class EngineTracker(Protocol):
    """Finds people in consecutive frames of one stream, or in unrelated pictures. Used from one thread at a time."""

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame; raises ``TrackingError``, after which the tracker must be closed."""

    def close(self) -> None:
        """Give back what it holds. Calling it again does nothing."""


class Engine(Protocol):
    """Builds trackers that share its networks. Its methods may be called from any thread.

    Made by ``Engine(threads=, cache_folder=)``: how many threads it may use at most (``None``: its own choice), and
    where it may keep what it has compiled (``None``: nowhere). Raises ``TrackingError`` where it cannot run.
    """

    def build(self, tracker: TrackerName, quality: Quality, *, still: bool) -> EngineTracker:
        """Return a new tracker, ready to work; the first of its kind may take seconds. Raises ``TrackingError``."""

    def describe(self) -> str:
        """Return in a few words what it runs on, for ``mocast doctor``. May take seconds."""

    def close(self) -> None:
        """Free the networks. Its trackers fail from now on."""


def load_engine(name: str, *, threads: int | None = None, cache_folder: Path | None = None) -> Engine:
    """Import and make the engine of that name. Raises ``TrackingError`` where it does not load."""
    if name not in ENGINES:
        raise TrackingError(f"there is no engine {name!r}; there are: {', '.join(ENGINES)}")
    module, _, attribute = ENGINES[name].partition(":")
    try:
        engine: Engine = getattr(import_module(module), attribute)(threads=threads, cache_folder=cache_folder)
    except Exception as error:  # a library that does not fit this machine or its numpy may raise anything
        raise TrackingError(f"the engine {name} does not load: {error}") from error
    return engine


def choose_engine(name: str, *, threads: int | None = None, cache_folder: Path | None = None) -> tuple[str, Engine]:
    """Load the engine of that name, or for ``AUTO`` the best that loads; return its own name, too.

    Raises ``TrackingError`` where it, or none, loads.
    """
    if name == AUTO:
        try:
            return FAST, load_engine(FAST, threads=threads, cache_folder=cache_folder)
        except TrackingError as error:
            log.warning("the slower engine tracks", engine=REFERENCE, reason=str(error))
            name = REFERENCE
    return name, load_engine(name, threads=threads, cache_folder=cache_folder)
