import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests import motions

from mocast.recordings.export.euler import zxy_degrees


def turned(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rz · Rx · Ry."""
    z, x, y = angles
    first, second, third = motions.about((0, 0, 1), z), motions.about((1, 0, 0), x), motions.about((0, 1, 0), y)
    return motions.matrix(first) @ motions.matrix(second) @ motions.matrix(third)


numbers = st.floats(-1, 1)


@given(st.tuples(numbers, numbers, numbers, numbers).filter(lambda q: np.linalg.norm(q) > 0.1))
def test_angles_give_the_rotation_back(components: tuple[float, float, float, float]) -> None:
    quaternion = np.array(components) / np.linalg.norm(components)
    (angles,) = zxy_degrees(quaternion[None, None].astype(np.float32))[0]
    np.testing.assert_allclose(turned(angles), motions.matrix(quaternion), atol=2e-3)


def test_bend_goes_through_a_pole_and_back_about_one_axis_only() -> None:
    bends = [*range(0, 171, 5), *range(170, -171, -5)]
    quaternions = np.stack([motions.about((1, 0, 0), bend) for bend in bends])[:, None]
    angles = zxy_degrees(quaternions)[:, 0]
    np.testing.assert_allclose(angles[:, 1], bends, atol=0.05)
    np.testing.assert_allclose(angles[:, [0, 2]], 0, atol=0.05)


def test_full_turns_go_on_counting() -> None:
    for number, axis in enumerate([(0, 0, 1), (1, 0, 0), (0, 1, 0)]):
        degrees = np.arange(0, 1081, 10)
        quaternions = np.stack([motions.about(axis, turn) for turn in degrees])[:, None]
        np.testing.assert_allclose(zxy_degrees(quaternions)[:, 0, number], degrees, atol=0.05)


def test_angles_go_on_where_the_frames_before_ended() -> None:
    quaternions = np.stack([motions.rotations(frame / 60) for frame in range(300)])
    whole = zxy_degrees(quaternions)
    first = zxy_degrees(quaternions[:140])
    np.testing.assert_allclose(np.concatenate([first, zxy_degrees(quaternions[140:], first[-1])]), whole, atol=1e-9)


def test_no_angle_jumps_in_a_smooth_motion_of_all_bones() -> None:
    quaternions = np.stack([motions.rotations(frame / 240) for frame in range(960)])
    angles = zxy_degrees(quaternions)
    assert np.abs(np.diff(angles, axis=0)).max() < 90
    for frame in (0, 333, 959):
        for bone in range(55):
            np.testing.assert_allclose(turned(angles[frame, bone]), motions.matrix(quaternions[frame, bone]), atol=1e-4)
