"""A room's mixer: the camera is the clock, other sources' poses go out with its rigs, and without it at their rate."""

from dataclasses import replace
from itertools import count, pairwise

import numpy as np
import pytest
from tests import fakes

from mocast.mixing.liveness import ALIVE_S
from mocast.mixing.mixer_options import MixerOptions
from mocast.model.blendshapes import Shape
from mocast.model.humanoid import HumanoidBone
from mocast.model.rig import Found, Rig
from mocast.model.source_pose import source_pose
from mocast.pipeline.fanout import Fanout
from mocast.rigging.body.visibility import RELAXED
from mocast.rooms.room_mixer import HELD_S, MixingRigger, RoomMixer

FACE = Found(face=True)
OPEN = source_pose(shapes={Shape.JAW_OPEN: 1.0})
SHUT = source_pose(shapes={Shape.JAW_OPEN: 0.0})


class Sink:
    def __init__(self) -> None:
        self.rigs: list[Rig] = []

    def send(self, rig: Rig) -> None:
        self.rigs.append(rig)

    def close(self) -> None:
        pass


class Bench:
    """A mixer on a clock of the test's own."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.sink = Sink()
        fanout: Fanout[Rig] = Fanout()
        fanout.add(self.sink)
        numbers = count(7)
        self.mixer = RoomMixer(fanout, lambda: (next(numbers), round(self.now_s * 90_000)), lambda: self.now_s)

    def after(self, seconds: float) -> None:
        self.now_s += seconds

    def jaw(self, rig: Rig | None = None) -> float:
        shown = self.sink.rigs[-1] if rig is None else rig
        return float(shown.shapes[Shape.JAW_OPEN])


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_without_sources_the_camera_s_rig_is_the_room_s(bench: Bench) -> None:
    rig = fakes.rig()
    assert bench.mixer.mixed(rig) is rig


def test_a_pose_goes_out_with_the_camera_s_next_rig_and_not_by_itself(bench: Bench) -> None:
    with bench.mixer.feed("phone") as feed:
        bench.mixer.mixed(replace(fakes.rig(), found=FACE))
        for _ in range(20):
            bench.after(1 / 60)
            feed(OPEN)
            bench.after(1 / 60)
            shown = bench.mixer.mixed(replace(fakes.rig(3), found=FACE))
    assert bench.jaw(shown) == pytest.approx(1)
    assert shown.frame == 3
    assert not bench.sink.rigs


def test_without_a_camera_rigs_go_out_at_the_source_s_rate_up_to_sixty(bench: Bench) -> None:
    with bench.mixer.feed("vmc") as vmc, bench.mixer.feed("phone") as phone:
        for _ in range(240):
            phone(OPEN)
            bench.after(1 / 240)
            vmc(SHUT)
    assert 50 <= len(bench.sink.rigs) <= 61
    assert [rig.frame for rig in bench.sink.rigs] == list(range(7, 7 + len(bench.sink.rigs)))
    assert bench.jaw() == 1
    assert bench.sink.rigs[-1].found.face


def test_a_camera_that_dies_hands_over_and_takes_over_again(bench: Bench) -> None:
    rig = replace(fakes.rig(), found=FACE)
    with bench.mixer.feed("phone") as feed:
        bench.mixer.mixed(rig)
        feed(OPEN)
        assert not bench.sink.rigs
        bench.after(ALIVE_S + 0.01)
        feed(OPEN)
        assert len(bench.sink.rigs) == 1
        bench.mixer.mixed(rig)
        bench.after(0.03)
        feed(OPEN)
        assert len(bench.sink.rigs) == 1


def test_while_a_microphone_alone_speaks_the_body_is_at_ease_and_time_never_runs_back(bench: Bench) -> None:
    with bench.mixer.feed("microphone") as feed:
        bench.mixer.mixed(replace(fakes.rig(), found=Found(body=True, face=True), pts=round(bench.now_s * 90_000)))
        taken_at = bench.now_s + 0.3
        for _ in range(45):
            bench.after(1 / 30)
            feed(OPEN)
        told = [rig.pts for rig in bench.sink.rigs]
        # A frame that was taken before those rigs went out, and one that was not.
        for late_s in (0.0, 1.3):
            rig = replace(fakes.rig(), found=FACE, pts=round((taken_at + late_s) * 90_000))
            told.append(bench.mixer.mixed(rig).pts)
    assert told == sorted(set(told))
    shown = bench.sink.rigs[-1]
    assert not shown.found.body
    assert bench.jaw(shown) == 1
    # Arms hang: apps that know nothing of ``found`` show no T-pose.
    np.testing.assert_allclose(shown.rotations[: HumanoidBone.JAW], RELAXED[: HumanoidBone.JAW], atol=1e-6)
    np.testing.assert_allclose(
        shown.rotations[HumanoidBone.LEFT_UPPER_ARM], RELAXED[HumanoidBone.LEFT_UPPER_ARM], atol=1e-6
    )


def test_nothing_is_made_that_nobody_wants(bench: Bench) -> None:
    made = []
    mixer = RoomMixer(Fanout(), lambda: made.append(1) or (0, 0), lambda: bench.now_s)  # type: ignore[func-returns-value]
    with mixer.feed("phone") as feed:
        feed(OPEN)
    assert not made


def test_who_feeds_a_source_keeps_it_until_silent(bench: Bench) -> None:
    with bench.mixer.feed("phone") as first, bench.mixer.feed("phone") as second:
        first(OPEN)
        bench.after(0.02)
        second(SHUT)
        assert len(bench.sink.rigs) == 1
        bench.after(HELD_S + 0.1)
        second(SHUT)
        bench.after(0.3)
        second(SHUT)
        assert bench.jaw() == pytest.approx(0)


def test_a_source_that_leaves_gives_its_place_up_at_once(bench: Bench) -> None:
    with bench.mixer.feed("phone") as first:
        first(OPEN)
    with bench.mixer.feed("phone") as second:
        bench.after(0.02)
        second(SHUT)
    assert len(bench.sink.rigs) == 2


def test_the_api_shows_leaders_orders_and_rates(bench: Bench) -> None:
    bench.mixer.options = MixerOptions(mouth=("camera", "phone"))
    with bench.mixer.feed("phone") as feed:
        for _ in range(40):
            bench.mixer.mixed(replace(fakes.rig(), found=FACE))
            feed(source_pose(shapes={Shape.JAW_OPEN: 1.0, Shape.BROW_INNER_UP: 0.5}))
            bench.after(0.05)
        shown = bench.mixer.snapshot()
    assert shown["parts"]["mouth"] == {"order": ["camera", "phone"], "leader": "camera"}
    assert shown["parts"]["face"]["leader"] == "phone"
    assert shown["sources"] == [
        {"source": "camera", "live": True, "fps": 20.0},
        {"source": "phone", "live": True, "fps": 20.0},
    ]


def test_a_part_that_nobody_may_lead_rests_without_any_source_and_comes_back_softly(bench: Bench) -> None:
    def shown() -> float:
        bench.after(1 / 30)
        rig = replace(fakes.rig(), found=FACE)
        rig.shapes[Shape.JAW_OPEN] = 1.0
        return bench.jaw(bench.mixer.mixed(rig))

    assert shown() == 1
    bench.mixer.options = MixerOptions(mouth=())
    jaws = [shown() for _ in range(90)]
    assert jaws[-1] == 0
    assert jaws == sorted(jaws, reverse=True)
    bench.mixer.options = MixerOptions()
    jaws = [shown() for _ in range(60)]
    assert jaws[-1] == 1
    assert max(b - a for a, b in pairwise(jaws)) < 0.35


def test_only_the_first_person_s_rig_is_mixed(bench: Bench) -> None:
    class Rigger:
        def rig(self, tracked: object) -> Rig:
            return replace(fakes.rig(), found=FACE, person=tracked)  # type: ignore[arg-type]

    rigger = MixingRigger(Rigger(), bench.mixer)
    with bench.mixer.feed("phone") as feed:
        feed(OPEN)
        assert bench.jaw(rigger.rig(0)) == 1  # type: ignore[arg-type]
        assert bench.jaw(rigger.rig(1)) == 0  # type: ignore[arg-type]
