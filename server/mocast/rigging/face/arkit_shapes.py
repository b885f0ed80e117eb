"""ARKit's blend shapes from the measures of a face.

Every shape but those of lids and irises is a ramp: a weighted sum of what some measures differ from the face at rest,
0 up to a dead zone, 1 at the full range, in millimetres. The ranges are those of adults' faces; how well the shapes
agree with those of MediaPipe's network is in ``docs/face-shapes.md``. What geometry cannot see stays 0:

==========  =============================================================
shape       why it stays 0
==========  =============================================================
tongueOut   the mesh has no tongue
cheekPuff   cheeks come forward, which the mesh network hardly shows
jawForward  the jaw comes forward, which a camera before it does not see
==========  =============================================================
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import SHAPE_COUNT, Shape
from mocast.rigging.face.gaze import eye_angles, put_looks
from mocast.rigging.face.measures import MEASURE_COUNT, Measure


@dataclass(frozen=True, slots=True)
class _Ramp:
    """A shape as a sum of measures."""

    shape: Shape
    dead_mm: float
    full_mm: float
    weights: dict[Measure, float]


M = Measure
S = Shape


def _sides(shape: str, dead_mm: float, full_mm: float, **weights: float) -> list[_Ramp]:
    """Return a shape's ramps of both sides, of the measures of that side, or of the middle where there is only one."""

    def on(side: str, name: str) -> Measure:
        return Measure[f"{name}_{side}" if f"{name}_{side}" in Measure.__members__ else name]

    return [
        _Ramp(Shape[f"{shape}_{side}"], dead_mm, full_mm, {on(side, name): weight for name, weight in weights.items()})
        for side in ("LEFT", "RIGHT")
    ]


_PUCKER: Final = {M.CORNER_OUT_LEFT: -1.0, M.CORNER_OUT_RIGHT: -1.0, M.UPPER_LIP_THICK: 1.0, M.LOWER_LIP_THICK: 1.0}
_RAMPS: Final = [
    *_sides("BROW_DOWN", 0.8, 4.5, BROW_MIDDLE=-0.5, BROW_OUTER=-0.3, BROW_INNER=-0.2),
    _Ramp(S.BROW_INNER_UP, 0.8, 9.0, {M.BROW_INNER_LEFT: 0.5, M.BROW_INNER_RIGHT: 0.5}),
    *_sides("BROW_OUTER_UP", 0.8, 7.5, BROW_OUTER=1.0),
    *_sides("CHEEK_SQUINT", 1.5, 8.0, CHEEK=1.0),
    *_sides("EYE_SQUINT", 0.4, 2.2, LOWER_LID=1.0, IRIS_UP=-0.2),
    _Ramp(S.JAW_OPEN, 1.5, 25.0, {M.CHIN: -0.2, M.LOWER_TEETH: -0.8}),
    _Ramp(S.JAW_LEFT, 2.0, 9.0, {M.CHIN_ASIDE: 1.0}),
    _Ramp(S.JAW_RIGHT, 2.0, 9.0, {M.CHIN_ASIDE: -1.0}),
    _Ramp(S.MOUTH_LEFT, 1.0, 6.0, {M.MOUTH_ASIDE: 1.0, M.CHIN_ASIDE: -0.4}),
    _Ramp(S.MOUTH_RIGHT, 1.0, 6.0, {M.MOUTH_ASIDE: -1.0, M.CHIN_ASIDE: 0.4}),
    *_sides("MOUTH_SMILE", 1.0, 8.5, CORNER_OUT=0.45, CORNER_UP=0.55),
    *_sides("MOUTH_DIMPLE", 1.5, 8.0, CORNER_UP=0.5, UPPER_LIP_THICK=-1.0),
    *_sides("MOUTH_FROWN", 1.8, 10.0, CORNER_UP=-1.0, UPPER_LIP=0.5, LOWER_LIP=0.5, CORNER_OUT=-0.3),
    *_sides("MOUTH_STRETCH", 2.0, 9.0, CORNER_OUT=1.0),
    *_sides("MOUTH_UPPER_UP", 1.0, 9.0, UPPER_SIDE=0.7, UPPER_LIP=0.3),
    *_sides("MOUTH_LOWER_DOWN", 4.0, 12.0, LOWER_SIDE=-1.0, CHIN=1.0),
    *_sides("MOUTH_PRESS", 1.5, 8.0, UPPER_LIP_THICK=-1.0, LOWER_LIP_THICK=-1.0),
    *_sides("NOSE_SNEER", 2.0, 8.0, NOSE_WING=1.0),
    _Ramp(S.MOUTH_PUCKER, 3.0, 14.0, _PUCKER),
    _Ramp(S.MOUTH_ROLL_UPPER, 1.5, 7.0, {M.UPPER_LIP_THICK: -1.0, M.UPPER_LIP: -0.5}),
    _Ramp(S.MOUTH_ROLL_LOWER, 1.0, 5.0, {M.LOWER_LIP_THICK: -1.0}),
    _Ramp(S.MOUTH_SHRUG_UPPER, 1.5, 8.0, {M.UPPER_LIP: 1.0}),
    _Ramp(S.MOUTH_SHRUG_LOWER, 1.5, 8.0, {M.LOWER_LIP: 1.0, M.LOWER_LIP_THICK: -0.7, M.CHIN: -0.5}),
]

