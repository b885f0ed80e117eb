from mocast.model.blendshapes import Shape
from mocast.model.humanoid import HumanoidBone, finger_bones
from mocast.model.names import both_sides, camel, mirror_of, other_side
from mocast.model.topology import FINGERS, KNUCKLES, HandLandmark, PoseLandmark


def test_names_are_written_as_arkit_and_vrm_write_them() -> None:
    assert camel("LEFT_UPPER_ARM") == "leftUpperArm"


def test_the_side_may_be_a_names_first_word_or_its_last() -> None:
    assert both_sides(PoseLandmark, "EYE") == (PoseLandmark.LEFT_EYE, PoseLandmark.RIGHT_EYE)
    assert both_sides(PoseLandmark, "MOUTH") == (PoseLandmark.MOUTH_LEFT, PoseLandmark.MOUTH_RIGHT)
    assert both_sides(Shape, "EYE_BLINK") == (Shape.EYE_BLINK_LEFT, Shape.EYE_BLINK_RIGHT)


def test_the_other_side_of_a_middle_is_itself() -> None:
    assert [other_side(name) for name in ("LEFT_HAND", "JAW_RIGHT", "UPPER_CHEST")] == [
        "RIGHT_HAND",
        "JAW_LEFT",
        "UPPER_CHEST",
    ]


def test_the_mirror_of_a_mirror_is_the_same() -> None:
    for names in (HumanoidBone, Shape, PoseLandmark):
        mirrored = mirror_of(names)
        assert [mirrored[other] for other in mirrored] == list(range(len(names)))


def test_fingers_go_from_the_palm_to_the_tip() -> None:
    assert finger_bones("RIGHT", "THUMB")[0] == HumanoidBone.RIGHT_THUMB_METACARPAL
    assert [bone.name for bone in finger_bones("LEFT", "RING")] == [
        "LEFT_RING_PROXIMAL",
        "LEFT_RING_INTERMEDIATE",
        "LEFT_RING_DISTAL",
    ]
    assert [len(landmarks) for landmarks in FINGERS.values()] == [4] * 5
    assert all(landmarks[-1].name.endswith("TIP") for landmarks in FINGERS.values())
    assert KNUCKLES[0] == HandLandmark.INDEX_MCP
