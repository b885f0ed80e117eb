from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests import people
from tests.pictures import astronaut

from mocast.model.canvas import HudStats
from mocast.model.options import Background, DrawOptions, OverlayName, Privacy
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Tracked
from mocast.rendering import colours
from mocast.rendering.pen import FREE_ROWS
from mocast.rendering.renderer import Renderer

FIGURES = HudStats(fps=24.1, tracking_ms=38, delay_ms=46)


def noise() -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (480, 640, 3), dtype=np.uint8)


def rendered(options: DrawOptions, tracked: Tracked | None = None, stats: HudStats | None = None) -> NDArray[np.uint8]:
    return Renderer().render(noise(), tracked or people.person(), options, stats)


def test_without_choices_the_picture_stays_as_it_is() -> None:
    assert (rendered(DrawOptions(overlay=())) == noise()).all()
    assert (rendered(DrawOptions(), people.tracked()) == noise()).all()


def test_overlays_are_drawn_in_their_order() -> None:
    hands = people.tracked(left_hand=people.hand((320, 300), size_px=200))
    assert hands.left_hand is not None
    x, y = (hands.left_hand.image[8, :2] * (640, 480)).astype(int)
    assert tuple(rendered(DrawOptions(overlay=("classic", "rainbow")), hands)[y, x]) == colours.WHITE
    assert tuple(rendered(DrawOptions(overlay=("rainbow", "classic")), hands)[y, x]) == colours.RED


@pytest.mark.parametrize("overlay", [("limbs", "rainbow", "contours"), ("classic", "mesh")])
@pytest.mark.parametrize("opacity", [1.0, 0.5])
def test_the_top_rows_are_untouched_without_a_hud(overlay: tuple[OverlayName, ...], opacity: float) -> None:
    person = people.person()
    assert person.pose is not None
    person.pose.image[P.LEFT_WRIST, 1] = 0.01
    picture = rendered(DrawOptions(overlay=overlay, opacity=opacity), person)
    assert (picture[:FREE_ROWS] == noise()[:FREE_ROWS]).all()
    assert (picture[FREE_ROWS:] != noise()[FREE_ROWS:]).any()


@pytest.mark.parametrize("background", ["video", "dim", "black"])
@pytest.mark.parametrize("privacy", ["off", "pixelate"])
def test_mirror_flips_the_finished_picture(background: Background, privacy: Privacy) -> None:
    straight = rendered(DrawOptions(background=background, privacy=privacy))
    mirrored = rendered(DrawOptions(background=background, privacy=privacy, mirror=True))
    assert (mirrored == straight[:, ::-1]).all()
    assert mirrored.flags.c_contiguous


def test_the_hud_reads_the_same_in_a_mirrored_picture() -> None:
    straight = rendered(DrawOptions(background="black"), people.tracked(), FIGURES)
    mirrored = rendered(DrawOptions(background="black", mirror=True), people.tracked(), FIGURES)
    assert straight[:FREE_ROWS].any()
    assert (mirrored == straight).all()


def test_opacity_mixes_the_overlays_with_the_picture_and_touches_nothing_else() -> None:
    full = rendered(DrawOptions(opacity=1)).astype(int)
    for opacity in (0.25, 0.7):
        mixed = rendered(DrawOptions(opacity=opacity)).astype(int)
        expected = full * opacity + noise() * (1 - opacity)
        assert np.abs(mixed - expected).max() <= 1
        untouched = (full == noise()).all(axis=2)
        assert (mixed == noise())[untouched].all()
    assert (rendered(DrawOptions(opacity=0)) == noise()).all()


def test_dim_darkens_the_picture_but_not_the_overlays() -> None:
    dim = rendered(DrawOptions(background="dim", overlay=("limbs",)))
    bare = rendered(DrawOptions(background="dim", overlay=()))
    assert np.abs(bare - 0.35 * noise()).max() <= 1
    pose = people.pose()
    x, y = (pose.image[P.LEFT_ELBOW, :2] * (640, 480)).astype(int)
    assert tuple(dim[y, x]) == colours.LEFT_ARM


