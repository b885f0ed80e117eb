"""Ids that nobody guesses, of what clients make: sessions, recordings and jobs."""

import secrets

_BYTES = 18


def new_id(tag: str = "") -> str:
    """Return 24 letters, digits, dashes and underscores. ``tag``: what they end with, of the node that makes the id."""
    made = secrets.token_urlsafe(_BYTES)
    return made[: len(made) - len(tag)] + tag
