"""The mapping file: which gestures, expressions and events trigger what, in TOML.

TOML and not YAML, as Python reads it by itself, and as YAML takes keys such as ``n`` or ``on`` for truth values.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from mocast.errors import Unprocessable
from mocast.outputs.output_options import OperatorOutput, OutputKind
from mocast.outputs.triggers import Trigger, check
from mocast.validation import read_json

MOST_TRIGGERS: Final = 256

ACTIONS_OF: Final[dict[OutputKind, tuple[str, ...]]] = {"vmc": ("blend",), "vts": ("hotkey", "hotkey_end")}
"""What triggers can do to the app of an output."""


def read_mapping(path: Path) -> tuple[Trigger, ...]:
    """Return the triggers of a file. Raises ``ValueError`` with a sentence that names the file and the trigger."""
    try:
        return parse_mapping(path.read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def parse_mapping(text: str) -> tuple[Trigger, ...]:
    """Return the triggers of a file's text. Raises ``ValueError`` with a sentence."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ValueError(f"It is not TOML: {error}.") from error
    entries = document.pop("trigger", None)
    if document or not isinstance(entries, list):
        unknown = f", and nothing else ({', '.join(document)})" if document else ""
        raise ValueError(f"A mapping holds entries that begin with [[trigger]]{unknown}.")
    if len(entries) > MOST_TRIGGERS:
        raise ValueError(f"A mapping has at most {MOST_TRIGGERS} triggers.")
    return tuple(_trigger(number, entry) for number, entry in enumerate(entries, 1))


def triggers_for(kind: OutputKind, triggers: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """Return the triggers that do something to an output's app; none where it has nothing that they could do."""
    return having(triggers, *ACTIONS_OF.get(kind, ()))


def having(triggers: Iterable[Trigger], *actions: str) -> tuple[Trigger, ...]:
    """Return the triggers that have one of these actions."""
    return tuple(trigger for trigger in triggers if any(getattr(trigger, name) is not None for name in actions))


def read_triggers(output: OperatorOutput) -> tuple[Trigger, ...]:
    """Return what the mapping of an operator's output does to its app. Raises ``ValueError`` where that is nothing."""
    if output.mapping is None:
        return ()
    kind = output.options.kind
    found = triggers_for(kind, read_mapping(output.mapping))
    if not found:
        actions = " or ".join(ACTIONS_OF.get(kind, ()))
        wanted = f"no trigger has {actions}" if actions else f"{kind} takes no triggers"
        raise ValueError(f"{output.mapping}: {wanted}.")
    return found


def _trigger(number: int, entry: object) -> Trigger:
    try:
        trigger = read_json(Trigger, entry)
        check(trigger)
    except (Unprocessable, ValueError) as error:
        raise ValueError(f"Trigger {number}: {error}") from error
    return trigger
