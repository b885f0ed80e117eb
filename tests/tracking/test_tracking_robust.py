"""What people do in front of cameras, and what cameras do: every engine and quality outlives it, and sees no ghosts.

All that a tracker finds in here is checked to be finite, in range and the caller's own; see ``tests/variants.py``.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Semaphore

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.model.options import Quality, TrackerName
from mocast.model.topology import HandLandmark, PoseLandmark
from mocast.model.tracked import Hand, Tracked
from mocast.tracking.engines import EngineOptions
from mocast.tracking.pool import TrackerPool
from tests.pictures import as_frame, astronaut, astronaut_frames, motion
from tests.scenes import (
    HAND_POINTS,
    SIZE_WH,
    STAGE_WH,
    Cutout,
    PointPx,
    admiral,
    astronaut_with_hands,
    hand_cutout,
    hand_matrix,
    hand_points,
    place,
    somebody,
    wall,
)
from tests.variants import KINDS, Pools, Variant, pixels, track_all

TRACKERS: list[TrackerName] = ["holistic", "pose", "hands", "face"]
OF_BODIES: list[TrackerName] = ["holistic", "pose", "face"]

OWN_LOOP = pytest.mark.parametrize(
    "variant", [kind for kind in KINDS if kind[0] != "mediapipe"], indirect=True, ids="-".join
)
"""For what the tracking loop decides: that of the engine ``mediapipe`` is MediaPipe's own (``test_parity.py``)."""

FACE_TIP = 1
"""The landmark at the tip of the nose in the mesh of the face."""

NOSE_PX = (223, 128)
"""The astronaut's nose in her still picture."""

LATE_BODY = 3
"""Frames, 0.1 s, after which who left must be gone and who came must be there."""

LATE_HAND = 6
"""Frames, 0.2 s, after which a hand that left must be gone and one that came must be there."""


def nose(tracked: Tracked) -> NDArray[np.float32] | None:
    """Return where the nose is, in pixels: of the face where there is one."""
    if tracked.face is not None:
        return pixels(tracked.face.image, tracked.size_wh)[FACE_TIP]
    if tracked.pose is not None:
        return pixels(tracked.pose.image, tracked.size_wh)[PoseLandmark.NOSE]
    return None


def off(tracked: Tracked, expected_px: Iterable[float]) -> float:
    """Return how many pixels the nose is from where it should be; infinite where nobody is found."""
    found = nose(tracked)
    return float(np.hypot(*(found - np.array(expected_px)))) if found is not None else np.inf


def hands_of(tracked: Tracked) -> list[Hand]:
    return [hand for hand in (tracked.left_hand, tracked.right_hand) if hand is not None]


def has(tracked: Tracked, name: TrackerName) -> bool:
    """Return whether all is there that a tracker of that name finds of ``somebody``."""
    parts = {"holistic": ("pose", "face", "left_hand", "right_hand"), "pose": ("pose",), "face": ("face",)}
    return all(getattr(tracked, part) is not None for part in parts.get(name, ("left_hand", "right_hand")))


# People


@pytest.mark.parametrize("name", TRACKERS)
def test_who_leaves_is_gone_and_who_comes_back_leaves_nothing_behind(name: TrackerName, variant: Variant) -> None:
    here, elsewhere, nobody = somebody(), somebody(60), wall()
    seen = variant.track_stream(name, [here] * 6 + [nobody] * (LATE_BODY + 3) + [elsewhere] * 10)
    fresh = variant.track_stream(name, [elsewhere] * 10)
    assert has(seen[5], name)
    assert all(one.is_empty for one in seen[6 + LATE_BODY : 9 + LATE_BODY])
    back = seen[9 + LATE_BODY :]
    late = LATE_BODY if name in ("pose", "face") else LATE_HAND
    assert all(has(one, name) for one in back[late:])
    # Where some bodies are extrapolated, it is not the same ones.
    most = 6 if variant.quality == "fast" else 1.5
    for part in ("pose", "face", "left_hand", "right_hand"):
        mine, theirs = ([getattr(one, part) for one in some] for some in (back, fresh))
        for one, other in zip(filter(None, mine), filter(None, theirs), strict=False):
            apart = np.linalg.norm(pixels(one.image - other.image, SIZE_WH), axis=1)
            assert np.median(apart) < most, part


