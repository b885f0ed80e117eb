"""Crops against a slow one, pixel by pixel, that rounds only at its end."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.tracking.openvino.regions.crop import Border, crop
from mocast.tracking.openvino.regions.region import Region, letterbox

SIDE = 32


def picture(width: int = 90, height: int = 70) -> RgbImage:
    """Return a picture without sharp edges: the next pixel is at most 12 levels off, so 1/64 pixel is little."""
    y, x = np.mgrid[:height, :width]
    channels = [np.sin(x / 9 + phase) * np.cos(y / 11 - phase) for phase in (0.0, 1.0, 2.0)]
    return np.rint(127.5 + 100 * np.stack(channels, 2)).astype(np.uint8)


def slow_crop(rgb: RgbImage, region: Region, side: int, border: Border) -> NDArray[np.float64]:
    crop = np.zeros((side, side, 3))
    for row in range(side):
        for column in range(side):
            across, down = ((place / side - 0.5) * region.size for place in (column, row))
            direction = complex(across, down) * complex(math.cos(region.angle), math.sin(region.angle))
            crop[row, column] = slow_pixel(rgb, region.x + direction.real, region.y + direction.imag, border)
    return crop


def slow_pixel(rgb: RgbImage, x: float, y: float, border: Border) -> NDArray[np.float64]:
    left, top = math.floor(x), math.floor(y)
    mixed = np.zeros(3)
    for column, row in ((left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)):
        weight = (1 - abs(x - column)) * (1 - abs(y - row))
        near = min(max(row, 0), rgb.shape[0] - 1), min(max(column, 0), rgb.shape[1] - 1)
        if border == "replicate" or near == (row, column):
            mixed += weight * rgb[near]
    return mixed


REGIONS = {
    "inside": Region(45, 35, 30, 0),
    "turned": Region(45.3, 34.8, 40, 0.7),
    "upside down": Region(40, 30, 35, math.pi),
    "over a corner": Region(3, 66, 50, -0.4),
    "larger than the picture": Region(45, 35, 200, 1.2),
    "a few pixels": Region(50.2, 20.7, 3, 0.2),
    "letterbox": letterbox((picture().shape[1], picture().shape[0])),
    "outside": Region(-200, 300, 60, 0.5),
}


@pytest.mark.parametrize("border", ["replicate", "black"])
@pytest.mark.parametrize("where", REGIONS)
def test_a_crop_shows_the_region(where: str, border: Border) -> None:
    rgb, region = picture(), REGIONS[where]
    out = np.full((SIDE, SIDE, 3), 99, np.uint8)
    crop(rgb, region, out, border)
    off = np.abs(out - slow_crop(rgb, region, SIDE, border))
    if border == "replicate":
        assert off.max() <= 1.01
    else:  # at the picture's edge, 1/64 of a pixel may be 4 levels
        assert off.max() <= 5
        assert np.quantile(off, 0.9) <= 1.01


def test_a_region_of_the_outputs_size_is_copied_exactly() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (70, 90, 3), np.uint8)
    out = np.empty((SIDE, SIDE, 3), np.uint8)
    crop(rgb, Region(20 + SIDE / 2, 30 + SIDE / 2, SIDE, 0), out)
    np.testing.assert_array_equal(out, rgb[30 : 30 + SIDE, 20 : 20 + SIDE])


@pytest.mark.parametrize("angle", [0.0, 2.5])
@pytest.mark.parametrize("place", [-1e6, 0.0, 1e6])
def test_a_huge_region_shows_the_picture_as_a_point_or_not_at_all(place: float, angle: float) -> None:
    out = np.full((SIDE, SIDE, 3), 99, np.uint8)
    crop(np.full((70, 90, 3), 255, np.uint8), Region(place, place, 1e6, angle), out, "black")
    assert np.count_nonzero(out) <= 3 * 4


@pytest.mark.parametrize("place", [(-1e6, 35), (1e6, 35), (45, -1e6), (45, 1e6)])
def test_far_outside_the_border_goes_on(place: tuple[float, float]) -> None:
    rgb = np.zeros((70, 90, 3), np.uint8)
    rgb[0], rgb[-1], rgb[1:-1, 0], rgb[1:-1, -1] = 10, 20, 30, 40
    out = np.empty((SIDE, SIDE, 3), np.uint8)
    crop(rgb, Region(*place, 20, 0), out)
    assert set(np.unique(out)) == {{-1e6: 30, 1e6: 40}.get(place[0], {-1e6: 10, 1e6: 20}.get(place[1]))}


@pytest.mark.parametrize(
    "region",
    [
        Region(math.nan, 0, 10, 0),
        Region(0, math.inf, 10, 0),
        Region(0, 0, math.nan, 0),
        Region(0, 0, 10, math.nan),
        Region(0, 0, 0, 0),
        Region(0, 0, -5, 0),
        Region(0, 0, 1.1e6, 0),
        Region(-1.1e6, 0, 10, 0),
    ],
)
def test_what_is_no_region_is_refused(region: Region) -> None:
    out = np.full((SIDE, SIDE, 3), 99, np.uint8)
    with pytest.raises(TrackingError, match="nothing to crop"):
        crop(picture(), region, out)
    assert (out == 99).all()
