import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from tests import people
from tests.pictures import astronaut

from mocast.model.analysis import ExerciseState
from mocast.model.canvas import Canvas, HudStats
from mocast.model.options import DrawOptions
from mocast.model.topology import FACE_COUNT, HAND_BONES, HAND_COUNT, POSE_BONES, POSE_COUNT, face_bones
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Face, Hand, Landmarks, Pose, Tracked
from mocast.rendering import colours
from mocast.rendering.overlays import OVERLAYS, overlay
from mocast.rendering.pen import FREE_ROWS, touched_box

GREY = 90
NAMES = [name for name in OVERLAYS if name != "hud"]


def drawn(name: str, tracked: Tracked, options: DrawOptions | None = None) -> NDArray[np.uint8]:
    canvas = Canvas(np.full((480, 640, 3), GREY, np.uint8), options or DrawOptions(overlay=(name,)))  # type: ignore[arg-type]
    overlay(name).draw(canvas, tracked)
    return canvas.rgb


def colour_at(picture: NDArray[np.uint8], landmark: NDArray[np.float32]) -> tuple[int, ...]:
    height, width = picture.shape[:2]
    return tuple(picture[int(landmark[1] * height), int(landmark[0] * width)].tolist())


def half_way(image: Landmarks, bone: NDArray[np.uint16]) -> NDArray[np.float32]:
    return image[bone].mean(axis=0)


def test_classic_draws_red_joints_and_white_bones() -> None:
    body, hand = people.pose(), people.hand((500, 195))
    picture = drawn("classic", people.tracked(pose=body))
    assert {colour_at(picture, landmark) for landmark in body.image} == {colours.RED}
    for bone in np.concatenate([POSE_BONES["left_arm"], POSE_BONES["torso"]])[:2]:
        assert colour_at(picture, half_way(body.image, bone)) == colours.WHITE
    picture = drawn("classic", people.tracked(left_hand=hand))
    assert {colour_at(picture, landmark) for landmark in hand.image} == {colours.RED}


def test_limbs_tells_left_from_right_and_arms_from_legs() -> None:
    body = people.pose()
    picture = drawn("limbs", people.tracked(pose=body))
    seen = {
        landmark: colour_at(picture, body.image[landmark])
        for landmark in (P.LEFT_ELBOW, P.RIGHT_ELBOW, P.LEFT_KNEE, P.RIGHT_KNEE, P.NOSE)
    }
    assert seen[P.LEFT_ELBOW] == colours.LEFT_ARM
    assert seen[P.RIGHT_ELBOW] == colours.RIGHT_ARM
    assert len(set(seen.values())) == len(seen)
    for part, colour in (("left_leg", colours.LEFT_LEG), ("right_arm", colours.RIGHT_ARM), ("torso", colours.TORSO)):
        assert colour_at(picture, half_way(body.image, POSE_BONES[part][0])) == colour


def test_limbs_leaves_fingers_to_the_hand_overlay_only_where_that_draws_them() -> None:
    body = people.pose()
    hand = people.hand((560, 400))  # far from the pose's fingers, so that it covers none of them
    alone = drawn("limbs", people.tracked(pose=body, left_hand=hand), DrawOptions(overlay=("limbs",)))
    with_rainbow = drawn("limbs", people.tracked(pose=body, left_hand=hand), DrawOptions(overlay=("limbs", "rainbow")))
    assert colour_at(alone, body.image[P.LEFT_INDEX]) == colours.LEFT_ARM
    assert colour_at(with_rainbow, body.image[P.LEFT_INDEX]) == (GREY,) * 3
    assert colour_at(with_rainbow, body.image[P.RIGHT_INDEX]) == colours.RIGHT_ARM


