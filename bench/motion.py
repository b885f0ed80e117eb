"""Generated motion: the astronaut, with drawn hands, who sways and waves."""

from collections.abc import Iterator

import cv2
import numpy as np
from tests.scenes import SIZE_WH, STAGE_WH, astronaut_with_hands, place

from mocast.model.frame import RgbImage

PERIOD_FRAMES = 60
"""Of the slowest of her motions, at a speed of 1."""


def waving(count: int, speed: float = 1, *, hands: int = 2) -> Iterator[RgbImage]:
    """Yield pictures of her as she moves smoothly; at 30 frames a second and a speed of 1 as fast as people sign.

    With one hand it is her left one.
    """
    for phase in speed * np.arange(count) * 2 * np.pi / PERIOD_FRAMES:
        left = (560 + 40 * np.sin(phase), 230 + 60 * np.cos(1.3 * phase))
        right = (150 - 50 * np.sin(1.2 * phase), 240 + 50 * np.sin(phase)) if hands == 2 else None
        about, at = (STAGE_WH[0] / 2, STAGE_WH[1] / 2), (320 + 10 * np.sin(phase), 240)
        matrix = place(about, at, scale=0.88, turned_deg=2 * np.sin(phase))
        moved = cv2.warpAffine(astronaut_with_hands(left=left, right=right), matrix, SIZE_WH, flags=cv2.INTER_AREA)
        yield np.asarray(moved, np.uint8)
