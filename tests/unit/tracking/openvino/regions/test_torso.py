"""Torsos: their distance, and the colours of their clothes."""

import numpy as np
from tests.scenes import wall

from mocast.model.topology import POSE_COUNT, PoseLandmark
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.torso import SAME_BODY, Torso, clothes, colour_distance, torso_of

RED, DARK_RED, NAVY = (200, 40, 40), (140, 28, 28), (30, 40, 90)


def test_it_is_between_the_middles_of_shoulders_and_hips() -> None:
    points = np.zeros((POSE_COUNT, 3), np.float32)
    points[PoseLandmark.LEFT_SHOULDER, :2], points[PoseLandmark.RIGHT_SHOULDER, :2] = (60, 100), (20, 100)
    points[PoseLandmark.LEFT_HIP, :2], points[PoseLandmark.RIGHT_HIP, :2] = (50, 200), (30, 200)
    torso = torso_of(points)
    assert torso == Torso(40, 100, 40, 200)
    assert torso.size == 100
    points[3] = np.nan
    assert torso_of(points) is None


def test_people_side_by_side_are_not_one_body_and_a_sway_is() -> None:
    torso = Torso(100, 100, 100, 200)
    assert torso.is_same(Torso(125, 105, 120, 205))
    assert not torso.is_same(Torso(180, 100, 180, 200))
    assert torso.distance(Torso(100 + 100 * SAME_BODY, 100, 100 + 100 * SAME_BODY, 200)) == np.float64(SAME_BODY)


def test_clothes_of_other_colours_are_far_apart_and_a_shadow_is_not() -> None:
    worn = {}
    for name, colour in {"red": RED, "shaded": DARK_RED, "navy": NAVY}.items():
        picture = wall()
        picture[100:260, 200:280] = colour
        worn[name] = clothes(FrameView(picture, 0, 0), Torso(240, 110, 240, 250))
    red, shaded, navy = worn["red"], worn["shaded"], worn["navy"]
    assert red is not None
    assert shaded is not None
    assert navy is not None
    assert colour_distance(red, red) == 0
    assert colour_distance(red, shaded) * 1.5 < colour_distance(red, navy)


def test_clothes_are_unknown_where_the_torso_is_outside_the_picture() -> None:
    view = FrameView(wall(), 0, 0)
    assert clothes(view, Torso(-300, 100, -300, 300)) is None
    assert clothes(view, Torso(320, 400, 320, 900)) is not None, "the shoulders are inside"


def test_a_scaled_picture_shows_the_same_clothes() -> None:
    picture = wall()
    picture[100:260, 200:280] = RED
    torso = Torso(240, 110, 240, 250)
    whole = clothes(FrameView(picture, 0, 0), torso)
    half = clothes(FrameView(np.ascontiguousarray(picture[::2, ::2]), 0, 0, (640, 480)), torso)
    assert whole is not None
    assert half is not None
    assert colour_distance(whole, half) < 1