@cache
def two_people(number: int) -> tuple[RgbImage, PointPx]:
    """Return a picture of two who sway, and where the nose of the first is: the second comes, and comes nearer."""
    picture = wall()
    away, near = max(0.0, 1 - max(number - 5, 0) / 8), min(max(number - 12, 0) / 15, 1)
    second = admiral()
    assert second is not None
    at = (485 - 15 * near + 280 * away + 12 * np.sin(number / 3), 500)
    of_second = place((256, 600), at, scale=0.45 + 0.3 * near)
    of_first = place((256, 512), (180 + 12 * np.sin(number / 4), 480), scale=0.75, turned_deg=3 * np.sin(number / 5))
    Cutout(second, np.ones(second.shape[:2], np.float32)).put_into(picture, of_second)
    Cutout(astronaut(), np.ones((512, 512), np.float32)).put_into(picture, of_first)
    return picture, tuple(of_first[:, :2] @ NOSE_PX + of_first[:, 2])


@OWN_LOOP
@pytest.mark.parametrize("name", ["holistic", "face"])
def test_of_two_the_first_is_kept_while_the_other_comes_nearer(name: TrackerName, variant: Variant) -> None:
    if admiral() is None:
        pytest.skip("the other woman's picture comes with matplotlib")
    scene = [two_people(number) for number in range(32)]
    seen = variant.track_stream(name, [picture for picture, _ in scene])
    for number, (tracked, (_, expected)) in enumerate(zip(seen, scene, strict=True)):
        assert off(tracked, expected) < 20, f"frame {number}"


