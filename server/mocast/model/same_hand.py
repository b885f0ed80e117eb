"""One hand that was found twice, as the left one and as the right one: where palms touch or cross and one hides the
other."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

APART_L1_SIZES: Final = 0.3
"""Two hands whose landmarks are nearer than this on average are one: |dx| + |dy|, in sizes of the larger hand."""
WRISTS_L1_SIZES: Final = 0.35
"""Two hands whose wrists are nearer than this are one, too, however their fingers are turned. In recorded signing that
is so in 59 of the 402 frames in which MediaPipe finds two hands."""


def is_same_hand(hand_px: NDArray[np.floating[Any]], other_px: NDArray[np.floating[Any]]) -> bool:
    """Whether two hands, (21, 2) or more columns each, in pixels, are one that was found twice."""
    both_px = np.array([hand_px[:, :2], other_px[:, :2]])
    size_px = float((both_px.max(1) - both_px.min(1)).max())
    apart_px = np.abs(both_px[0] - both_px[1])
    # Sums, not means: numpy takes five times as long for those of so few numbers.
    are_wrists_near = float(apart_px[0].sum()) < WRISTS_L1_SIZES * size_px
    return are_wrists_near or float(apart_px.sum()) < len(apart_px) * APART_L1_SIZES * size_px
