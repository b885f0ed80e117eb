"""The way in: from aiortc's decoder thread straight to the room's newest-frame slot."""

import time
from collections.abc import Callable

from av import VideoFrame

from mocast.model.frame import RgbImage
from mocast.webrtc.pixels import to_rgb


class Decoded:
    """A decoded frame that becomes RGB only in the thread that needs it."""

    __slots__ = ("_frame", "decoded_at_ns", "number", "pts")

    def __init__(self, frame: VideoFrame, number: int, pts: int) -> None:
        self.number = number
        self.pts = pts
        self.decoded_at_ns = time.monotonic_ns()
        self._frame = frame

    def to_rgb(self) -> RgbImage:
        """Return the pixels, capped in size, in an array of the caller's own."""
        return to_rgb(self._frame)


class FrameInlet:
    """Stands in for the queue of aiortc's remote track, so that no frame ever waits in one.

    The decoder's thread hands each frame on by ``take``, and that the track has ended by ``end``, which is the loop's.
    """

    def __init__(
        self,
        offer: Callable[[Decoded], None],
        on_end: Callable[[], None],
        place: Callable[[int], tuple[int, int] | None] | None = None,
    ) -> None:
        """``place`` maps a pts to the frame's number and pts in the room; ``None``: the frame is dropped.

        By default frames are counted from 0 and keep their pts.
        """
        self._offer = offer
        self.end = on_end
        self._place = place or self._counted
        self.decoded = 0
        "Frames that came."

    def take(self, frame: VideoFrame) -> None:
        """Hand a frame on, in the decoder's thread."""
        place = self._place(frame.pts or 0)
        if place is not None:
            self._offer(Decoded(frame, *place))
        self.decoded += 1

    def _counted(self, pts: int) -> tuple[int, int]:
        return self.decoded, pts
