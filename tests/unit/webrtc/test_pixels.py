"""Video frames to RGB and back: the right size, the right colours, at every kind of input."""

import tracemalloc

import numpy as np
import pytest
from av import VideoFrame
from av.video.reformatter import ColorRange
from tests.pictures import astronaut

from mocast.webrtc.pixels import MAX_SIDE, capped_size, to_rgb, to_video_frame


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((640, 480), (640, 480)),
        ((1280, 720), (1280, 720)),
        ((1920, 1080), (1280, 720)),
        ((1080, 1920), (720, 1280)),
        ((3840, 2160), (1280, 720)),
        ((641, 481), (640, 480)),
        ((4000, 3), (1280, 2)),
        ((1, 1), (2, 2)),
    ],
)
def test_the_longest_side_is_capped_and_both_are_even(given: tuple[int, int], expected: tuple[int, int]) -> None:
    assert capped_size(*given) == expected


def test_a_picture_survives_the_way_there_and_back() -> None:
    sent = np.ascontiguousarray(astronaut()[:240, :320])
    back = to_rgb(to_video_frame(sent))
    assert back.shape == sent.shape
    assert back.dtype == np.uint8
    assert back.flags.c_contiguous
    # What is lost is the colour's resolution: a quarter of it travels.
    assert np.abs(back.astype(int) - sent).mean() < 4


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255), (128, 128, 128)])
@pytest.mark.parametrize("size", [(320, 240), (321, 241), (1600, 900)])
def test_colours_are_kept_whatever_road_they_take(colour: tuple[int, int, int], size: tuple[int, int]) -> None:
    width, height = size
    flat = np.full((height, width, 3), colour, np.uint8)
    frame = VideoFrame.from_ndarray(flat, format="rgb24").reformat(format="yuv420p")
    rgb = to_rgb(frame)
    assert rgb.shape[:2] == capped_size(width, height)[::-1]
    assert np.abs(rgb.astype(int) - colour).max() <= 4


def test_full_range_video_is_not_taken_for_limited_range() -> None:
    ramp = np.broadcast_to(np.linspace(0, 255, 320).astype(np.uint8), (240, 320))
    yuv = np.vstack([ramp, np.full((120, 320), 128, np.uint8)])
    frame = VideoFrame.from_ndarray(yuv, "yuv420p")
    frame.color_range = ColorRange.JPEG
    rgb = to_rgb(frame)
    assert rgb[:, 2].max() <= 6
    assert rgb[:, -3].min() >= 249
    assert np.abs(rgb[120, :, 0].astype(int) - ramp[120]).max() <= 4


def test_pixels_belong_to_the_caller() -> None:
    frame = to_video_frame(np.full((48, 64, 3), 200, np.uint8))
    first, second = to_rgb(frame), to_rgb(frame)
    first[:] = 0
    assert second.min() > 190


@pytest.mark.parametrize("height", [480, 482])
def test_the_frame_for_the_encoder_is_the_whole_picture(height: int) -> None:
    rgb = np.zeros((height, 640, 3), np.uint8)
    rgb[-2:, -2:] = 255
    frame = to_video_frame(rgb)
    assert (frame.width, frame.height) == (640, height)
    yuv = frame.to_ndarray()
    assert yuv[height - 1, 639] == 235
    assert yuv[height - 3, 637] == 16
    assert np.abs(to_rgb(frame).astype(int) - rgb).max() <= 4


def test_a_large_picture_is_scaled_and_not_cut() -> None:
    large = np.zeros((1080, 1920, 3), np.uint8)
    large[540:, 960:] = 255
    rgb = to_rgb(to_video_frame(large))
    assert rgb.shape == (720, MAX_SIDE, 3)
    assert rgb[:350, :630].max() < 10
    assert rgb[370:, 650:].min() > 245


def test_a_large_frame_never_becomes_rgb_at_its_full_size() -> None:
    frame = VideoFrame(3840, 2160, "yuv420p")
    tracemalloc.start()
    rgb = to_rgb(frame)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert rgb.nbytes < peak < 2 * rgb.nbytes, "numpy's and OpenCV's arrays together"
