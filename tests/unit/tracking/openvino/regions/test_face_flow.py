"""The picture of a real face, on a surface that is moved in a known way."""

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.pictures import astronaut

from mocast.model.frame import RgbImage
from mocast.model.topology import FACE_COUNT
from mocast.tracking.openvino.regions.face_flow import EXPRESSIVE, RIGID, FaceMotion, FacePicture
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Points, Region

MIDDLE = np.array((222.0, 122.0, 0.0))
"""Of the astronaut's face, which is ``WIDTH`` wide."""
WIDTH = 84.0
REGION = Region(MIDDLE[0], MIDDLE[1], 1.6 * WIDTH, 0)
MAX_OFF = 0.01
"""Widths of the face."""


def depth(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far behind its middle the surface is at a place relative to it, pixels; nearer is below 0."""
    return np.asarray(0.6 * (x**2 + y**2) / (WIDTH / 2) - 0.2 * WIDTH)


def mesh() -> Points:
    """Return points all over the face, of which those that an expression moves are below the others."""
    random = np.random.default_rng(3)
    turns, radii = random.uniform(0, 2 * math.pi, FACE_COUNT), np.sqrt(random.uniform(0.05, 1, FACE_COUNT))
    x, y = 0.46 * WIDTH * radii * np.cos(turns), 0.6 * WIDTH * radii * np.sin(turns)
    y[EXPRESSIVE] = np.abs(y[EXPRESSIVE])
    y[RIGID] = np.where(y[RIGID] > 0.15 * WIDTH, -y[RIGID], y[RIGID])
    return (np.column_stack([x, y, depth(x, y)]) + MIDDLE).astype(np.float32)


def turned(x_deg: float = 0, y_deg: float = 0, z_deg: float = 0) -> NDArray[np.float64]:
    """Return the rotation about an axis through the face's middle."""
    return np.asarray(cv2.Rodrigues(np.radians((x_deg, y_deg, z_deg)))[0])


def moved(points: Points, motion: NDArray[np.float64], shift: tuple[float, float] = (0, 0)) -> Points:
    return ((points - MIDDLE) @ motion.T + MIDDLE + (*shift, 0)).astype(np.float32)


def shown(motion: NDArray[np.float64], shift: tuple[float, float] = (0, 0)) -> RgbImage:
    """Return the picture of the moved surface: each pixel is that of where it was, found by steps back."""
    down, right = np.mgrid[:512, :512].astype(np.float64)
    x, y = right - MIDDLE[0], down - MIDDLE[1]
    was_x, was_y = x, y
    for _ in range(8):
        now = np.einsum("ij,jyx->iyx", motion[:2], np.stack([was_x, was_y, depth(was_x, was_y).clip(max=WIDTH)]))
        was_x, was_y = was_x + x - shift[0] - now[0], was_y + y - shift[1] - now[1]
    places = (was_x + MIDDLE[0]).astype(np.float32), (was_y + MIDDLE[1]).astype(np.float32)
    return np.asarray(cv2.remap(astronaut(), *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def followed(rgb: RgbImage, first: RgbImage | None = None) -> FaceMotion | None:
    return FacePicture(mesh(), view(astronaut() if first is None else first), REGION).motion(view(rgb))


def view(rgb: RgbImage, size_wh: tuple[int, int] | None = None) -> FrameView:
    return FrameView(rgb, 0, 0, size_wh)


def off(found: FaceMotion | None, expected: Points) -> float:
    """Return how far off the mesh is, in widths of the face: the 95th percentile of all coordinates. Depth, which
    shows least, counts half."""
    assert found is not None
    assert found.points.dtype == np.float32
    return float(np.percentile(np.abs(found.points - expected) * (1, 1, 0.5), 95)) / WIDTH


@pytest.mark.parametrize(
    ("motion", "shift"),
    [
        (np.eye(3), (0.0, 0.0)),
        (np.eye(3), (7.3, -4.6)),
        (1.04 * np.eye(3), (0.0, 2.0)),
        (0.97 * turned(z_deg=4), (-3.0, 0.0)),
        (turned(y_deg=4), (1.5, 0.0)),
        (turned(x_deg=-4), (0.0, 1.5)),
        (turned(3, -3, 2), (2.0, 2.0)),
    ],
)
def test_a_head_that_moves_turns_or_comes_nearer_is_followed_in_space(
    motion: NDArray[np.float64], shift: tuple[float, float]
) -> None:
    expected, found = moved(mesh(), motion, shift), followed(shown(motion, shift))
    assert off(found, expected) < MAX_OFF
    assert found is not None
    assert found.residual < MAX_OFF


def test_a_mouth_that_moves_is_told_and_takes_the_head_nowhere() -> None:
    motion, points = turned(y_deg=3), mesh()
    rgb = shown(motion)
    opened = rgb.copy()
    opened[145:185, 190:255] = rgb[135:175, 190:255]
    found = followed(opened)
    assert off(found, moved(points, motion)) < 3 * MAX_OFF
    assert found is not None
    assert found.residual > 4 * MAX_OFF


def test_another_picture_is_no_face_that_moved() -> None:
    other = np.random.default_rng(5).integers(0, 256, astronaut().shape, np.uint8)
    found = followed(cv2.GaussianBlur(other, (0, 0), 3))
    assert found is None or found.residual > 4 * MAX_OFF


def test_it_is_followed_in_pictures_that_the_sender_scales_but_not_from_one_size_to_another() -> None:
    motion, shift, size_wh = turned(z_deg=3), (4.0, -2.0), (512, 512)
    small = [cv2.resize(rgb, (384, 384), interpolation=cv2.INTER_AREA) for rgb in (astronaut(), shown(motion, shift))]
    before, after = (view(np.asarray(rgb, np.uint8), size_wh) for rgb in small)
    picture = FacePicture(mesh(), before, REGION)
    assert off(picture.motion(after), moved(mesh(), motion, shift)) < MAX_OFF
    assert picture.motion(view(shown(motion, shift))) is None


@pytest.mark.parametrize("right_px", [-600, 600])
def test_a_face_outside_the_picture_is_not_followed(right_px: int) -> None:
    points, frame = mesh() + np.float32((right_px, 0, 0)), view(astronaut())
    assert FacePicture(points, frame, REGION._replace(x=REGION.x + right_px)).motion(frame) is None


def test_a_face_that_is_half_outside_the_picture_is_followed_by_the_other_half() -> None:
    left = int(MIDDLE[0]) - 10
    points, region = mesh() - np.float32((left, 0, 0)), REGION._replace(x=REGION.x - left)
    before, after = (view(np.ascontiguousarray(rgb[:, left:])) for rgb in (astronaut(), shown(np.eye(3), (3, 2))))
    found = FacePicture(points, before, region).motion(after)
    assert off(found, points + np.float32((3, 2, 0))) < 3 * MAX_OFF


def test_rigid_and_expressive_landmarks_are_different_ones() -> None:
    assert len({*RIGID.tolist(), *EXPRESSIVE.tolist()}) == len(RIGID) + len(EXPRESSIVE)
