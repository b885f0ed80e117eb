import numpy as np
import pytest

from mocast.tracking.openvino.regions.frame_view import FrameView, have_same_aspect
from mocast.tracking.openvino.regions.region import Region


@pytest.mark.parametrize("other_wh", [(640, 480), (320, 240), (1280, 960), (853, 640)])
def test_scaled_pictures_have_same_aspect(other_wh: tuple[int, int]) -> None:
    assert have_same_aspect((640, 480), other_wh)
    assert have_same_aspect(other_wh, (640, 480))


@pytest.mark.parametrize("other_wh", [(480, 640), (640, 360), (80, 60), (640, 1)])
def test_turned_cropped_and_tiny_ones_are_not(other_wh: tuple[int, int]) -> None:
    assert not have_same_aspect((640, 480), other_wh)
    assert not have_same_aspect(other_wh, (640, 480))


def test_a_region_is_where_it_was_in_a_scaled_picture() -> None:
    half = FrameView(np.zeros((240, 320, 3), np.uint8), 0, 0, (640, 480))
    assert half.size_wh == (640, 480)
    assert half.in_rgb(Region(100, 60, 40, 0.5)) == Region(50, 30, 20, 0.5)
    assert half.thumbnail.shape == FrameView(np.zeros((480, 640, 3), np.uint8), 0, 0).thumbnail.shape


def test_by_default_places_are_told_in_its_own_pixels() -> None:
    region = Region(100, 60, 40, 0.5)
    assert FrameView(np.zeros((240, 320, 3), np.uint8), 0, 0).in_rgb(region) is region
