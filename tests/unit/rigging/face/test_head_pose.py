import numpy as np
import pytest
from numpy.typing import NDArray
from tests.faces import SIZE_WH, Grimace, seen, turned

from mocast.rigging.face import face_model
from mocast.rigging.face.face_solver import observe
from mocast.rigging.face.head_pose import HeadPlacement, place_head

GRIMACES = [
    Grimace(),
    Grimace(jaw_deg=18),
    Grimace(shut={"left": 1, "right": 1}),
    Grimace(corners={"left": (7, 6), "right": (7, 6)}),
    Grimace(brows_up={"left": 6, "right": 6}),
]


def placed(face_of: NDArray[np.float32], size_wh: tuple[int, int] = SIZE_WH) -> HeadPlacement:
    placement = place_head(face_of[:, :2].astype(np.float64) * size_wh, size_wh)
    assert placement is not None
    return placement


def degrees_between(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.degrees(np.arccos(np.clip((np.trace(a.T @ b) - 1) / 2, -1, 1))))


def from_ray(position_m: tuple[float, float, float]) -> NDArray[np.float64]:
    """Return the rotation of a head that looks into the camera from there, relative to the camera's axis."""
    x, y, z = np.array(position_m) / np.linalg.norm(position_m)
    return turned(-np.degrees(np.arctan2(x, z)), -np.degrees(np.arcsin(y)))


def test_a_head_that_looks_into_the_camera_has_no_rotation_and_is_where_it_is() -> None:
    placement = placed(seen(position_m=(0, 0, 0.7)).image)
    assert degrees_between(placement.seen_rotation, np.eye(3)) < 0.1
    np.testing.assert_allclose(placement.seen_position, (0, 0, 0.7), atol=0.003)


@pytest.mark.parametrize(
    ("turn", "direction", "axis"),
    [
        (turned(yaw_deg=20), (0, 0, 1), 0),  # to the subject's left: the nose points to +x
        (turned(pitch_deg=20), (0, 0, 1), 1),  # up: the nose points to +y
        (turned(roll_deg=20), (0, 1, 0), 0),  # toward the left shoulder: the crown leans to +x
    ],
)
def test_turns_have_the_signs_of_avatar_space(
    turn: NDArray[np.float64], direction: tuple[int, int, int], axis: int
) -> None:
    points_to = placed(seen(rotation=turn).image).seen_rotation @ np.array(direction)
    assert points_to[axis] == pytest.approx(np.sin(np.radians(20)), abs=0.02)


def test_position_is_to_the_subjects_left_and_up() -> None:
    x, y, z = placed(seen(position_m=(0.12, 0.08, 0.8)).image).seen_position
    assert (x, y, z) == pytest.approx((0.12, 0.08, 0.8), abs=0.01)


@pytest.mark.parametrize("position_m", [(0.2, 0, 0.6), (-0.2, 0.1, 0.6), (0, -0.15, 0.5)])
def test_rotation_is_relative_to_the_ray_wherever_the_head_is(position_m: tuple[float, float, float]) -> None:
    face = seen(rotation=from_ray(position_m), position_m=position_m)
    assert degrees_between(placed(face.image).seen_rotation, np.eye(3)) < 1.5


def test_poses_are_recovered_under_noise_and_whatever_the_face_does() -> None:
    rng = np.random.default_rng(1)
    errors, distances = [], []
    for number in range(300):
        yaw, pitch, roll = rng.uniform((-35, -20, -30), (35, 20, 30))
        z = float(rng.uniform(0.35, 1.0))
        position_m = (float(rng.uniform(-0.25, 0.25)) * z, float(rng.uniform(-0.2, 0.2)) * z, z)
        rotation = turned(yaw, pitch, roll)
        face = seen(GRIMACES[number % len(GRIMACES)], rotation, position_m, noise_px=0.3, seed=number)
        placement = placed(face.image)
        on_axis = placement.rotation * np.array([1, -1, -1]) * np.array([[1], [-1], [-1]])
        errors.append(degrees_between(on_axis, rotation))
        distances.append(abs(placement.position[2] / z - 1))
    assert np.median(errors) <= 2
    assert np.quantile(errors, 0.95) <= 5
    assert np.median(distances) <= 0.03


@pytest.mark.parametrize("field_of_view_deg", [45, 78])
def test_another_lens_changes_the_distance_and_hardly_the_angles(field_of_view_deg: float) -> None:
    for turn in (turned(25), turned(pitch_deg=-15), turned(-20, 10, 15)):
        face = seen(rotation=turn, field_of_view_deg=field_of_view_deg)
        assert degrees_between(placed(face.image).seen_rotation, turn) < 4


@pytest.mark.parametrize("size_wh", [(640, 480), (480, 640), (1920, 1080), (200, 200)])
def test_pictures_of_any_size_and_format_give_the_same_pose(size_wh: tuple[int, int]) -> None:
    face = seen(rotation=turned(20, -10), size_wh=size_wh)
    placement = placed(face.image, size_wh)
    assert degrees_between(placement.seen_rotation, turned(20, -10)) < 0.5
    assert placement.seen_position[2] == pytest.approx(0.6, rel=0.01)


def test_landmarks_that_make_no_head_have_no_pose() -> None:
    face = seen().image
    one_point = np.full_like(face, 0.5)
    rng = np.random.default_rng(0)
    for points in (one_point, np.zeros_like(face), np.full_like(face, 1e30), np.full_like(face, np.nan)):
        place_head(points[:, :2].astype(np.float64), SIZE_WH)  # raises nothing
    for _ in range(50):
        placement = place_head(rng.normal(0, 300, (478, 2)), SIZE_WH)
        if placement is not None:
            assert np.isfinite(placement.seen_rotation).all()
            assert np.isfinite(placement.seen_position).all()


def test_a_face_is_observed_only_where_its_numbers_are_finite() -> None:
    face = seen()
    assert observe(face, SIZE_WH) is not None
    assert observe(None, SIZE_WH) is None
    assert observe(face, (0, 0)) is None
    face.image[33, 0] = np.nan
    assert observe(face, SIZE_WH) is None


def test_the_average_face_is_symmetric() -> None:
    points, mirror_of = face_model.points(), face_model.mirror_of()
    np.testing.assert_allclose(points[mirror_of] * [-1, 1, 1], points, atol=1e-4)
    assert (mirror_of[mirror_of] == np.arange(478)).all()
    assert points[263, 0] > 0, "landmark 263 is of the left eye, and left is +x"
    assert points[4, 2] == points[:, 2].max(), "the tip of the nose is foremost"
