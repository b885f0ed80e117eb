"""The decoder of a publisher's video: a bounded queue of encoded frames, and a thread that decodes them."""

import multiprocessing
import queue
import threading
from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import structlog
from av import FFmpegError, Packet, VideoFrame
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from mocast.model.frame import MAX_PIXELS
from mocast.model.pts import PTS_PER_S
from mocast.pipeline.failure_log import FailureLog

log = structlog.get_logger(__name__)

TIME_BASE = Fraction(1, PTS_PER_S)

CAPACITY = 60
"""Two seconds of frames. A decoder that far behind cannot catch up, as every frame must be decoded: start afresh."""

CATCH_UP = 5
"""Frames, a sixth of a second. A decoder that is later begins anew with the next key frame of a camera that sends some
unasked; where every frame is one, as in MJPEG, it is never later."""

MAX_UNDECODABLE_IN_A_ROW = 90
"""Three seconds of frames, key frames asked for all the while: what fails so long will not recover."""

TOO_LARGE = "the camera's picture is too large: it may have {:.1f} million pixels"
UNDECODABLE = "the camera's video cannot be decoded; it may have {:.1f} million pixels"

JOIN_S = 5.0
"""How long closing waits for the thread: FFmpeg that hangs cannot be ended, and must not hold the session's place."""

H264_KEY_UNITS = {5, 7}
"""NAL units of a key frame: an IDR slice, or the sequence parameters that come before one (ITU-T H.264, table 7-1)."""

H264_UNITS_SEARCHED = 64
H264_BYTES_SEARCHED = 65_536
"""Where the parameters or the slice of a key frame begin: only delimiters and messages (SEI) come before them."""

VP8_START_CODE = b"\x9d\x01\x2a"


_B_FRAME = PictureType.B.value


def is_key_frame(codec_name: str, data: bytes) -> bool:
    """Return whether an encoded frame can be decoded without those before it.

    VP8: bit 0 of the frame tag is 0 and a start code follows (RFC 6386, section 9.1). The code tells it from the rest
    of a frame whose beginning was lost. H.264: it has an IDR slice or sequence parameters, near
    its beginning.
    """
    if codec_name.upper() == "VP8":
        return data[3:6] == VP8_START_CODE and not data[0] & 1
    position = -3
    for _ in range(H264_UNITS_SEARCHED):
        position = data.find(b"\x00\x00\x01", position + 3, H264_BYTES_SEARCHED)
        if not 0 <= position < len(data) - 3:
            return False
        if data[position + 3] & 0x1F in H264_KEY_UNITS:
            return True
    return False


def vp8_pixels(data: bytes) -> int:
    """Return how large a VP8 key frame makes the picture, 14 bits each way (RFC 6386, section 9.1); 0 for others."""
    if not is_key_frame("VP8", data):
        return 0
    width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    return width * height


class Codec(NamedTuple):
    """What a decoder has to know before the first frame."""

    name: str
    "FFmpeg's, in any case."
    extradata: bytes | None = None
    "Parameters that do not come with the frames."
    width: int = 0
    height: int = 0
    pix_fmt: str | None = None
    "FFmpeg's name for the form of the pixels; with the size it is all that raw video has."


def open_decoder(codec: Codec | str, threads: int = 1, max_pixels: int = MAX_PIXELS) -> VideoCodecContext:
    """Return FFmpeg's decoder of a codec, or of that name (its own of VP8: libvpx gives the same in more time).

    Raises ``ValueError`` for a codec that there is none for.
    """
    codec = Codec(codec) if isinstance(codec, str) else codec
    decoder = VideoCodecContext.create(codec.name.lower(), "r")
    assert isinstance(decoder, VideoCodecContext)
    if codec.extradata:
        decoder.extradata = codec.extradata
    if codec.pix_fmt:
        decoder.width, decoder.height, decoder.pix_fmt = codec.width, codec.height, codec.pix_fmt
    decoder.thread_count = min(threads, multiprocessing.cpu_count())
    # Frame threads would hold back as many frames as there are threads.
    decoder.thread_type = "SLICE"
    # FFmpeg refuses a larger picture before it takes memory for it.
    decoder.options = {"max_pixels": str(max_pixels)}
    return decoder


class _Encoded(NamedTuple):
    """A frame on its way to the decoder."""

    codec: Codec
    data: bytes
    pts: int


def _decode(decoder: VideoCodecContext, frame: _Encoded) -> list[VideoFrame]:
    packet = Packet(frame.data)
    packet.pts, packet.time_base = frame.pts, TIME_BASE
    return decoder.decode(packet)