def scaled(picture: RgbImage, number: int) -> RgbImage:
    """Return what a sender makes of a frame who has little bandwidth for a while."""
    factor = (1, 0.75, 0.5, 1.5)[number // 8]
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


@OWN_LOOP
@pytest.mark.parametrize("name", ["holistic", "face"])
def test_who_is_tracked_is_kept_when_the_sender_scales_its_pictures(name: TrackerName, variant: Variant) -> None:
    """The other is nearer by then: a search would find her."""
    if admiral() is None:
        pytest.skip("the other woman's picture comes with matplotlib")
    scene = [two_people(number) for number in range(20)]
    scene += [scene[-1]] * 12
    shown = [scaled(picture, number) for number, (picture, _) in enumerate(scene)]
    seen = variant.track_stream(name, shown)
    for number, (tracked, (_, expected)) in enumerate(zip(seen, scene, strict=True)):
        at = np.array(expected) * shown[number].shape[0] / SIZE_WH[1]
        assert off(tracked, at) < 20, f"frame {number}"


# Hands


def palms(number: int) -> tuple[PointPx, PointPx]:
    """Return where the palms are, left and right, while they come together, cross, and part again: 44 frames."""
    phase = np.clip(number / 22, 0, 2) * np.pi
    apart = 110 + 175 * np.cos(phase)
    return (341 + apart, 235 - 20 * np.sin(phase / 2)), (341 - apart, 235 + 20 * np.sin(phase / 2))


@cache
def crossing() -> list[RgbImage]:
    return [astronaut_with_hands(left=left, right=right) for left, right in map(palms, range(44))]


def middle_px(hand: Hand, size_wh: tuple[int, int]) -> NDArray[np.float32]:
    """Return the middle of a palm."""
    joints = [HandLandmark.WRIST, HandLandmark.INDEX_MCP, HandLandmark.LITTLE_MCP]
    return pixels(hand.image, size_wh)[joints].mean(axis=0)


@OWN_LOOP
@pytest.mark.parametrize("name", ["holistic", "hands"])
def test_hands_that_cross_are_told_apart_once_they_part(name: TrackerName, variant: Variant) -> None:
    seen = variant.track_stream(name, crossing())
    for number, tracked in enumerate(seen):
        left, right = palms(number)
        if name == "holistic":
            assert off(tracked, (NOSE_PX[0] + 100, NOSE_PX[1])) < 20
        if not LATE_HAND <= number < 38:
            continue
        for hand in hands_of(tracked):
            assert min(np.hypot(*(middle_px(hand, STAGE_WH) - palm)) for palm in (left, right)) < 90, f"frame {number}"
    parted = range(44 - LATE_HAND, 44)
    for side in range(2):
        hands = [(seen[number].left_hand, seen[number].right_hand)[side] for number in parted]
        off_px = [
            np.hypot(*(middle_px(hand, STAGE_WH) - palms(number)[side]))
            for number, hand in zip(parted, hands, strict=True)
            if hand is not None
        ]
        assert len(off_px) >= LATE_HAND - 1, "it may be lost for a frame, as MediaPipe loses it"
        assert max(off_px) < 45


def to_the_face(number: int) -> PointPx:
    """Return where the right palm is while it rises to the face, rests on it, and sinks again: 40 frames."""
    up = np.clip(min(number, 40 - number) / 12, 0, 1)
    return (125 + 170 * up, 205 - 55 * up)


@cache
def rising() -> list[RgbImage]:
    return [astronaut_with_hands(right=to_the_face(number)) for number in range(40)]


@OWN_LOOP
def test_a_hand_on_the_face_spoils_neither(variant: Variant) -> None:
    seen = variant.track_stream("holistic", rising())
    for number, tracked in enumerate(seen):
        assert tracked.pose is not None
        assert np.hypot(*(pixels(tracked.pose.image, STAGE_WH)[0] - (323, 128))) < 70, f"frame {number}"
        if tracked.face is not None:
            assert off(tracked, (323, 128)) < 45, f"frame {number}"
    for number in range(6, 10):
        hand = seen[number].right_hand
        assert hand is not None, f"frame {number}"
        assert np.hypot(*(middle_px(hand, STAGE_WH) - to_the_face(number))) < 45, f"frame {number}"
        assert seen[number].face is not None, f"frame {number}"
    assert sum(one.left_hand is not None for one in seen) <= 2, "her left hand is not to be seen"
    after = seen[30:]
    assert all(one.face is not None for one in after)
    assert sum(one.right_hand is not None for one in after) >= len(after) / 2


def leaving(number: int) -> PointPx:
    """Return where the left palm is while it goes out of the picture at the side, stays there and comes back."""
    out = np.clip(min(number - 5, 30 - number) / 8, 0, 1)
    return (600 + 250 * out, 230 + 60 * out)


@cache
def going_out() -> list[RgbImage]:
    return [astronaut_with_hands(left=leaving(number), right=(120, 200)) for number in range(40)]


@OWN_LOOP
def test_hands_that_leave_the_picture_are_gone_until_they_come_back(variant: Variant) -> None:
    places = [leaving(number) for number in range(40)]
    seen = variant.track_stream("holistic", going_out())
    outside = [number for number, (x, _) in enumerate(places) if x > STAGE_WH[0] + 75]
    inside = [number for number, (x, _) in enumerate(places) if x < 640]
    back = [number for number in inside if number > outside[-1]]
    assert all(seen[number].left_hand is None for number in outside[LATE_HAND:])
    for number in (5, *back[LATE_HAND:]):
        hand = seen[number].left_hand
        assert hand is not None, f"frame {number}"
        assert np.hypot(*(middle_px(hand, STAGE_WH) - places[number])) < 45, f"frame {number}"
    for number, tracked in enumerate(seen):
        assert tracked.pose is not None, f"frame {number}"
        assert tracked.right_hand is not None or number < LATE_HAND, f"frame {number}"


@pytest.mark.parametrize("left", [True, False], ids=["left", "right"])
def test_the_hand_is_where_it_was_drawn_and_the_subjects(left: bool, variant: Variant) -> None:
    picture = wall()
    matrix = hand_matrix((320, 240), size_px=200, turned_deg=15)
    hand_cutout(left=left).put_into(picture, matrix)
    expected = hand_points(matrix, left=left)
    for tracked in (variant.track_still("hands", picture), variant.track_stream("hands", [picture] * 3)[-1]):
        assert tracked.pose is None
        (hand,) = hands_of(tracked)
        assert (tracked.left_hand is hand) == left
        tips = np.linalg.norm(pixels(hand.image, SIZE_WH)[list(HAND_POINTS)] - expected, axis=1)
        assert np.median(tips) < 8


@OWN_LOOP
def test_two_drawn_hands_pass_each_other(variant: Variant) -> None:
    pictures = []
    places = [((150 + 12 * number, 170), (490 - 12 * number, 330)) for number in range(30)]
    for left, right in places:
        picture = wall()
        hand_cutout(left=False).put_into(picture, hand_matrix(right, size_px=170))
        hand_cutout(left=True).put_into(picture, hand_matrix(left, size_px=170))
        pictures.append(picture)
    seen = variant.track_stream("hands", pictures)
    for number in (*range(LATE_HAND, 10), *range(24, 30)):
        left, right = places[number]
        tracked = seen[number]
        assert tracked.left_hand is not None, f"frame {number}"
        assert tracked.right_hand is not None, f"frame {number}"
        assert np.hypot(*(middle_px(tracked.left_hand, SIZE_WH) - left)) < 60, f"frame {number}"
        assert np.hypot(*(middle_px(tracked.right_hand, SIZE_WH) - right)) < 60, f"frame {number}"


# Nothing where there is nothing


def photographs() -> dict[str, RgbImage]:
    """Return pictures with no hand to be seen: of faces, animals, things and textures."""
    from skimage import data

    pictures = {"astronaut": astronaut()}
    woman = admiral()
    if woman is not None:
        pictures["admiral"] = woman
    for name in ("chelsea", "coffee", "rocket", "brick", "text"):
        picture = getattr(data, name)()
        pictures[name] = np.ascontiguousarray(picture if picture.ndim == 3 else cv2.merge([picture] * 3))
    return pictures


@OWN_LOOP
@pytest.mark.parametrize("name", ["holistic", "hands"])
def test_where_there_are_no_hands_none_is_found(name: TrackerName, variant: Variant) -> None:
    for what, picture in photographs().items():
        height, width = picture.shape[:2]
        moved = [
            cv2.warpAffine(
                picture,
                place((width / 2, height / 2), (320 + 5 * number, 240), scale=460 / height, turned_deg=2 * number),
                SIZE_WH,
                borderMode=cv2.BORDER_REPLICATE,
            )
            for number in range(3)
        ]
        for number, tracked in enumerate([*variant.track_stream(name, moved), variant.track_still(name, moved[0])]):
            assert not hands_of(tracked), f"{what}, frame {number}"


@OWN_LOOP
def test_a_moving_face_is_never_a_hand(variant: Variant) -> None:
    seen = variant.track_stream("holistic", [moved.rgb for moved in astronaut_frames(30, first=20)])
    for number, tracked in enumerate(seen):
        assert tracked.face is not None, f"frame {number}"
        assert not hands_of(tracked), f"frame {number}"


def empty_pictures() -> dict[str, RgbImage]:
    random = np.random.default_rng(5)
    noise = random.integers(0, 256, (480, 640, 3), dtype=np.uint8)
    return {
        "black": np.zeros_like(noise),
        "grey": np.full_like(noise, 128),
        "white": np.full_like(noise, 255),
        "red": np.full_like(noise, (200, 40, 30)),
        "noise": noise,
        "clouds": cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 12), None, 0, 255, cv2.NORM_MINMAX),
        "ramp": np.broadcast_to(np.linspace(0, 255, 640, dtype=np.uint8)[None, :, None], noise.shape).copy(),
    }