def test_black_leaves_nothing_of_the_picture() -> None:
    first = rendered(DrawOptions(background="black"))
    second = Renderer().render(255 - noise(), people.person(), DrawOptions(background="black"))
    assert (first == second).all()
    assert first.any()
    assert not rendered(DrawOptions(background="black", overlay=())).any()


@pytest.mark.parametrize("privacy", ["blur", "pixelate"])
def test_privacy_lies_under_the_overlays_and_covers_even_the_top_rows(privacy: Privacy) -> None:
    person = people.tracked(face=people.face((320, 30), (40, 50)), left_hand=people.hand((320, 60)))
    picture = rendered(DrawOptions(privacy=privacy, overlay=("rainbow",)), person)
    assert (picture[:FREE_ROWS, 310:330] != noise()[:FREE_ROWS, 310:330]).any(axis=2).mean() > 0.95
    assert person.left_hand is not None
    x, y = (person.left_hand.image[0, :2] * (640, 480)).astype(int)
    assert tuple(picture[y, x]) == colours.WHITE


def test_privacy_remembers_a_lost_face_from_frame_to_frame() -> None:
    options = DrawOptions(privacy="pixelate", overlay=())
    renderer = Renderer()
    renderer.render(noise(), people.tracked(face=people.face(), pts=0), options)
    after = renderer.render(noise(), people.tracked(pts=3000), options)
    assert (after[100:140, 300:340] != noise()[100:140, 300:340]).any(axis=2).mean() > 0.95
    assert (Renderer().render(noise(), people.tracked(pts=3000), options) == noise()).all()


def test_a_read_only_picture_is_left_alone() -> None:
    before = astronaut().copy()
    picture = Renderer().render(astronaut(), people.tracked_astronaut(), DrawOptions(privacy="blur"))
    assert (astronaut() == before).all()
    assert (picture != before).any()


def test_a_writable_picture_is_drawn_on_in_place() -> None:
    picture = noise()
    assert Renderer().render(picture, people.person(), DrawOptions()) is picture


def moved(tracked: Tracked, x: float, person: int) -> Tracked:
    """The made-up person as another one, so much further to the right."""
    assert tracked.pose is not None
    step = np.float32((x, 0, 0))
    return replace(people.tracked(pose=replace(tracked.pose, image=tracked.pose.image + step)), person=person)


def test_each_person_is_drawn_in_colours_of_their_own() -> None:
    first = people.tracked(pose=people.pose())
    other = moved(first, 0.3, 2)
    options = DrawOptions(overlay=("limbs",), background="black")
    drawn = Renderer().render(noise(), replace(first, others=(other,)), options)
    alone = rendered(options, first)
    shoulder = (first.pose.image[P.RIGHT_SHOULDER, :2] * (640, 480)).astype(int) if first.pose else np.zeros(2, int)
    x, y = shoulder
    assert tuple(drawn[y, x]) == tuple(alone[y, x]) == colours.RIGHT_ARM
    assert tuple(drawn[y, x + 192]) == colours.colour_of_person(colours.RIGHT_ARM, 2)


def test_colours_of_people_differ_and_outlines_stay_dark() -> None:
    mixed = {colours.colour_of_person(colours.LEFT_ARM, person) for person in range(4)}
    assert len(mixed) == 4
    assert colours.colour_of_person(colours.LEFT_ARM, 0) == colours.LEFT_ARM
    assert colours.colour_of_person(colours.SHADE, 3) == colours.SHADE


def test_privacy_covers_the_heads_of_all_who_are_tracked() -> None:
    first = people.tracked(pose=people.pose())
    both = replace(first, others=(moved(first, 0.3, 1),))
    options = DrawOptions(overlay=(), privacy="pixelate")
    covered = (Renderer().render(noise(), both, options) != noise()).any(axis=2)
    assert covered[120, 320]
    assert covered[120, 320 + 192]


def test_the_hud_tells_how_many_there_are_where_they_are_several() -> None:
    alone = rendered(DrawOptions(overlay=()), stats=FIGURES)[:FREE_ROWS]
    assert (alone == rendered(DrawOptions(overlay=()), stats=replace(FIGURES, people=1))[:FREE_ROWS]).all()
    assert (alone != rendered(DrawOptions(overlay=()), stats=replace(FIGURES, people=2))[:FREE_ROWS]).any()
