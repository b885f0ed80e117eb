"""Looks at a thing that is a number here, in real pictures."""

import math
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from tests.pictures import astronaut_frames

from mocast.model.frame import RgbImage
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Region
from mocast.tracking.openvino.schedule.extrapolating_skipper import HORIZON_US, LATE_ELAPSED_US, ExtrapolatingSkipper
from mocast.tracking.openvino.schedule.frame_skipping import LATE_HORIZON_US, MAX_UNCHANGED

FRAME_US = 33_333
MAX_SPEED = 3.0
SIZE_WH = (640, 480)
REGION = Region(320, 240, 200, 0)


class Sliding:
    """How a number moves. Its size is 1."""

    def __init__(self, *, is_confident: bool = True) -> None:
        self.sure = is_confident
        self.older: float | None = None
        "What was seen before the two looks that moved on last."

    def is_confident(self, _seen: float) -> bool:
        return self.sure

    def speed(self, old: float, new: float) -> float:
        return abs(new - old)

    def extrapolate(self, older: float | None, old: float, new: float, part: float) -> float:
        self.older = older
        return new + part * (new - old)


def skipper(
    max_speed: float = 0, *, is_confident: bool = True, is_on: bool = True, near_power: int = 1
) -> ExtrapolatingSkipper[float]:
    return ExtrapolatingSkipper(Sliding(is_confident=is_confident), max_speed, is_on=is_on, near_power=near_power)


def flat(level: int = 100, size_wh: tuple[int, int] = SIZE_WH) -> RgbImage:
    return np.full((size_wh[1], size_wh[0], 3), level, np.uint8)


def at(time_us: float, rgb: RgbImage | None = None) -> FrameView:
    return FrameView(flat() if rgb is None else rgb, round(time_us), 0)


def saw(rgb: RgbImage, region: Region = REGION) -> ExtrapolatingSkipper[float]:
    """Return one that saw 7.0 in a region of a picture at the time 0, and extrapolates nothing."""
    made = skipper()
    made.observe(7.0, at(0, rgb), region)
    return made


def is_same(made: ExtrapolatingSkipper[float], rgb: RgbImage) -> bool:
    """Return whether a picture is taken to show the same."""
    found = made.skip(at(FRAME_US, rgb), may_move=False)
    assert found in (None, 7.0)
    return found is not None


# What has not changed


def test_what_was_not_seen_is_looked_at() -> None:
    assert skipper(MAX_SPEED).skip(at(0), may_move=True) is None


def test_the_same_is_not_looked_at_again_for_a_while() -> None:
    made, looks = saw(flat()), []
    for number in range(1, 3 * (MAX_UNCHANGED + 1) + 1):
        picture = at(number * FRAME_US)
        if made.skip(picture, may_move=True) is None:
            looks.append(number)
            made.observe(7.0, picture, REGION)
    assert MAX_UNCHANGED == 7
    assert looks == [8, 16, 24]


def test_noise_of_a_camera_is_no_change() -> None:
    rng = np.random.default_rng(1)
    clean = next(astronaut_frames(1)).rgb
    first, *others = (
        np.clip(clean + rng.normal(0, 2.5, clean.shape), 0, 255).round().astype(np.uint8) for _ in range(6)
    )
    whole = Region(320, 240, 640, 0)
    assert not np.array_equal(first, others[0])
    assert all(is_same(saw(first, whole), other) for other in others)


@pytest.mark.parametrize("right_px", [1, 2, 5])
def test_a_face_that_moves_is_a_change(right_px: int) -> None:
    rgb = next(astronaut_frames(1)).rgb
    moved = np.roll(rgb, right_px, axis=1)
    assert not is_same(saw(rgb, Region(300, 140, 150, 0)), moved)


def halves(contrast: int, more: int = 0) -> RgbImage:
    """Return a picture that is darker on its left, all of it ``more`` bright."""
    rgb = flat(30 + more)
    rgb[:, 320:] += contrast  # type: ignore[arg-type]
    return rgb


DIFFERENCES = [(4, False), (5, True), (-4, False), (-5, True)]


