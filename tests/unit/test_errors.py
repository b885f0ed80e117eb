"""Errors speak with one voice: a plain sentence, from a capital letter to a full stop."""

import ast
from collections.abc import Iterator
from pathlib import Path

import mocast
from mocast import errors

SOURCES = sorted(Path(mocast.__file__).parent.rglob("*.py"))
NAMES = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.MocastError)}
OURS_ALONE = {"MocastError", "TrackerHung", "TrackingError"}
"""Of status 500: told to the log, not to clients."""


def sentences() -> Iterator[tuple[str, str]]:
    """Where an error is made with a text, and the text; what is put into it is ``{}``."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES - OURS_ALONE:
                for argument in node.args[:1]:
                    if isinstance(argument, ast.Constant):
                        yield f"{path.name}:{node.lineno}", str(argument.value)
                    elif isinstance(argument, ast.JoinedStr):
                        parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in argument.values)
                        yield f"{path.name}:{node.lineno}", "".join(map(str, parts))


def test_every_error_is_a_sentence() -> None:
    found = dict(sentences())
    assert len(found) > 50
    wrong = {
        at: text for at, text in found.items() if not (text[0].isupper() or text[0] == "{") or text[-1] not in ".}"
    }
    assert wrong == {}
