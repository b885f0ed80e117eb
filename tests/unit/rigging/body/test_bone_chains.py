import numpy as np
import pytest
from tests.unit.rigging.skeletons import random_skeleton

from mocast.model.humanoid import HumanoidBone
from mocast.model.quaternions import angle_between, from_vectors
from mocast.rigging.body import kinematics
from mocast.rigging.body.bone_chains import share_of, shared_chains, whole_chains

B = HumanoidBone


def test_whole_chains_are_in_avatar_space_and_are_shared_back() -> None:
    person = random_skeleton(np.random.default_rng(1))
    whole = whole_chains(person.local)
    ends = [B.HIPS, B.UPPER_CHEST, B.HEAD, B.LEFT_UPPER_ARM, B.RIGHT_UPPER_ARM]
    assert angle_between(whole[ends], kinematics.to_global(person.local)[ends]).max() < 1e-6
    others = [bone for bone in B if bone > B.HEAD and bone not in ends]
    np.testing.assert_array_equal(whole[others], person.local[others])
    assert angle_between(shared_chains(whole), person.local).max() < 1e-6


def test_both_signs_of_a_rotation_are_shared_alike() -> None:
    turn = from_vectors(np.array([0.3, -0.2, 0.5]))
    third = np.array(share_of(tuple(turn.tolist()), 1 / 3))
    assert angle_between(third, from_vectors(np.array([0.1, -0.2 / 3, 0.5 / 3]))) < 1e-6
    assert angle_between(third, np.array(share_of(tuple((-turn).tolist()), 1 / 3))) < 1e-6


def test_of_a_turn_beyond_the_limit_as_much_is_left() -> None:
    far = from_vectors(np.array([0.0, 2.5, 0.0]))
    assert angle_between(np.array(share_of(tuple(far.tolist()), 1.0, 1.5)), np.array([0.0, 0, 0, 1])) == pytest.approx(
        1.5
    )
