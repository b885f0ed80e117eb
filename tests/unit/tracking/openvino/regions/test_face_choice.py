import numpy as np
import pytest

from mocast.model.topology import POSE_COUNT, PoseLandmark
from mocast.tracking.openvino.regions.detection import Detection
from mocast.tracking.openvino.regions.face_choice import alone, of_pose
from mocast.tracking.openvino.regions.region import Region, letterbox

AROUND = Region(320.0, 160.0, 300.0, 0.3)
"""Turned, as the search region of a tilted head is."""
PICTURE = letterbox((640, 480))
WIDTH_PX = 80.0


def face(region: Region, x_px: float, y_px: float, score: float, *, width_px: float = WIDTH_PX) -> Detection:
    """Return a face whose eyes and nose have their mean there, as a detector finds it in a region."""
    middle = region.to_local(np.array([[x_px, y_px]], np.float32))[0] / region.size + 0.5
    half = width_px / region.size / 2
    points = np.array([[-0.4, -0.2], [0.4, -0.2], [0.0, 0.4], [0.0, 0.9], [-0.9, 0.0], [0.9, 0.0]], np.float32)
    return Detection(score, np.stack([middle - half, middle + half]), middle + half * points)


def pose(x_px: float, y_px: float) -> np.ndarray:
    points = np.full((POSE_COUNT, 3), 300.0, np.float32)
    for landmark in (PoseLandmark.RIGHT_EYE, PoseLandmark.LEFT_EYE, PoseLandmark.NOSE):
        points[landmark, :2] = x_px, y_px
    return points


def test_a_poster_beside_the_head_is_not_the_face_however_sure_the_detector_is_of_it() -> None:
    poster, own = face(AROUND, 400, 150, 0.98), face(AROUND, 310, 160, 0.7)
    assert of_pose([poster, own], AROUND, pose(312, 158)) is own


def test_where_only_anothers_face_is_found_there_is_none() -> None:
    assert of_pose([face(AROUND, 400, 150, 0.98)], AROUND, pose(312, 158)) is None
    assert of_pose([], AROUND, pose(312, 158)) is None


@pytest.mark.parametrize("off_px", [0.0, 0.3 * WIDTH_PX, 0.6 * WIDTH_PX])
def test_a_face_that_is_a_little_off_the_poses_is_its_own(off_px: float) -> None:
    own = face(AROUND, 310 + off_px, 160, 0.6)
    assert of_pose([own], AROUND, pose(310, 160)) is own


def test_alone_the_largest_face_is_tracked_and_the_nearest_to_it_once_it_was_lost() -> None:
    poster, own = face(PICTURE, 500, 100, 0.95, width_px=40), face(PICTURE, 200, 240, 0.9, width_px=120)
    assert alone([poster, own], PICTURE, None) is own
    assert alone([poster, own], PICTURE, Region(480.0, 120.0, 60.0, 0.0)) is poster
    assert alone([poster], PICTURE, Region(200.0, 240.0, 180.0, 0.0)) is None, "who turned away is waited for"
    assert alone([], PICTURE, None) is None


def test_what_is_hardly_a_face_is_not_taken_for_its_size() -> None:
    wall, own = face(PICTURE, 500, 100, 0.55, width_px=200), face(PICTURE, 200, 240, 0.9, width_px=60)
    assert alone([own, wall], PICTURE, None) is own
