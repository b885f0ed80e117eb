"""A pose or a motion, as the server takes it to compare a person with."""

import pytest

from mocast.client.landmark_frame import LandmarkFrame, NamedLandmarks
from mocast.client.reference import reference_json

BODY = NamedLandmarks(("nose",), [[0.5, 0.5, 0.0]], [[0.0, -0.6, 0.0]], [0.9])


def frame(number: int, pose: NamedLandmarks | None = BODY) -> LandmarkFrame:
    """One of 30 a second, whose times begin anew after a tenth of a second."""
    pts = (2**32 - 9_000 + number * 3_000) % 2**32
    found = {"pose": pose, "face": None, "left_hand": None, "right_hand": None}
    return LandmarkFrame(
        width=64, height=48, person=0, tracking_ms=1, frame=number, pts=pts, delay_ms=1, mirrored=False, **found
    )


def test_a_motion_has_fifteen_poses_a_second_by_its_frames_times_which_wrap() -> None:
    frames = [frame(number, None if number < 3 else BODY) for number in range(33)]
    motion = reference_json(frames)["motion"]
    assert [round(pose["at"] * 15, 6) for pose in motion] == list(range(15))
    assert motion[0] == {"at": 0, "world": BODY.world, "visibility": BODY.visibility}


def test_a_long_motion_has_no_more_poses_than_a_server_takes() -> None:
    assert 290 <= len(reference_json([frame(number) for number in range(900)])["motion"]) <= 300


def test_without_a_body_there_is_nothing_to_compare_with() -> None:
    with pytest.raises(ValueError, match="no pose was found"):
        reference_json(frame(0, None))
    with pytest.raises(ValueError, match="no pose was found in any frame"):
        reference_json([frame(0, None)])
