"""Chains: every bone once, and none that touches a joint which is not drawn."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from mocast.model.topology import FACE_COUNT, HAND_BONES, POSE_BONES, Bones, face_bones
from mocast.rendering.chains import Chains
from mocast.rendering.joints import Joints

BODY = np.concatenate(list(POSE_BONES.values()))
HAND = np.concatenate(list(HAND_BONES.values()))


def joints(drawn: np.ndarray) -> Joints:
    """Joint i lies at (i, 2 i)."""
    numbers = np.arange(len(drawn), dtype=np.int32)
    return Joints(np.stack([numbers, 2 * numbers], axis=1), drawn, bool(drawn.all()))


def edges(lines: list[np.ndarray]) -> Counter[frozenset[int]]:
    return Counter(frozenset((int(a[0]), int(b[0]))) for line in lines for a, b in pairwise(line))


def wanted(bones: Bones, drawn: np.ndarray) -> Counter[frozenset[int]]:
    return Counter(frozenset((int(a), int(b))) for a, b in bones if drawn[a] and drawn[b])


@pytest.mark.parametrize("bones", [BODY, HAND, face_bones()["lips"], face_bones()["face_oval"]])
@pytest.mark.parametrize("share", [1.0, 0.9, 0.5, 0.0])
def test_each_bone_of_which_both_ends_are_drawn_is_there_once(bones: Bones, share: float) -> None:
    random = np.random.default_rng(3)
    for _ in range(20):
        drawn = random.random(FACE_COUNT) < share
        lines = Chains(bones).lines(joints(drawn))
        assert edges(lines) == wanted(bones, drawn)
        assert all(len(line) > 1 and line.dtype == np.int32 and line.flags.c_contiguous for line in lines)
        assert all((line[:, 1] == 2 * line[:, 0]).all() for line in lines)


def test_a_hand_is_a_few_lines_and_an_oval_is_one() -> None:
    everything = joints(np.ones(FACE_COUNT, np.bool_))
    assert len(Chains(HAND).lines(everything)) <= 6
    assert len(Chains(face_bones()["face_oval"]).lines(everything)) == 1


def test_bones_of_several_parts_are_told_one_after_the_other() -> None:
    several = Chains(*HAND_BONES.values()).lines(joints(np.ones(FACE_COUNT, np.bool_)))
    assert edges(several) == wanted(HAND, np.ones(FACE_COUNT, np.bool_))
