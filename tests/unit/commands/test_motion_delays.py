"""``mocast probe``: pictures are known again by their timestamps, and rigs at an app by the time they tell."""

import socket

import numpy as np
from tests import fakes

from mocast.commands.motion_delays import WARM_UP_S, AppPort, delays_of, numbers_of, timestamp
from mocast.model.rig import Rig
from mocast.outputs.vmc import VmcEncoder


def test_pictures_are_known_again_whatever_was_dropped_and_wherever_the_room_begins() -> None:
    generator = np.random.default_rng(1)
    for _ in range(20):
        begin = int(generator.integers(0, 60))
        came = sorted(generator.choice(np.arange(begin, 300), 40, replace=False).tolist())
        shift = timestamp(begin)
        pts = [timestamp(number) - shift - int(generator.integers(0, 2)) for number in came]
        assert numbers_of(pts, 300) == dict(zip(pts, came, strict=True))


def test_timestamps_rise_by_about_a_thirtieth_of_a_second() -> None:
    steps = np.diff([timestamp(number) for number in range(1000)])
    assert 2_400 <= steps.min() < steps.max() <= 3_600


class Log:
    """What a ``RigLog`` notes, of rigs that came 20 ms after their pictures were sent."""

    def __init__(self, rigs: list[Rig], sent_at_s: list[float]) -> None:
        self.came_at_s = {rig.pts: sent_at_s[rig.frame] + 0.020 for rig in rigs}
        self.numbers = {rig.pts: number for number, rig in enumerate(rigs)}
        self.found = {rig.pts for rig in rigs if rig.found.anything}


def test_delays_are_of_what_came_after_the_warm_up() -> None:
    sent_at_s = [number / 30 for number in range(90)]
    rigs = [fakes.rig(number, pts=timestamp(number) - timestamp(3)) for number in range(3, 90) if number != 70]
    log = Log(rigs, sent_at_s)
    app = {number: log.came_at_s[pts] + 0.001 for pts, number in log.numbers.items() if pts != rigs[-1].pts}
    delays = delays_of(sent_at_s, log, app)  # type: ignore[arg-type]
    after = 90 - round(30 * WARM_UP_S)
    assert (delays.pictures, delays.rigs, delays.found) == (after, after - 1, 0)
    np.testing.assert_allclose(delays.camera_to_rig, 20)
    np.testing.assert_allclose(delays.rig_to_app, 1)
    assert len(delays.camera_to_app) == after - 2
    assert delays.to_json()["camera_to_app_ms"] == {"p50": 21.0, "p95": 21.0, "max": 21.0}


def test_an_app_s_port_notes_when_each_rig_came_first() -> None:
    numbers = iter((0.0, 3.0, 4.0, 4.0))
    encoder = VmcEncoder(clock=lambda: next(numbers))
    with AppPort() as app, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", app.port))
        for _ in range(3):
            for packet in encoder.encode(fakes.rig()):
                sender.send(packet)
    assert list(app.came_at_s) == [3, 4]


def test_without_rigs_there_are_no_figures() -> None:
    delays = delays_of([0.0, 3.0], Log([], []), {})  # type: ignore[arg-type]
    assert (delays.pictures, delays.rigs) == (1, 0)
    assert delays.to_json()["camera_to_rig_ms"] is None
