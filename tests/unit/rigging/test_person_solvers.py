"""The solvers of several people: each has filters of their own, and all the same options."""

from dataclasses import replace

import numpy as np
from tests import people

from mocast.model.options import RigOptions
from mocast.model.tracked import Tracked
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
