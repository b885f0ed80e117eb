"""Analyses by their names, from the bytes that are on the wire."""

from pathlib import Path

import pytest
from tests.golden import make

from mocast.client.analysis_frame import AnalysisFrame

FOLDER = Path(make.__file__).parent


def read(name: str) -> AnalysisFrame:
    frame = AnalysisFrame.parse((FOLDER / f"{name}.text.json").read_text())
    assert frame is not None
    return frame


def test_angles_and_events_are_had_by_their_names() -> None:
    frame = read("analysis-moving")
    assert frame.angles is not None
    assert frame.events is not None
    assert len(frame.angles) == 20
    assert frame.angles["left_elbow"]["degrees"] == pytest.approx(-58.8)
    assert frame.angles["right_shoulder_flexion"]["degrees"] is None
    assert frame.events[0]["data"]["exercise"] == "squat"


def test_what_cannot_be_told_and_what_an_older_server_does_not_know_is_none() -> None:
    assert read("analysis-nobody").angles is None
    older = AnalysisFrame.parse('{"type": "analysis", "version": 1, "frame": 1, "pts": 2, "person": 0, "delay_ms": 3}')
    assert older is not None
    assert older.head is None


def test_a_part_of_a_newer_server_is_passed_over() -> None:
    text = (FOLDER / "analysis-nobody.text.json").read_text()
    assert AnalysisFrame.parse(text.replace('"person"', '"aura": {"colour": "blue"}, "person"')) is not None


@pytest.mark.parametrize("text", ['{"type": "rig", "version": 1}', '{"type": "analysis", "version": 2}'])
def test_other_messages_are_passed_over(text: str) -> None:
    assert AnalysisFrame.parse(text) is None
