from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from tests import people
from tests.people import SIZE_WH
from tests.pictures import astronaut

from mocast.model.topology import FACE_COUNT, POSE_COUNT
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Face, Landmarks, Pose
from mocast.rendering.privacy import COVER_HOLD_TICKS, Outline, PrivacyGuard, cover, face_region, head_region

WAYS = ["blur", "pixelate"]


def checkerboard(size_wh: tuple[int, int] = SIZE_WH) -> NDArray[np.uint8]:
    """A picture of 0 and 255 only, whose averages are all near 127: what shows a 0 or 255 was not covered."""
    columns, rows = np.meshgrid(np.arange(size_wh[0]), np.arange(size_wh[1]))
    return np.repeat(((columns + rows) % 2 * 255).astype(np.uint8)[..., None], 3, axis=2)


def hull_mask(points_px: NDArray[np.floating], size_wh: tuple[int, int] = SIZE_WH) -> NDArray[np.bool_]:
    mask = np.zeros(size_wh[::-1], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(points_px).astype(np.int32)), (1,))
    return mask.astype(bool)


def covered(outlines: list[Outline], size_wh: tuple[int, int] = SIZE_WH) -> NDArray[np.bool_]:
    picture = checkerboard(size_wh)
    for outline in outlines:
        cover(picture, outline, "pixelate")
    return ((picture != 0) & (picture != 255)).all(axis=2)


def pixels(image: Landmarks) -> NDArray[np.float32]:
    return image[:, :2] * SIZE_WH - np.float32(0.5)


def head_circle(centre_px: tuple[float, float], radius_px: float) -> NDArray[np.bool_]:
    angles = np.linspace(0, 2 * np.pi, 40)
    return hull_mask(np.stack([np.cos(angles), np.sin(angles)], axis=1) * radius_px + centre_px)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("half", [8, 40, 160])
def test_every_pixel_of_a_face_its_forehead_and_its_margin_is_covered(how: str, half: float) -> None:
    face = people.face((320, 240), (half, half * 1.3))
    outline = face_region(face, SIZE_WH)
    assert outline is not None
    picture = checkerboard()
    cover(picture, outline, how)  # type: ignore[arg-type]
    changed = ((picture != 0) & (picture != 255)).all(axis=2)
    points = pixels(face.image)
    hair_line = points - (0, 0.2 * half * 1.3)
    assert changed[hull_mask(np.concatenate([points, hair_line]))].all()
    assert changed.sum() > 1.3 * hull_mask(points).sum()
    untouched = ~hull_mask((outline - outline.mean(axis=0)) * 1.2 + outline.mean(axis=0))
    assert (picture == checkerboard())[untouched].all()


@pytest.mark.parametrize("how", WAYS)
def test_fine_detail_leaves_no_trace(how: str) -> None:
    outline = face_region(people.face((320, 240), (80, 100)), SIZE_WH)
    assert outline is not None
    plain, detailed = np.full((480, 640, 3), 128, np.uint8), np.full((480, 640, 3), 128, np.uint8)
    detailed[:, ::4] = detailed[:, 1::4] = 148  # stripes of 4 pixels, ±10 about their mean
    detailed[:, 2::4] = detailed[:, 3::4] = 108
    cover(plain, outline, how)  # type: ignore[arg-type]
    cover(detailed, outline, how)  # type: ignore[arg-type]
    inside = hull_mask(outline - (outline - outline.mean(axis=0)) * 0.05)
    assert np.abs(plain.astype(int) - detailed)[inside].max() <= 4


@pytest.mark.parametrize("how", WAYS)
def test_a_region_across_the_picture_edge_is_covered_up_to_the_edge(how: str) -> None:
    face = people.face((635, 5), (40, 50))
    outline = face_region(face, SIZE_WH)
    assert outline is not None
    picture = checkerboard()
    cover(picture, outline, how)  # type: ignore[arg-type]
    inside = hull_mask(np.clip(pixels(face.image), 0, (639, 479)))
    assert ((picture != 0) & (picture != 255)).all(axis=2)[inside].all()


@pytest.mark.parametrize("visibility", [1.0, 0.0])
def test_the_whole_head_is_covered_when_only_the_pose_sees_it(visibility: float) -> None:
    found = people.tracked(pose=people.pose(visibility))
    assert covered(PrivacyGuard().regions(found, SIZE_WH))[head_circle((320, 112), 48)].all()


