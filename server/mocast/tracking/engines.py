"""The engines by name, and what each of them must be able to do."""

from importlib import import_module
from typing import Protocol

from mocast.errors import TrackingError
from mocast.model.choices import Quality, TrackerName
from mocast.model.frame import Frame
from mocast.model.tracked import Tracked

ENGINES = {"mediapipe": "mocast.tracking.mediapipe.engine:MediapipeEngine"}
"""Name → ``module:Class``, imported when it is asked for: an engine's library takes long to load and much memory."""


class EngineTracker(Protocol):
    """Finds people in consecutive frames of one stream, or in unrelated pictures. Used from one thread at a time."""

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame; raises ``TrackingError``, after which the tracker must be closed."""

    def close(self) -> None:
        """Give back what it holds. Calling it again does nothing."""


class Engine(Protocol):
    """Builds trackers that share its networks. Its methods may be called from any thread."""

    def build(self, tracker: TrackerName, quality: Quality, *, still: bool) -> EngineTracker:
        """Return a new tracker, ready to work; the first of its kind may take seconds. Raises ``TrackingError``."""

    def close(self) -> None:
        """Free the networks. Its trackers fail from now on."""


def load_engine(name: str, *, threads: int | None = None) -> Engine:
    """Import and make the engine of that name; ``threads`` is how many one tracker may use (default: its choice)."""
    if name not in ENGINES:
        raise TrackingError(f"there is no engine {name!r}; there are: {', '.join(ENGINES)}")
    module, _, attribute = ENGINES[name].partition(":")
    engine: Engine = getattr(import_module(module), attribute)(threads=threads)
    return engine