@pytest.mark.parametrize("name", TRACKERS)
def test_flat_and_noisy_frames_show_nobody(name: TrackerName, variant: Variant) -> None:
    pictures = empty_pictures()
    for what, tracked in zip(pictures, variant.track_stream(name, pictures.values()), strict=True):
        assert tracked.is_empty, what
    assert variant.track_still(name, pictures["noise"]).is_empty


# Light


LIGHTS: dict[str, Callable[[RgbImage], RgbImage]] = {
    "dark": lambda rgb: (rgb * 0.2).astype(np.uint8),
    "bright": lambda rgb: np.clip(rgb * 1.5, 0, 255).astype(np.uint8),
    "grey": lambda rgb: cv2.merge([cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)] * 3),
}
TOO_MUCH: dict[str, Callable[[RgbImage], RgbImage]] = {
    "black": lambda rgb: (rgb * 0.02).astype(np.uint8),
    "white": lambda rgb: np.clip(rgb * 12.0 + 200, 0, 255).astype(np.uint8),
}


@OWN_LOOP
@pytest.mark.parametrize("light", LIGHTS)
def test_dark_overexposed_and_grey_frames_are_tracked(light: str, variant: Variant) -> None:
    moved = list(astronaut_frames(10))
    seen = variant.track_stream("holistic", [LIGHTS[light](one.rgb) for one in moved])
    for number, (tracked, one) in enumerate(zip(seen, moved, strict=True)):
        assert off(tracked, one.place(np.array([NOSE_PX]))[0]) < 12, f"frame {number}"
        assert not hands_of(tracked)


