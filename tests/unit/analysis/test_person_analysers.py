"""The analysers of several people: each counts their own, by the same options, gestures and reference."""

from dataclasses import replace

import pytest
from tests import people

from mocast.analysis.person_analysers import PersonAnalysers
from mocast.errors import Unprocessable
from mocast.model.gestures import CustomGesture
from mocast.model.options import AnalysisOptions
from mocast.model.tracked import Tracked


def at(number: int, person: int = 0) -> Tracked:
    return replace(people.person(), frame=number, pts=3000 * number, person=person)


def test_each_person_has_analyses_and_counts_of_their_own() -> None:
    several = PersonAnalysers(AnalysisOptions(exercises=("squat",)))
    found = [several.analyse(at(number, person), None) for number in range(3) for person in (0, 3)]
    assert [one.person for one in found] == [0, 3] * 3
    assert all(len(one.repetitions) == 1 for one in found)
    assert several.analyse(at(3, person=0), None).angles is not None


def test_what_is_asked_for_is_true_of_all_also_of_those_who_come_later() -> None:
    several = PersonAnalysers(AnalysisOptions())
    several.analyse(at(0, person=1), None)
    gesture = CustomGesture("spider", (0.5,) * 26)
    several.gestures = (gesture,)
    several.options = AnalysisOptions(exercises=("squat",))
    several.field_of_view = 72.0
    several.analyse(at(0, person=2), None)
    assert [one.gestures for one in several._all()] == 3 * [(gesture,)]
    assert {one.options for one in several._all()} == {AnalysisOptions(exercises=("squat",))}
    assert {one.field_of_view for one in several._all()} == {several.field_of_view} == {72.0}
    several.reset()
    with pytest.raises(Unprocessable):
        several.require(AnalysisOptions(exercises=("flying",)))
