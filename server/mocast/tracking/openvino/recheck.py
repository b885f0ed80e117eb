"""When a part that is followed must be found anew."""


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
