import cv2
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
    assert np.abs(cells - expected).max() <= 1, "they are rounded twice"


@pytest.mark.parametrize("size_wh", [(1280, 720), (1920, 1080), (854, 480), (720, 1280)])
def test_cells_of_large_pictures_are_the_averages_of_some_of_their_rows(size_wh: tuple[int, int]) -> None:
    """Of pictures in which rows that are next to each other are alike."""
    width, height = size_wh
    rgb = cv2.resize(noise(width // 24, height // 24), size_wh, interpolation=cv2.INTER_CUBIC)
    cells = FrameView(np.asarray(rgb, np.uint8), 0, 0).thumbnail
    expected = cv2.resize(rgb[..., 1], cells.shape[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(cells.astype(int) - expected).mean() < 3


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


@pytest.mark.parametrize(("fps", "every"), [(15, 2), (30, 2), (50, 3), (60, 4), (120, 8)])
def test_each_part_has_its_turn_in_one_of_so_many_frames(fps: int, every: int) -> None:
    share = min(1, 30 / fps)
    frames = [FrameView(noise(4, 4), 0, number, share=share) for number in range(3 * every)]
    for part in (0, 1):
        assert [number for number, frame in enumerate(frames) if frame.is_turn_of(part)] == list(
            range(part, 3 * every, every)
        )


def test_with_no_time_for_all_frames_all_parts_are_extrapolated_in_the_same() -> None:
    frame = FrameView(noise(4, 4), 0, 0)
    frame.is_late = True
    assert not frame.is_turn_of(0)


def test_another_tracker_counts_the_same_frame_by_itself() -> None:
    frame = FrameView(noise(640, 480), 0, 4)
    other = frame.numbered(7)
    assert (frame.is_turn_of(0), other.is_turn_of(0)) == (True, False)
    assert other.thumbnail is frame.thumbnail
