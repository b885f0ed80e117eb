from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.conversion import NetworkName, NetworkPrecision
from mocast.tracking.openvino.runtime import precision, probe_images
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.inference_request import Outputs
from mocast.tracking.openvino.runtime.precision import PROBES, bf16_pays, measure

POINTS = np.random.default_rng(2).uniform(0, 224, (33, 3)).astype(np.float32)


class Machine:
    """Runs networks in a time and with an error of its own choice; requests of it are made by itself."""

    def __init__(self, share_of_time: float = 0.6, off_px: float = 0.0, off_m: float = 0.0, works: bool = True) -> None:
        self.share_of_time = share_of_time
        self.off_px = off_px
        self.off_m = off_m
        self.works = works
        self.now = 0.0
        self.asked: list[tuple[NetworkName, NetworkPrecision]] = []

    def request(self, name: NetworkName, precision: NetworkPrecision) -> "Run":
        self.asked.append((name, precision))
        if precision == "bf16" and not self.works:
            raise TrackingError("no such instructions")
        return Run(self, precision == "bf16")

    def clock(self) -> float:
        return self.now


class Run:
    def __init__(self, machine: Machine, is_bf16: bool) -> None:
        self.picture: NDArray[np.uint8] = np.zeros((1, 1, 3), np.uint8)
        self._machine = machine
        self._is_bf16 = is_bf16

    def run(self) -> Outputs:
        machine = self._machine
        machine.now += machine.share_of_time if self._is_bf16 else 1
        off_px, off_m = (machine.off_px, machine.off_m) if self._is_bf16 else (0.0, 0.0)
        world = POINTS / 100
        world[7, 1] += off_m
        return POINTS + np.array((off_px, 0, 0), np.float32), np.zeros(()), world


def dot() -> NDArray[np.uint8]:
    return np.full((1, 1, 3), 128, np.uint8)


TWO = [probe._replace(draw=dot) for probe in PROBES]


def test_what_is_faster_and_near_pays() -> None:
    machine = Machine(share_of_time=0.6, off_px=0.3, off_m=0.005)
    assert measure(machine.request, TWO, machine.clock)
    assert {name for name, _ in machine.asked} == {"hand_landmark", "pose_landmark"}


@pytest.mark.parametrize("share_of_time", [0.95, 1.0, 2.7])
def test_what_is_not_faster_does_not_pay(share_of_time: float) -> None:
    machine = Machine(share_of_time)
    assert not measure(machine.request, TWO, machine.clock)
    assert len(machine.asked) == 2  # no other network is compiled for it


@pytest.mark.parametrize(("off_px", "off_m"), [(3, 0), (0, 0.2), (np.nan, 0), (0, np.nan)])
def test_what_is_too_far_off_does_not_pay(off_px: float, off_m: float) -> None:
    machine = Machine(off_px=off_px, off_m=off_m)
    assert not measure(machine.request, TWO, machine.clock)


def test_what_does_not_run_does_not_pay_and_is_tried_again_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = measure(Machine(works=False).request, TWO)
    monkeypatch.setattr(precision, "measure", lambda make_request: answer)
    assert bf16_pays(Machine().request, CompiledCache(tmp_path)) is False
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("pays", [False, True])
def test_the_answer_is_kept(tmp_path: Path, pays: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision, "measure", lambda make_request: pays)
    assert bf16_pays(Machine().request, CompiledCache(tmp_path)) is pays
    monkeypatch.setattr(precision, "measure", lambda make_request: pytest.fail("measured again"))
    assert bf16_pays(Machine().request, CompiledCache(tmp_path)) is pays


def test_drawings_have_the_size_of_the_networks() -> None:
    assert probe_images.person().shape == (256, 256, 3)
    assert probe_images.hand().shape == (224, 224, 3)
    assert np.array_equal(probe_images.hand(), probe_images.hand())
