"""Overlay ``hud``: the session's stats on the top rows of the picture."""

import math

import cv2

from mocast.model.analysis import ExerciseState
from mocast.model.canvas import Canvas
from mocast.model.tracked import Tracked
from mocast.rendering.colours import WHITE
from mocast.rendering.pen import FREE_ROWS

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_FONT_SCALE = 0.48
_MARGIN = 6
_BASELINE = 14
"""The row of the text's baseline: capitals of this font are 11 rows high, descenders 4."""


class Hud:
    """Frames per second, tracking time, delay, joint angles and counts of exercises; nothing on a still picture."""

    def draw(self, canvas: Canvas, tracked: Tracked) -> None:
        """Draw on the top 20 rows of ``canvas.rgb`` in place."""
        if canvas.stats is None:
            return
        stats = canvas.stats
        text = "   ".join(
            [
                f"{stats.fps:.1f} fps",
                f"tracking {stats.tracking_ms:.0f} ms",
                f"delay {stats.delay_ms:.0f} ms",
                *([f"people {stats.people}"] if stats.people > 1 else []),
                *(f"{name.replace('_', ' ')} {_degrees(value)}" for name, value in stats.angles),
                *map(_count, stats.exercises),
            ]
        )
        (width, _), _ = cv2.getTextSize(text, _FONT, _FONT_SCALE, 1)
        fit = min(1.0, max(1, canvas.rgb.shape[1] - 2 * _MARGIN) / width)
        plate = canvas.rgb[:FREE_ROWS, : round(width * fit) + 2 * _MARGIN]
        cv2.convertScaleAbs(plate, dst=plate, alpha=0.3)
        cv2.putText(plate, text, (_MARGIN, _BASELINE), _FONT, _FONT_SCALE * fit, WHITE, 1, cv2.LINE_AA)


def _count(state: ExerciseState) -> str:
    """Return an exercise's name with its repetitions, or for how long it is held."""
    name = state.exercise.replace("_", " ")
    return f"{name} {state.seconds:.0f} s" if state.phase == "held" else f"{name} {state.count}"


def _degrees(value: float) -> str:
    """Return whole degrees; the font has no sign for them."""
    return "-" if math.isnan(value) else f"{value:.0f}"
