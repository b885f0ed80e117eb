"""The narrow interfaces of what the pipeline calls and others implement. Implementations match them by shape."""

from typing import Protocol, TypeVar

from mocast.model.analysis import Analysis
from mocast.model.frame import RgbImage
from mocast.model.rig import Rig
from mocast.model.tracked import FaceBoxes, Tracked


class Rigger(Protocol):
    """A solver of rigs from what was tracked. It keeps one stream's state and is used by one thread at a time."""

    def rig(self, tracked: Tracked) -> Rig:
        """Return the rig of the next frame; without a person it is held, then eased to rest."""


class FrameAnalyser(Protocol):
    """An analyser of what was tracked and rigged. It keeps one stream's state and is used by one thread at a time."""

    def analyse(self, tracked: Tracked, rig: Rig | None) -> Analysis:
        """Return the analysis of the next frame; ``rig`` is ``None`` where there is none."""


class EveryFace(Protocol):
    """A finder of the faces of all people in one stream's frames. Used by one thread at a time."""

    def find(self, rgb: RgbImage, pts: int) -> FaceBoxes:
        """Return the faces in the next frame, whose ``pts`` is in 90 kHz; none where it was not searched.

        Raises ``TrackingError``.
        """


Item_contra = TypeVar("Item_contra", contravariant=True)


class Sink(Protocol[Item_contra]):
    """A receiver of one stream's items, such as ``Tracked`` or ``Rig``: an output, a recording, a broadcast."""

    def send(self, item: Item_contra, /) -> None:
        """Take an item without blocking; a sink that cannot keep up drops and counts. Called on the room's thread."""

    def close(self) -> None:
        """Stop: items that are still sent are ignored."""