def test_a_head_in_profile_is_covered() -> None:
    body = people.pose()
    # Turned to the side: ears, eyes and shoulders fall together, the nose points away.
    for landmark, x_px in ((P.LEFT_EAR, 322), (P.RIGHT_EAR, 318), (P.LEFT_SHOULDER, 325), (P.RIGHT_SHOULDER, 315)):
        body.image[landmark, 0] = x_px / SIZE_WH[0]
    for landmark in range(P.LEFT_EYE_INNER, P.RIGHT_EYE_OUTER + 1):
        body.image[landmark, 0] = 352 / SIZE_WH[0]
    for landmark in (P.MOUTH_LEFT, P.MOUTH_RIGHT):
        body.image[landmark, 0] = 355 / SIZE_WH[0]
    body.image[P.NOSE, 0] = 366 / SIZE_WH[0]
    found = people.tracked(pose=body)
    assert covered(PrivacyGuard().regions(found, SIZE_WH))[head_circle((325, 112), 46)].all()


def test_a_head_from_behind_and_tilted_is_covered() -> None:
    body = people.pose()
    turn = np.array([[0, -1], [1, 0]])
    head = pixels(body.image)[: P.MOUTH_RIGHT + 1]
    tilted = (head - (320, 114)) @ turn.T + (320, 114)
    body.image[: P.MOUTH_RIGHT + 1] = people.normalised(tilted)
    assert covered(PrivacyGuard().regions(people.tracked(pose=body), SIZE_WH))[head_circle((320, 112), 46)].all()


def test_a_face_takes_the_place_of_the_larger_head_that_it_belongs_to() -> None:
    body, face = people.pose(), people.face()
    both = PrivacyGuard().regions(people.tracked(pose=body, face=face), SIZE_WH)
    assert len(both) == 1
    elsewhere = people.tracked(pose=body, face=people.face((100, 400)))
    assert len(PrivacyGuard().regions(elsewhere, SIZE_WH)) == 2


