"""Replaces what aiortc and aioice keep in their modules and classes, once."""

from collections.abc import Callable
from typing import Any


def patch(owner: object, name: str, make: Callable[[Any], Callable[..., Any]]) -> None:
    """Replace a function or method by what ``make`` returns for it; where it is ours already, nothing happens."""
    theirs = getattr(owner, name)
    if not getattr(theirs, "is_ours", False):
        ours: Any = make(theirs)
        ours.is_ours = True
        setattr(owner, name, ours)
