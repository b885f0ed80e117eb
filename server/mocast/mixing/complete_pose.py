"""A source's pose with what follows from its own values: shapes from expressions and back, the eyes' bones from the
gaze and back, and the jaw's bone."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import SHAPE_COUNT, Expression, Shape
from mocast.model.humanoid import HumanoidBone
from mocast.model.mixed_parts import EXPRESSIONS_AT, GAZE, SHAPES_AT
from mocast.model.names import both_sides
from mocast.model.quaternions import euler_deg_one
from mocast.model.source_pose import SourcePose
from mocast.rigging.body.neck import eyes_and_jaw
from mocast.rigging.face.gaze import gaze_of
from mocast.rigging.face.vrm_expressions import expressions_of

B, E, S = HumanoidBone, Expression, Shape

_SHAPES_OF: Final[dict[Expression, dict[str, float]]] = {
    E.HAPPY: {"MOUTH_SMILE": 0.8, "CHEEK_SQUINT": 0.4},
    E.ANGRY: {"BROW_DOWN": 0.9, "NOSE_SNEER": 0.4, "EYE_SQUINT": 0.3},
    E.SAD: {"MOUTH_FROWN": 0.7, "BROW_INNER_UP": 0.7},
    E.RELAXED: {"MOUTH_SMILE": 0.3},
    E.SURPRISED: {"BROW_OUTER_UP": 0.8, "BROW_INNER_UP": 0.8, "EYE_WIDE": 0.6},
    E.AA: {"JAW_OPEN": 0.6, "MOUTH_LOWER_DOWN": 0.25},
    E.IH: {"JAW_OPEN": 0.1, "MOUTH_STRETCH": 0.25, "MOUTH_UPPER_UP": 0.45, "MOUTH_LOWER_DOWN": 0.45},
    E.OU: {"JAW_OPEN": 0.1, "MOUTH_PUCKER": 0.8, "MOUTH_FUNNEL": 0.3},
    E.EE: {"JAW_OPEN": 0.2, "MOUTH_STRETCH": 0.7, "MOUTH_UPPER_UP": 0.35, "MOUTH_LOWER_DOWN": 0.5},
    E.OH: {"JAW_OPEN": 0.5, "MOUTH_FUNNEL": 0.8},
    E.BLINK_LEFT: {"EYE_BLINK_LEFT": 1.0},
    E.BLINK_RIGHT: {"EYE_BLINK_RIGHT": 1.0},
}
"""The shapes that an expression is made of, on both sides, by judgement: sources that know expressions alone move
avatars that have shapes, too."""


def _table() -> NDArray[np.float32]:
    """Return the (12, 52) weights of ``_SHAPES_OF``."""
    table = np.zeros((len(Expression), SHAPE_COUNT), np.float32)
    for expression, parts in _SHAPES_OF.items():
        for stem, weight in parts.items():
            shapes = (Shape[stem],) if stem in Shape.__members__ else both_sides(Shape, stem)
            table[expression, list(shapes)] = weight
    return table


_TABLE: Final = _table()
_IS_SHAPED: Final = _TABLE > 0
_LIPS: Final = [
    *(S.MOUTH_CLOSE, S.MOUTH_ROLL_LOWER, S.MOUTH_ROLL_UPPER),
    *both_sides(Shape, "MOUTH_PRESS"),
]
"""Shapes of lips that are shut: a vowel says that they are 0."""
_IS_SHAPED[E.AA : E.OH + 1, _LIPS] = True

_LOOKS: Final = [shape for shape in Shape if shape.name.startswith("EYE_LOOK_")]
_BLINKS: Final = both_sides(Shape, "EYE_BLINK")
_EYES: Final = (B.LEFT_EYE, B.RIGHT_EYE)
_VOWELS: Final = slice(E.AA, E.OH + 1)
_EMOTIONS: Final = slice(E.HAPPY, E.SURPRISED + 1)


def completed(pose: SourcePose) -> SourcePose:
    """Return the pose with what follows from its values; what it gives itself is unchanged."""
    if not pose.given.any():
        return pose
    done = replace(
        pose,
        given=pose.given.copy(),
        rotations=pose.rotations.copy(),
        shapes=pose.shapes.copy(),
        expressions=pose.expressions.copy(),
        gaze_deg=pose.gaze_deg.copy(),
    )
    _add_shapes(done)
    _add_expressions(done, of=pose)
    _add_gaze(done)
    _add_jaw(done)
    return done


def _add_shapes(pose: SourcePose) -> None:
    """Set the shapes of the given expressions, of faces that give no shapes."""
    are_given = pose.given[SHAPES_AT:EXPRESSIONS_AT]
    expressions = pose.given[EXPRESSIONS_AT:GAZE]
    if are_given.any() or not expressions.any():
        return
    pose.shapes[:] = np.minimum(np.where(expressions, pose.expressions, 0.0) @ _TABLE, 1.0)
    are_given[:] = _IS_SHAPED[expressions].any(0)


def _add_expressions(pose: SourcePose, *, of: SourcePose) -> None:
    """Set the expressions of the given shapes, those of each region whose shapes are there."""
    shapes = of.given[SHAPES_AT:EXPRESSIONS_AT]
    given = pose.given[EXPRESSIONS_AT:GAZE]
    if not shapes.any():
        return
    found = np.asarray(expressions_of(np.where(shapes, pose.shapes, 0.0).astype(np.float64)), np.float32)
    are_known = np.zeros(len(Expression), bool)
    are_known[_VOWELS] = shapes[Shape.JAW_OPEN]
    are_known[_EMOTIONS] = shapes[[*both_sides(Shape, "MOUTH_SMILE"), *both_sides(Shape, "BROW_DOWN")]].all()
    are_known[[E.BLINK_LEFT, E.BLINK_RIGHT]] = shapes[list(_BLINKS)]
    are_new = are_known & ~given
    pose.expressions[are_new] = found[are_new]
    given |= are_new


def _add_gaze(pose: SourcePose) -> None:
    """Set the gaze, and the bones of the eyes, from whichever is there."""
    given = pose.given
    if not given[GAZE]:
        if given[list(_EYES)].all():
            pitch, yaw, _ = euler_deg_one(tuple(pose.rotations[B.LEFT_EYE].tolist()))
            pose.gaze_deg[:] = yaw, -pitch
        elif given[SHAPES_AT:EXPRESSIONS_AT][_LOOKS].all():
            pose.gaze_deg[:] = gaze_of(pose.shapes.astype(np.float64))
        else:
            return
        given[GAZE] = True
    if not given[list(_EYES)].any():
        pose.rotations[[*_EYES]] = eyes_and_jaw(pose.gaze_deg, 0.0)[:2]
        given[list(_EYES)] = True


def _add_jaw(pose: SourcePose) -> None:
    if pose.given[SHAPES_AT + Shape.JAW_OPEN] and not pose.given[B.JAW]:
        pose.rotations[B.JAW] = eyes_and_jaw(pose.gaze_deg, float(pose.shapes[Shape.JAW_OPEN]))[2]
        pose.given[B.JAW] = True
