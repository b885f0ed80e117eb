"""Turns of people where a frame's time is too short for all."""

from collections import Counter
from itertools import pairwise

from mocast.tracking.openvino.schedule.person_turns import PersonTurns

FRAME_US = 33_333


def served(turns: PersonTurns, people: list[int], *, each_us: float, frames: int, every: int = 1) -> list[list[int]]:
    """Who is tracked in frames of a camera, of which every so many comes here, where a person takes so long."""
    chosen = []
    for frame in range(frames):
        number = frame * every
        now = turns.chosen(people, number, number * FRAME_US)
        turns.took(len(now), each_us * len(now))
        chosen.append(now)
    return chosen


def test_everybody_is_tracked_where_there_is_time() -> None:
    assert served(PersonTurns(), [0, 1, 2], each_us=9_000, frames=40) == 40 * [[0, 1, 2]]


def test_people_take_turns_where_there_is_not() -> None:
    frames = served(PersonTurns(), [0, 1, 2], each_us=14_000, frames=64)[4:]
    assert {len(frame) for frame in frames} == {2}
    assert set(Counter(person for frame in frames for person in frame).values()) == {40}
    assert all(person in first + second for first, second in pairwise(frames) for person in (0, 1, 2))


def test_one_person_is_always_tracked() -> None:
    assert served(PersonTurns(), [1], each_us=90_000, frames=10) == 10 * [[1]]
    assert served(PersonTurns(), [], each_us=0, frames=2) == [[], []]
    assert {len(frame) for frame in served(PersonTurns(), [0, 1], each_us=90_000, frames=20)[3:]} == {1}


def test_the_time_of_a_frame_is_the_cameras_also_where_frames_are_dropped() -> None:
    frames = served(PersonTurns(), [0, 1], each_us=20_000, frames=20, every=2)
    assert {len(frame) for frame in frames[3:]} == {1}


def test_a_pause_of_the_camera_does_not_count_as_time() -> None:
    turns = PersonTurns()
    served(turns, [0, 1], each_us=20_000, frames=20)
    assert len(turns.chosen([0, 1], 21, 21 * FRAME_US + 9_000_000)) == 1


def test_whoever_comes_back_is_first() -> None:
    turns = PersonTurns()
    served(turns, [0, 1, 2], each_us=30_000, frames=8)
    served(turns, [0, 1], each_us=30_000, frames=8)
    assert turns.chosen([0, 1, 2], 50, 50 * FRAME_US) == [2]