class VideoDecoder:
    """Decodes a publisher's frames in a thread of its own, every one, as each refers to those before it.

    After a loss or an overflow, everything up to the next key frame is dropped: decoding it would show rubbish. So is a
    VP8 key frame above ``max_pixels``; others the decoder refuses. ``put``, ``put_packet``, ``await_key_frame`` and
    ``take_error`` are for one thread: the loop's, or that of a camera that is read here.
    """

    def __init__(
        self,
        on_frame: Callable[[VideoFrame], None],
        on_drop: Callable[[], None] = lambda: None,
        on_unusable: Callable[[str], None] = lambda reason: None,
        on_failure: Callable[[], None] = lambda: None,
        *,
        on_b_frames: Callable[[int], None] = lambda delay: None,
        threads: int = 1,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        """``on_frame`` is called in the decoder's thread with each frame, its ``pts`` on a clock of 90 kHz.

        ``on_drop``: for every frame that was received completely and not decoded; ``on_unusable``: once, with the
        reason why this video will never be decoded. Both from any thread. ``on_failure``: in the decoder's thread,
        whenever it failed in another way than by a broken frame and is opened anew. ``on_b_frames``: in the decoder's
        thread, once, with the number of frames by which B-frames delay every picture.
        """
        self.decoded = 0
        "Frames."
        self.parameter_sets = b""
        "Of H.264, which the client told in its offer: Annex B. To be set before the first frame."
        self._on_frame = on_frame
        self._on_drop = on_drop
        self._on_unusable = on_unusable
        self._on_failure = on_failure
        self._on_b_frames = on_b_frames
        self._has_b_frames = False
        self._failure_log = FailureLog(__name__)
        self._threads = threads
        self._max_pixels = max_pixels
        self._queue: queue.SimpleQueue[_Encoded | None] = queue.SimpleQueue()
        self._awaits_key_frame = True
        self._has_failed = threading.Event()
        self._undecodable = 0
        "In a row."
        self._is_usable = True
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def put(self, codec_name: str, data: bytes, pts: int) -> bool:
        """Take a frame to decode; return false where it is dropped and a key frame needed."""
        if codec_name.upper() == "VP8" and vp8_pixels(data) > self._max_pixels and not self._is_closed:
            self._on_drop()
            self._awaits_key_frame = True
            self._give_up(self.too_large)
            return True
        return self._put(_Encoded(Codec(codec_name), data, pts), lambda: is_key_frame(codec_name, data))

    def put_packet(self, codec: Codec, packet: "Packet[VideoStream]", pts: int) -> bool:
        """Take a frame of any codec as FFmpeg's demuxer has it; return as ``put``."""
        if codec.width * codec.height > self._max_pixels:
            self._give_up(self.too_large)
        if packet.is_keyframe and self._queue.qsize() > CATCH_UP:
            self._drop_all()
        return self._put(_Encoded(codec, bytes(packet), pts), lambda: packet.is_keyframe)

    def _put(self, frame: _Encoded, is_key_frame: Callable[[], bool]) -> bool:
        if self._is_closed:
            return True
        if self._queue.qsize() >= CAPACITY:
            self._drop_all()
            self._awaits_key_frame = True
        if self._awaits_key_frame and not is_key_frame():
            self._on_drop()
            return False
        self._awaits_key_frame = False
        self._queue.put(frame)
        if self._thread is None:
            self._thread = threading.Thread(target=self._decode_all, name="video-decoder", daemon=True)
            self._thread.start()
        return True

    @property
    def too_large(self) -> str:
        """The reason for a client whose picture is."""
        return TOO_LARGE.format(self._max_pixels / 1e6)

    def await_key_frame(self) -> None:
        """Drop what comes until the next key frame."""
        self._awaits_key_frame = True

    def take_error(self) -> bool:
        """Return whether a frame could not be decoded since the last call."""
        has_failed = self._has_failed.is_set()
        if has_failed:
            self._has_failed.clear()
        return has_failed

    def __len__(self) -> int:
        """How many frames wait."""
        return self._queue.qsize()

    def end(self) -> None:
        """Drop what waits and take nothing more; the thread ends after the frame in work."""
        self._is_closed = True
        self._drop_all()
        self._queue.put(None)

    def close(self) -> None:
        """End, and wait for the thread, ``JOIN_S`` at most: not to be called on the loop."""
        self.end()
        if self._thread is not None:
            self._thread.join(JOIN_S)
            if self._thread.is_alive():
                log.error("decoder hangs; its thread is left alone")

    def _decode_all(self) -> None:
        decoder, codec = None, None
        while (frame := self._queue.get()) is not None:
            try:
                if decoder is None or frame.codec != codec:
                    codec = frame.codec
                    decoder = open_decoder(codec, self._threads, self._max_pixels)
                    if codec.name.upper() == "H264":  # those that are within the frame come later, and hold
                        frame = frame._replace(data=self.parameter_sets + frame.data)
                for picture in _decode(decoder, frame):
                    self._on_frame(picture)
                    self.decoded += 1
                    self._undecodable = 0
                    if not self._has_b_frames and picture.pict_type == _B_FRAME:
                        self._has_b_frames = True
                        self._on_b_frames(decoder.reorder_depth)
            except FFmpegError:
                self._count_undecodable()
            except Exception:  # of PyAV, or for want of memory: nothing is known of this decoder any more
                decoder = None
                self._awaits_key_frame = True
                self._failure_log.exception("decoder failed and is opened anew")
                self._on_failure()
                self._count_undecodable()

    def _count_undecodable(self) -> None:
        self._on_drop()
        self._has_failed.set()
        self._undecodable += 1
        if self._undecodable == MAX_UNDECODABLE_IN_A_ROW:
            self._give_up(UNDECODABLE.format(self._max_pixels / 1e6))

    def _give_up(self, reason: str) -> None:
        if self._is_usable:
            self._is_usable = False
            self._on_unusable(reason)

    def _drop_all(self) -> None:
        while True:
            try:
                self._queue.get_nowait()
            except queue.Empty:
                return
            self._on_drop()
