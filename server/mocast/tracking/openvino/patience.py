"""When a part that was not found is looked for again."""


class Patience:
    """Looks less and less often for what is not there: after some misses it waits 1, 2, 4... frames in between."""

    def __init__(self, misses: int, rest: int) -> None:
        """After ``misses`` in a row it begins to wait, at most ``rest`` frames. A ``rest`` of 0 never waits."""
        self._misses = misses
        self._rest = rest
        self._missed = 0
        self._wait = 0

    def is_due(self) -> bool:
        """Whether to look in this frame."""
        if self._wait == 0:
            return True
        self._wait -= 1
        return False

    def reset(self) -> None:
        """Look in every frame from now on: it is there, or things have changed."""
        self._missed = self._wait = 0

    def wait(self, frames: int) -> None:
        """Leave out so many frames: it was not seen, but may well be there."""
        self._wait = frames

    def missed(self) -> None:
        """It was looked for in vain."""
        over = self._missed - self._misses + 1
        self._wait = min(self._rest, 2 ** min(over, 8)) if over >= 0 else 0
        self._missed += 1
