"""What is measured of a network's forms, on a machine of the test's own making."""

import time
from collections.abc import Iterator
from itertools import repeat

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.conversion import SPECS, NetworkName
from mocast.tracking.openvino.runtime import probe_images
from mocast.tracking.openvino.runtime.inference_request import Outputs
from mocast.tracking.openvino.runtime.network_form import NetworkForm
from mocast.tracking.openvino.runtime.precision import (
    MOST_RUNS,
    PROBES,
    RUNS,
    Clocks,
    FormMeter,
    Measured,
    processor_clock,
)

POINTS = np.random.default_rng(2).uniform(0, 224, (33, 3)).astype(np.float32)
BF16 = NetworkForm("bf16")


class FakeMachine:
    """Runs forms in a time and with an error of its own choice; only its clocks go on while it does."""

    def __init__(
        self,
        share: float = 0.6,
        off_px: float = 0.0,
        off_m: float = 0.0,
        works: bool = True,
        delays: Iterator[float] | None = None,
    ) -> None:
        self.share = share
        self.off_px = off_px
        self.off_m = off_m
        self.works = works
        self.delays = delays or repeat(0.0)
        self.now = 0.0
        self.runs = 0

    def request(self, name: NetworkName, form: NetworkForm) -> "FakeRun":
        if form.precision != "f32" and not self.works:
            raise TrackingError("no such instructions")
        return FakeRun(self, SPECS[name].size, form)

    def measured(self, form: NetworkForm = BF16, name: NetworkName = "hand_landmark") -> Measured:
        clock = lambda: self.now  # noqa: E731
        return FormMeter(name, self.request, Clocks(clock, clock)).measured(form)


class FakeRun:
    def __init__(self, machine: FakeMachine, size: int, form: NetworkForm) -> None:
        self.picture: NDArray[np.uint8] = np.zeros((size, size, 3), np.uint8)
        self._machine = machine
        self._is_reduced = form.precision != "f32"

    def run(self) -> Outputs:
        machine = self._machine
        machine.runs += 1
        machine.now += (machine.share if self._is_reduced else 1) + next(machine.delays)
        off_px, off_m = (machine.off_px, machine.off_m) if self._is_reduced else (0.0, 0.0)
        world = POINTS / 100
        world[7, 1] += off_m
        return POINTS + np.array((off_px, 0, 0), np.float32), np.zeros(()), world


def test_what_is_near_is_timed_beside_f32() -> None:
    found = FakeMachine(share=0.6, off_px=0.3, off_m=0.002).measured()
    assert (found.is_near, found.failure) == (True, "")
    assert (found.share, found.off_px, found.off_m) == pytest.approx((0.6, 0.3, 0.002), rel=1e-3)
    assert str(found) == "bf16 takes 0.60 of f32's time, 0.3 px and 2 mm off"


@pytest.mark.parametrize(("off_px", "off_m"), [(3, 0), (0, 0.2), (np.nan, 0), (0, np.nan)])
def test_what_is_too_far_off_is_not_timed(off_px: float, off_m: float) -> None:
    machine = FakeMachine(off_px=off_px, off_m=off_m)
    found = machine.measured()
    assert (found.is_near, found.failure, found.share) == (False, "", np.inf)
    assert machine.runs < RUNS


def test_what_does_not_run_says_why() -> None:
    found = FakeMachine(works=False).measured()
    assert (found.is_near, found.failure, str(found)) == (False, "no such instructions", "bf16 does not run")


def test_a_busy_machine_has_the_answer_of_an_idle_one() -> None:
    """Nine of ten runs are disturbed, by up to ten times of what they take."""
    rng = np.random.default_rng(7)
    for share in (0.5, 0.8, 1.3):
        delays = (float(rng.random() * 10 * (rng.random() < 0.9)) for _ in iter(int, 1))
        machine = FakeMachine(share=share, delays=delays)
        assert machine.measured().share == pytest.approx(share, abs=0.02)
        assert machine.runs > 2 * RUNS


def test_a_machine_that_is_never_quiet_does_not_measure_for_ever() -> None:
    rng = np.random.default_rng(7)
    machine = FakeMachine(delays=(float(rng.random()) for _ in iter(int, 1)))
    machine.measured()
    assert machine.runs <= 2 * MOST_RUNS + 4


def test_drawings_have_the_size_of_the_networks() -> None:
    for name, probe in PROBES.items():
        assert probe.draw().shape == (SPECS[name].size, SPECS[name].size, 3)
    assert np.array_equal(probe_images.hand(), probe_images.hand())


def test_a_clock_that_is_too_coarse_for_a_network_is_not_used() -> None:
    assert processor_clock(1e-9) is time.thread_time
    assert processor_clock(0.0156) is time.perf_counter
