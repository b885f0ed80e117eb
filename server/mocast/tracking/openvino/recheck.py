"""When a part that is followed must be found anew, and when one that was not found is looked for again."""


class Recheck:
    """Leaves out checks whose outcome is foreseeable.

    A part that is followed is found anew only for the question whether the place where it is followed is still right,
    which it nearly always is. A guess at that, the strain (0..1; see ``following_check.py``), costs next to nothing.
    """

    def __init__(self, calm: float, unchecked: int) -> None:
        """``calm``: the strain up to which a check is left out; ``unchecked``: at most so many of them in a row."""
        self._calm = calm
        self._unchecked = unchecked
        self._left_out = 0

    def is_due(self, strain: float) -> bool:
        """Whether to check in this frame."""
        if strain <= self._calm and self._left_out < self._unchecked:
            self._left_out += 1
            return False
        self._left_out = 0
        return True


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
