"""``mocast probe``: pictures are known again by their timestamps, and rigs by their packets."""

import socket
from dataclasses import replace

import numpy as np
from tests import fakes

from mocast.model.rig import Rig
from mocast.outputs.vmc import VmcEncoder
from mocast.probe_command import WARM_UP_S, AppPort, delays_of, numbers_of, timestamp, without_time


def test_pictures_are_known_again_whatever_was_dropped_and_wherever_the_room_begins() -> None:
    generator = np.random.default_rng(1)
    for _ in range(20):
        begin = int(generator.integers(0, 60))
        came = sorted(generator.choice(np.arange(begin, 300), 40, replace=False).tolist())
        shift = timestamp(begin)
        numbers = numbers_of([timestamp(number) - shift for number in came], 300)
        assert numbers == {timestamp(number) - shift: number for number in came}


def test_timestamps_rise_by_about_a_thirtieth_of_a_second() -> None:
    steps = np.diff([timestamp(number) for number in range(1000)])
    assert 2_400 <= steps.min() < steps.max() <= 3_600


class Log:
    """What a ``RigLog`` notes, of rigs that came 20 ms after their pictures were sent."""

    def __init__(self, rigs: list[Rig], sent_at_s: list[float]) -> None:
        encoder = VmcEncoder()
        self.came_at_s = {rig.pts: sent_at_s[rig.frame] + 0.020 for rig in rigs}
        self.packets = {rig.pts: without_time(encoder.encode(rig)) for rig in rigs}
        self.found = {rig.pts for rig in rigs if rig.found.anything}


def test_delays_are_of_what_came_after_the_warm_up() -> None:
    sent_at_s = [number / 30 for number in range(90)]
    rigs = [
        replace(fakes.rig(number, pts=timestamp(number) - timestamp(3), hips_x=number / 1000))
        for number in range(3, 90)
        if number != 70
    ]
    log = Log(rigs, sent_at_s)
    app = {packets: log.came_at_s[pts] + 0.001 for pts, packets in log.packets.items() if pts != rigs[-1].pts}
    delays = delays_of(sent_at_s, log, app)  # type: ignore[arg-type]
    after = 90 - round(30 * WARM_UP_S)
    assert (delays.pictures, delays.rigs, delays.found) == (after, after - 1, 0)
    np.testing.assert_allclose(delays.camera_to_rig, 20)
    np.testing.assert_allclose(delays.rig_to_app, 1)
    assert len(delays.camera_to_app) == after - 2
    assert delays.to_json()["camera_to_app_ms"] == {"p50": 21.0, "p95": 21.0, "max": 21.0}


def test_rigs_that_are_alike_are_of_no_picture_at_the_app() -> None:
    sent_at_s = [number / 30 for number in range(90)]
    log = Log([fakes.rig(number, pts=timestamp(number)) for number in range(90)], sent_at_s)
    delays = delays_of(sent_at_s, log, dict.fromkeys(log.packets.values(), 9.0))  # type: ignore[arg-type]
    assert (len(delays.camera_to_rig), len(delays.rig_to_app)) == (30, 0)


async def test_an_app_s_port_notes_each_rig_and_leaves_out_what_is_alike() -> None:
    encoder = VmcEncoder()
    with AppPort() as app, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", app.port))
        for hips_x in (0.1, 0.2, 0.2):
            for packet in encoder.encode(fakes.rig(hips_x=hips_x)):
                sender.send(packet)
    assert set(app.came_at_s) == {without_time(encoder.encode(fakes.rig(hips_x=0.1)))}


def test_without_rigs_there_are_no_figures() -> None:
    delays = delays_of([0.0, 3.0], Log([], []), {})  # type: ignore[arg-type]
    assert (delays.pictures, delays.rigs) == (1, 0)
    assert delays.to_json()["camera_to_rig_ms"] is None
