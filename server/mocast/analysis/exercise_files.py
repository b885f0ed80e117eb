"""Reads exercises from YAML files: those that come with Mocast, and a folder of the operator's own."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import TypeAdapter, ValidationError

from mocast.analysis.body_points import POINT_NAMES
from mocast.analysis.exercise import Exercise
from mocast.errors import MocastError

SUFFIXES: Final = (".yaml", ".yml")
MAX_BYTES: Final = 65_536
"""Of a file."""

Exercises = Mapping[str, Exercise]
"""By name."""

POINTS: Final = "`hip`: each side's own. `hips`: the middle of both. `left_hip`, `right_hip`: that one."

_EXERCISE: Final = TypeAdapter(Exercise)


class ExerciseError(MocastError):
    """An exercise's file that cannot be used; the text names the file and what is wrong in it."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Reads plain values."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Leave ``<<``, which is refused then: merges of merges of merges have no end."""


def load_exercises(folder: Path | None = None) -> Exercises:
    """Return the exercises that come with Mocast and those of a folder, which replace others of their name.

    Raises ``ExerciseError`` where a file is broken, and ``OSError`` where it cannot be read.
    """
    return {**built_in_exercises(), **(_read_all(folder.iterdir()) if folder is not None else {})}


@cache
def built_in_exercises() -> Exercises:
    """Return the exercises that come with Mocast."""
    return _read_all(files("mocast.analysis").joinpath("exercises").iterdir())


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of an exercise's file."""
    schema: dict[str, Any] = _plain(_EXERCISE.json_schema())
    schema["$defs"]["Point"] = {"type": "string", "enum": list(POINT_NAMES), "description": POINTS}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Exercise", **schema}


def _plain(schema: Any) -> Any:
    """Return a schema without titles that repeat names, without ``null``, and with its points defined once."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("enum") == list(POINT_NAMES):
        return {"$ref": "#/$defs/Point"}
    plain = {name: _plain(value) for name, value in schema.items() if not (name == "title" and isinstance(value, str))}
    kinds = [kind for kind in plain.pop("anyOf", []) if kind != {"type": "null"}]
    if kinds and plain.get("default", 0) is None:
        del plain["default"]
    return {**plain, **(kinds[0] if kinds else {})}


def parse_exercise(text: bytes, name: str) -> Exercise:
    """Return the exercise in a file's text; ``name``: the file's, for errors. Raises ``ExerciseError``."""
    if len(text) > MAX_BYTES:
        raise ExerciseError(f"{name}: an exercise has {MAX_BYTES} bytes at most.")
    try:
        found = yaml.load(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}: " if mark else ""
        raise ExerciseError(f"{name}: {where}this is not YAML: {error.problem}.") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ExerciseError(f"{name}: this is not YAML.") from error
    if not isinstance(found, dict):
        raise ExerciseError(f"{name}: this is no exercise: it has no names with values.")
    try:
        return _EXERCISE.validate_python(found)
    except ValidationError as error:
        raise ExerciseError(f"{name}: {_sentence(error)}") from error


def _read_all(entries: Iterable[Traversable]) -> dict[str, Exercise]:
    exercises: dict[str, Exercise] = {}
    names: dict[str, str] = {}
    for file in sorted(entries, key=lambda file: file.name):
        if not file.name.endswith(SUFFIXES):
            continue
        with file.open("rb") as opened:
            exercise = parse_exercise(opened.read(MAX_BYTES + 1), str(file))
        name = exercise.exercise
        if name in exercises:
            raise ExerciseError(f"{file}: the exercise {name} is in {names[name]} already.")
        exercises[name], names[name] = exercise, file.name
    return exercises


def _sentence(error: ValidationError) -> str:
    """What is wrong first, and where: ``needs.0.measure: a measure is exactly one of ...``."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        message = "there is no such name here"
    place = ".".join(str(part) for part in first["loc"])
    return f"{place + ': ' if place else ''}{message[:1].lower()}{message[1:]}."
