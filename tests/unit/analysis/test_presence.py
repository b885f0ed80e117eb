"""Presence: what is seen for long enough has come, what is gone for long enough is lost, once."""

from mocast.analysis.presence import CAME_S, PERSON_GONE_S, Presence

FPS = 30


def losses(seconds: list[tuple[float, bool]]) -> int:
    presence, frame, lost = Presence(PERSON_GONE_S), 0, 0
    for span_s, seen in seconds:
        for _ in range(round(FPS * span_s)):
            lost += presence.update(seen, frame / FPS)
            frame += 1
    return lost


def test_somebody_who_leaves_is_lost_once() -> None:
    assert losses([(2, True), (5, False)]) == 1
    assert losses([(2, True), (5, False), (2, True), (2, False)]) == 2


def test_a_blink_of_the_tracker_is_no_loss() -> None:
    assert losses([(2, True), (PERSON_GONE_S - 0.1, False)] * 5) == 0


def test_who_was_not_there_cannot_be_lost() -> None:
    assert losses([(5, False)]) == 0
    assert losses([(CAME_S - 0.1, True), (3, False)] * 3) == 0
