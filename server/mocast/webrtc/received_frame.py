"""A frame that a publisher sent, decoded."""

import time

from av import VideoFrame

from mocast.model.frame import RgbImage
from mocast.webrtc.pixels import to_rgb


class ReceivedFrame:
    """A decoded frame, with its number and pts in the room; it becomes RGB only in the thread that needs it."""

    __slots__ = ("_frame", "decoded_at_ns", "number", "pts")

    def __init__(self, frame: VideoFrame, number: int, pts: int) -> None:
        self.number = number
        self.pts = pts
        self.decoded_at_ns = time.monotonic_ns()
        self._frame = frame

    def to_rgb(self) -> RgbImage:
        """Return the pixels, capped in size, in an array of the caller's own."""
        return to_rgb(self._frame)