@OWN_LOOP
@pytest.mark.parametrize("light", TOO_MUCH)
def test_light_that_goes_and_comes_back_leaves_nothing_behind(light: str, variant: Variant) -> None:
    moved = list(astronaut_frames(14))
    pictures = [TOO_MUCH[light](one.rgb) if 3 <= number < 8 else one.rgb for number, one in enumerate(moved)]
    seen = variant.track_stream("holistic", pictures)
    for number, (tracked, one) in enumerate(zip(seen, moved, strict=True)):
        assert not hands_of(tracked), f"frame {number}"
        if number < 3 or number >= 8 + LATE_BODY:
            assert off(tracked, one.place(np.array([NOSE_PX]))[0]) < 12, f"frame {number}"


# Phones, sizes, and cameras that change


def turned_nose(quarters: int, size_wh: tuple[int, int], upright_px: PointPx) -> PointPx:
    """Return where a point of a picture is after ``np.rot90(picture, quarters)``; ``size_wh`` is the picture's."""
    x, y = upright_px
    width, height = size_wh
    for _ in range(quarters % 4):
        x, y, width, height = y, width - x, height, width
    return x, y


@OWN_LOOP
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_who_lies_in_a_turned_picture_is_found_there_or_not_at_all(quarters: int, variant: Variant) -> None:
    (moved,) = astronaut_frames(1)
    turned = np.ascontiguousarray(np.rot90(moved.rgb, quarters))
    expected = turned_nose(quarters, SIZE_WH, tuple(moved.place(np.array([NOSE_PX]))[0]))
    for name in OF_BODIES:
        for tracked in (variant.track_still(name, turned), variant.track_stream(name, [turned] * 6)[-1]):
            assert tracked.is_empty or off(tracked, expected) < 40, name
            assert not hands_of(tracked)


@OWN_LOOP  # MediaPipe looks where she was in the picture before, and may follow the wall from there for good
@pytest.mark.parametrize("name", ["holistic", "face"])
def test_a_phone_that_is_turned_finds_who_it_films_again(name: TrackerName, variant: Variant) -> None:
    """Its pictures swap width and height in the middle of the stream."""
    (moved,) = astronaut_frames(1)
    upright = tuple(moved.place(np.array([NOSE_PX]))[0])
    turns, each = [0, 1, 0, 3, 0, 2, 0], 10
    pictures = {quarters: np.ascontiguousarray(np.rot90(moved.rgb, quarters)) for quarters in turns}
    seen = variant.track_stream(name, [pictures[quarters] for quarters in turns for _ in range(each)])
    for part, quarters in enumerate(turns):
        expected = turned_nose(quarters, SIZE_WH, upright)
        settled = seen[(part + 1) * each - 1]
        if quarters == 0:
            assert off(settled, expected) < 20, f"part {part}"
        else:
            assert settled.is_empty or off(settled, expected) < 40, f"part {part}"


