import numpy as np
import pytest

from mocast.model.frame import RgbImage
from mocast.tracking.openvino.regions.frame_view import THUMBNAIL_SIZE, FrameView

RNG = np.random.default_rng(2)


def noise(width: int, height: int) -> RgbImage:
    return RNG.integers(0, 256, (height, width, 3), np.uint8)


def test_cells_are_the_averages_of_the_green_in_squares() -> None:
    rgb = noise(640, 480)
    cells = FrameView(rgb, 0, 0).thumbnail
    expected = rgb[..., 1].reshape(120, 4, 160, 4).mean(axis=(1, 3))
    assert (cells.shape, cells.dtype) == ((120, 160), np.uint8)
    assert np.abs(cells - expected).max() <= 0.5 + 1e-6


@pytest.mark.parametrize(
    ("size_wh", "cells_wh"),
    [
        ((640, 480), (160, 120)),
        ((480, 640), (120, 160)),
        ((1920, 1080), (160, 90)),
        ((641, 479), (160, 120)),
        ((160, 120), (160, 120)),
        ((100, 80), (100, 80)),
        ((2000, 3), (160, 1)),
        ((3, 2000), (1, 160)),
        ((1, 1), (1, 1)),
    ],
)
def test_pictures_of_any_size_have_square_cells(size_wh: tuple[int, int], cells_wh: tuple[int, int]) -> None:
    picture = FrameView(noise(*size_wh), 0, 0)
    assert picture.size_wh == size_wh
    assert picture.thumbnail.shape[::-1] == cells_wh
    assert picture.thumbnail_scale == max(1, max(size_wh) / THUMBNAIL_SIZE)


def test_a_bright_spot_is_in_its_cell() -> None:
    rgb = np.zeros((720, 1280, 3), np.uint8)
    rgb[400:408, 1000:1008] = 255
    (row, column), *others = np.argwhere(FrameView(rgb, 0, 0).thumbnail)
    side = FrameView(rgb, 0, 0).thumbnail_scale
    assert (row * side, column * side) == (400, 1000)
    assert not others


@pytest.mark.parametrize("size_wh", [(640, 480), (100, 80)])
def test_cells_stay_when_the_frames_buffer_is_used_again(size_wh: tuple[int, int]) -> None:
    """They are compared with those of later frames."""
    rgb = noise(*size_wh)
    picture = FrameView(rgb, 0, 0)
    cells, before = picture.thumbnail, picture.thumbnail.copy()
    rgb[:] = 0
    assert picture.thumbnail is cells
    assert np.array_equal(cells, before)


def test_every_second_picture_is_even() -> None:
    assert [FrameView(noise(4, 4), 0, number).is_even for number in range(4)] == [True, False, True, False]
