"""The parts of a server that settings can be wrong about."""

from pathlib import Path

import pytest

from mocast import composition
from mocast.auth.setup import SetupError
from mocast.settings.settings import Settings


def test_exercises_are_mocasts_and_the_operators(tmp_path: Path) -> None:
    (tmp_path / "rest.yaml").write_text("exercise: rest\nneeds: [{measure: {lean: [hips, shoulders]}, at_least: 60}]")
    named = "gym=rtsp://127.0.0.1/1#exercises=rest,squat"
    exercises = composition.exercises(Settings(exercises_folder=tmp_path, sources=named))  # type: ignore[arg-type]
    assert {"rest", "squat"} <= exercises.keys()


def test_a_source_that_names_an_exercise_that_there_is_not_keeps_the_server_from_starting() -> None:
    with pytest.raises(SetupError, match='Source of room "gym": There is no exercise "rest"; there are curl, '):
        composition.exercises(Settings(sources="gym=rtsp://127.0.0.1/1#exercises=rest"))  # type: ignore[arg-type]


def test_a_broken_exercise_keeps_the_server_from_starting(tmp_path: Path) -> None:
    (tmp_path / "rest.yaml").write_text("exercise: rest")
    with pytest.raises(SetupError, match=r"rest\.yaml: what is held has needs"):
        composition.exercises(Settings(exercises_folder=tmp_path))


def test_a_server_that_is_alone_keeps_its_files_where_it_always_did() -> None:
    assert composition.node_folder(Path("/recordings"), "") == Path("/recordings")
    assert composition.node_folder(Path("/recordings"), "AbC_12") == Path("/recordings/node-AbC_12")
    assert composition.node_folder(None, "AbC_12") is None
