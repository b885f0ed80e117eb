"""Shapes by the network: what it computes of a face, less what it computes of that person's face at rest."""

from typing import Final, Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.blendshapes import SHAPE_COUNT
from mocast.model.camera_rays import focal_length_px
from mocast.model.tracked import Face
from mocast.rigging.face import face_model
from mocast.rigging.face.head_pose import AVATAR_TO_CAMERA

log = structlog.get_logger(__name__)

DEAD: Final = 0.04
"""What a shape exceeds its resting value by is no expression up to here: the network's noise."""
MOST_AT_REST: Final = 0.6
"""Largest resting value that is learnt."""
LEARN_FAST_S: Final = 3.0
"""For this long after a person's first frame, the resting values are the mean of all frames and of the values that
they start with."""
START_S: Final = 0.7
"""The weight of these start values in that mean, as seconds of frames."""
LEARN_SLOWLY_S: Final = 40.0
"""Time constant by which the resting values later follow a face at rest."""
UNLEARN_S: Final = 8.0
"""Time constant by which a resting value falls to a lower value of its shape: who makes less of it than at rest was not
at rest before."""
MAX_AT_REST: Final = 0.3
"""A shape further than this above its resting value is an expression, and teaches nothing."""
PERIOD_S: Final = 0.05
"""Least time between two runs of the network, so that at 30 frames a second it runs in every second one: geometry sees
what moves meanwhile."""
FIRST_RETRY_S: Final = 1.0
MOST_RETRY_S: Final = 60.0
"""After a failure the network is not tried for so long; each failure doubles it, up to the second."""

SIZE_WH: Final = (640, 480)
DISTANCE_M: Final = 0.6
"""Where the average face is shown to the network, as somebody before a webcam."""
_JUST: Final = 1e-3
"""Less is rounding of times."""


class FaceShaper(Protocol):
    """A network that computes a face's blend shapes."""

    def shape(self, face: Face, size_wh: tuple[int, int]) -> NDArray[np.float32]:
        """Return the (52,) float32 shapes, 0..1, of a face in a picture of that size. Raises ``TrackingError``."""


class NetworkShapes:
    """Asks the network for one person's face in consecutive frames. A failure is said once, and tried again later."""

    def __init__(self, shaper: FaceShaper) -> None:
        self._shaper = shaper
        self._retry_s = FIRST_RETRY_S
        self._pause_s = 0.0

    def of_average_face(self) -> NDArray[np.float64] | None:
        """Return the (52,) shapes that the network has for the average face at rest; ``None`` where it fails."""
        try:
            return self._shaper.shape(_average_face(), SIZE_WH).astype(np.float64)
        except TrackingError:
            return None  # ``of`` says so

    def of(self, face: Face, size_wh: tuple[int, int], step_s: float) -> NDArray[np.float64] | None:
        """Return the (52,) shapes as the network has them; ``None`` where it is not due, and while it fails."""
        self._pause_s -= step_s
        if self._pause_s > _JUST:
            return None
        try:
            found = self._shaper.shape(face, size_wh).astype(np.float64)
        except TrackingError as error:
            if self._retry_s == FIRST_RETRY_S:
                log.warning("the network of face shapes failed; geometry takes its place", reason=str(error))
            self._pause_s, self._retry_s = self._retry_s, min(2 * self._retry_s, MOST_RETRY_S)
            return None
        self._pause_s, self._retry_s = PERIOD_S, FIRST_RETRY_S
        if not np.isfinite(found).all():
            found = np.nan_to_num(found, posinf=1.0, neginf=0.0)
        shapes: NDArray[np.float64] = found.clip(0.0, 1.0)
        return shapes


class RestingShapes:
    """The network's shapes of one person's face at rest: its bias, which differs from face to face."""

    def __init__(self, average: NDArray[np.float64] | None = None) -> None:
        """``average``: those of the average face, (52,), with which it begins."""
        start = np.zeros(SHAPE_COUNT) if average is None else np.nan_to_num(average)
        self.values: NDArray[np.float64] = start.clip(0.0, MOST_AT_REST)
        "(52,), 0..``MOST_AT_REST``."
        self._seen_s = 0.0

    def learn(self, shapes: NDArray[np.float64], step_s: float, is_at_rest: bool) -> None:
        """Learn from the (52,) shapes of a frame, ``step_s`` seconds after the last.

        ``is_at_rest``: whether the face shows no strong expression, by its geometry.
        """
        self._seen_s += step_s
        apart = shapes - self.values
        weights = np.where(apart < 0, step_s / UNLEARN_S, 0.0)
        if self._seen_s <= LEARN_FAST_S:
            weights = np.where(apart <= 2 * MAX_AT_REST, step_s / (START_S + self._seen_s), weights)
        elif is_at_rest:
            weights = np.where((apart >= 0) & (apart <= MAX_AT_REST), step_s / LEARN_SLOWLY_S, weights)
        self.values = np.minimum(self.values + weights * apart, MOST_AT_REST)


def above_rest(shapes: NDArray[np.float64], at_rest: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (52,) shapes as parts of the way from the resting values, (52,), to 1: 0 up to ``DEAD`` above these."""
    least = at_rest + DEAD
    above: NDArray[np.float64] = ((shapes - least) / (1.0 - least)).clip(0.0, 1.0)
    return above


def _average_face() -> Face:
    """Return the average face, seen from 60 cm in a picture of ``SIZE_WH``."""
    points = face_model.points() * AVATAR_TO_CAMERA + (0.0, 0.0, DISTANCE_M)
    width, height = SIZE_WH
    pixels = points[:, :2] / points[:, 2:] * focal_length_px(SIZE_WH) + (width / 2, height / 2)
    return Face(np.concatenate([pixels / SIZE_WH, np.zeros((len(points), 1))], axis=1).astype(np.float32))
