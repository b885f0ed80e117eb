"""Triggers: once each time, with hold, hysteresis and cooldown, and over when nothing is seen any more."""

from dataclasses import replace
from typing import Any

import pytest
from tests import fakes

from mocast.model.analysis import Event
from mocast.model.blendshapes import Expression, Shape
from mocast.model.rig import Found, Rig
from mocast.outputs.triggers import STALE_S, Trigger, Triggers, check

STEP_S = 1 / 30


class Stage:
    """Triggers on a clock of the test's, and what they told."""

    def __init__(self, *triggers: Trigger) -> None:
        self.now_s = 100.0
        self.told: list[tuple[str, bool]] = []
        self.triggers = Triggers(triggers, self._tell, lambda: self.now_s)

    def _tell(self, trigger: Trigger, is_on: bool) -> None:
        self.told.append((trigger.hotkey or "", is_on))

    def hands(self, left: str | None, right: str | None = None, *, seconds: float = STEP_S) -> None:
        """Show these for so long, at 30 frames a second."""
        for _ in range(max(round(seconds / STEP_S), 1)):
            self.now_s += STEP_S
            self.triggers.see_hands(left, right)

    def face(self, value: float, *, seconds: float = STEP_S, found: bool = True) -> None:
        """Smile so much for so long."""
        for _ in range(max(round(seconds / STEP_S), 1)):
            self.now_s += STEP_S
            self.triggers.see_rig(smiling(value, found))

    def event(self, kind: Any, **data: str) -> None:
        self.triggers.see_event(Event(kind, 0, 0, 0, data))

    @property
    def begun(self) -> int:
        return sum(is_on for _, is_on in self.told)


def smiling(value: float, found: bool = True) -> Rig:
    rig = replace(fakes.rig(), found=Found(face=found))
    rig.expressions[Expression.HAPPY] = value
    rig.shapes[Shape.MOUTH_PUCKER] = value
    return rig


def victory(**options: Any) -> Trigger:
    return Trigger(gesture="victory", hotkey="peace", **options)


def test_a_gesture_triggers_once_however_long_it_is_shown() -> None:
    stage = Stage(victory())
    stage.hands("victory", seconds=20)
    assert stage.told == [("peace", True)]
    stage.hands(None, seconds=1)
    assert stage.told == [("peace", True), ("peace", False)]
    stage.hands("victory", seconds=1)
    assert stage.begun == 2


def test_it_must_last_for_its_hold() -> None:
    stage = Stage(victory(hold=0.5))
    for _ in range(10):
        stage.hands("victory", seconds=0.4)
        stage.hands("open", seconds=0.1)
    assert stage.told == []
    stage.hands("victory", seconds=0.6)
    assert stage.begun == 1


def test_a_gesture_that_is_lost_for_a_moment_is_the_same_one() -> None:
    stage = Stage(victory(release=0.3))
    for _ in range(20):
        stage.hands("victory", seconds=0.5)
        stage.hands(None, seconds=0.2)
    assert stage.told == [("peace", True)]


@pytest.mark.parametrize(
    ("hand", "left", "right", "counts"),
    [
        ("any", "victory", None, True),
        ("any", None, "victory", True),
        ("any", "open", "fist", False),
        ("left", "victory", None, True),
        ("left", None, "victory", False),
        ("right", None, "victory", True),
        ("right", "victory", None, False),
        ("both", "victory", None, False),
        ("both", "victory", "victory", True),
    ],
)
def test_the_hand_is_the_one_that_is_named(hand: Any, left: str | None, right: str | None, counts: bool) -> None:
    stage = Stage(victory(hand=hand))
    stage.hands(left, right, seconds=1)
    assert (stage.begun == 1) is counts


def test_what_comes_within_the_cooldown_is_left_out_to_its_end() -> None:
    stage = Stage(victory(cooldown=5))
    stage.hands("victory", seconds=1)
    stage.hands(None, seconds=1)
    stage.hands("victory", seconds=30)  # begins within it, and lasts beyond it
    assert stage.told == [("peace", True), ("peace", False)]
    stage.hands(None, seconds=1)
    stage.hands("victory", seconds=1)
    assert stage.begun == 2


