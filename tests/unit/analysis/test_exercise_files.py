"""Exercises as files: those that come with Mocast, users' own, and broken ones."""

import json
from importlib.resources import files
from pathlib import Path

import pytest

from mocast.analysis.exercise_files import ExerciseError, json_schema, load_exercises, parse_exercise

OWN = """
exercise: calf_raise
measure: {height: [heel, toe], sides: both}
start: 0.02
end: 0.1
hints:
  - {hint: slowly, say: More slowly., seconds: back, below: 0.3}
"""


def test_the_published_schema_is_that_of_the_code() -> None:
    published = files("mocast.analysis").joinpath("exercises", "exercise.schema.json").read_text()
    assert json.loads(published) == json_schema(), "write json_schema() into it"


def test_the_exercises_that_come_with_mocast() -> None:
    exercises = load_exercises()
    assert set(exercises) == {"squat", "push_up", "curl", "jumping_jack", "lunge", "sit_up", "plank", "high_plank"}
    assert [name for name, exercise in exercises.items() if exercise.measure is None] == ["high_plank", "plank"]
    for name, exercise in exercises.items():
        assert files("mocast.analysis").joinpath("exercises", f"{name}.yaml").is_file()
        assert exercise.title


def test_a_folder_of_ones_own_adds_exercises_and_replaces_others(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(OWN)
    (tmp_path / "squat.yml").write_text(OWN.replace("calf_raise", "squat"))
    (tmp_path / "README.md").write_text("no exercise")
    exercises = load_exercises(tmp_path)
    assert exercises["calf_raise"].hints[0].seconds == "back"
    assert exercises["squat"].end == 0.1
    assert exercises["lunge"] == load_exercises()["lunge"]


def test_two_files_with_the_same_exercise_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OWN)
    (tmp_path / "b.yaml").write_text(OWN)
    with pytest.raises(ExerciseError, match=r"b\.yaml: the exercise calf_raise is in a\.yaml already\.$"):
        load_exercises(tmp_path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("exercise: [", "x.yaml: line 1: this is not YAML: "),
        ("\x00", "x.yaml: this is not YAML."),
        ("a: &a {b: 1}\nc: {<<: *a}", "x.yaml: line 2: this is not YAML: "),
        ("", "x.yaml: this is no exercise: it has no names with values."),
        ("- squat", "x.yaml: this is no exercise: it has no names with values."),
        ("exercise: Big Squat", "x.yaml: exercise: string should match pattern"),
        (OWN + "reps: 3", "x.yaml: reps: there is no such name here."),
        (OWN.replace("toe", "thumb"), "x.yaml: measure.height.1: input should be one of nose, "),
        (OWN.replace("height: [heel, toe]", "height: [heel]"), "x.yaml: measure.height.1: "),
        (OWN.replace("end: 0.1", "end: .nan"), "x.yaml: end: input should be a finite number."),
        (OWN.replace("end: 0.1", "end: 0.02"), "x.yaml: start and end should differ."),
        (
            OWN.replace("end: 0.1", ""),
            "x.yaml: repetitions have measure, start and end; what is held has none of them.",
        ),
        (OWN.replace("below: 0.3", "{}"), "x.yaml: "),
        (OWN.replace("both", "difference"), "x.yaml: a repetition is not measured by a difference of sides."),
        (OWN.replace("heel, toe], sides", "heels, toes], sides"), 'x.yaml: measure: "sides" is for points'),
        (OWN.replace("height", "angle"), "x.yaml: measure.angle.2: "),
        ("exercise: rest", "x.yaml: what is held has needs, which are always, and no hints."),
        ("exercise: " + "x" * 70_000, "x.yaml: an exercise has 65536 bytes at most."),
        ("a: &a [1]\nb: &b [*a,*a]\nc: [*b,*b]", "x.yaml: "),
    ],
)
def test_a_broken_file_is_refused_with_a_sentence_that_says_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(ExerciseError) as refusal:
        parse_exercise(text.encode(), "x.yaml")
    assert str(refusal.value).startswith(sentence)
    assert str(refusal.value).endswith(".")


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(ExerciseError, match="this is not YAML"):
        parse_exercise(b"\xff\xfe\xfa", "x.yaml")
