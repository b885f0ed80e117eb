"""A limiter: how much of something is held at a time; more is refused with 503."""

from collections.abc import Iterator
from contextlib import contextmanager

from mocast.errors import Unavailable


class Limiter:
    """Counts what is held, ``most`` at a time. Not for several threads."""

    def __init__(self, most: int, refusal: str, retry_after_s: int) -> None:
        """``refusal``: the message of the error, for the client."""
        self.held = 0
        self._most = most
        self._refusal = refusal
        self._retry_after_s = retry_after_s

    def require(self, amount: int = 1) -> None:
        """Raise ``Unavailable`` where so much is not free."""
        if self.held + amount > self._most:
            raise self.refusal()

    def take(self, amount: int = 1) -> None:
        """Hold more. Raises ``Unavailable`` where so much is not free."""
        self.require(amount)
        self.held += amount

    def release(self, amount: int = 1) -> None:
        """Hold less."""
        self.held -= amount

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Hold one while the context lasts. Raises ``Unavailable`` where none is free."""
        self.take()
        try:
            yield
        finally:
            self.release()

    def refusal(self) -> Unavailable:
        """Return the error for the client."""
        return Unavailable(self._refusal, self._retry_after_s)
