"""Draws many lines or dots of one colour in one OpenCV call, below the rows that are reserved for the HUD."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.canvas import Canvas
from mocast.model.tracked import Landmarks
from mocast.rendering.chains import Chains
from mocast.rendering.colours import Colour, colour_of_person
from mocast.rendering.joints import Joints

FREE_ROWS = 20
"""The top rows of the picture, on which no overlay draws but the HUD."""

REFERENCE_SIDE = 480
"""Widths are given in *reference pixels*, those of a picture whose shorter side has this many."""

WIDEST = 10
"""Largest line width in reference pixels, outline (casing) included."""

_SMALLEST_DOT = 3
"""Pixels. Smaller discs have no pixel of their full colour."""

SHIFT = 4
"""OpenCV's ``shift``: coordinates in sixteenths of a pixel, so that lines do not jitter by whole pixels."""

_FIRST_CENTRE = np.array([0.5, 0.5 + FREE_ROWS], np.float32) * (1 << SHIFT)
"""The centre of the first pixel below the reserved rows, in sixteenths; that of pixel i is at (i + 0.5) / size in image
space."""

MAX_DRAWN_PICTURES = 2.0
"""Landmarks are clamped to this many picture sizes outside of the picture, as fixed-point numbers must not overflow."""


def touched_box(images: Sequence[Landmarks], canvas: Canvas) -> tuple[slice, slice]:
    """Return the rows and columns of ``canvas.rgb`` that drawing these landmarks may change."""
    height, width = canvas.rgb.shape[:2]
    xy = np.concatenate([image[:, :2] for image in images])
    xy = np.clip(xy[np.isfinite(xy).all(axis=1)], 0, 1) * (width, height)
    if not xy.size:
        return slice(0, 0), slice(0, 0)
    margin = 3 + WIDEST * width_scale(canvas)
    left, top = np.floor(xy.min(axis=0) - margin).astype(int)
    right, bottom = np.ceil(xy.max(axis=0) + margin).astype(int)
    return slice(max(FREE_ROWS, top), max(FREE_ROWS, bottom)), slice(max(0, left), max(0, right))


def width_scale(canvas: Canvas) -> float:
    """Return the pixels for a reference pixel on this canvas, times ``line_width``."""
    return canvas.options.line_width * min(canvas.rgb.shape[:2]) / REFERENCE_SIDE


class Pen:
    """Draws on one canvas. Widths scale with the picture's size, the session's ``line_width`` and ``fineness``."""

    def __init__(self, canvas: Canvas, fineness: float = 1.0) -> None:
        height, width = canvas.rgb.shape[:2]
        self._sixteenths = _sixteenths(width, height)
        self._view: NDArray[Any] = canvas.rgb[FREE_ROWS:]
        self._scale = fineness * width_scale(canvas)
        self._person = canvas.person

    def place(self, image: Landmarks, sure: NDArray[np.bool_] | None = None) -> Joints:
        """Return (n, 3) landmarks in image space as joints. ``sure``, (n,): which may be drawn; by default all."""
        xy = image[:, :2]
        finite = np.isfinite(xy)
        if finite.all():
            drawn = finite[:, 0] if sure is None else sure
        else:
            drawn = finite.all(axis=1) if sure is None else finite.all(axis=1) & sure
        placed = np.fmax(xy, np.float32(-MAX_DRAWN_PICTURES))  # NaN is clamped, too
        np.fmin(placed, np.float32(1 + MAX_DRAWN_PICTURES), out=placed)
        placed *= self._sixteenths
        placed -= _FIRST_CENTRE
        return Joints(np.rint(placed, out=placed).astype(np.int32), drawn, bool(drawn.all()))

    def lines(self, joints: Joints, chains: Chains, colour: Colour, width: float, casing: float = 0) -> None:
        """Draw the bones whose two joints are drawn, ``width`` + 2 · ``casing`` reference pixels wide."""
        self._strokes(chains.lines(joints), colour, _thickness(self._scale, width, casing), closed=False)

    def dots(self, joints: Joints, indices: NDArray[Any], colour: Colour, diameter: float, casing: float = 0) -> None:
        """Draw the joints at ``indices``, but for those that are not drawn, as discs."""
        drawn = indices if joints.all_drawn else indices[joints.drawn[indices]]
        centres = joints.points.take(drawn, axis=0)
        # A closed line of one point is its round cap: all discs in one call.
        self._strokes(
            list(centres[:, None]), colour, max(_SMALLEST_DOT, _thickness(self._scale, diameter, casing)), closed=True
        )

    def loops(self, outlines: NDArray[np.int32], colour: Colour, width: float, casing: float = 0) -> None:
        """Draw n closed lines through (n, points, 2) int32 points, in the units of ``Joints.points``."""
        self._strokes(list(outlines), colour, _thickness(self._scale, width, casing), closed=True)

    def _strokes(self, lines: list[NDArray[np.int32]], colour: Colour, thickness: int, *, closed: bool) -> None:
        if lines and self._view.size:
            if self._person:
                colour = colour_of_person(colour, self._person)
            cv2.polylines(self._view, lines, closed, colour, thickness, cv2.LINE_AA, SHIFT)


@lru_cache
def _thickness(scale: float, width: float, casing: float) -> int:
    line = max(1, round(width * scale))
    return line + 2 * max(1, round(casing * scale)) if casing else line


@lru_cache
def _sixteenths(width: int, height: int) -> NDArray[np.float32]:
    return np.array([width << SHIFT, height << SHIFT], np.float32)
