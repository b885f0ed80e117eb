"""Draws many lines or dots of one colour in one OpenCV call, below the rows that stay free."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.canvas import Canvas
from mocast.model.topology import Bones
from mocast.model.tracked import Landmarks
from mocast.rendering.colours import Colour

FREE_ROWS = 20
"""No overlay draws on the picture's top rows: they are the HUD's, and else stay as the camera sent them."""

REFERENCE_SIDE = 480
"""Widths are given in pixels of a picture whose shorter side is this long."""

WIDEST = 10
"""No stroke is wider than this (reference pixels), its casing included."""

_SMALLEST_DOT = 3
"""Pixels. Smaller discs have no pixel of their full colour."""

SHIFT = 4
"""Coordinates are handed to OpenCV in sixteenths of a pixel, so that lines do not jitter by whole pixels."""

FAR = 2.0
"""A landmark further than this many pictures outside is moved to there: fixed-point arithmetic must not overflow."""


@dataclass(frozen=True, slots=True, eq=False)
class Joints:
    """Landmarks on their way to the picture."""

    points: NDArray[np.int32]
    "(n, 2) int32: x, y in sixteenths of a pixel, from the first row that may be drawn on."
    drawn: NDArray[np.bool_]
    "(n,) bool: which of them are sure enough to be drawn."


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
    """Return by how much reference widths are multiplied on this canvas."""
    return canvas.choices.line_width * min(canvas.rgb.shape[:2]) / REFERENCE_SIDE


class Pen:
    """Draws on one canvas; widths follow the picture's size, the session's ``line_width`` and ``fineness``."""

    def __init__(self, canvas: Canvas, fineness: float = 1.0) -> None:
        height, width = canvas.rgb.shape[:2]
        self._size_wh = np.array([width, height], np.float32)
        self._view: NDArray[Any] = canvas.rgb[FREE_ROWS:]
        self._scale = fineness * width_scale(canvas)

    def place(self, image: Landmarks, sure: NDArray[np.bool_] | None = None) -> Joints:
        """Turn (n, 3) landmarks of the image space into joints. ``sure``: (n,) which may be drawn; default all."""
        xy = image[:, :2]
        drawn = np.isfinite(xy).all(axis=1)
        near = np.clip(np.where(drawn[:, None], xy, 0), -FAR, 1 + FAR)
        pixels = near * self._size_wh - (0.5, 0.5 + FREE_ROWS)  # pixel i's centre is at (i + 0.5) / size
        points = np.rint(pixels * (1 << SHIFT)).astype(np.int32)
        return Joints(points, drawn if sure is None else drawn & sure)

    def lines(self, joints: Joints, bones: Bones, colour: Colour, width: float, casing: float = 0) -> None:
        """Draw those bones of which both ends are drawn, ``width`` + 2 · ``casing`` wide (reference pixels)."""
        segments = joints.points[bones[joints.drawn[bones].all(axis=1)]]
        self._strokes(segments, colour, self._thickness(width, casing), closed=False)

    def dots(self, joints: Joints, indices: NDArray[Any], colour: Colour, diameter: float, casing: float = 0) -> None:
        """Draw those of the joints at ``indices`` that are drawn as discs."""
        centres = joints.points[indices[joints.drawn[indices]]]
        # A closed line of one point is its round cap: all discs in one call.
        self._strokes(centres[:, None], colour, max(_SMALLEST_DOT, self._thickness(diameter, casing)), closed=True)

    def loops(self, outlines: NDArray[np.int32], colour: Colour, width: float, casing: float = 0) -> None:
        """Draw closed lines through (n, points, 2) int32 points as ``Joints`` has them."""
        self._strokes(outlines, colour, self._thickness(width, casing), closed=True)

    def _thickness(self, width: float, casing: float) -> int:
        line = max(1, round(width * self._scale))
        return line + 2 * max(1, round(casing * self._scale)) if casing else line

    def _strokes(self, lines: NDArray[np.int32], colour: Colour, thickness: int, *, closed: bool) -> None:
        if lines.size and self._view.size:
            # The binding takes one array as the list of its rows; its type says sequence.
            cv2.polylines(self._view, lines, closed, colour, thickness, cv2.LINE_AA, SHIFT)  # type: ignore[call-overload]