@pytest.mark.parametrize("size_wh", [(160, 120), (176, 144), (321, 241), (479, 853), (1280, 720), (1920, 1080)])
def test_every_size_shows_the_same_person(size_wh: tuple[int, int], variant: Variant) -> None:
    moved = list(astronaut_frames(4, size_wh))
    seen = variant.track_stream("holistic", [one.rgb for one in moved])
    for number, (tracked, one) in enumerate(zip(seen, moved, strict=True)):
        assert tracked.pose is not None, f"frame {number}"
        assert tracked.face is not None, f"frame {number}"
        head = 0.3 * 512 * np.sqrt(np.linalg.det(one.matrix[:, :2]))
        assert off(tracked, one.place(np.array([NOSE_PX]))[0]) < max(0.1 * head, 2), f"frame {number}"
        assert not hands_of(tracked)


@pytest.mark.parametrize("size_wh", [(1, 1), (2, 3), (3, 2), (1, 300), (301, 1), (17, 13), (64, 48)])
def test_a_picture_of_any_size_is_no_failure(size_wh: tuple[int, int], variant: Variant) -> None:
    small = cv2.resize(astronaut(), size_wh, interpolation=cv2.INTER_AREA)
    for name in TRACKERS:
        variant.track_still(name, small)
        variant.track_stream(name, [small, small])
        assert variant.track_still(name, np.zeros_like(small)).is_empty


def test_the_size_may_change_between_any_two_frames(variant: Variant) -> None:
    """From a picture of hers to another of hers, with all sizes from a dot's to a film's on the way."""
    sizes = [(640, 480), (320, 240), (1, 1), (1280, 720), (2, 3), (333, 251), (480, 640), (640, 480)]
    pictures = [next(iter(astronaut_frames(1, size_wh))).rgb for size_wh in sizes]
    last = next(iter(astronaut_frames(1))).place(np.array([NOSE_PX]))[0]
    for name in OF_BODIES:
        seen = variant.track_stream(name, [*pictures, *[pictures[-1]] * 8])
        assert off(seen[0], last) < 12, name
        assert off(seen[1], last / 2) < 12, f"{name}: it shows the same at half the size"
        assert off(seen[-1], last) < 12, name


def test_whatever_comes_next_nothing_fails(variant: Variant) -> None:
    """A stream of anything: people, hands, noise, cuts, light and sizes at random."""
    random = np.random.default_rng(11)
    sources = [somebody(), somebody(90), *empty_pictures().values(), crossing()[22], astronaut()]
    pictures = []
    for _ in range(14):
        source = sources[random.integers(len(sources))]
        size_wh = tuple(int(side) for side in random.integers(8, 700, 2))
        about = (source.shape[1] / 2, source.shape[0] / 2)
        matrix = place(
            about,
            (size_wh[0] / 2, size_wh[1] / 2),
            scale=float(random.uniform(0.2, 2.5)),
            turned_deg=float(random.uniform(-180, 180)),
        )
        picture = cv2.warpAffine(source, matrix, size_wh, flags=cv2.INTER_LINEAR)
        pictures += [np.clip(picture * random.uniform(0.1, 3), 0, 255).astype(np.uint8)] * int(random.integers(1, 3))
    for name in TRACKERS:
        variant.track_stream(name, pictures)


# Time