def test_rainbow_gives_each_finger_its_colour_and_joints_white() -> None:
    hand = people.hand((320, 300), size_px=200)
    picture = drawn("rainbow", people.tracked(right_hand=hand))
    assert {colour_at(picture, landmark) for landmark in hand.image} == {colours.WHITE}
    expected = {
        "thumb": colours.THUMB,
        "index": colours.INDEX,
        "middle": colours.MIDDLE,
        "ring": colours.RING,
        "little": colours.LITTLE,
        "palm": colours.WHITE,
    }
    for finger, colour in expected.items():
        assert colour_at(picture, half_way(hand.image, HAND_BONES[finger][1])) == colour
    assert expected["thumb"] != expected["palm"]


def test_small_hands_are_drawn_finer() -> None:
    def across_the_wrist(size_px: float) -> int:
        picture = drawn("rainbow", people.tracked(left_hand=people.hand((320, 300), size_px=size_px)))
        return int((picture[300:] != GREY).any(axis=2).sum())

    assert across_the_wrist(50) < across_the_wrist(150) / 1.5


@pytest.mark.parametrize("name", ["mesh", "contours"])
def test_face_overlays_draw_irises_and_lines_within_the_face(name: str) -> None:
    face = people.face((320, 240), (120, 150))
    picture = drawn(name, people.tracked(face=face))
    for landmark in (469, 474):  # a line of one pixel is drawn smooth: its colour is mixed with the ground's
        assert np.abs(np.subtract(colour_at(picture, face.image[landmark]), colours.IRIS)).max() < 40
    changed = np.argwhere((picture != GREY).any(axis=2))
    assert (changed.min(axis=0) >= (240 - 153, 320 - 123)).all()
    assert (changed.max(axis=0) <= (240 + 153, 320 + 123)).all()


def test_contours_tells_left_eye_from_right_eye() -> None:
    # Each feature on a row of its own: where a line of it is, only its colour can be.
    pixels = np.zeros((FACE_COUNT, 2))
    left, right = (np.unique(face_bones()[name]) for name in ("left_eye", "right_eye"))
    pixels[left] = np.stack([np.linspace(100, 500, len(left)), np.full(len(left), 200)], axis=1)
    pixels[right] = np.stack([np.linspace(100, 500, len(right)), np.full(len(right), 300)], axis=1)
    picture = drawn("contours", people.tracked(face=Face(people.normalised(pixels))))
    assert tuple(picture[200, 300].tolist()) == colours.LEFT_ARM
    assert tuple(picture[300, 300].tolist()) == colours.RIGHT_ARM


def test_mesh_draws_faint_on_a_small_face_and_strong_on_a_large_one() -> None:
    def strongest(half: float) -> int:
        picture = drawn("mesh", people.tracked(face=people.face((320, 240), (half, half))))
        picture[(picture == colours.IRIS).all(axis=2)] = GREY
        return int(np.percentile(picture[240 - 20 : 240 + 20, 320 - 20 : 320 + 20, 0], 95))

    assert GREY < strongest(30) < strongest(200)


@pytest.mark.parametrize("name", ["classic", "limbs"])
def test_a_joint_below_the_confidence_is_not_drawn_nor_are_its_bones(name: str) -> None:
    body = people.pose()
    body.visibility[P.LEFT_ELBOW] = 0.4
    picture = drawn(name, people.tracked(pose=body), DrawOptions(overlay=(), confidence=0.5))
    assert colour_at(picture, body.image[P.LEFT_ELBOW]) == (GREY,) * 3
    for other in (P.LEFT_SHOULDER, P.LEFT_WRIST):
        assert colour_at(picture, body.image[other]) != (GREY,) * 3
        assert colour_at(picture, half_way(body.image, np.array([other, P.LEFT_ELBOW]))) == (GREY,) * 3
    lower = drawn(name, people.tracked(pose=body), DrawOptions(overlay=(), confidence=0.4 - 1e-6))
    assert colour_at(lower, body.image[P.LEFT_ELBOW]) != (GREY,) * 3


