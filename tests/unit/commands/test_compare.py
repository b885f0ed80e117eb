"""``mocast compare`` on files as servers and ``mocast process`` write them."""

import json
from pathlib import Path

import pytest
from tests.exercise_motions import Camera, ExerciseSet, Style, Way
from tests.people import tracked

from mocast.client import LandmarkFrame, PersonLandmarks
from mocast.commands.compare import NOTHING_TO_COMPARE, compare
from mocast.wire import landmarks_json, picture_json

WAY = Way(1.0, out_s=0.8, back_s=0.8)
SLOW = Way(1.0, out_s=1.6, back_s=1.2)


def recorded(path: Path, exercise: str, *ways: Way, arms: int = 0, yaw_deg: float = 0) -> Path:
    """A file of JSON lines with the landmarks of a set, and lines that are not landmarks."""
    one = ExerciseSet(exercise, ways or (WAY,), 1, style=Style(arms=arms), camera=Camera(yaw_deg, fps=20))
    lines = [landmarks_json.encode(frame, mirrored=False) for frame in one.frames()]
    others = ['{"type":"recording","version":1}', '{"type":"rig","version":1}']
    path.write_text("\n".join([*others, *lines, landmarks_json.encode(tracked(pts=900_000), mirrored=False)]))
    return path


def told(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, float]:
    assert compare([*map(str, words), "--json"]) == 0
    answer: dict[str, float] = json.loads(capsys.readouterr().out)
    return answer


def test_a_motion_done_more_slowly_and_seen_from_aside_is_like_the_reference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    teacher = recorded(tmp_path / "teacher.jsonl", "squat", WAY, WAY)
    me = recorded(tmp_path / "me.jsonl", "squat", SLOW, SLOW, yaw_deg=30)
    answer = told(capsys, teacher, me)
    assert answer["score"] > 97
    assert answer["tempo"] == pytest.approx(5.8 / 8.2, abs=0.03)
    assert told(capsys, teacher, recorded(tmp_path / "other.jsonl", "jumping_jack"))["score"] < 75


def test_a_picture_is_compared_with_the_most_similar_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deep = list(ExerciseSet("squat", (Way(1.0, out_s=1.0, hold_s=1.0),), 1, camera=Camera(-20)).frames())[75]
    picture = tmp_path / "deep.json"
    picture.write_bytes(picture_json.encode(deep, tracker="pose", source_size_wh=deep.size_wh))
    answer = told(capsys, picture, recorded(tmp_path / "me.jsonl", "squat"))
    assert answer["score"] > 98
    assert answer["at_s"] == pytest.approx(1.2 + 0.8 + 0.1, abs=0.35)
    assert "tempo" not in answer


def test_what_people_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    motion = recorded(tmp_path / "me.jsonl", "squat")
    assert compare([str(motion), str(motion)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "similarity  100 of 100"
    assert lines[-1] == "tempo       1.00 times the reference's"
    assert "left arm    100" in lines


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "there is no body in it."),
        (b"\xff", "this holds no landmarks of Mocast."),
        (b"[]", "this holds no landmarks of Mocast."),
        (b'{"version": 1}', "this holds no landmarks of Mocast."),
    ],
)
def test_a_file_without_bodies_is_refused_with_a_sentence(
    content: bytes, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.jsonl").write_bytes(content)
    assert compare([str(tmp_path / "x.jsonl")] * 2) == NOTHING_TO_COMPARE
    assert capsys.readouterr().err == f"mocast: {tmp_path}/x.jsonl: {sentence}\n"


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare([str(tmp_path / "none.jsonl")] * 2) == 1
    assert capsys.readouterr().err == f"mocast: {tmp_path}/none.jsonl: No such file or directory\n"


def test_the_clients_landmarks_have_their_similarity() -> None:
    standing, raised = (
        LandmarkFrame.parse(landmarks_json.encode(next(ExerciseSet(name, (WAY,), 1).frames()), mirrored=False))
        for name in ("squat", "push_up")
    )
    assert standing is not None
    assert raised is not None
    same = standing.similarity(standing)
    assert same is not None
    assert same.score == pytest.approx(100)
    other = raised.similarity(standing)
    assert other is not None
    assert other.score < 60
    nobody = PersonLandmarks(
        width=1, height=1, person=0, tracking_ms=0, pose=None, face=None, left_hand=None, right_hand=None
    )
    assert standing.similarity(nobody) is None