@pytest.mark.parametrize("found", [people.tracked(face=people.face()), people.tracked(pose=people.pose())])
def test_a_lost_face_stays_covered_for_a_second_and_grows(found: people.Tracked) -> None:
    guard = PrivacyGuard()
    before = covered(guard.regions(replace(found, pts=1000), SIZE_WH))
    half = covered(guard.regions(people.tracked(pts=1000 + COVER_HOLD_TICKS // 2), SIZE_WH))
    last = covered(guard.regions(people.tracked(pts=1000 + COVER_HOLD_TICKS), SIZE_WH))
    assert before.any()
    assert half[before].all()
    assert last[half].all()
    assert before.sum() < half.sum() < last.sum()
    assert guard.regions(people.tracked(pts=1001 + COVER_HOLD_TICKS), SIZE_WH) == []
    assert guard.regions(people.tracked(pts=1000), SIZE_WH) == []


def test_the_head_takes_over_from_a_lost_face_where_the_pose_still_sees_it() -> None:
    guard = PrivacyGuard()
    guard.regions(people.tracked(face=people.face(), pose=people.pose(), pts=0), SIZE_WH)
    assert len(guard.regions(people.tracked(pose=people.pose(), pts=3000), SIZE_WH)) == 1


def test_a_pose_that_jumps_elsewhere_does_not_bare_the_face_that_was_lost() -> None:
    guard = PrivacyGuard()
    seen = covered(guard.regions(people.tracked(face=people.face(), pts=0), SIZE_WH))
    elsewhere = people.pose()
    elsewhere.image[:, 0] -= 0.4
    after = covered(guard.regions(people.tracked(pose=elsewhere, pts=3000), SIZE_WH))
    assert after[seen].all()


BOX = np.float32([0.7, 0.5, 0.8, 0.65])  # of 64 x 72 pixels, about (480, 276)


def test_faces_of_people_who_are_not_tracked_are_covered_and_stay_so_between_two_searches() -> None:
    guard = PrivacyGuard()
    tracked = people.tracked(face=people.face(), pose=people.pose(), pts=0)
    first = guard.regions(tracked, SIZE_WH, np.stack([BOX, BOX - (0.6, 0.3, 0.6, 0.3)]))
    assert len(first) == 3
    assert covered(first)[head_circle((480, 276), 60)].all()
    between = guard.regions(replace(tracked, pts=3000), SIZE_WH)
    assert covered(between)[covered(first)].all()
    moved = guard.regions(replace(tracked, pts=6000), SIZE_WH, (BOX + 0.02)[None])
    assert len(moved) == 3, "a face that moved a little takes its own region's place"
    assert len(guard.regions(people.tracked(pts=6001 + COVER_HOLD_TICKS), SIZE_WH)) == 0


def test_the_box_of_the_tracked_face_adds_nothing() -> None:
    face = people.face()
    box = np.concatenate([face.image[:, :2].min(axis=0), face.image[:, :2].max(axis=0)])
    found = people.tracked(face=face, pose=people.pose())
    assert len(PrivacyGuard().regions(found, SIZE_WH, box[None])) == 1


def test_a_face_of_no_numbers_counts_as_lost() -> None:
    guard = PrivacyGuard()
    seen = covered(guard.regions(people.tracked(face=people.face(), pts=0), SIZE_WH))
    broken = people.face()
    broken.image[:] = np.nan
    assert covered(guard.regions(people.tracked(face=broken, pts=3000), SIZE_WH))[seen].all()


def test_a_clock_that_restarts_keeps_the_cover_for_a_second_more() -> None:
    guard = PrivacyGuard()
    guard.regions(people.tracked(face=people.face(), pts=10**9), SIZE_WH)
    assert guard.regions(people.tracked(pts=50), SIZE_WH)
    assert guard.regions(people.tracked(pts=50 + COVER_HOLD_TICKS), SIZE_WH)
    assert not guard.regions(people.tracked(pts=51 + COVER_HOLD_TICKS), SIZE_WH)


def test_a_held_region_follows_a_change_of_the_picture_size() -> None:
    guard = PrivacyGuard()
    guard.regions(people.tracked(face=people.face(), pts=0), SIZE_WH)
    half = guard.regions(people.tracked(pts=1), (320, 240))
    assert covered(half, (320, 240))[hull_mask(pixels(people.face().image) / 2, (320, 240))].all()


@pytest.mark.parametrize("how", WAYS)
def test_the_astronauts_face_loses_its_features(how: str) -> None:
    found = people.tracked_astronaut()
    assert found.face is not None
    picture = astronaut().copy()
    for outline in PrivacyGuard().regions(found, (512, 512)):
        cover(picture, outline, how)  # type: ignore[arg-type]
    face = hull_mask(found.face.image[:, :2] * 512 - 0.5, (512, 512))

    def features(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        # How each pixel differs from the average of the 9 x 9 around it: eyes, brows, lips.
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
        return (grey - cv2.blur(grey, (9, 9)))[face]

    assert (picture != astronaut()).any(axis=2)[face].mean() > 0.97  # a pixel may happen to equal its block's average
    likeness = np.corrcoef(features(picture), features(astronaut()))[0, 1]
    assert abs(likeness) < 0.35


def any_landmarks(count: int) -> st.SearchStrategy[Landmarks]:
    number = st.floats(width=32, allow_nan=True, allow_infinity=True) | st.floats(-0.5, 1.5, width=32)
    return arrays(np.float32, (count, 3), elements=number, fill=number)


@given(
    any_landmarks(POSE_COUNT), any_landmarks(FACE_COUNT), st.integers(1, 90), st.integers(1, 90), st.sampled_from(WAYS)
)
def test_no_coordinates_crash_or_bare_what_is_in_the_picture(
    pose: Landmarks, face: Landmarks, width: int, height: int, how: str
) -> None:
    found = people.tracked(
        pose=Pose(pose, np.zeros((POSE_COUNT, 3), np.float32), np.ones(POSE_COUNT, np.float32)), face=Face(face)
    )
    size_wh = (width, height)
    memory = checkerboard((width, height + 20))
    guard = PrivacyGuard()
    outlines = guard.regions(found, size_wh) + guard.regions(people.tracked(pts=40_000), size_wh)
    for outline in outlines:
        cover(memory[10:-10], outline, how)  # type: ignore[arg-type]
    assert (memory == checkerboard((width, height + 20)))[[*range(10), *range(-10, 0)]].all()
    numbers = np.isfinite(pose[: P.MOUTH_RIGHT + 1, :2]).all(axis=1)
    assert (head_region(found.pose, size_wh) is not None) == numbers.any()  # type: ignore[arg-type]