_WEIGHTS: Final = np.zeros((SHAPE_COUNT, MEASURE_COUNT))
_OFFSETS: Final = np.zeros(SHAPE_COUNT)
for _ramp in _RAMPS:
    for _measure, _weight in _ramp.weights.items():
        _WEIGHTS[_ramp.shape, _measure] = _weight / (_ramp.full_mm - _ramp.dead_mm)
    _OFFSETS[_ramp.shape] = _ramp.dead_mm / (_ramp.full_mm - _ramp.dead_mm)

APART_MM: Final = (0.5, 4.0)
"""Lips farther apart than the first are no longer shut, at the second they are apart."""
_ONLY_SHUT: Final = np.array([
    S.MOUTH_PRESS_LEFT, S.MOUTH_PRESS_RIGHT, S.MOUTH_ROLL_UPPER, S.MOUTH_ROLL_LOWER,
    S.MOUTH_SHRUG_UPPER, S.MOUTH_SHRUG_LOWER, S.MOUTH_DIMPLE_LEFT, S.MOUTH_DIMPLE_RIGHT,
])  # fmt: skip
# A shape of the right side comes right after that of the left, so both are a slice: a view, at no cost.
_SMILES: Final = slice(S.MOUTH_SMILE_LEFT, S.MOUTH_SMILE_RIGHT + 1)
_LOWER_DOWN: Final = slice(S.MOUTH_LOWER_DOWN_LEFT, S.MOUTH_LOWER_DOWN_RIGHT + 1)
_UPPER_UP: Final = slice(S.MOUTH_UPPER_UP_LEFT, S.MOUTH_UPPER_UP_RIGHT + 1)
_CORNERS_UP: Final = slice(M.CORNER_UP_LEFT, M.CORNER_UP_RIGHT + 1)
SMILE_UP_MM: Final = 5.0
"""A corner of the mouth that is so much higher than at rest smiles, and is not stretched."""
_STRETCHES: Final = slice(S.MOUTH_STRETCH_LEFT, S.MOUTH_STRETCH_RIGHT + 1)
_DIMPLES: Final = slice(S.MOUTH_DIMPLE_LEFT, S.MOUTH_DIMPLE_RIGHT + 1)
_SNEERS: Final = slice(S.NOSE_SNEER_LEFT, S.NOSE_SNEER_RIGHT + 1)

EYES: Final = slice(M.EYE_OPEN_LEFT, M.EYE_OPEN_RIGHT + 1)
_BLINKS: Final = slice(S.EYE_BLINK_LEFT, S.EYE_BLINK_RIGHT + 1)
_SQUINTS: Final = slice(S.EYE_SQUINT_LEFT, S.EYE_SQUINT_RIGHT + 1)
_LOOKS_DOWN: Final = slice(S.EYE_LOOK_DOWN_LEFT, S.EYE_LOOK_DOWN_RIGHT + 1)
_WIDES: Final = slice(S.EYE_WIDE_LEFT, S.EYE_WIDE_RIGHT + 1)
BLINK_FROM: Final = 0.82
"""Of how far an eye is open at rest: at less it begins to blink. Above it is the noise of the mesh."""
BLINK_TO: Final = 0.48
"""Of the same: at less it is shut. Lids that touch are still 2 to 3 mm apart in the mesh."""
DOWN_LID: Final = 0.25
"""The part of its opening that an eye loses by looking down, as the upper lid follows: no blink."""
WIDE: Final = (1.2, 1.6)
"""Of how far an eye is open at rest: where ``eyeWide`` begins, and where it is 1."""
YAW_DEG: Final = (20.0, 35.0)
"""Turned by the first, the eye on the far side begins to follow the near one; at the second it does nothing else."""


SMALL_PX_PER_MM: Final = (0.55, 0.85)
"""Of a face with the first, lids open by 5 pixels, and a pixel's noise in one eye's looks like a wink: both shut alike.
With the second, as of a webcam 60 cm away, each eye shuts by itself."""


