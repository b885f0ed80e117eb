"""Scenes for tests: people and drawn hands, put where a test wants them.

The astronaut shows no hands, so hers are drawn: an open palm with fingers, creases and shading, which the networks take
for a hand, at the end of a sleeve. So it is known to the pixel where each hand is, and whose.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.model.topology import HandLandmark
from tests.pictures import astronaut

SIZE_WH = (640, 480)
WALL = (128, 134, 140)
SKIN = (224, 172, 138)
CLOTH = (226, 104, 74)
"The colour of the astronaut's suit."

PointPx = tuple[float, float]

# A left hand that shows its palm, fingers up, in pixels from the middle of a canvas of 600.
_CANVAS = 600
_PALM = ((-62, 30), (-70, -50), (-60, -90), (60, -95), (66, -30), (50, 50), (-30, 70))
_FINGERS = (((-54, -85), -14, 118), ((-18, -96), -3, 140), ((18, -94), 6, 130), ((52, -82), 16, 100))
"Where each begins, how far it leans in degrees, how long it is."
_WRIST = ((10, 40), (10, 230))
_THUMB = ((-50, 30), (-95, -20), (-128, -70))
_CREASES = (((-60, 15), (60, 75), -80, 30), ((30, -100), (70, 45), 20, 160), ((10, -40), (70, 25), 30, 180))

HAND_SIZE_PX = 320
"""How long the drawn hand is on its canvas, from wrist to the tip of the middle finger."""

HAND_POINTS: dict[HandLandmark, PointPx] = {
    HandLandmark.WRIST: (0, 80),
    HandLandmark.THUMB_TIP: _THUMB[-1],
    HandLandmark.INDEX_TIP: (-83, -200),
    HandLandmark.MIDDLE_TIP: (-25, -236),
    HandLandmark.RING_TIP: (32, -223),
    HandLandmark.LITTLE_TIP: (80, -178),
}
"""Where some of its landmarks are, in pixels from the middle of the canvas."""


@dataclass(frozen=True, slots=True)
class Cutout:
    """Something that can be put into a picture."""

    rgb: NDArray[np.uint8]
    "(height, width, 3) uint8."
    alpha: NDArray[np.float32]
    "(height, width) float32, 0..1: how much of what lies behind it covers."

    def put_into(self, picture: RgbImage, matrix: NDArray[np.float64]) -> None:
        """Paint it over a picture where ``matrix`` (2, 3) puts it."""
        height, width = self.alpha.shape
        corners = np.array([(0, 0), (width, 0), (0, height), (width, height)]) @ matrix[:, :2].T + matrix[:, 2]
        left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
        right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int), picture.shape[1::-1])
        if left >= right or top >= bottom:
            return
        behind = picture[top:bottom, left:right]
        moved = matrix - [[0, 0, left], [0, 0, top]]
        size_wh = (right - left, bottom - top)
        rgb = cv2.warpAffine(self.rgb, moved, size_wh, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(self.alpha, moved, size_wh, flags=cv2.INTER_AREA)
        cv2.blendLinear(rgb, behind.copy(), alpha, 1 - alpha, dst=rgb)
        behind[:] = rgb


def place(about: PointPx, at: PointPx, *, scale: float = 1, turned_deg: float = 0) -> NDArray[np.float64]:
    """Return the map (2, 3) that puts the point ``about`` of a cut-out ``at`` a point of a picture.

    It is turned about that point, counter-clockwise on screen.
    """
    matrix: NDArray[np.float64] = cv2.getRotationMatrix2D(about, turned_deg, scale)
    matrix[:, 2] += np.subtract(at, about)
    return matrix


def wall(size_wh: tuple[int, int] = SIZE_WH) -> RgbImage:
    """Return a picture of nothing."""
    width, height = size_wh
    return np.full((height, width, 3), WALL, np.uint8)


@cache
def astronaut_cutout() -> Cutout:
    """Return the astronaut as a picture that covers what is behind it: 512 x 512."""
    return Cutout(astronaut(), np.ones((512, 512), np.float32))


@cache
def admiral() -> RgbImage | None:
    """Return another woman's head and shoulders, 512 x 600, no hands: Grace Hopper, US Navy, public domain.

    She comes with matplotlib. ``None`` where that is not installed.
    """
    package = find_spec("matplotlib")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).parent / "mpl-data/sample_data/grace_hopper.jpg"
    return cv2.imread(str(path), cv2.IMREAD_COLOR_RGB) if path.is_file() else None  # type: ignore[return-value]


@cache
def hand_cutout(*, left: bool) -> Cutout:
    """Return a drawn hand and wrist, 600 x 600, palm to the viewer and fingers up."""
    middle = np.array((_CANVAS / 2, _CANVAS / 2))
    shape, lines = np.zeros((_CANVAS, _CANVAS), np.uint8), np.zeros((_CANVAS, _CANVAS), np.uint8)
    cv2.fillPoly(shape, [np.int32(middle + _PALM)], 255)
    shape = cv2.dilate(shape, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (19, 19)))
    _limb(shape, [middle + joint for joint in _WRIST], [52, 60])
    _limb(shape, [middle + joint for joint in _THUMB], [22, 20, 18])
    for start, lean_deg, length in _FINGERS:
        lean = np.radians(lean_deg)
        along, across = np.array((np.sin(lean), -np.cos(lean))), np.array((np.cos(lean), np.sin(lean)))
        _limb(shape, [middle + start, middle + start + along * length], [18, 14])
        for part in (0.05, 0.42, 0.7):
            joint = middle + start + along * length * part
            cv2.line(lines, np.int32(joint - across * 14), np.int32(joint + across * 14), 255, 3)
    for centre, axes, first_deg, last_deg in _CREASES:
        cv2.ellipse(lines, np.int32(middle + centre), axes, 0, first_deg, last_deg, 255, 4)
    creases = cv2.GaussianBlur(lines, (7, 7), 0)[..., None] / 255
    drawn = _shaded(shape, SKIN, 18)
    rgb, alpha = (drawn.rgb * (1 - 0.28 * creases)).astype(np.uint8), drawn.alpha
    return Cutout(rgb, alpha) if left else Cutout(rgb[:, ::-1].copy(), alpha[:, ::-1].copy())


def hand_matrix(at: PointPx, *, size_px: float, turned_deg: float = 0) -> NDArray[np.float64]:
    """Return the map that puts the middle of a drawn hand's palm there, ``size_px`` long from wrist to finger tip."""
    middle = (_CANVAS / 2, _CANVAS / 2)
    return place((middle[0], middle[1] - 40), at, scale=size_px / HAND_SIZE_PX, turned_deg=turned_deg)


