"""The solvers of several people: each has filters of their own, and all the same options."""

from dataclasses import replace

import numpy as np
import pytest
from tests import people

from mocast.errors import Conflict
from mocast.model.options import RigOptions
from mocast.model.tracked import Tracked
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.person_solvers import FORGOTTEN_TICKS, PersonSolvers
from mocast.rigging.solver import Solver


def at(number: int, person: int = 0, pts: int | None = None) -> Tracked:
    return replace(people.person(), frame=number, pts=3000 * number if pts is None else pts, person=person)


def test_person_0_has_the_rigs_of_a_solver_to_the_bit_whoever_else_is_there() -> None:
    alone, several = Solver(RigOptions()), PersonSolvers(RigOptions())
    for number in range(5):
        expected, rig = alone.rig(at(number)), several.rig(at(number))
        other = several.rig(at(number, person=2))
        assert (rig.person, other.person) == (0, 2)
        for name in ("rotations", "hips", "shapes", "expressions"):
            np.testing.assert_array_equal(getattr(rig, name), getattr(expected, name))


def test_options_are_everybody_s() -> None:
    several = PersonSolvers(RigOptions())
    several.rig(at(0, person=1))
    several.options = RigOptions(body="half")
    assert several.rig(at(1, person=0)).found.half_body
    assert several.rig(at(1, person=1)).found.half_body


def test_whoever_was_away_for_minutes_begins_afresh() -> None:
    several = PersonSolvers(RigOptions())
    several.rig(at(0, person=1))
    first = several._others[1]
    several.rig(at(1, person=1))
    assert several._others[1] is first
    several.rig(at(2, person=1, pts=3001 + FORGOTTEN_TICKS))
    assert several._others[1] is not first


def test_each_person_has_a_calibration_of_their_own() -> None:
    several, known = PersonSolvers(RigOptions()), Calibration()
    several.rig(at(0, person=1))
    several.replace_calibration(1, known)
    assert several._others[1].calibration is several.calibration_of(1) is known
    assert several.calibration_of(0) is several.calibration_of(2) is None
    several.replace_calibration(1, None)
    assert several.calibration_of(1) is None


def test_calibration_waits_for_who_is_not_there_yet() -> None:
    several, known = PersonSolvers(RigOptions()), Calibration()
    several.replace_calibration(2, known)
    assert several.calibration_of(2) is known
    several.rig(at(0, person=2))
    assert several._others[2].calibration is several.calibration_of(2) is known
    several.rig(at(1, person=2, pts=1 + FORGOTTEN_TICKS))
    assert several.calibration_of(2) is None, "it may be somebody else by now"


def test_who_is_not_there_cannot_be_measured() -> None:
    several = PersonSolvers(RigOptions())
    with pytest.raises(Conflict):
        several.calibrate(person=1, on_done=lambda calibration: None)


def test_second_person_is_measured() -> None:
    several, measured = PersonSolvers(RigOptions()), []
    for number in range(2):
        several.rig(at(number))
        several.rig(at(number, person=1))
    several.calibrate(0.5, person=1, on_done=measured.append)
    for number in range(2, 30):
        several.rig(at(number))
        several.rig(at(number, person=1))
    assert measured == [several.calibration_of(1)]
    assert several.calibration_of(0) is None
