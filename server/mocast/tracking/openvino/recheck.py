"""When a part that is followed must be looked for anew, and when one that was not found is looked for again."""


class Recheck:
    """Leaves out checks whose outcome is known.

    A part that is followed is found anew only for the question whether the place where it is followed is still right,
    which it nearly always is. How near that came to being answered with no (its strain, 0..1) says whether the next
    frame may answer otherwise.
    """

    def __init__(self, calm: float, unchecked: int) -> None:
        """``calm``: the strain below which checks are left out; ``unchecked``: at most so many of them in a row."""
        self._calm = calm
        self._unchecked = unchecked
        self._left = 0

    def is_due(self) -> bool:
        """Whether this frame's check is to be made; counts the ones that are left out."""
        if self._left == 0:
            return True
        self._left -= 1
        return False

    def checked(self, strain: float) -> None:
        """Remember how near the part was to being given up for another place."""
        self._left = self._unchecked if strain < self._calm else 0

    def reset(self) -> None:
        """Check the next frame: what was followed is lost, or is in doubt."""
        self._left = 0


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

    def found(self) -> None:
        """It is there: look in every frame from now on."""
        self._missed = self._wait = 0

    def missed(self) -> None:
        """It was looked for in vain."""
        self._missed += 1
        over = self._missed - self._misses
        self._wait = min(self._rest, 2 ** min(over, 8)) if over >= 0 else 0
