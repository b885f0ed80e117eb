"""What follows from a source's own values: apps of shapes get shapes, those of expressions get expressions."""

import numpy as np
import pytest

from mocast.mixing.complete_pose import completed
from mocast.model.blendshapes import Expression, Shape
from mocast.model.humanoid import HumanoidBone
from mocast.model.mixed_parts import EXPRESSIONS_AT, GAZE, SHAPES_AT
from mocast.model.source_pose import NOTHING, source_pose
from mocast.rigging.face.vrm_expressions import expressions_of

B = HumanoidBone
VOWELS = [Expression.AA, Expression.IH, Expression.OU, Expression.EE, Expression.OH]


@pytest.mark.parametrize("vowel", VOWELS)
def test_the_shapes_of_a_vowel_are_read_as_that_vowel(vowel: Expression) -> None:
    pose = completed(source_pose(expressions={vowel: 1.0}))
    back = np.asarray(expressions_of(pose.shapes.astype(np.float64)))
    assert VOWELS[int(np.argmax(back[VOWELS]))] is vowel
    assert back[vowel] > 0.25


def test_a_vowel_s_shapes_leave_tongue_and_smile_to_others() -> None:
    given = completed(source_pose(expressions=dict.fromkeys(VOWELS, 0.2))).given
    assert given[SHAPES_AT + Shape.JAW_OPEN]
    assert given[B.JAW]
    assert given[SHAPES_AT + Shape.MOUTH_CLOSE]
    assert not given[SHAPES_AT + Shape.TONGUE_OUT]
    assert not given[SHAPES_AT + Shape.MOUTH_SMILE_LEFT]


def test_shapes_make_the_expressions_of_their_region_alone() -> None:
    given = completed(source_pose(shapes={Shape.JAW_OPEN: 0.5})).given
    expressions = given[EXPRESSIONS_AT:GAZE]
    assert expressions[VOWELS].all()
    assert not expressions[[Expression.HAPPY, Expression.BLINK_LEFT]].any()


def test_expressions_that_come_with_shapes_are_kept() -> None:
    pose = completed(source_pose(shapes={Shape.JAW_OPEN: 0.5}, expressions={Expression.AA: 0.1}))
    assert pose.expressions[Expression.AA] == pytest.approx(0.1)
    assert pose.expressions[Expression.OH] == 0


def test_eyes_and_gaze_follow_each_other() -> None:
    looking = completed(source_pose(gaze_deg=(20.0, -10.0)))
    eyes = {int(B.LEFT_EYE): tuple(looking.rotations[B.LEFT_EYE].tolist())}
    eyes[int(B.RIGHT_EYE)] = eyes[int(B.LEFT_EYE)]
    back = completed(source_pose(rotations=eyes))
    assert back.gaze_deg == pytest.approx([20, -10], abs=0.01)
    assert back.given[GAZE]


def test_nothing_stays_nothing() -> None:
    assert completed(NOTHING) is NOTHING
