"""Options of jobs that an earlier run of the server took, which may have been of another version."""

from collections.abc import Mapping
from typing import Any

from mocast.model.options import JobOptions
from mocast.validation import read_json, schema_of, to_json


def of_this_version(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return a job's options as this version has them: new ones with their defaults, unknown ones left out.

    Raises ``Unprocessable`` where an unknown one asks for something, or a value is no longer allowed.
    """
    known = schema_of(JobOptions).model_fields
    kept = {name: value for name, value in options.items() if name in known or _asks(value)}
    return to_json(read_json(JobOptions, kept))


def _asks(value: object) -> bool:
    """Whether an option with this value asks for something. A number does, 0, too."""
    return value is not None and value is not False and value not in ("", [])
