"""The end of a client's track, without a thread of aiortc's that waits for it."""

from collections.abc import Callable


class EndOfTrackQueue:
    """Stands in for aiortc's queue to its decoder, whose thread ends at once; the end of the track is put into it."""

    def __init__(self, on_end: Callable[[], None] = lambda: None) -> None:
        self._on_end = on_end

    def get(self) -> None:
        """Return the mark of the end, in aiortc's decoder thread."""

    def put(self, _: None) -> None:
        """Take the mark of the end: an RTCP BYE, or the connection is lost or closed."""
        self._on_end()
