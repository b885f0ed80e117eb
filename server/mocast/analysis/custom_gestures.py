"""Custom gestures: the nearest mean of a client's examples, or none where even that is too far.

The distance between a hand and a gesture is the root mean square difference of their features: of all 26 of an
oriented gesture, of the first 19, the shape, of another one. It is divided by the gesture's radius; the nearest gesture
is shown where that is at most 1: a nearest-centroid classifier with rejection.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.gestures import HAND_FEATURES, SHAPE_FEATURES, CustomGesture

HELD_FURTHER: Final = 1.25
"""A gesture that is shown already is held up to so many radii."""
_COUNT: Final = len(HAND_FEATURES)


class CustomGestures:
    """The custom gestures of one session. Immutable."""

    def __init__(self, gestures: Sequence[CustomGesture]) -> None:
        self.names: Final = tuple(gesture.name for gesture in gestures)
        self._centroids = np.array([gesture.features for gesture in gestures], np.float64).reshape(-1, _COUNT)
        counts = np.array([_COUNT if gesture.oriented else SHAPE_FEATURES for gesture in gestures])
        radii = np.array([gesture.radius for gesture in gestures])
        is_used = np.arange(_COUNT) < counts[:, None]
        self._weights = is_used / np.maximum(counts * radii * radii, 1e-9)[:, None]
        self._refused = [
            np.array([gesture.hand == other for gesture in gestures], np.bool_) for other in ("right", "left")
        ]

    def nearest(
        self, features: NDArray[np.float64], *, left: bool, before: str | None = None
    ) -> tuple[str | None, float]:
        """Return the name of the gesture that a hand with these (26,) features shows, and how sure that is, 0..1.

        ``None`` where it shows none. ``before``: the name of the one that it showed in the last frame.
        """
        if not self.names:
            return None, 0.0
        apart = features - self._centroids
        radii = np.sqrt((apart * apart * self._weights).sum(-1))
        radii[self._refused[0] if left else self._refused[1]] = np.inf
        best = int(radii.argmin())
        limit = HELD_FURTHER if self.names[best] == before else 1.0
        distance = float(radii[best])
        return (self.names[best], max(1.0 - 0.5 * distance, 0.0)) if distance <= limit else (None, 0.0)