@pytest.mark.parametrize("name", ["holistic", "hands"])
def test_clocks_that_stand_still_or_jump_spoil_nothing(name: TrackerName, variant: Variant) -> None:
    """RTP timestamps of a sender that restarts, sleeps, or counts wrongly."""
    hour = 3600 * 90_000
    times = [0, 3000, 3000, 3000, 1500, 0, -hour, 3000 - hour, 6000 - hour, 5 * hour, 2**40, 2**40 + 1, 0, 3000, 6000]
    shifts = [0, 8, 16, 24, 16, 8, 0, -8, -16, -8, 0, 8, 16, 8, 0]
    with variant.lend(name) as tracker:
        frames = [as_frame(somebody(shift), number) for number, shift in enumerate(shifts)]
        frames = [type(frame)(frame.number, pts, 0, frame.rgb) for frame, pts in zip(frames, times, strict=True)]
        seen = track_all(tracker, frames)
    still = variant.track_still(name, somebody())
    for number, (tracked, shift) in enumerate(zip(seen, shifts, strict=True)):
        assert has(tracked, name) or number < LATE_HAND, f"frame {number}"
        for part in ("pose", "left_hand", "right_hand"):
            one, other = getattr(tracked, part), getattr(still, part)
            if one is not None and other is not None:
                visible = other.visibility > 0.5 if part == "pose" else slice(None)
                apart = np.linalg.norm(pixels(one.image - other.image, SIZE_WH)[visible] - (shift, 0), axis=1)
                # A hand that is extrapolated where it turns round is two steps of 8 px off; a pose that is smoothed
                # cannot follow while no time passes.
                most = 18 if part != "pose" or number > 12 else 25
                assert np.median(apart) < most, f"{part} of frame {number}"


SPEED_PX = 300
"""Per second."""


def lag_px(variant: Variant, fps: int) -> float:
    """Return by how much a head's landmarks are behind when it begins to move, from 0.06 to 0.28 s after.

    It moves right and then, anew, left: what the picture itself puts them off by is gone from the mean of both.
    """
    still, moving = round(0.2 * fps), round(0.3 * fps)
    head = slice(PoseLandmark.NOSE, PoseLandmark.MOUTH_RIGHT + 1)
    lags = []
    for direction in (1, -1):
        travelled = np.maximum(np.arange(still + moving + 1) - still, 0) / fps * SPEED_PX * direction
        maps = [motion(0) + np.array([[0, 0, px], [0, 0, 0]]) for px in travelled - 45 * direction]
        pictures = [cv2.warpAffine(astronaut(), one, SIZE_WH, borderMode=cv2.BORDER_REPLICATE) for one in maps]
        poses = [tracked.pose for tracked in variant.track_stream("pose", pictures, fps=fps)]
        xs = np.array([pose.image[head, 0].mean() * SIZE_WH[0] for pose in poses if pose is not None])
        assert len(xs) == len(poses)
        behind = (xs[still] + travelled - xs) * direction
        seconds = (np.arange(len(xs)) - still) / fps
        lags.append(behind[(seconds >= 0.06) & (seconds <= 0.28)].mean())
    return float(np.mean(lags))


@OWN_LOOP
def test_smoothing_takes_as_long_at_any_frame_rate(variant: Variant) -> None:
    """A filter that took each frame for 1/30 s would be behind 2.6 times as far at 15 as at 60 frames per second."""
    # Where the body is looked at in every second frame, half of 15 is too few to tell the filter's delay from the rest.
    lags = {fps: lag_px(variant, fps) for fps in ((30, 60) if variant.quality == "fast" else (15, 60))}
    assert min(lags.values()) > 0
    assert max(lags.values()) < (1.7 if variant.quality == "fast" else 1.4) * min(lags.values()), lags


# Sessions


@pytest.mark.parametrize("name", TRACKERS)
def test_stills_owe_nothing_to_the_picture_before(name: TrackerName, variant: Variant) -> None:
    pictures = [somebody(), somebody(90), wall(), np.ascontiguousarray(cv2.flip(somebody(), 1)), somebody()]
    with variant.lend(name, still=True) as tracker:
        seen = track_all(tracker, [as_frame(rgb, number) for number, rgb in enumerate(pictures)])
    assert has(seen[0], name)
    assert seen[2].is_empty
    assert_same(seen[0], seen[4])
    assert_same(seen[1], variant.track_still(name, pictures[1]))


def assert_same(one: Tracked, other: Tracked) -> None:
    for part in ("pose", "face", "left_hand", "right_hand"):
        mine, theirs = getattr(one, part), getattr(other, part)
        assert (mine is None) == (theirs is None), part
        if mine is not None:
            assert np.array_equal(mine.image, theirs.image), part