@pytest.mark.parametrize(
    ("contrast", "levels", "is_change"),
    [
        *((200, *one) for one in DIFFERENCES),
        (100, 4, False),
        (50, 2, False),
        (50, 3, True),
        (25, -1, False),
        (24, 1, True),
    ],
)
def test_a_cell_that_differs_clearly_is_a_change_and_in_the_dark_a_smaller_difference_is(
    contrast: int, levels: int, is_change: bool
) -> None:
    changed = halves(contrast)
    changed[240:244, 300:304] = 30 + levels
    assert is_same(saw(halves(contrast)), changed) != is_change


def test_what_changes_slowly_is_compared_with_the_last_look() -> None:
    made = saw(halves(200))
    assert [is_same(made, halves(200, more=step)) for step in range(1, 7)] == [True] * 4 + [False] * 2


@pytest.mark.parametrize(
    ("region", "inside_px", "outside_px"),
    [
        (REGION, [(221, 141), (418, 338), (320, 240)], [(210, 240), (430, 240), (320, 130), (320, 350)]),
        (Region(0, 240, 100, 0), [(0, 240), (48, 192)], [(60, 240), (639, 240), (0, 130)]),
        (Region(630, 470, 100, 0), [(639, 479), (582, 422)], [(560, 470), (0, 0)]),
        (Region(320, -30, 100, 1.0), [(320, 0), (320, 19)], [(320, 30), (260, 0)]),
        (Region(320, 240, 5000, 0), [(0, 0), (639, 479)], []),
        (Region(320, 240, 0.5, 0), [(320, 240)], [(300, 240)]),
    ],
)
def test_only_what_is_in_the_region_counts(
    region: Region, inside_px: list[tuple[int, int]], outside_px: list[tuple[int, int]]
) -> None:
    def changed(x: int, y: int) -> RgbImage:
        rgb = flat()
        rgb[y // 4 * 4 : y // 4 * 4 + 4, x // 4 * 4 : x // 4 * 4 + 4] = 255
        return rgb

    assert [is_same(saw(flat(), region), changed(*point)) for point in inside_px] == [False] * len(inside_px)
    assert [is_same(saw(flat(), region), changed(*point)) for point in outside_px] == [True] * len(outside_px)


@pytest.mark.parametrize(("x", "y"), [(-300, 240), (900, 240), (320, -300), (320, 900), (-1e6, 1e6)])
def test_what_is_outside_the_picture_is_never_the_same(x: float, y: float) -> None:
    assert not is_same(saw(flat(), Region(x, y, 200, 0)), flat())


@pytest.mark.parametrize("size_wh", [(1920, 1080), (480, 640), (100, 80), (2000, 3), (1, 1)])
def test_pictures_of_any_size_are_compared(size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    side = max(1, width // 160)
    corner = flat(size_wh=size_wh)
    corner[-side:, -side:] = 255
    made = saw(flat(size_wh=size_wh), Region(width, height, max(4, side), 0))
    assert is_same(made, flat(size_wh=size_wh))
    assert not is_same(made, corner)


def test_what_is_not_sure_is_looked_at_again() -> None:
    made = skipper(is_confident=False)
    made.observe(7.0, at(0), REGION)
    assert made.skip(at(FRAME_US), may_move=False) is None


def test_the_last_look_counts_and_not_one_that_was_surer() -> None:
    motion = Sliding()
    made: ExtrapolatingSkipper[float] = ExtrapolatingSkipper(motion, 0, is_on=True)
    made.observe(7.0, at(0), REGION)
    motion.sure = False
    made.observe(8.0, at(FRAME_US), REGION)
    assert made.skip(at(2 * FRAME_US), may_move=False) is None


def test_a_frame_whose_buffer_is_used_again_is_compared_as_it_was() -> None:
    rgb = flat()
    made = saw(rgb)
    rgb[:] = cv2.merge([np.full(SIZE_WH[::-1], 180, np.uint8)] * 3)
    assert not is_same(made, rgb)


# What moves slowly


class Changing:
    """Pictures of which no two are the same, and looks at what moves in them."""

    def __init__(self, max_speed: float = MAX_SPEED, near_power: int = 1) -> None:
        self.skipper = skipper(max_speed, near_power=near_power)
        self._level = 0

    def look(self, frame: float, seen: float) -> None:
        self.skipper.observe(seen, self._picture(frame), REGION)

    def extrapolated(self, frame: float) -> float | None:
        return self.skipper.skip(self._picture(frame), may_move=True)

    def _picture(self, frame: float) -> FrameView:
        self._level = (self._level + 37) % 256
        return at(frame * FRAME_US, flat(self._level))


def looked(*looks: tuple[float, float], max_speed: float = MAX_SPEED, near_power: int = 1) -> Changing:
    made = Changing(max_speed, near_power)
    for frame, seen in looks:
        made.look(frame, seen)
    return made


def test_it_moves_on_as_it_moved() -> None:
    made = looked((0, 1.0), (1, 1.05))
    assert made.extrapolated(2) == pytest.approx(1.1)
    made.look(3, 1.15)
    assert made.extrapolated(4) == pytest.approx(1.2), "in one frame half as far as in the two between the looks"


def test_the_motion_is_told_what_was_seen_before() -> None:
    motion = Sliding()
    made: ExtrapolatingSkipper[float] = ExtrapolatingSkipper(motion, MAX_SPEED, is_on=True)
    for frame, seen, older in ((0, 1.0, None), (1, 1.05, None), (2, 1.1, 1.0), (3, 1.15, 1.05)):
        made.observe(seen, at(frame * FRAME_US, flat(10 * frame)), REGION)
        made.skip(at((frame + 0.5) * FRAME_US, flat(250)), may_move=True)
        assert motion.older == older
    made.reset()
    for frame in (4, 5):
        made.observe(1.2, at(frame * FRAME_US, flat(10 * frame)), REGION)
    made.skip(at(5.5 * FRAME_US, flat(250)), may_move=True)
    assert motion.older is None


def test_after_one_frame_it_is_looked_at_again() -> None:
    made = looked((0, 1.0), (2, 1.05))
    assert made.extrapolated(3) is not None
    assert made.extrapolated(4) is None
    assert made.extrapolated(4.5) is None


def test_at_60_frames_a_second_what_is_slow_is_looked_at_in_one_of_four_frames() -> None:
    made = looked((0, 1.0), (2, 1.05))
    assert [made.extrapolated(frame) is not None for frame in (2.5, 3.0, 3.5, 4.0)] == [True, True, True, False]


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize(("faster", "frames"), [(0.99, 1), (1.01, 0), (0, 2)])
def test_what_is_nearer_in_time_may_be_faster(power: int, faster: float, frames: int) -> None:
    """In half the time, twice as fast, or four times."""
    speed = faster * MAX_SPEED * 2**power or 0.99 * MAX_SPEED
    made = looked((0, 0.0), (1, speed * FRAME_US / 1e6), near_power=power)
    assert sum(made.extrapolated(frame) is not None for frame in (1.5, 2.0)) == frames


def test_in_frames_that_come_twice_as_fast_the_same_is_looked_at_as_often() -> None:
    made, observed = saw(flat()), []
    for number in range(1, 33):
        picture = FrameView(flat(), number * FRAME_US // 2, number, share=0.5)
        if made.skip(picture, may_move=False) is None:
            observed.append(number)
            made.observe(7.0, picture, REGION)
    assert observed == [16, 32]


def test_it_is_extrapolated_only_where_it_may_be() -> None:
    made = looked((0, 1.0), (2, 1.05))
    assert made.skipper.skip(at(3 * FRAME_US, flat(250)), may_move=False) is None
    assert made.extrapolated(3) is not None


def test_one_look_tells_no_motion() -> None:
    assert looked((0, 1.0)).extrapolated(1) is None


@pytest.mark.parametrize(("speed", "is_calm"), [(0.0, True), (2.9, True), (3.1, False), (math.inf, False)])
def test_only_what_is_slow_is_extrapolated(speed: float, is_calm: bool) -> None:
    """Per second, whatever the time between two looks."""
    for frames in (1, 2, 3):
        way = speed * frames * FRAME_US / 1e6
        assert (looked((0, 0.0), (frames, way)).extrapolated(frames + 1) is not None) == is_calm


def test_a_speed_that_is_no_number_is_not_slow() -> None:
    assert looked((0, math.nan), (1, 1.0)).extrapolated(2) is None


def test_where_nothing_is_slow_enough_nothing_is_extrapolated() -> None:
    assert looked((0, 1.0), (1, 1.0), max_speed=0).extrapolated(2) is None


@pytest.mark.parametrize(
    ("elapsed_us", "ahead_us", "is_extrapolated"),
    [
        (HORIZON_US, HORIZON_US, True),
        (HORIZON_US, HORIZON_US + 1, False),
        (2 * HORIZON_US, 1, True),
        (2 * HORIZON_US + 1, 1, False),
    ],
)
def test_nothing_is_extrapolated_for_long_or_from_long_ago(
    elapsed_us: int, ahead_us: int, is_extrapolated: bool
) -> None:
    made = looked((0, 1.0), (elapsed_us / FRAME_US, 1.0))
    assert (made.extrapolated((elapsed_us + ahead_us) / FRAME_US) is not None) == is_extrapolated


@pytest.mark.parametrize(
    ("apart_us", "speed_of_max", "is_extrapolated"),
    [
        (HORIZON_US, 0.99, True),
        (LATE_HORIZON_US, 0.99, False),
        (LATE_HORIZON_US, 0.99 * HORIZON_US / LATE_HORIZON_US, True),
        (LATE_HORIZON_US + 1, 0.0, False),
    ],
)
def test_with_no_time_for_all_frames_what_is_slow_is_extrapolated_for_longer(
    apart_us: int, speed_of_max: float, is_extrapolated: bool
) -> None:
    seen = 1.0, 1.0 + MAX_SPEED * speed_of_max * apart_us / 1e6
    made = skipper(MAX_SPEED)
    for time_us, one in zip((0, apart_us), seen, strict=True):
        made.observe(one, at(time_us), REGION)
    picture = at(2 * apart_us, flat(200))
    assert apart_us <= HORIZON_US or made.skip(picture, may_move=True) is None
    picture.is_late = True
    assert (made.skip(picture, may_move=True) is not None) == is_extrapolated


@pytest.mark.parametrize(
    ("elapsed_us", "speed_of_max", "is_late", "next_is_light"),
    [
        (LATE_ELAPSED_US, 0.99 * HORIZON_US / LATE_HORIZON_US, True, True),
        (LATE_ELAPSED_US, 0.99 * HORIZON_US / LATE_HORIZON_US, False, False),
        (LATE_ELAPSED_US, 0.99, True, False),
        (LATE_ELAPSED_US + 1, 0.0, True, False),
    ],
)
def test_with_no_time_for_all_frames_it_is_told_whether_a_part_will_be_extrapolated(
    elapsed_us: int, speed_of_max: float, is_late: bool, next_is_light: bool
) -> None:
    made, seen, moved = skipper(MAX_SPEED), at(elapsed_us), MAX_SPEED * speed_of_max * elapsed_us / 1e6
    seen.is_late = is_late
    made.observe(1.0, at(0), REGION)
    made.observe(1.0 + moved, seen, REGION)
    assert seen.next_is_light == next_is_light
    following = at(elapsed_us + LATE_HORIZON_US, flat(200))
    following.is_late = is_late
    assert (made.skip(following, may_move=True) is not None) == next_is_light


@pytest.mark.parametrize(("is_late", "is_extrapolated"), [(False, False), (True, True)])
def test_what_may_be_faster_with_no_time_for_all_frames_is_so_only_then(is_late: bool, is_extrapolated: bool) -> None:
    made = ExtrapolatingSkipper(Sliding(), MAX_SPEED, is_on=True, max_late_speed=3 * MAX_SPEED)
    for time_us in (0, FRAME_US):
        seen = at(time_us)
        seen.is_late = is_late
        made.observe(2 * MAX_SPEED * time_us / 1e6, seen, REGION)
    assert seen.next_is_light == is_extrapolated
    following = at(2 * FRAME_US, flat(200))
    following.is_late = is_late
    assert (made.skip(following, may_move=True) is not None) == is_extrapolated


def test_nothing_is_extrapolated_for_much_longer_than_it_was_seen_to_move() -> None:
    """Frames that come in bursts tell nothing of the motion: a pixel of noise in a millisecond would be a leap."""
    assert looked((0, 1.0), (0.1, 1.0)).extrapolated(1.1) is None
    assert looked((0, 1.0), (0.6, 1.0)).extrapolated(1.6) is not None


def test_time_that_stands_still_tells_no_motion() -> None:
    assert looked((0, 1.0), (0, 1.0)).extrapolated(0) is None
    assert looked((0, 1.0), (0, 1.0)).extrapolated(1) is None


def moved(changed_rows: int, levels: int = 200) -> RgbImage:
    """Return a picture of two halves in which so many rows of ``REGION``, of 200, are another level on the left."""
    rgb = halves(200)
    rgb[140 : 140 + changed_rows, 220:320] = 30 + levels
    return rgb


@pytest.mark.parametrize(
    ("changed_rows", "levels", "is_extrapolated"),
    [(0, 0, True), (40, 200, True), (48, 200, False), (200, 200, False), (200, 10, True), (200, 14, False)],
)
@pytest.mark.parametrize("is_late", [False, True])
def test_what_moves_slowly_is_not_extrapolated_where_the_picture_shows_another_motion(
    changed_rows: int, levels: int, is_extrapolated: bool, is_late: bool
) -> None:
    made = ExtrapolatingSkipper(Sliding(), MAX_SPEED, is_on=True, max_change=0.11)
    for time_us in (0, FRAME_US):
        made.observe(time_us / 1e6, at(time_us, halves(200)), REGION)
    following = at(2 * FRAME_US, moved(changed_rows, levels))
    following.is_late = is_late
    assert (made.skip(following, may_move=True) is not None) == is_extrapolated


@pytest.mark.parametrize(
    ("near_power", "changed_rows", "is_extrapolated"), [(1, 40, True), (1, 48, False), (2, 84, True), (2, 92, False)]
)
def test_half_as_far_ahead_what_may_be_four_times_as_fast_may_change_twice_as_much(
    near_power: int, changed_rows: int, is_extrapolated: bool
) -> None:
    made = ExtrapolatingSkipper(Sliding(), MAX_SPEED, is_on=True, max_change=0.11, near_power=near_power)
    for time_us in (0, FRAME_US // 2):
        made.observe(time_us / 1e6, at(time_us, halves(200)), REGION)
    following = at(2 * (FRAME_US // 2), moved(changed_rows))
    assert (made.skip(following, may_move=True) is not None) == is_extrapolated


def test_what_is_outside_the_picture_is_not_extrapolated_where_the_picture_has_to_tell() -> None:
    made = ExtrapolatingSkipper(Sliding(), MAX_SPEED, is_on=True, max_change=0.11)
    for time_us in (0, FRAME_US):
        made.observe(time_us / 1e6, at(time_us), Region(-300, 240, 200, 0))
    assert made.skip(at(2 * FRAME_US), may_move=True) is None


def test_what_stands_still_in_the_picture_is_not_moved_on() -> None:
    made = skipper(MAX_SPEED)
    made.observe(1.0, at(0), REGION)
    made.observe(1.05, at(FRAME_US), REGION)
    assert made.skip(at(2 * FRAME_US), may_move=True) == 1.05


# Both


def test_what_was_lost_has_no_past() -> None:
    made = looked((0, 1.0), (1, 1.05))
    made.skipper.reset()
    assert made.extrapolated(2) is None
    made.look(2, 1.0)
    assert made.extrapolated(3) is None, "one look tells no motion"
    made.look(3, 1.05)
    assert made.extrapolated(4) == pytest.approx(1.1)


def test_after_what_was_lost_pictures_may_have_another_size() -> None:
    made = saw(flat())
    made.reset()
    other = flat(size_wh=(480, 640))
    assert made.skip(at(FRAME_US, other), may_move=True) is None
    made.observe(7.0, at(FRAME_US, other), REGION)
    assert is_same(made, other)


def test_one_that_is_off_spares_nothing() -> None:
    made = skipper(MAX_SPEED, is_on=False)
    for frame in range(3):
        made.observe(7.0, at(frame * FRAME_US), REGION)
    assert made.skip(at(3 * FRAME_US), may_move=True) is None


@pytest.mark.parametrize("forget", [lambda made: made.reset(), lambda made: made.observe(1.0, at(0), REGION)])
def test_a_count_of_frames_begins_anew(forget: Callable[[ExtrapolatingSkipper[float]], None]) -> None:
    made = saw(flat())
    assert all(is_same(made, flat()) for _ in range(MAX_UNCHANGED))
    assert not is_same(made, flat())
    forget(made)
    made.observe(7.0, at(0), REGION)
    assert [is_same(made, flat()) for _ in range(MAX_UNCHANGED + 1)] == [True] * MAX_UNCHANGED + [False]
