"""The narrow interfaces between the pipeline and what it drives. Implementations match them by shape."""

from typing import Protocol, TypeVar

from mocast.model.rig import Rig
from mocast.model.tracked import Tracked


class Rigger(Protocol):
    """Turns what was tracked into what moves an avatar. Keeps one stream's state; used from one thread at a time."""

    def rig(self, tracked: Tracked) -> Rig:
        """Return the rig of the next frame; also of an empty one, in which the rig holds still and then rests."""


Item_contra = TypeVar("Item_contra", contravariant=True)


class Sink(Protocol[Item_contra]):
    """Takes something out of the pipeline: landmarks (``Tracked``) or a ``Rig``."""

    def send(self, item: Item_contra, /) -> None:
        """Take it without blocking; a sink that cannot keep up drops and counts. Called on the room's thread."""

    def close(self) -> None:
        """Send nothing more."""
