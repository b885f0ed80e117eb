"""Folders of ours in the user's own."""

import os
from pathlib import Path


def user_folder(variable: str, usual: str) -> Path | None:
    """Return a folder of ours in the user's own; ``None``: the user has no home.

    ``variable`` names where it is; else it is ``usual``, in the user's home. Source: the XDG Base Directory
    Specification; it ignores relative paths.
    """
    base = Path(os.environ.get(variable, ""))
    if base.is_absolute():
        return base / "mocast"
    try:
        return Path.home() / usual / "mocast"
    except RuntimeError:
        return None
