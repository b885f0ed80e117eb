"""The queue to the decoder: bounded, and after a loss nothing but a key frame goes in."""

import numpy as np
import pytest
from aiortc.codecs import depayload
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import VIDEO_TIME_BASE
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from mocast.webrtc.aiortc.decoder_queue import CAPACITY, MAX_PIXELS, DecoderQueue, is_key_frame, vp8_pixels
from mocast.webrtc.encoders import EncoderLimits, LiveH264Encoder, LiveVp8Encoder
from mocast.webrtc.pixels import to_video_frame

VP8 = RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)
H264 = RTCRtpCodecParameters("video/H264", 90_000, payloadType=99)
KEY = b"\x10\x00\x00\x9d\x01\x2a\x40\x01\xf0\x00"
DELTA = b"\x11\x00\x00rest"


class Queue:
    """A queue with what it is told and what it asks for."""

    def __init__(self) -> None:
        self.asked = 0
        self.more: list[JitterFrame] = []
        self.too_large = 0
        self.dropped = 0
        self.queue = DecoderQueue(self._ask, self._take_more, self._refuse, self._drop)

    def _ask(self) -> None:
        self.asked += 1

    def _refuse(self) -> None:
        self.too_large += 1

    def _drop(self) -> None:
        self.dropped += 1

    def _take_more(self) -> list[JitterFrame]:
        more, self.more = self.more, []
        return more

    def put(self, *frames: bytes) -> None:
        for number, data in enumerate(frames):
            self.queue.put((VP8, JitterFrame(data, number)))

    def inside(self) -> list[bytes | None]:
        found = []
        while not self.queue.empty():
            task = self.queue.get_nowait()
            found.append(task[1].data if task else None)
        return found


def test_decoding_starts_with_a_key_frame_which_is_asked_for() -> None:
    queue = Queue()
    queue.put(DELTA, DELTA, KEY, DELTA)
    assert queue.asked == 2
    assert queue.dropped == 2
    assert queue.inside() == [KEY, DELTA]


def test_after_a_loss_nothing_goes_in_before_the_next_key_frame() -> None:
    queue = Queue()
    queue.put(KEY, DELTA)
    queue.queue.await_key_frame()
    queue.put(DELTA, DELTA)
    assert queue.asked == 2
    assert queue.inside() == [KEY, DELTA]
    queue.put(KEY, DELTA)
    assert queue.inside() == [KEY, DELTA]


def test_the_rest_of_a_frame_whose_beginning_was_lost_is_no_key_frame() -> None:
    assert not is_key_frame("VP8", b"\x00" * 40)
    assert not is_key_frame("VP8", b"")
    assert not is_key_frame("H264", b"")
    assert not is_key_frame("H264", b"\x65" * 40)


def key_frame(width: int, height: int) -> bytes:
    """The header of a VP8 key frame, scaled up for display by its upper bits, which no decoder minds."""
    return KEY[:6] + (width | 0x4000).to_bytes(2, "little") + (height | 0x8000).to_bytes(2, "little")


def test_a_key_frame_of_more_pixels_than_a_camera_has_is_refused_and_what_follows_it() -> None:
    queue = Queue()
    allowed = key_frame(4096, 2304)
    queue.put(allowed, DELTA)
    assert queue.inside() == [allowed, DELTA]
    queue.put(key_frame(4098, 2304), DELTA, key_frame(16383, 16383), DELTA)
    assert queue.inside() == []
    assert queue.too_large == 2
    assert queue.dropped == 4


def test_the_size_of_a_key_frame_is_what_the_encoder_was_given() -> None:
    frame = to_video_frame(np.zeros((242, 326, 3), np.uint8))
    frame.pts, frame.time_base = 0, VIDEO_TIME_BASE
    payloads, _ = LiveVp8Encoder(EncoderLimits()).encode(frame)
    data = b"".join(depayload(VP8, payload) for payload in payloads)
    assert vp8_pixels(data) == 326 * 242 < MAX_PIXELS
    assert vp8_pixels(DELTA) == vp8_pixels(KEY[:6]) == vp8_pixels(b"") == 0


def test_a_decoder_that_cannot_keep_up_starts_afresh() -> None:
    queue = Queue()
    queue.put(KEY, *[DELTA] * (CAPACITY - 1))
    assert queue.queue.qsize() == CAPACITY
    queue.put(DELTA)
    assert queue.queue.qsize() == 0
    assert queue.asked == 1
    assert queue.dropped == CAPACITY + 1
    queue.put(KEY)
    assert queue.inside() == [KEY]


def test_all_that_a_late_packet_set_free_follows_its_frame() -> None:
    queue = Queue()
    queue.more = [JitterFrame(DELTA + bytes([n]), n) for n in range(5)]
    queue.put(KEY)
    assert queue.inside() == [KEY, *(DELTA + bytes([n]) for n in range(5))]


def test_the_end_passes_everything_that_waits() -> None:
    queue = Queue()
    queue.put(KEY, DELTA, DELTA)
    queue.queue.put(None)
    assert queue.inside() == [None]


@pytest.mark.parametrize(
    ("codec", "encoder_type"), [(VP8, LiveVp8Encoder), (H264, LiveH264Encoder)], ids=["VP8", "H264"]
)
def test_key_frames_are_told_from_others_in_what_encoders_make(
    codec: RTCRtpCodecParameters, encoder_type: type[LiveVp8Encoder | LiveH264Encoder]
) -> None:
    encoder = encoder_type(EncoderLimits())
    found = []
    for number in range(12):
        picture = np.full((240, 320, 3), 10 * number, np.uint8)
        frame = to_video_frame(picture)
        frame.pts, frame.time_base = 3000 * number, VIDEO_TIME_BASE
        payloads, _ = encoder.encode(frame, force_keyframe=number == 7)
        found.append(is_key_frame(codec.name, b"".join(depayload(codec, payload) for payload in payloads)))
    assert [number for number, is_key in enumerate(found) if is_key] == [0, 7]