def test_sessions_that_share_networks_do_not_mix(variant: Variant) -> None:
    names: list[TrackerName] = ["holistic", "holistic", "hands", "face"]
    streams = [[somebody(first + 6 * number) for number in range(6)] for first in (0, -60, 30, -20)]

    def run(number: int) -> list[Tracked]:
        return variant.track_stream(names[number], streams[number])

    expected = [run(number) for number in range(len(names))]
    with ThreadPoolExecutor(len(names)) as threads:
        for mine, reference in zip(threads.map(run, range(len(names))), expected, strict=True):
            for one, other in zip(mine, reference, strict=True):
                assert_same(one, other)


def test_a_second_core_changes_no_landmark(pools: Pools, network_cache: Path) -> None:
    """With one, hands and face are looked at after the body; with two, at the same time, where they were before."""
    pictures = crossing()[6:30:2]
    alone = TrackerPool("openvino", EngineOptions(threads=1, cache_folder=network_cache, precision="f32"))
    try:
        for quality in ("exact", "fast"):
            expected = Variant("openvino", quality, alone).track_stream("holistic", pictures)
            seen = Variant("openvino", quality, pools("openvino")).track_stream("holistic", pictures)
            for one, other in zip(seen, expected, strict=True):
                assert_same(one, other)
    finally:
        alone.close()


def test_the_buffer_of_a_frame_may_be_used_again_for_the_next(variant: Variant) -> None:
    pictures = [somebody(shift) for shift in (0, 0, 12, 24, 36, 36)]
    buffer = pictures[0].copy()
    with variant.lend("holistic") as tracker:
        seen = []
        for number, picture in enumerate(pictures):
            buffer[:] = picture
            seen += track_all(tracker, [as_frame(buffer, number)])
    for one, other in zip(seen, variant.track_stream("holistic", pictures), strict=True):
        assert_same(one, other)


# Failures


def network_that_fails() -> object:
    """Return an inference request that fails whenever it runs: it is to multiply tables that do not fit."""
    import openvino as ov
    from openvino import opset13 as ops

    one, other = (ops.parameter([-1, -1], np.float32) for _ in range(2))
    model = ov.Model([ops.matmul(one, other, False, False)], [one, other])
    request = ov.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    request.set_input_tensor(0, ov.Tensor(np.ones((2, 3), np.float32)))
    request.set_input_tensor(1, ov.Tensor(np.ones((4, 3), np.float32)))
    return request


@pytest.mark.skipif(find_spec("openvino") is None, reason="openvino is not installed")
@pytest.mark.parametrize(
    ("name", "quality"), [("holistic", "balanced"), ("pose", "exact"), ("hands", "fast"), ("face", "exact")]
)
def test_a_request_that_really_fails_is_replaced(
    name: TrackerName, quality: Quality, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How the other engine fails is told in ``test_tracking.py``."""
    from mocast.tracking.openvino.runtime.inference_request import InferenceRequest, RequestSlot

    def failing(_: InferenceRequest) -> RequestSlot:
        return RequestSlot(fails, Semaphore(0))  # type: ignore[arg-type]

    pool = pools("openvino")
    tracker, bystander = pool.acquire(name, quality), pool.acquire(name, quality)
    before, fails = pool.failures, network_that_fails()
    frames = [as_frame(somebody(4 * number), number) for number in range(12)]
    assert [one.track(frames[0]).is_empty for one in (tracker, bystander)] == [False, False]
    with monkeypatch.context() as broken:
        broken.setattr(InferenceRequest, "_acquire", failing)
        assert [tracker.track(frame).is_empty for frame in frames[1:3]] == [True, True]
    assert (tracker.failures, pool.failures) == (2, before + 2)
    after, other = track_all(tracker, frames[3:]), track_all(bystander, frames[1:])
    assert all(has(one, name) for one in (*after[LATE_HAND:], *other[LATE_HAND:]))
    assert (tracker.failures, bystander.failures) == (2, 0)
    pool.release(tracker)
    pool.release(bystander)
