"""Flags of a job's options on the command line."""

from typing import Final

_OTHER_NAMES: Final = {"start": "from", "end": "to"}
"""Options whose flag has another name."""


def option_flag(name: str) -> str:
    """Return the flag of the option of that name."""
    return f"--{_OTHER_NAMES.get(name, name.replace('_', '-'))}"
