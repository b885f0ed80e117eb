"""The encoded frames on their way to the decoder: bounded, and nothing broken goes in."""

import queue
from collections.abc import Callable

from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

CAPACITY = 60
"""Two seconds of frames. A decoder that far behind cannot catch up, as every frame must be decoded: start afresh."""

H264_KEY_UNITS = {5, 7}
"""NAL units of a key frame: an IDR slice, or the sequence parameters that come before one (ITU-T H.264, table 7-1)."""

VP8_START_CODE = b"\x9d\x01\x2a"

Task = tuple[RTCRtpCodecParameters, JitterFrame]


def is_key_frame(codec_name: str, data: bytes) -> bool:
    """Return whether an encoded frame can be decoded without those before it.

    VP8: bit 0 of the frame tag is 0 and a start code follows (RFC 6386, section 9.1). The code tells it from the rest
    of a frame whose beginning was lost. H.264: it has an IDR slice or sequence parameters.
    """
    if codec_name.upper() == "VP8":
        return data[3:6] == VP8_START_CODE and not data[0] & 1
    position = data.find(b"\x00\x00\x01")
    while 0 <= position < len(data) - 3:
        if data[position + 3] & 0x1F in H264_KEY_UNITS:
            return True
        position = data.find(b"\x00\x00\x01", position + 3)
    return False


class DecoderQueue(queue.Queue[Task | None]):
    """Stands in for aiortc's unbounded queue to its decoder thread.

    After a loss or an overflow, everything up to the next key frame is dropped: decoding it would show rubbish.
    ``on_key_frame_needed`` is called for each frame dropped so; it is the caller's to not ask too often.
    """

    def __init__(self, on_key_frame_needed: Callable[[], None], take_more: Callable[[], list[JitterFrame]]) -> None:
        super().__init__()
        self.dropped = 0
        self.last_codec: RTCRtpCodecParameters | None = None
        self._awaits_key_frame = True
        self._on_key_frame_needed = on_key_frame_needed
        self._take_more = take_more

    def put(self, item: Task | None, block: bool = True, timeout: float | None = None) -> None:
        """Take a frame and all that the jitter buffer completed with it; ``None`` ends the decoder at once."""
        if item is None:
            self._drop_all()
            super().put(None)
            return
        codec, frame = item
        self.last_codec = codec
        self._admit(codec, frame)
        for more in self._take_more():
            self._admit(codec, more)

    def await_key_frame(self) -> None:
        """Drop what comes until the next key frame."""
        self._awaits_key_frame = True

    def _admit(self, codec: RTCRtpCodecParameters, frame: JitterFrame) -> None:
        if self.qsize() >= CAPACITY:
            self._drop_all()
            self._awaits_key_frame = True
        if self._awaits_key_frame and not is_key_frame(codec.name, frame.data):
            self.dropped += 1
            self._on_key_frame_needed()
            return
        self._awaits_key_frame = False
        super().put((codec, frame))

    def _drop_all(self) -> None:
        while True:
            try:
                self.get_nowait()
            except queue.Empty:
                return
            self.dropped += 1
