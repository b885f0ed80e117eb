from dataclasses import replace

import numpy as np
import pytest
from tests.faces import SIZE_WH, seen

from mocast.rigging.face.face_observation import observe
from mocast.rigging.face.head_pose import HeadPlacement
from mocast.rigging.face.same_person import ABSENT_S, SamePerson

found = observe(seen(), SIZE_WH)
assert found is not None
PLACEMENT = found.placement


def at(x: float, y: float = 0.0, z: float = 0.7) -> HeadPlacement:
    return replace(PLACEMENT, position=np.array([x, y, z]))


def follow(*scenes: tuple[float, HeadPlacement | None], fps: float = 30) -> list[bool]:
    """Return what is said of the last frame of each scene's first, so many seconds each."""
    person, answers = SamePerson(), []
    for seconds, placement in scenes:
        answers.append(person.may_be_same(placement, 1 / fps))
        for _ in range(round(seconds * fps) - 1):
            assert person.may_be_same(placement, 1 / fps)
    return answers


def test_a_head_that_moves_is_the_same() -> None:
    person = SamePerson()
    for number in range(90):
        assert person.may_be_same(at(0.3 * np.sin(2 * np.pi * number / 30), z=0.7 + 0.2 * np.sin(number / 20)), 1 / 30)


@pytest.mark.parametrize(
    ("gone_s", "back", "is_same"),
    [
        (0.1, at(0.1), True),
        (1.0, at(0.1), True),
        (1.0, at(0.6), False),
        (1.0, at(0.0, z=1.2), False),
        (ABSENT_S + 0.5, at(0.0), False),
    ],
)
def test_who_comes_back_soon_and_near_is_the_same(gone_s: float, back: HeadPlacement, is_same: bool) -> None:
    assert follow((1, at(0.0)), (gone_s, None), (1, back)) == [True, True, is_same]


def test_a_face_that_jumps_across_the_picture_is_another() -> None:
    assert follow((1, at(-0.4)), (1, at(0.4))) == [True, False]
    assert follow((1, at(-0.4)), (1, at(0.4)), fps=8) == [True, True], "at eight frames a second a head may"
