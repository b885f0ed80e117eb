"""The register of people: two who cross, leave, return, and are taken for each other, as made-up bodies in colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mocast.tracking.openvino.regions.people_register import LINGER_US, REMEMBERED_US, PeopleRegister
from mocast.tracking.openvino.regions.person_matching import Arrival
from mocast.tracking.openvino.regions.torso import Colours, Torso

FRAME_US = 33_333


def plain(lightness: float, a: float, b: float) -> Colours:
    return np.tile(np.float32((lightness, a, b)), (5, 1))


RED, BLUE = plain(120, 190, 170), plain(90, 130, 80)


def torso(x: float, size: float = 100) -> Torso:
    return Torso(x, 100, x, 100 + size)


@dataclass
class Stage:
    """A register, and what the picture shows at present: the clothes at each place, those in front first."""

    register: PeopleRegister = field(default_factory=lambda: PeopleRegister(2))
    shown: Sequence[tuple[float, Colours]] = ()
    time_us: int = 0

    def look(self, at: Torso) -> Colours | None:
        """The clothes of whoever is in front there."""
        return next((colours for x, colours in self.shown if abs(x - at.x) < 30), None)

    def enter(self, *people: tuple[float, Colours]) -> list[int]:
        """Detect bodies; return their indices."""
        arrivals = [Arrival(torso(x), colours) for x, colours in people]
        indices = self.register.assign(arrivals, self.time_us)
        for arrival, (index, is_new) in zip(arrivals, indices, strict=True):
            self.register.enter(index, arrival, arrival.torso, self.time_us, is_new=is_new)
        return [index for index, _ in indices]

    def frame(self, now: Mapping[int, float | None], shown: Sequence[tuple[float, Colours]]) -> list[tuple[int, int]]:
        """Track a frame: where the tracker of each index is; return who exchanged."""
        self.time_us += FRAME_US
        self.shown = shown
        self.register.follow(
            {index: None if x is None else torso(x) for index, x in now.items()}, self.time_us, self.look
        )
        return self.register.exchanges(self.register.tracked, self.time_us, self.look)


def apart(frames: int = 40) -> Stage:
    """Two who have stood apart long enough for their clothes to be known."""
    stage = Stage()
    assert stage.enter((100, RED), (500, BLUE)) == [0, 1]
    for _ in range(frames):
        assert stage.frame({0: 100, 1: 500}, [(100, RED), (500, BLUE)]) == []
    return stage


def test_two_who_pass_each_other_keep_their_indices() -> None:
    stage = apart()
    for step in range(1, 9):
        red, blue = 100 + 25 * step, 500 - 25 * step
        assert stage.frame({0: red, 1: blue}, [(red, RED), (blue, BLUE)]) == []
    # The one behind is taken for the one in front.
    stage.frame({0: 310, 1: 308}, [(310, RED)])
    assert stage.register.tracked == [0]
    stage.frame({0: 400}, [(400, RED), (200, BLUE)])
    assert stage.enter((200, BLUE)) == [1]
    for _ in range(40):
        assert stage.frame({0: 420, 1: 180}, [(420, RED), (180, BLUE)]) == []


def test_the_one_behind_gives_up_whichever_index_that_is() -> None:
    stage = apart()
    stage.frame({0: 300, 1: 305}, [(302, BLUE)])
    assert stage.register.tracked == [1]


def test_in_the_same_clothes_the_one_who_jumped_gives_up() -> None:
    stage = Stage()
    stage.enter((100, RED), (500, RED))
    for _ in range(20):
        stage.frame({0: 100, 1: 500}, [(100, RED), (500, RED)])
    stage.frame({0: 495, 1: 500}, [(500, RED)])
    assert stage.register.tracked == [1]


def test_trackers_that_went_on_with_the_other_one_are_exchanged() -> None:
    stage = apart()
    for red, blue in ((200, 400), (260, 340), (310, 290)):
        stage.frame({0: red, 1: blue}, [(red, RED), (blue, BLUE)])
    # Both turned back, and the trackers did not.
    followed: dict[int, float | None] = {0: 500, 1: 100}
    for _ in range(6):
        for one, other in stage.frame(followed, [(100, RED), (500, BLUE)]):
            followed[one], followed[other] = followed[other], followed[one]
    assert followed == {0: 100, 1: 500}


def test_a_tracker_that_went_on_with_somebody_who_was_lost_changes_the_index() -> None:
    stage = apart()
    stage.frame({0: 300, 1: 302}, [(301, RED)])  # blue is behind red
    assert stage.register.tracked == [0]
    exchanged = [pair for _ in range(6) for pair in stage.frame({0: 300}, [(300, BLUE)])]  # red has walked away
    assert exchanged == [(0, 1)]
    assert stage.enter((100, RED)) == [0]


def test_who_comes_from_behind_as_somebody_new_has_the_index_that_the_other_ones_tracker_took() -> None:
    stage = apart()
    assert stage.frame({0: 310, 1: None}, [(310, RED)]) == []
    # The tracker of who was before goes on with who was behind, and who was before is detected where nobody is tracked.
    assert stage.frame({0: 300}, [(400, RED), (300, BLUE)]) == []
    assert stage.enter((400, RED)) == [1]
    exchanged = [pair for _ in range(5) for pair in stage.frame({0: 100, 1: 600}, [(600, RED), (100, BLUE)])]
    assert exchanged == [(0, 1)]


def test_whoever_returns_has_their_index() -> None:
    stage = apart()
    stage.frame({0: None, 1: None}, [])
    assert stage.register.tracked == []
    stage.time_us += 30_000_000
    assert stage.enter((480, RED)) == [0]
    assert stage.enter((120, BLUE)) == [1]


def test_somebody_new_takes_the_index_that_nobody_had() -> None:
    stage = Stage(PeopleRegister(3))
    stage.enter((100, RED), (500, BLUE))
    for _ in range(20):
        stage.frame({0: 100, 1: 500}, [(100, RED), (500, BLUE)])
    stage.frame({0: None, 1: 500}, [(500, BLUE)])
    stage.time_us += 10_000_000
    assert stage.enter((100, plain(200, 90, 190))) == [2]


def test_after_minutes_an_index_is_free_again() -> None:
    stage = Stage(PeopleRegister(3))
    stage.enter((100, RED), (500, BLUE))
    stage.frame({0: None, 1: 500}, [(500, BLUE)])
    stage.time_us += REMEMBERED_US + FRAME_US
    assert stage.enter((100, plain(200, 90, 190))) == [0]


def test_whoever_was_lost_is_told_of_for_a_while_and_person_0_always() -> None:
    stage = apart()
    stage.frame({0: None, 1: None}, [])
    assert list(stage.register.missing(stage.time_us)) == [0, 1]
    assert stage.register.was_lost_just_now(stage.time_us)
    assert list(stage.register.missing(stage.time_us + LINGER_US)) == [0]
    assert not stage.register.was_lost_just_now(stage.time_us + LINGER_US)


def test_a_light_that_changes_exchanges_nobody() -> None:
    stage = apart()
    dim = np.float32((0.5, 1, 1))
    for step in range(60):
        shade = 1 - 0.5 * step / 60
        shown = [(100.0, RED * np.float32((shade, 1, 1))), (500.0, BLUE * np.float32((shade, 1, 1)))]
        assert stage.frame({0: 100, 1: 500}, shown) == []
    assert stage.frame({0: 250, 1: 350}, [(250, RED * dim), (350, BLUE * dim)]) == []
    for _ in range(20):
        assert stage.frame({0: 100, 1: 500}, [(100, RED * dim), (500, BLUE * dim)]) == []
    assert stage.register.tracked == [0, 1]


def test_it_forgets_everybody() -> None:
    stage = apart()
    stage.register.reset()
    assert (stage.register.tracked, stage.register.free) == ([], [0, 1])
    assert stage.enter((500, BLUE)) == [0]
