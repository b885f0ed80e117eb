import cv2
import numpy as np
import pytest
from av import Packet, VideoFrame
from bench import barcode
from tests.pictures import astronaut_frames

from mocast.webrtc.video_decoder import open_decoder
from mocast.webrtc.video_encoder import EncoderLimits, VideoEncoder


def plane() -> np.ndarray:
    return np.full((480, 640), 90, np.uint8)


@pytest.mark.parametrize("number", [0, 1, 0x5555, 0x2AAA, barcode.MODULUS - 1])
def test_what_is_stamped_is_read(number):
    luma = plane()
    barcode.stamp(luma, number)
    assert barcode.read(luma) == number


def test_stays_within_the_rows_that_overlays_leave_alone():
    luma = plane()
    barcode.stamp(luma, barcode.MODULUS - 1)
    assert (luma[16:] == 90).all()


def test_a_broken_cell_is_noticed():
    luma = plane()
    barcode.stamp(luma, 1234)
    cell = luma[:16, 48:64]
    cell[:] = 235 + 16 - cell
    assert barcode.read(luma) is None


def test_survives_the_video_codec_at_the_lowest_bitrate():
    encoder, decoder = VideoEncoder("VP8", EncoderLimits(start_bitrate=300_000)), open_decoder("VP8")
    read = []
    for number, moved in enumerate(astronaut_frames(30), 1000):
        yuv = cv2.cvtColor(moved.rgb, cv2.COLOR_RGB2YUV_I420)
        barcode.stamp(yuv[:480], number)
        frame = VideoFrame.from_ndarray(yuv, format="yuv420p")
        packet = Packet(encoder.encode_frame(frame, 3000 * number).data)
        read += [barcode.read(decoded.to_ndarray()[:16]) for decoded in decoder.decode(packet)]
    assert read == list(range(1000, 1030))


def test_a_code_means_the_newest_frame_that_can_have_it():
    assert barcode.nearest_before(5, 5) == 5
    assert barcode.nearest_before(5, barcode.MODULUS + 4) == 5
    assert barcode.nearest_before(5, barcode.MODULUS + 5) == barcode.MODULUS + 5
