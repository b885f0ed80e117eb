"""ARKit's blend shapes from the measures of a face.

Each shape but those of lids and irises is a ramp: a weighted sum of some measures' differences from the neutral face,
in millimetres, is 0 up to a dead zone and 1 at the full range. Weights and ranges are our own: chosen so that on the
average face, deformed by known amounts, the shapes agree with those of MediaPipe's network (``docs/face-shapes.md`` has
both tables: that agreement, and the correlation in two recordings). Shapes that cannot be measured stay 0:

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
from mocast.model.names import SIDES, both_sides
from mocast.rigging.face.gaze import Values, eye_angles, set_look_shapes
from mocast.rigging.face.measures import MEASURE_COUNT, Measure


@dataclass(frozen=True, slots=True)
class _Ramp:
    """A shape as a weighted sum of measures, and its range."""

    shape: Shape
    dead_mm: float
    full_mm: float
    weights: dict[Measure, float]


M = Measure
S = Shape


def _sides(shape: str, dead_mm: float, full_mm: float, **weights: float) -> list[_Ramp]:
    """Return a shape's ramps of both sides, by the measures of each side, or of the middle where there is only one."""

    def on(side: str, name: str) -> Measure:
        return Measure[f"{name}_{side}" if f"{name}_{side}" in Measure.__members__ else name]

    return [
        _Ramp(Shape[f"{shape}_{side}"], dead_mm, full_mm, {on(side, name): weight for name, weight in weights.items()})
        for side in SIDES
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
"""Lips farther apart than the first begin to be open; from the second on they are."""
_ONLY_SHUT: Final = (
    S.MOUTH_PRESS_LEFT, S.MOUTH_PRESS_RIGHT, S.MOUTH_ROLL_UPPER, S.MOUTH_ROLL_LOWER,
    S.MOUTH_SHRUG_UPPER, S.MOUTH_SHRUG_LOWER, S.MOUTH_DIMPLE_LEFT, S.MOUTH_DIMPLE_RIGHT,
)  # fmt: skip
SMILE_UP_MM: Final = 5.0
"""A mouth corner that is raised by this much is a smile, which suppresses ``mouthStretch``."""
_CORNERS_UP: Final = both_sides(Measure, "CORNER_UP")
_SMILES, _STRETCHES, _DIMPLES = (both_sides(Shape, f"MOUTH_{stem}") for stem in ("SMILE", "STRETCH", "DIMPLE"))
_UPPER_UP, _LOWER_DOWN = both_sides(Shape, "MOUTH_UPPER_UP"), both_sides(Shape, "MOUTH_LOWER_DOWN")
_SNEERS: Final = both_sides(Shape, "NOSE_SNEER")

EYES: Final = slice(M.EYE_OPEN_LEFT, M.EYE_OPEN_RIGHT + 1)
"""Slice of the measures: both eyes' opening."""
_BLINKS, _SQUINTS, _WIDES, _LOOKS_DOWN = (
    both_sides(Shape, f"EYE_{stem}") for stem in ("BLINK", "SQUINT", "WIDE", "LOOK_DOWN")
)
BLINK_FROM: Final = 0.82
"""Opening of the eye, as a share of that at rest, at which ``eyeBlink`` begins; above is the mesh's noise."""
BLINK_TO: Final = 0.48
"""Share at and below which ``eyeBlink`` is 1: lids that touch are still 2 to 3 mm apart in the mesh."""
DOWN_LID: Final = 0.25
"""The share of its opening that an eye loses by looking down, as the upper lid follows, which is not a blink."""
WIDE: Final = (1.2, 1.6)
"""Opening of the eye, as a share of that at rest, at which ``eyeWide`` begins, and at which it is 1."""
YAW_DEG: Final = (20.0, 35.0)
"""Between these head yaws the hidden eye is blended from its own measures to a copy of the visible eye."""


SMALL_PX_PER_MM: Final = (0.55, 0.85)
"""Between these sizes of the face, from equal to independent blinks: at the first one the lids open by 5 pixels, and a
pixel of noise looks like a wink; the second one is that of a face 60 cm before a webcam."""


def shapes_of(
    measures: NDArray[np.float64],
    neutral: NDArray[np.float64],
    yaw_deg: float,
    shut_eyes_mm: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return the (52,) float64 shapes, 0..1, of a face.

    ``measures``, and ``neutral`` for the neutral face, (35,): millimetres. ``yaw_deg``: of the head, to the subject's
    left. ``shut_eyes_mm``, (2,): left and right ``EYE_OPEN`` of shut eyes, where known.
    """
    change = measures - neutral
    # Plain numbers from here on: for a few of them each numpy's calls would cost more than all this.
    shapes: list[float] = np.minimum(np.maximum(_WEIGHTS.dot(change) - _OFFSETS, 0.0), 1.0).tolist()
    changes: list[float] = change.tolist()
    _suppress_exclusive_mouth_shapes(shapes, changes)
    angles = eye_angles(changes)
    hidden = _hidden_eye(yaw_deg)
    if hidden is not None:
        _copy_visible_gaze(angles, *hidden)
    set_look_shapes(shapes, angles)
    shut = [None, None] if shut_eyes_mm is None else shut_eyes_mm.tolist()
    for eye, (open_mm, rest_mm) in enumerate(zip(measures[EYES].tolist(), neutral[EYES].tolist(), strict=True)):
        _set_lid_shapes(shapes, eye, open_mm, rest_mm, shut[eye])
    if hidden is not None:
        eye, weight = hidden
        for pair in (_BLINKS, _SQUINTS, _WIDES):
            shapes[pair[eye]] += weight * (shapes[pair[1 - eye]] - shapes[pair[eye]])
    return np.array(shapes)


def equalise_blinks(shapes: NDArray[np.float64], px_per_mm: float) -> None:
    """Give both eyes the larger of their blinks, in place, where the face is too small in the picture to show a wink.

    Not their mean: in a blink of a small face the mesh often leaves one eye open.
    """
    weight = (SMALL_PX_PER_MM[1] - px_per_mm) / (SMALL_PX_PER_MM[1] - SMALL_PX_PER_MM[0])
    if weight > 0.0:
        blinks = [float(shapes[blink]) for blink in _BLINKS]
        for blink, seen in zip(_BLINKS, blinks, strict=True):
            shapes[blink] = seen + min(weight, 1.0) * (max(blinks) - seen)


def lips_apart(change: Values) -> float:
    """Return how far the lips are apart, 0..1, by the (35,) measures less those of the neutral face."""
    return min(max((float(change[M.LIPS_APART]) - APART_MM[0]) / (APART_MM[1] - APART_MM[0]), 0.0), 1.0)


def shut_lips(shapes: Values, apart: float) -> None:
    """Set ``mouthClose`` in place: how far the jaw is open behind shut lips, so all of ``jawOpen`` at ``apart`` 0.

    To be called last, after whatever changes ``jawOpen``: an avatar's mouth is open by the difference of the two.
    """
    shapes[S.MOUTH_CLOSE] = shapes[S.JAW_OPEN] * (1.0 - apart)


def _suppress_exclusive_mouth_shapes(shapes: list[float], change: list[float]) -> None:
    """Reduce, in place, mouth shapes that exclude each other: of shut and of open lips, of smiles and stretches."""
    apart = lips_apart(change)
    for shape in _ONLY_SHUT:
        shapes[shape] *= 1.0 - apart
    # The chin's position is uncertain in a nod, the more so the farther the jaw is open.
    uncertain = 1.0 - shapes[S.JAW_OPEN]
    for side in range(2):
        shapes[_UPPER_UP[side]] *= apart
        shapes[_LOWER_DOWN[side]] *= apart * uncertain
        # A smile takes the corners out, too, but also up, and lifts the wings of the nose.
        shapes[_STRETCHES[side]] *= 1.0 - min(max(change[_CORNERS_UP[side]] / SMILE_UP_MM, 0.0), 1.0)
        for excluded in (_SNEERS, _DIMPLES):
            shapes[excluded[side]] *= 1.0 - shapes[_SMILES[side]]
    # The same narrow mouth is a pucker with the lips shut, a funnel with them open.
    shapes[S.MOUTH_FUNNEL] = shapes[S.MOUTH_PUCKER] * apart
    shapes[S.MOUTH_PUCKER] *= 1.0 - apart
    shapes[S.JAW_LEFT] *= uncertain
    shapes[S.JAW_RIGHT] *= uncertain
    shut_lips(shapes, apart)


def _set_lid_shapes(shapes: list[float], eye: int, open_mm: float, neutral_mm: float, shut_mm: float | None) -> None:
    rest_mm = max(neutral_mm, 1.0) * (1.0 - DOWN_LID * shapes[_LOOKS_DOWN[eye]])
    begin_mm = BLINK_FROM * rest_mm
    end_mm = min(BLINK_TO * rest_mm if shut_mm is None else shut_mm, 0.8 * begin_mm)
    blink = min(max((begin_mm - open_mm) / (begin_mm - end_mm), 0.0), 1.0)
    shapes[_BLINKS[eye]] = blink
    shapes[_SQUINTS[eye]] *= 1.0 - blink
    shapes[_WIDES[eye]] = min(max((open_mm / rest_mm - WIDE[0]) / (WIDE[1] - WIDE[0]), 0.0), 1.0)


def _hidden_eye(yaw_deg: float) -> tuple[int, float] | None:
    """Return the eye that a turned head hides, 0 left or 1 right, and how much, 0..1; ``None`` where none is hidden."""
    weight = min(max((abs(yaw_deg) - YAW_DEG[0]) / (YAW_DEG[1] - YAW_DEG[0]), 0.0), 1.0)
    return (0 if yaw_deg > 0 else 1, weight) if weight > 0 else None


def _copy_visible_gaze(angles: list[float], eye: int, weight: float) -> None:
    """Blend the hidden eye's gaze to the visible one's, in place: out for the one is in for the other."""
    out, up = eye, 2 + eye
    angles[out] += weight * (-angles[1 - eye] - angles[out])
    angles[up] += weight * (angles[3 - eye] - angles[up])