@pytest.mark.parametrize("name", ["classic", "rainbow"])
def test_a_hand_below_the_confidence_is_not_drawn(name: str) -> None:
    found = people.tracked(left_hand=people.hand((320, 300), score=0.6))
    assert (drawn(name, found, DrawOptions(confidence=0.7)) == GREY).all()
    assert (drawn(name, found, DrawOptions(confidence=0.6)) != GREY).any()


def shoulder_line_px(size_wh: tuple[int, int], line_width: float) -> float:
    width, height = size_wh
    canvas = Canvas(np.zeros((height, width, 3), np.uint8), DrawOptions(line_width=line_width))
    body = people.pose()
    overlay("limbs").draw(canvas, people.tracked(pose=body))
    across = canvas.rgb[round(0.35 * height) : round(0.5 * height), width // 2, 0]
    return float(across.sum()) / colours.TORSO[0]


def test_lines_grow_with_the_line_width_and_with_the_picture() -> None:
    assert 1 < shoulder_line_px((640, 480), 0.25) < shoulder_line_px((640, 480), 1) < shoulder_line_px((640, 480), 3)
    assert shoulder_line_px((640, 480), 1) * 1.3 < shoulder_line_px((1280, 960), 1)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_drawn_where_nobody_is(name: str) -> None:
    assert (drawn(name, people.tracked()) == GREY).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_top_rows_stay_free(name: str) -> None:
    found = people.person()
    for part in (found.pose, found.face, found.left_hand, found.right_hand):
        assert part is not None
        part.image[:, 1] = part.image[:, 1] * 0.5 - 0.1
    picture = drawn(name, found)
    assert (picture[:FREE_ROWS] == GREY).all()
    assert (picture[FREE_ROWS:] != GREY).any()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size_wh", [(1, 1), (7, 300), (300, 20), (33, 21)])
def test_tiny_pictures_are_no_harm(name: str, size_wh: tuple[int, int]) -> None:
    canvas = Canvas(np.zeros((size_wh[1], size_wh[0], 3), np.uint8), DrawOptions(overlay=(name,)))  # type: ignore[arg-type]
    overlay(name).draw(canvas, people.person())
    assert not canvas.rgb[:FREE_ROWS].any()


def test_joints_that_are_not_numbers_are_left_out() -> None:
    body = people.pose()
    body.image[P.LEFT_ELBOW] = np.nan
    body.image[P.RIGHT_ELBOW, 0] = np.inf
    body.visibility[P.NOSE] = np.nan
    picture = drawn("classic", people.tracked(pose=body))
    assert colour_at(picture, people.pose().image[P.LEFT_ELBOW]) == (GREY,) * 3
    assert colour_at(picture, people.pose().image[P.RIGHT_ELBOW]) == (GREY,) * 3
    assert colour_at(picture, people.pose().image[P.NOSE]) == (GREY,) * 3
    assert colour_at(picture, body.image[P.LEFT_WRIST]) == colours.RED


def any_landmarks(count: int) -> st.SearchStrategy[Landmarks]:
    number = st.floats(width=32, allow_nan=True, allow_infinity=True) | st.floats(-0.5, 1.5, width=32)
    return arrays(np.float32, (count, 3), elements=number, fill=number)


@st.composite
def any_tracked(draw: st.DrawFn) -> Tracked:
    scores = draw(arrays(np.float32, POSE_COUNT, elements=st.floats(0, 1, width=32)))
    left, right = (
        Hand(draw(any_landmarks(HAND_COUNT)), np.zeros((HAND_COUNT, 3), np.float32), draw(st.floats(0, 1)))
        for _ in range(2)
    )
    body = Pose(draw(any_landmarks(POSE_COUNT)), np.zeros((POSE_COUNT, 3), np.float32), scores)
    return people.tracked(pose=body, face=Face(draw(any_landmarks(FACE_COUNT))), left_hand=left, right_hand=right)


@given(any_tracked(), st.sampled_from(NAMES), st.floats(0.25, 4))
def test_no_coordinates_crash_or_draw_outside(tracked: Tracked, name: str, line_width: float) -> None:
    memory = np.full((200, 160, 3), GREY, np.uint8)
    canvas = Canvas(memory[40:160], DrawOptions(overlay=(name,), line_width=line_width))  # type: ignore[arg-type]
    overlay(name).draw(canvas, tracked)
    assert (memory[: 40 + FREE_ROWS] == GREY).all()
    assert (memory[160:] == GREY).all()
    parts = (tracked.pose, tracked.face, tracked.left_hand, tracked.right_hand)
    finite = [part.image[np.isfinite(part.image[:, :2]).all(axis=1)] for part in parts if part is not None]
    near = [image for image in finite if len(image) and (np.abs(image[:, :2]) <= 1).all()]
    if len(near) == len(parts):  # what is partly far outside may cross the box on its way
        canvas.rgb[touched_box(near, canvas)] = GREY
        assert (canvas.rgb == GREY).all()


def test_hud_writes_light_on_dark_within_the_top_rows_only() -> None:
    canvas = Canvas(np.full((480, 640, 3), 250, np.uint8), DrawOptions(), HudStats(24.1, 38.2, 46.4))
    overlay("hud").draw(canvas, people.tracked())
    assert (canvas.rgb[FREE_ROWS:] == 250).all()
    plate = canvas.rgb[:FREE_ROWS, :320, 0]
    assert plate.min() < 80
    assert (plate > 180).sum() > 200


def test_hud_changes_with_the_figures_and_stays_off_still_pictures() -> None:
    def top(stats: HudStats | None, width: int = 640) -> NDArray[np.uint8]:
        canvas = Canvas(np.full((40, width, 3), 128, np.uint8), DrawOptions(), stats)
        overlay("hud").draw(canvas, people.tracked())
        return canvas.rgb

    assert (top(None) == 128).all()
    assert (top(HudStats(24.1, 38.2, 46.4)) != top(HudStats(12.9, 77.0, 80.0))).any()
    bent = HudStats(24.1, 38.2, 46.4, (("left_knee", 92.4), ("neck", float("nan"))))
    assert (top(bent) != top(HudStats(24.1, 38.2, 46.4))).any()
    counts = [ExerciseState("squat", "start", 0.0, count, 0) for count in (3, 4)]
    three, four = (top(HudStats(24.1, 38.2, 46.4, exercises=(count,))) for count in counts)
    assert (three != four).any()
    held = HudStats(24.1, 38.2, 46.4, exercises=(ExerciseState("plank", "held", 0.0, 0, 0, seconds=12.4),))
    assert (top(held) != three).any()
    for width in (1, 30, 160):
        assert (top(HudStats(1e9, float("nan"), float("inf")), width) != 128).any()


def test_the_astronauts_joints_and_irises_are_where_tracking_says() -> None:
    found = people.tracked_astronaut()
    assert found.pose is not None
    assert found.face is not None
    canvas = Canvas(astronaut().copy(), DrawOptions(overlay=("classic", "contours")))
    overlay("classic").draw(canvas, found)
    sure = [P.NOSE, P.LEFT_SHOULDER, P.RIGHT_SHOULDER, P.LEFT_EAR]
    assert (found.pose.visibility[sure] > 0.9).all()
    assert {colour_at(canvas.rgb, found.pose.image[joint]) for joint in sure} == {colours.RED}
    unsure = np.flatnonzero(found.pose.visibility < 0.3)
    assert len(unsure)
    canvas = Canvas(astronaut().copy(), DrawOptions(overlay=("contours",)))
    overlay("contours").draw(canvas, found)
    changed = np.argwhere((canvas.rgb != astronaut()).any(axis=2))[:, ::-1]
    pixels = found.face.image[:, :2] * 512
    assert (np.abs(changed - changed.mean(axis=0)).max(axis=0) < np.ptp(pixels, axis=0)).all()
    assert ((changed >= pixels.min(axis=0) - 3) & (changed <= pixels.max(axis=0) + 3)).all()
