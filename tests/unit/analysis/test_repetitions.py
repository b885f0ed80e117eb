"""Repetitions on synthetic sets: the counts, what each is told of, and what is none.

``python -m bench.repetitions`` does it for a hundred sets of each exercise.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from tests.counted_repetitions import Counted, count
from tests.exercise_motions import NO_ERRORS, Camera, ExerciseSet, Style, Way, held, random_set

from mocast.analysis.analyser import Analyser
from mocast.analysis.exercise_files import built_in_exercises, parse_exercise
from mocast.errors import Unprocessable
from mocast.model.analysis import Event, ExerciseState
from mocast.model.options import AnalysisOptions
from mocast.model.tracked import Tracked

EVERY = tuple(name for name in built_in_exercises() if name != "high_plank")
"""That one is a part of push-ups."""


def analysed(frames: Iterable[Tracked], *exercises: str) -> list[Counted]:
    return count(frames, exercises or EVERY)


def states(frames: list[Counted]) -> dict[str, ExerciseState]:
    """The last state of each exercise."""
    return {state.exercise: state for state in frames[-1].repetitions}


def events(frames: list[Counted]) -> list[Event]:
    return [event for frame in frames for event in frame.events]


SLOW = Way(1.0, out_s=0.6, hold_s=0.2, back_s=0.6, pause_s=0.3)
HALF = replace(SLOW, share=0.48)


@pytest.mark.parametrize(
    ("exercise", "seed"),
    [("squat", 3), ("lunge", 1), ("push_up", 2), ("sit_up", 5), ("jumping_jack", 4), ("curl", 6)],
)
def test_a_set_seen_by_a_poor_tracker_is_counted_right_and_as_nothing_else(exercise: str, seed: int) -> None:
    one = random_set(exercise, seed)
    one = replace(one, ways=one.ways[:4], camera=replace(one.camera, fps=15))
    counted = {name: state.count for name, state in states(analysed(one.frames())).items() if state.count}
    assert counted == {exercise: one.count}


@pytest.mark.parametrize("exercise", ["squat", "lunge", "push_up", "sit_up", "jumping_jack", "curl"])
def test_half_repetitions_are_counted_apart(exercise: str) -> None:
    camera = Camera(90 if exercise in ("push_up", "sit_up") else 20, fps=15)
    done = analysed(ExerciseSet(exercise, (HALF, SLOW, HALF), 1, camera=camera).frames(), exercise)
    state = states(done)[exercise]
    assert (state.count, state.partial) == (1, 2)
    assert [event.data["count"] for event in events(done)] == [1]


def test_a_repetition_is_told_of_with_depth_tempo_and_one_hint() -> None:
    way = Way(1.0, out_s=1.2, hold_s=0.8, back_s=0.6)
    done = analysed(ExerciseSet("squat", (way,), 1, camera=Camera(-30)).frames(), "squat")
    (event,) = events(done)
    assert event.type == "rep"
    data = event.data
    assert (data["exercise"], data["count"], data["side"], data["hint"], data["advice"]) == ("squat", 1, "both", "", "")
    # Thighs and shins of 43 cm each, which lean by 71 and 27 degrees: the hips are 39% lower over the ankles.
    assert data["reached"] == pytest.approx(0.39, abs=0.01)
    assert data["depth"] == pytest.approx((0.39 - 0.06) / (0.21 - 0.06), abs=0.1)
    # A way is timed from the exercise's start, a drop of 6%, to where it is nearly as deep as it will be, 34%.
    assert data["out_s"] == pytest.approx(0.50, abs=0.1)
    assert data["hold_s"] == pytest.approx(0.8 + 0.26 + 0.13, abs=0.1)
    assert data["back_s"] == pytest.approx(0.25, abs=0.1)
    assert states(done)["squat"].last is not None


def test_a_shallow_squat_is_advised_to_go_lower_and_a_hasty_one_to_take_time() -> None:
    shallow = ExerciseSet("squat", (replace(SLOW, share=0.78, out_s=1.0),), 1, camera=Camera(fps=15))
    hasty = ExerciseSet("squat", (replace(SLOW, out_s=0.5),), 1)
    assert [event.data["hint"] for event in events(analysed(shallow.frames(), "squat"))] == ["deeper"]
    assert [event.data["hint"] for event in events(analysed(hasty.frames(), "squat"))] == ["lower_slowly"]


@pytest.mark.parametrize("exercise", ["squat", "curl"])
def test_what_bends_toward_the_camera_is_counted_though_a_tracker_tells_depth_too_small(exercise: str) -> None:
    flat = replace(NO_ERRORS, depth_scale=0.3)
    done = analysed(ExerciseSet(exercise, (SLOW, HALF, SLOW), 1, errors=flat).frames())
    assert {name: state.count for name, state in states(done).items() if state.count} == {exercise: 2}


def test_one_arm_the_other_and_both_are_one_curl_each() -> None:
    ways = (replace(SLOW, side=0), replace(SLOW, side=1), SLOW)
    done = analysed(ExerciseSet("curl", ways, 1, camera=Camera(fps=15)).frames(), "curl")
    assert [(event.data["count"], event.data["side"]) for event in events(done)] == [
        (1, "left"),
        (2, "right"),
        (3, "both"),
    ]


def test_arms_alone_make_no_jumping_jack() -> None:
    ways = (replace(SLOW, arms_only=True), SLOW)
    state = states(analysed(ExerciseSet("jumping_jack", ways, 1, camera=Camera(fps=15)).frames()))["jumping_jack"]
    assert (state.count, state.partial) == (1, 1)


def test_a_plank_counts_the_seconds_for_which_it_is_held() -> None:
    way = held(5.0)
    done = analysed(ExerciseSet("plank", (way, held(1.0)), 1, camera=Camera(80, fps=15)).frames(), "plank")
    (event,) = events(done)
    assert (event.data["exercise"], event.data["count"]) == ("plank", 1)
    assert event.data["hold_s"] == pytest.approx(5.0, abs=0.8)
    longest_s = max(state.seconds for analysis in done for state in analysis.repetitions)
    assert longest_s == pytest.approx(event.data["hold_s"], abs=0.01)


def test_an_exercise_of_ones_own_is_counted() -> None:
    text = b"exercise: arm_raise\nmeasure: {height: [wrist, shoulder], sides: both}\nstart: -0.5\nend: 0.5\n"
    analyser = Analyser(AnalysisOptions(("arm_raise",)), {"arm_raise": parse_exercise(text, "x")})
    jacks = ExerciseSet("jumping_jack", (SLOW, SLOW), 1, style=Style(arms=1), camera=Camera(10, fps=15))
    assert [analyser.analyse(frame, None) for frame in jacks.frames()][-1].repetitions[0].count == 2


def test_counts_last_while_their_exercise_is_named() -> None:
    frames = list(ExerciseSet("squat", (SLOW,), 1, camera=Camera(fps=15)).frames())
    analyser = Analyser(AnalysisOptions(exercises=("squat",)))
    for frame in frames:
        last = analyser.analyse(frame, None)
    analyser.options = AnalysisOptions(exercises=("lunge", "squat"))
    assert [state.count for state in analyser.analyse(frames[-1], None).repetitions] == [0, 1]
    analyser.options = AnalysisOptions()
    assert analyser.analyse(frames[-1], None).repetitions == ()
    analyser.options = AnalysisOptions(exercises=("squat",))
    assert [state.count for state in analyser.analyse(frames[-1], None).repetitions] == [0]
    assert last.repetitions[0].count == 1


def test_an_unknown_exercise_is_refused_with_those_that_there_are() -> None:
    sentence = (
        'There is no exercise "squirt"; there are curl, high_plank, jumping_jack, lunge, plank, push_up, sit_up, squat.'
    )
    options = AnalysisOptions(exercises=("squat", "squirt"))
    with pytest.raises(Unprocessable, match=sentence.replace(".", r"\.")) as of_query:
        Analyser(options)
    assert of_query.value.errors == [{"detail": sentence, "parameter": "exercises"}]
    with pytest.raises(Unprocessable, match=sentence.replace(".", r"\.")) as of_body:
        Analyser(AnalysisOptions()).require(options)
    assert of_body.value.errors == [{"detail": sentence, "pointer": "#/exercises/1"}]


def test_landmarks_that_are_no_numbers_and_nobody_count_nothing() -> None:
    frame = next(ExerciseSet("squat", (SLOW,), 1).frames())
    assert frame.pose is not None
    broken = [replace(frame.pose, world=np.full_like(frame.pose.world, value)) for value in (np.nan, np.inf, 0, 1e38)]
    poses = [*broken, None, replace(frame.pose, image=np.full_like(frame.pose.image, np.nan))] * 5
    frames = [replace(frame, pts=number * 3000, pose=pose) for number, pose in enumerate(poses)]
    assert all(state.count == 0 for state in states(analysed(frames)).values())