def hand_points(matrix: NDArray[np.float64], *, left: bool) -> NDArray[np.float64]:
    """Return where the landmarks of ``HAND_POINTS`` are in a picture that a drawn hand was put into, (n, 2) pixels."""
    points = np.array(list(HAND_POINTS.values())) * ((1 if left else -1), 1) + _CANVAS / 2
    return points @ matrix[:, :2].T + matrix[:, 2]


STAGE_WH = (712, 512)
"""Size of the astronaut's picture once it has room for her arms."""

_ARMS: dict[bool, tuple[PointPx, PointPx]] = {False: ((200, 240), (135, 420)), True: ((482, 240), (547, 420))}
"Where her drawn sleeves begin and bend on the stage: of the right arm, of the left."


def astronaut_with_hands(*, left: PointPx | None = None, right: PointPx | None = None) -> RgbImage:
    """Return the astronaut with the middles of her palms at these points of ``STAGE_WH``.

    An arm that is not given hangs where the photograph has it, and shows no hand.
    """
    picture = cv2.copyMakeBorder(astronaut(), 0, 0, 100, 100, cv2.BORDER_REPLICATE)
    for is_left, palm in ((False, right), (True, left)):
        if palm is None:
            continue
        shoulder, elbow = (np.array(joint, np.float64) for joint in _ARMS[is_left])
        forearm = np.subtract(palm, elbow)
        forearm /= max(np.hypot(*forearm), 1)
        sleeve = np.zeros(picture.shape[:2], np.uint8)
        _limb(sleeve, [shoulder, elbow, palm - forearm * 75], [40, 42, 26])
        _shaded(sleeve, CLOTH, 25).put_into(picture, np.eye(2, 3))
        turned_deg = float(np.degrees(np.arctan2(-forearm[0], -forearm[1])))
        hand_cutout(left=is_left).put_into(picture, hand_matrix(palm, size_px=150, turned_deg=turned_deg))
    return picture


@cache
def somebody(shift_px: float = 0) -> RgbImage:
    """Return the astronaut with both hands up, in a picture of ``SIZE_WH``, by so much right of its middle."""
    stage = astronaut_with_hands(left=(590, 200), right=(120, 200))
    width, height = SIZE_WH
    matrix = place((STAGE_WH[0] / 2, STAGE_WH[1]), (width / 2 + shift_px, height), scale=0.85)
    picture: RgbImage = cv2.warpAffine(stage, matrix, SIZE_WH, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    picture.flags.writeable = False
    return picture


def _limb(shape: NDArray[np.uint8], joints: Sequence[NDArray[np.float64]], radii: Sequence[float]) -> None:
    """Draw a chain of joints, as thick at each as its radius says."""
    for start, end, first, last in zip(joints, joints[1:], radii, radii[1:], strict=False):
        for part in np.linspace(0, 1, 30):
            cv2.circle(shape, np.int32(start + (end - start) * part), int(first + (last - first) * part), 255, -1)


def _shaded(shape: NDArray[np.uint8], colour: tuple[int, int, int], depth_px: float) -> Cutout:
    """Return a shape in a colour that darkens towards its edge, as round things do."""
    inside = np.minimum(cv2.distanceTransform(shape, cv2.DIST_L2, 3) / np.float32(depth_px), 1)
    alpha = cv2.GaussianBlur(shape.astype(np.float32) / 255, (3, 3), 0)
    bright = 0.68 + 0.32 * inside
    return Cutout(cv2.merge([(bright * channel).astype(np.uint8) for channel in colour]), alpha)