@pytest.mark.parametrize("condition", [{"expression": "happy"}, {"shape": "mouthPucker"}])
def test_an_expression_that_hovers_around_its_value_does_not_flicker(condition: dict[str, str]) -> None:
    stage = Stage(Trigger(**condition, above=0.6, below=0.5, hold=0, release=0, hotkey="smile"))  # type: ignore[arg-type]
    for value in (0.59, 0.61, 0.55, 0.51, 0.62, 0.505) * 10:
        stage.face(value)
    assert stage.told == [("smile", True)]
    stage.face(0.49)
    assert stage.told[1:] == [("smile", False)]


def test_without_a_face_there_is_no_expression() -> None:
    stage = Stage(Trigger(expression="happy", hotkey="smile"))
    stage.face(1.0, seconds=1)
    stage.face(1.0, seconds=1, found=False)
    assert stage.told == [("smile", True), ("smile", False)]


def test_each_event_triggers_and_lasts_for_a_while() -> None:
    stage = Stage(Trigger(event="rep", name="squat", last=2, hotkey="count"))
    stage.event("rep", exercise="squat")
    stage.event("rep", exercise="squat")
    stage.event("rep", exercise="lunge")
    stage.event("fall")
    assert stage.told == [("count", True), ("count", False), ("count", True)]
    stage.now_s += 1.9
    stage.triggers.tick()
    assert stage.begun == 2
    stage.now_s += 0.2
    stage.triggers.tick()
    assert stage.told[-1] == ("count", False)


def test_events_within_the_cooldown_are_left_out() -> None:
    stage = Stage(Trigger(event="head", name="nod", cooldown=10, hotkey="yes"))
    for _ in range(8):
        stage.event("head", gesture="nod")
        stage.now_s += 2
        stage.triggers.tick()
    assert stage.begun == 2


def test_what_is_not_seen_any_more_is_over() -> None:
    stage = Stage(victory())
    stage.hands("victory", seconds=1)
    for _ in range(60):
        stage.now_s += (STALE_S + 0.5) / 60
        stage.triggers.tick()
    assert stage.told == [("peace", True), ("peace", False)]


def test_news_of_a_face_says_nothing_of_hands() -> None:
    stage = Stage(victory())
    for _ in range(30):
        stage.hands("victory")
        stage.triggers.see_rig(smiling(0))
    assert stage.told == [("peace", True)]


def test_the_end_is_told_once() -> None:
    stage = Stage(victory(), Trigger(event="fall", hotkey="help"))
    stage.hands("victory", seconds=1)
    stage.event("fall")
    stage.triggers.end()
    stage.triggers.end()
    assert sorted(stage.told[2:]) == [("help", False), ("peace", False)]


def test_what_was_ended_begins_again_only_when_it_is_seen_again() -> None:
    stage = Stage(victory())
    stage.hands("victory", seconds=1)
    stage.triggers.end()
    for _ in range(15):
        stage.face(0)
    assert stage.told == [("peace", True), ("peace", False)]
    stage.hands("victory", seconds=1)
    assert stage.begun == 2


def test_it_knows_what_it_waits_for() -> None:
    face, hand = Triggers([Trigger(shape="jawOpen", key="a")], lambda *_: None), Triggers([victory()], lambda *_: None)
    assert (face.wants_rigs, face.wants_analyses) == (True, False)
    assert (hand.wants_rigs, hand.wants_analyses) == (False, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"hotkey": "x"}, "this has none"),
        ({"gesture": "fist", "event": "fall", "hotkey": "x"}, "gesture and event"),
        ({"gesture": "fist"}, "does something"),
        ({"expression": "hapy", "hotkey": "x"}, "relaxed"),
        ({"shape": "MouthPucker", "hotkey": "x"}, "mouthPucker"),
        ({"expression": "happy", "above": 0.4, "below": 0.5, "hotkey": "x"}, "more than its above"),
        ({"gesture": "fist", "name": "squat", "hotkey": "x"}, "Only an event"),
    ],
)
def test_what_does_not_go_together_is_told_in_a_sentence(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check(Trigger(**options))


@pytest.mark.parametrize(("above", "until"), [(0.6, 0.45), (0.2, 0.1), (1.0, 0.85)])
def test_it_is_over_a_little_below_where_it_began(above: float, until: float) -> None:
    assert Trigger(expression="happy", above=above, hotkey="x").until == pytest.approx(until)
