"""Probe images: a drawn person and a drawn hand, which the networks recognise, the same on every machine."""

from typing import Final

import cv2
import numpy as np

from mocast.model.frame import RgbImage

Point = tuple[int, int]
Color = tuple[int, int, int]

_WALL: Final = (205, 210, 205)
_GREEN: Final = (90, 120, 90)
_SKIN: Final = (214, 164, 132)
_OUTLINE: Final = (150, 100, 80)
_SHIRT: Final = (60, 90, 160)
_TROUSERS: Final = (50, 50, 60)
_HAIR: Final = (60, 40, 30)
_LIPS: Final = (170, 80, 80)
_EYES: Final = (30, 30, 30)

_FINGERS: Final = (
    ((88, 130), (62, 58)),
    ((104, 122), (96, 34)),
    ((121, 122), (128, 34)),
    ((138, 130), (160, 54)),
    ((84, 168), (34, 122)),
)


def person() -> RgbImage:
    """Return a person who stands and faces the camera, (256, 256, 3)."""
    picture = np.full((256, 256, 3), _WALL, np.uint8)
    for side in (-1, 1):
        _line(picture, (128 + 16 * side, 150), (128 + 20 * side, 200), 20, _TROUSERS)
        _line(picture, (128 + 20 * side, 200), (128 + 22 * side, 245), 16, _TROUSERS)
    _ellipse(picture, (128, 110), (30, 48), _SHIRT)
    for side in (-1, 1):
        _line(picture, (128 + 24 * side, 82), (128 + 44 * side, 115), 15, _SHIRT)
        _line(picture, (128 + 44 * side, 115), (128 + 58 * side, 148), 12, _SKIN)
        _ellipse(picture, (128 + 61 * side, 155), (8, 8), _SKIN)
    _line(picture, (128, 60), (128, 72), 14, _SKIN)
    _ellipse(picture, (128, 42), (17, 22), _SKIN)
    cv2.ellipse(picture, (128, 30), (18, 13), 0, 180, 360, _HAIR, -1, cv2.LINE_AA)
    for side in (-1, 1):
        _ellipse(picture, (128 + 7 * side, 40), (2, 2), _EYES)
    _ellipse(picture, (128, 53), (6, 2), _LIPS)
    return picture


def hand() -> RgbImage:
    """Return an open hand, (224, 224, 3)."""
    picture = np.full((224, 224, 3), _GREEN, np.uint8)
    for margin, color in ((1, _OUTLINE), (0, _SKIN)):
        _ellipse(picture, (112, 146), (34 + margin, 36 + margin), color)
        _line(picture, (112, 160), (112, 223), 46 + 2 * margin, color)
        for knuckle, tip in _FINGERS:
            _line(picture, knuckle, tip, 15 + 2 * margin, color)
    cv2.GaussianBlur(picture, (0, 0), 1.5, dst=picture)
    return picture


def _line(picture: RgbImage, start: Point, end: Point, width: int, color: Color) -> None:
    cv2.line(picture, start, end, color, width, cv2.LINE_AA)


def _ellipse(picture: RgbImage, centre: Point, radii: Point, color: Color) -> None:
    cv2.ellipse(picture, centre, radii, 0, 0, 360, color, -1, cv2.LINE_AA)
