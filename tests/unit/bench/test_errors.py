"""The error measures on landmarks whose distances are known."""

from dataclasses import replace

import numpy as np
import pytest
from bench.errors import agreement, alone, errors, size_px, stutter, world_errors_mm
from numpy.typing import NDArray

from mocast.model.topology import PoseLandmark
from mocast.model.tracked import Face, Hand, Pose, Tracked

SIZE_WH = (200, 100)


def image(points_px: NDArray[np.float64]) -> NDArray[np.float32]:
    """Pixels (n, 2) as landmarks of image space (n, 3), whose z does not count."""
    depth = np.full((len(points_px), 1), 9.0)
    return np.hstack([points_px / SIZE_WH, depth]).astype(np.float32)


def pose(shift_px: float = 0, world_m: float = 0, visibility: float = 1) -> Pose:
    """A body whose torso is 50 px long: shoulders at y = 20, hips at y = 70."""
    points = np.full((33, 2), 40.0)
    points[[PoseLandmark.LEFT_SHOULDER, PoseLandmark.RIGHT_SHOULDER]] = (60, 20), (20, 20)
    points[[PoseLandmark.LEFT_HIP, PoseLandmark.RIGHT_HIP]] = (50, 70), (30, 70)
    world = np.full((33, 3), world_m, np.float32)
    return Pose(image(points + np.array((shift_px, 0))), world, np.full(33, visibility, np.float32))


def hand(shift_px: tuple[float, float] = (0, 0)) -> Hand:
    """A hand 20 px wide and 40 px high."""
    points = np.linspace((100, 30), (120, 70), 21)
    return Hand(image(points + shift_px), np.zeros((21, 3), np.float32), 1.0)


def face(shift_px: tuple[float, float] = (0, 0)) -> Face:
    """A face 60 px wide and 30 px high."""
    return Face(image(np.linspace((10, 10), (70, 40), 478) + shift_px))


def frames(*found: Tracked) -> list[Tracked]:
    return [replace(one, frame=number) for number, one in enumerate(found)]


def found(**parts: object) -> Tracked:
    return Tracked(0, 0, 0, SIZE_WH, **parts)  # type: ignore[arg-type]


def test_sizes_are_the_torso_and_the_longer_side_of_the_box():
    whole = found(pose=pose(), face=face(), left_hand=hand())
    assert size_px(whole, "pose") == pytest.approx(50)
    assert size_px(whole, "left_hand") == pytest.approx(40)
    assert size_px(whole, "face") == pytest.approx(60)


def test_a_body_that_fell_into_a_point_still_has_a_size():
    point = Pose(image(np.full((33, 2), 40.0)), np.zeros((33, 3), np.float32), np.ones(33, np.float32))
    assert size_px(found(pose=point), "pose") == 1


def test_errors_are_in_pixels_of_a_picture_that_is_not_square_and_in_shares_of_the_reference():
    off = errors([found(left_hand=hand((3, 4)))], [found(left_hand=hand())], "left_hand")
    assert off.px == pytest.approx([5] * 21, abs=1e-4)
    assert off.share == pytest.approx([5 / 40] * 21, abs=1e-5)


def test_only_what_the_reference_sees_of_a_body_counts():
    reference = pose()
    reference.visibility[5:] = 0.5
    off = errors([found(pose=pose(shift_px=2, visibility=0))], [found(pose=reference)], "pose")
    assert off.px == pytest.approx([2] * 5, abs=1e-4)
    assert off.share == pytest.approx([2 / 50] * 5, abs=1e-5)


def test_parts_that_only_one_has_have_no_error():
    ours = frames(found(left_hand=hand()), found(), found(left_hand=hand((1, 0))))
    reference = frames(found(), found(left_hand=hand()), found(left_hand=hand()))
    assert errors(ours, reference, "left_hand").px == pytest.approx([1] * 21, abs=1e-4)
    assert errors(ours, reference, "face").px.size == 0


def test_both_hands_are_pooled_and_never_compared_with_each_other():
    ours = [found(left_hand=hand((1, 0)), right_hand=hand((0, 2)))]
    reference = [found(left_hand=hand(), right_hand=hand())]
    off = errors(ours, reference, "left_hand", "right_hand")
    assert sorted(off.px) == pytest.approx([1] * 21 + [2] * 21, abs=1e-4)


def test_world_errors_are_in_millimetres_and_three_axes():
    off = world_errors_mm([found(pose=pose(world_m=0.01))], [found(pose=pose())], "pose")
    assert off == pytest.approx([10 * 3**0.5] * 33, rel=1e-5)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_a_landmark_that_is_no_number_stops_the_comparison(number):
    broken = hand()
    broken.image[3, 0] = number
    broken.world[3, 0] = number
    for measure in (errors, world_errors_mm):
        with pytest.raises(ValueError, match="no number"):
            measure([found(left_hand=broken)], [found(left_hand=hand())], "left_hand")


def test_as_many_frames_on_both_sides():
    with pytest.raises(ValueError, match="argument 2"):
        errors([found()], [], "pose")


def presence(pattern: str) -> list[Tracked]:
    return frames(*(found(right_hand=hand() if sign == "x" else None) for sign in pattern))


def test_agreement_is_the_share_of_frames_in_which_both_say_the_same():
    assert agreement(presence("xx.."), presence("x.x."), "right_hand") == 0.5
    assert agreement(presence("xx.."), presence("xx.."), "face") == 1
    assert np.isnan(agreement([], [], "face"))


def test_false_hands_are_those_that_the_reference_has_not():
    assert alone(presence("xxx.."), presence("x...x"), "right_hand") == 2
    assert alone(presence("x...x"), presence("xxx.."), "right_hand") == 1
    assert alone(presence("xxx.."), presence("x...x"), "left_hand", "right_hand") == 2


@pytest.mark.parametrize(("near", "count"), [(0, 6), (1, 4), (2, 2), (3, 0), (100, 0)])
def test_hands_that_the_reference_has_a_little_earlier_or_later_can_be_left_out(near, count):
    assert alone(presence("xxxxxxx"), presence("...x..."), "right_hand", near=near) == count


def test_a_steady_motion_does_not_stutter_and_a_jump_does():
    steady = frames(*(found(face=face((4 * number, 0))) for number in range(4)))
    jumpy = frames(*(found(face=face((x, 0))) for x in (0, 4, 14, 18)))
    jumps = stutter(jumpy, steady, "face")
    assert jumps.reference_px == pytest.approx([0] * 2 * 478, abs=1e-3)
    assert jumps.ours_px == pytest.approx([6] * 2 * 478, abs=1e-3)  # 10 - 4 px, then 4 - 10 px


def test_stutter_wants_three_frames_in_a_row_on_both_sides():
    whole, gap = presence("xxx"), presence("x.x")
    assert stutter(whole, gap, "right_hand").ours_px.size == 0
    assert stutter(gap, whole, "right_hand").ours_px.size == 0
    chained = presence("xx") + presence("xx")
    assert stutter(chained, chained, "right_hand").ours_px.size == 0


def test_stutter_of_a_body_is_that_of_what_is_visible_all_the_time():
    bodies = [pose(shift_px=x) for x in (0, 0, 3)]
    bodies[1].visibility[7] = 0
    tracked = frames(*(found(pose=body) for body in bodies))
    assert stutter(tracked, tracked, "pose").ours_px == pytest.approx([3] * 32, abs=1e-4)
