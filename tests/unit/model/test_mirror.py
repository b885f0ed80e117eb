"""A mirror image swaps the sides, and the mirror image of one is what it was."""

from dataclasses import replace

import numpy as np
import pytest
from tests import fakes
from tests.golden import make

from mocast.model.blendshapes import Expression, Shape
from mocast.model.humanoid import HumanoidBone
from mocast.model.mirror import mirrored
from mocast.model.rig import Found


def test_a_mirror_image_of_a_mirror_image_is_the_rig() -> None:
    rig = make.moving_rig()
    twice = mirrored(mirrored(rig))
    for name in ("hips", "rotations", "shapes", "expressions", "gaze_deg"):
        np.testing.assert_array_equal(getattr(twice, name), getattr(rig, name))
    for name in ("offsets", "nearness", "touching"):
        np.testing.assert_array_equal(getattr(twice.hand_targets, name), getattr(rig.hand_targets, name))
    assert twice.found == rig.found
    assert twice.planted == rig.planted
    assert twice.head is not None
    assert rig.head is not None
    np.testing.assert_array_equal(twice.head.position, rig.head.position)
    np.testing.assert_array_equal(twice.head.rotation, rig.head.rotation)
    assert (twice.frame, twice.pts) == (rig.frame, rig.pts)


def test_sides_are_swapped() -> None:
    rig = replace(fakes.rig(hips_x=0.1), found=Found(left_hand=True), gaze_deg=np.float32([10, 5]))
    rig.rotations[HumanoidBone.LEFT_UPPER_ARM] = 0.1, 0.2, 0.3, 0.9
    rig.shapes[Shape.EYE_BLINK_LEFT], rig.shapes[Shape.JAW_RIGHT] = 0.5, 0.25
    rig.expressions[Expression.BLINK_LEFT] = 0.5
    image = mirrored(rig)
    assert image.rotations[HumanoidBone.RIGHT_UPPER_ARM] == pytest.approx([0.1, -0.2, -0.3, 0.9])
    assert image.rotations[HumanoidBone.LEFT_UPPER_ARM].tolist() == [0, 0, 0, 1]
    assert (image.shapes[Shape.EYE_BLINK_RIGHT], image.shapes[Shape.JAW_LEFT]) == (0.5, 0.25)
    assert (image.shapes[Shape.EYE_BLINK_LEFT], image.shapes[Shape.JAW_RIGHT]) == (0, 0)
    assert image.expressions[Expression.BLINK_RIGHT] == 0.5
    assert image.hips[0] == pytest.approx(-0.1)
    assert image.gaze_deg.tolist() == [-10, 5]
    assert image.found == Found(right_hand=True)


def test_a_mirrored_hand_has_the_other_ones_target() -> None:
    rig = make.moving_rig()
    image = mirrored(rig)
    assert image.planted == (False, True)
    np.testing.assert_array_equal(image.hand_targets.offsets[0], rig.hand_targets.offsets[1] * [-1, 1, 1])
    np.testing.assert_array_equal(image.hand_targets.nearness[0], rig.hand_targets.nearness[1])


def test_the_rig_itself_stays_as_it_was() -> None:
    rig = make.moving_rig()
    before = rig.rotations.copy()
    mirrored(rig)
    np.testing.assert_array_equal(rig.rotations, before)
