"""Over a seam one segment's landmarks go over to the next one's step by step."""

from dataclasses import replace

import numpy as np
from tests import people

from mocast.jobs.seam import faded
from mocast.jobs.spool import SpooledFrame
from mocast.model.tracked import Pose, Tracked

STEP = 512


def at(number: int, x: float | None) -> SpooledFrame:
    """Return a frame in which all of the body is at x, or nobody is."""
    pose = (
        None
        if x is None
        else Pose(np.full((33, 3), x, np.float32), np.zeros((33, 3), np.float32), np.ones(33, np.float32))
    )
    return SpooledFrame(Tracked(number, number * 3000, 0, people.SIZE_WH, pose=pose), number * STEP, b"picture")


def places(frames: list[SpooledFrame]) -> list[float | None]:
    return [None if it.tracked.pose is None else round(float(it.tracked.pose.image[0, 0]), 3) for it in frames]


def test_landmarks_go_over_in_even_steps() -> None:
    tail = [at(number, 0) for number in range(10, 16)]
    lead_in = [at(number, 1) for number in range(12, 16)]
    assert places(faded(tail, lead_in)) == [0, 0, 0.2, 0.4, 0.6, 0.8]
    assert [frame.packet for frame in faded(tail, lead_in)] == [b"picture"] * 6
    assert faded(tail, lead_in)[-1].tracked.pose.image.dtype == np.float32


def test_what_one_of_both_has_found_changes_in_the_middle() -> None:
    nobody = [at(number, None) for number in range(4)]
    somebody = [at(number, 0.5) for number in range(4)]
    assert places(faded(nobody, somebody)) == [None, None, 0.5, 0.5]
    assert places(faded(somebody, nobody)) == [0.5, 0.5, None, None]


def test_all_parts_are_mixed_and_the_first_segment_has_no_seam() -> None:
    person = people.person()
    other = replace(person, left_hand=people.hand((510, 195), score=0.5))
    tail, lead_in = [SpooledFrame(person, 0, None)], [SpooledFrame(other, 0, None)]
    (mixed,) = faded(tail, lead_in)
    assert mixed.tracked.left_hand.score == 0.75
    np.testing.assert_allclose(
        mixed.tracked.left_hand.image, (person.left_hand.image + other.left_hand.image) / 2, atol=1e-6
    )
    np.testing.assert_allclose(mixed.tracked.face.image, person.face.image, atol=1e-6)
    assert faded(tail, []) == tail
    assert faded([], lead_in) == []
