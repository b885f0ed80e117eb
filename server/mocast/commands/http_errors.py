"""What urllib's errors say, in words for a terminal."""


def reason(error: OSError) -> str:
    """Return why there was no answer: the system's words for the error that a ``URLError`` wraps, where it has any."""
    cause = getattr(error, "reason", error)
    return str(getattr(cause, "strerror", None) or cause)