def shapes_of(
    measures: NDArray[np.float64],
    neutral: NDArray[np.float64],
    yaw_deg: float,
    shut_eyes_mm: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the (52,) float64 shapes, 0..1, of a face.

    ``measures`` and ``neutral``, those of the face at rest, are (35,) millimetres. ``yaw_deg`` is how far the head is
    turned to the subject's left. ``shut_eyes_mm`` (2,): left and right ``EYE_OPEN`` when shut, where known.
    """
    change = measures - neutral
    shapes = np.clip(_WEIGHTS @ change - _OFFSETS, 0.0, 1.0)
    _put_mouth(shapes, change)
    angles = eye_angles(change)
    far = _far_eye(yaw_deg)
    if far is not None:
        _follow_near(angles, *far)
    put_looks(shapes, angles)
    _put_lids(shapes, measures[EYES], neutral[EYES], shut_eyes_mm)
    if far is not None:
        eye, weight = far
        for pair in (_BLINKS, _SQUINTS, _WIDES):
            shapes[pair][eye] += weight * (shapes[pair][1 - eye] - shapes[pair][eye])
    return shapes


def equalise_blinks(shapes: NDArray[np.float64], px_per_mm: float) -> None:
    """Let both eyes shut as far as the one that does more, where the face is too small in the picture to tell a wink.

    Not by their mean: in a blink of a small face the mesh often leaves one eye open.
    """
    weight = (SMALL_PX_PER_MM[1] - px_per_mm) / (SMALL_PX_PER_MM[1] - SMALL_PX_PER_MM[0])
    if weight > 0.0:
        blinks = shapes[_BLINKS]
        blinks += min(weight, 1.0) * (blinks.max() - blinks)


def _put_mouth(shapes: NDArray[np.float64], change: NDArray[np.float64]) -> None:
    """Take back what only lips that touch, or do not, can do."""
    apart = min(max((float(change[M.LIPS_APART]) - APART_MM[0]) / (APART_MM[1] - APART_MM[0]), 0.0), 1.0)
    shapes[_ONLY_SHUT] *= 1.0 - apart
    shapes[_UPPER_UP] *= apart
    shapes[_LOWER_DOWN] *= apart
    # The same narrow mouth is a pucker with the lips shut, a funnel with them open.
    shapes[S.MOUTH_FUNNEL] = shapes[S.MOUTH_PUCKER] * apart
    shapes[S.MOUTH_PUCKER] *= 1.0 - apart
    # A smile takes corners out, too, but up with it; and the wings of the nose up.
    shapes[_STRETCHES] *= 1.0 - np.clip(change[_CORNERS_UP] / SMILE_UP_MM, 0.0, 1.0)
    shapes[_SNEERS] *= 1.0 - shapes[_SMILES]
    shapes[_DIMPLES] *= 1.0 - shapes[_SMILES]
    # How far the chin went is uncertain in a nod, and the more so the farther the jaw is open.
    uncertain = 1.0 - shapes[S.JAW_OPEN]
    shapes[_LOWER_DOWN] *= uncertain
    shapes[S.JAW_LEFT] *= uncertain
    shapes[S.JAW_RIGHT] *= uncertain
    # What the jaw is open and the lips are not; it cannot be more than jawOpen.
    shapes[S.MOUTH_CLOSE] = shapes[S.JAW_OPEN] * (1.0 - apart)


def _put_lids(
    shapes: NDArray[np.float64],
    open_mm: NDArray[np.float64],
    neutral_mm: NDArray[np.float64],
    shut_mm: NDArray[np.float64] | None,
) -> None:
    looks_down = shapes[_LOOKS_DOWN]
    rest_mm = np.maximum(neutral_mm, 1.0) * (1.0 - DOWN_LID * looks_down)
    begin_mm = BLINK_FROM * rest_mm
    end_mm = np.minimum(BLINK_TO * rest_mm if shut_mm is None else shut_mm, 0.8 * begin_mm)
    blinks = np.clip((begin_mm - open_mm) / (begin_mm - end_mm), 0.0, 1.0)
    shapes[_BLINKS] = blinks
    shapes[_SQUINTS] *= 1.0 - blinks
    shapes[_WIDES] = np.clip((open_mm / rest_mm - WIDE[0]) / (WIDE[1] - WIDE[0]), 0.0, 1.0)


def _far_eye(yaw_deg: float) -> tuple[int, float] | None:
    """Return which eye the head hides, 0 the left and 1 the right, and how much; ``None`` where it hides neither."""
    weight = min(max((abs(yaw_deg) - YAW_DEG[0]) / (YAW_DEG[1] - YAW_DEG[0]), 0.0), 1.0)
    return (0 if yaw_deg > 0 else 1, weight) if weight > 0 else None


def _follow_near(angles: NDArray[np.float64], eye: int, weight: float) -> None:
    """Let the hidden eye look where the other does: one's out is the other's in."""
    out, up = eye, 2 + eye
    angles[out] += weight * (-angles[1 - eye] - angles[out])
    angles[up] += weight * (angles[3 - eye] - angles[up])
