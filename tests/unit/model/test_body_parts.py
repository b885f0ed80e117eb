from collections import Counter

from mocast.model.body_parts import PART_OF_BONE, BodyPart
from mocast.model.humanoid import MIRROR_OF, HumanoidBone
from mocast.model.names import mirror_of


def test_every_part_has_its_bones() -> None:
    count = Counter(PART_OF_BONE)
    assert sum(count.values()) == len(HumanoidBone)
    assert count[BodyPart.TORSO] == 4
    assert count[BodyPart.LEFT_FINGERS] == count[BodyPart.RIGHT_FINGERS] == 15
    assert set(count) == set(BodyPart)


def test_a_bone_of_the_other_side_is_of_the_part_of_the_other_side() -> None:
    other = mirror_of(BodyPart)
    for bone in HumanoidBone:
        mirrored = PART_OF_BONE[MIRROR_OF[bone]]
        assert mirrored in (other[PART_OF_BONE[bone]], PART_OF_BONE[bone])
        assert (mirrored == PART_OF_BONE[bone]) == (PART_OF_BONE[bone] <= BodyPart.FACE)
