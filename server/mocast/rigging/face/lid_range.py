"""The opening of a person's shut eyes, learnt from blinks: what stands for 1 where there is no calibration."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

BLINK_BELOW: Final = 0.65
"""Opening of the eye, as a share of that at rest, below which a blink may have begun."""
BLINK_OVER: Final = 0.78
"""Opening of the eye above which a blink is over, in the same share."""
MOST_BLINK_S: Final = 0.4
"""Lids that were down for longer were no blink (0.1 to 0.4 s: Schiffman, "Sensation and perception", 2001): who looks
down, or is tired, does not shut the eyes."""
SHUT: Final = 0.46
"""The share at which an eye counts as shut before a blink was seen: lids that touch are still 2 to 3 mm apart in the
mesh, more in small faces."""
SHUT_RANGE: Final = (0.15, 0.55)
"""Least and greatest share that is learnt."""
DOWN, UP = 0.5, 0.15
"""Parts of the way to a blink's least opening: to a deeper one, and to a shallower one, as not all are whole."""


class LidRange:
    """How far the eyes of one person shut, in consecutive frames."""

    def __init__(self) -> None:
        self.shut: NDArray[np.float64] = np.full(2, SHUT)
        "(2,): left and right opening of the shut eye, as a share of that at rest."
        self._least = [1.0, 1.0]
        self._shut_for_s = 0.0

    def learn(self, open_shares: NDArray[np.float64], step_s: float) -> None:
        """Learn from the (2,) openings of a frame, as shares of those at rest, ``step_s`` seconds after the last."""
        shares = open_shares.tolist()
        if min(shares) < BLINK_BELOW:
            self._shut_for_s += step_s
            self._least = [min(least, share) for least, share in zip(self._least, shares, strict=True)]
        elif self._shut_for_s and max(shares) > BLINK_OVER:
            if self._shut_for_s <= MOST_BLINK_S:
                self._take_blink()
            self._least, self._shut_for_s = [1.0, 1.0], 0.0

    def _take_blink(self) -> None:
        for eye, least in enumerate(self._least):
            if least < BLINK_BELOW:  # in a wink, the other eye says nothing
                away = min(max(least, SHUT_RANGE[0]), SHUT_RANGE[1]) - self.shut[eye]
                self.shut[eye] += (DOWN if away < 0 else UP) * away
