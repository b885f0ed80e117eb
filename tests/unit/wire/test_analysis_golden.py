"""An analysis's golden files, which the page's tests read, too; and what a reader makes of other bytes."""

import json
from pathlib import Path

import pytest
from tests.golden import make

from mocast.model.analysis import ANGLE_NAMES, PAIR_NAMES
from mocast.model.options import DrawOptions
from mocast.wire import analysis_binary, analysis_json
from mocast.wire.stream_kinds import ANALYSIS, DEFAULT_STREAMS

GOLDEN = Path(make.__file__).parent


@pytest.mark.parametrize("name", make.ANALYSIS_CASES)
def test_golden_bytes_are_read_as_written_down(name: str) -> None:
    decoded = analysis_binary.decode((GOLDEN / f"{name}.bin").read_bytes()[2:])
    assert decoded is not None
    wanted = json.loads((GOLDEN / f"{name}.json").read_text())["decoded"]
    assert json.loads(json.dumps(make.described_analysis(decoded))) == wanted


@pytest.mark.parametrize("name", make.ANALYSIS_CASES)
def test_golden_files_are_what_is_written_today(name: str) -> None:
    written = make.analysis_files(name, make.ANALYSIS_CASES[name])
    assert written == {file: (GOLDEN / file).read_bytes() for file in written}


def test_both_forms_tell_the_same() -> None:
    binary = analysis_binary.decode((GOLDEN / "analysis-moving.bin").read_bytes()[2:])
    text = json.loads((GOLDEN / "analysis-moving.text.json").read_text())
    assert binary is not None
    assert binary.angles is not None
    assert binary.symmetry is not None
    assert tuple(text["angles"]) == ANGLE_NAMES
    assert text["angles"][ANGLE_NAMES[3]]["degrees"] is None
    for index, name in enumerate(ANGLE_NAMES):
        angle = text["angles"][name]
        assert angle["speed_deg_s"] == pytest.approx(binary.angles.speed_deg_s[index], abs=0.1)
        assert angle["lowest_deg"] == pytest.approx(binary.angles.lowest_deg[index], abs=0.06)
        assert angle["error_deg"] == pytest.approx(binary.angles.error_deg[index], abs=0.3)
        assert angle["faces_camera"] == binary.angles.faces_camera[index]
    for index, name in enumerate(PAIR_NAMES):
        pair = text["symmetry"][name]
        assert pair["difference_deg"] == pytest.approx(binary.symmetry.difference_deg[index], abs=0.06)
    others = {name: part for name, part in text.items() if name in binary.others}
    assert (binary.others, binary.person) == (others, text["person"])
    assert others["events"] == [
        {
            "type": "rep",
            "pts": 3_702_000,
            "at": "2026-01-02T03:04:05.678+00:00",
            "person": 11,
            "data": {"exercise": "squat", "count": 3},
        }
    ]


def test_a_message_that_is_cut_short_or_of_another_version_is_left_out() -> None:
    message = analysis_binary.encode(make.ANALYSIS_CASES["analysis-moving"])
    assert analysis_binary.decode(bytes([2]) + message[1:]) is None
    assert all(analysis_binary.decode(message[:length]) is None for length in range(len(message)))
    assert analysis_binary.decode(message[:12] + bytes([7]) + message[13:]) is None


def test_who_names_no_streams_is_sent_no_analyses() -> None:
    assert DEFAULT_STREAMS == ("landmarks", "rig")
    nobody = make.ANALYSIS_CASES["analysis-nobody"]
    assert ANALYSIS.encoders["socket"](nobody, DrawOptions()) == [analysis_json.encode(nobody)]
    assert analysis_json.encode(nobody).startswith('{"type":"analysis"')
