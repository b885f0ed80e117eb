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

MAX_PIXELS = 4096 * 2304
"""What a camera sends at most. A decoder takes 5.6 bytes a pixel, and some kilobytes can ask for 268 million pixels."""

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


def vp8_pixels(data: bytes) -> int:
    """Return how large a VP8 key frame makes the picture, 14 bits each way (RFC 6386, section 9.1); 0 for others."""
    if not is_key_frame("VP8", data):
        return 0
    width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    return width * height


class DecoderQueue(queue.Queue[Task | None]):
    """Stands in for aiortc's unbounded queue to its decoder thread.

    After a loss or an overflow, everything up to the next key frame is dropped: decoding it would show rubbish.
    ``on_key_frame_needed`` is called for each frame dropped so; it is the caller's to not ask too often. A VP8 key
    frame above ``MAX_PIXELS`` is dropped and told to ``on_too_large``; of H.264 the decoder refuses it.
    ``on_drop`` is called for every frame that was dropped, to count it.
    """

    def __init__(
        self,
        on_key_frame_needed: Callable[[], None],
        take_more: Callable[[], list[JitterFrame]],
        on_too_large: Callable[[], None] = lambda: None,
        on_drop: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self.last_codec: RTCRtpCodecParameters | None = None
        self._awaits_key_frame = True
        self._on_key_frame_needed = on_key_frame_needed
        self._take_more = take_more
        self._on_too_large = on_too_large
        self._on_drop = on_drop

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
        if codec.name.upper() == "VP8" and vp8_pixels(frame.data) > MAX_PIXELS:
            self._on_drop()
            self._awaits_key_frame = True
            self._on_too_large()
            return
        if self._awaits_key_frame and not is_key_frame(codec.name, frame.data):
            self._on_drop()
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
            self._on_drop()
