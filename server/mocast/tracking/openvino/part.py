"""What the parts of a tracked body have in common: how they are followed through a frame."""

from typing import Protocol, TypeVar

from mocast.tracking.openvino.body import FoundBody
from mocast.tracking.openvino.picture import Picture

Found_co = TypeVar("Found_co", covariant=True)


class Part(Protocol[Found_co]):
    """A hand or the face of the body that is tracked. Its steps are called in this order for each frame.

    They are steps, and not one call, so that the networks of all parts can be at work at the same time.
    """

    def start(self, picture: Picture) -> None:
        """Begin with a picture: decide whether the part is looked at in it."""

    def foresee(self, picture: Picture) -> None:
        """Begin where the part was in the frame before, while the body is not known yet. May be left out."""

    def look(self, picture: Picture, body: FoundBody) -> None:
        """Begin to check where the part is, or to search for it."""

    def settle(self, picture: Picture) -> None:
        """Decide where the part is, and begin with its landmarks there."""

    def read(self, picture: Picture) -> Found_co | None:
        """Return what was found."""

    def lose(self) -> None:
        """Follow it no more: it is gone, or its body is."""

    def forget(self) -> None:
        """Start afresh with the next picture, as if that were the first; leave no network running."""
