from dataclasses import dataclass, field

import pytest

from mocast.rooms.camera_rate import LEAST_FPS, RISE, CameraRate, CameraRates, bitrate

TICK_S = 0.001

UNEVEN = (1.5, 0.5, 1.2, 0.8, 1.0)
"""What a room's frames take, one after the other, in their mean: even ones would wait for the same others for ever."""


@dataclass
class Camera:
    """A camera, and the room that tracks its newest frame when it has a slot."""

    rate: CameraRate = field(init=False)
    takes_s: float = 0.02
    fps: float = 30.0
    heeds: bool = True
    told: list[float | None] = field(default_factory=list)
    turns: int = 0
    away_s: float = 0.0
    sent: int = 0
    next_s: float = 0.0
    waits_since_s: float | None = None
    busy_until_s: float | None = None

    def send(self, now_s: float) -> None:
        dropped = self.waits_since_s is not None
        self.sent += 1
        self.waits_since_s = self.waits_since_s if dropped else now_s
        self.rate.received(dropped=dropped)
        asked = self.rate.fps if self.heeds else None
        self.next_s += 1 / (self.fps if asked is None else min(self.fps, asked))


class Server:
    """Cameras whose rooms take turns at slots: the one that has waited longest is next."""

    def __init__(self, *cameras: Camera, slots: int = 2) -> None:
        self.slots = slots
        self.free_s = self.now_s = 0.0
        self.rates = CameraRates(self, clock=lambda: self.now_s)
        self.cameras: list[Camera] = []
        for camera in cameras:
            self.join(camera)

    def join(self, camera: Camera) -> None:
        camera.next_s = self.now_s + 0.007 * len(self.cameras)
        camera.rate = self.rates.add(camera, lambda: camera.told.append(camera.rate.fps))
        self.cameras.append(camera)

    def leave(self, camera: Camera) -> None:
        self.rates.remove(camera.rate)
        self.cameras.remove(camera)

    def run(self, seconds: float) -> tuple[list[float], list[float]]:
        """Return the frames a second that each camera sent, and those that were tracked."""
        before = [(camera.sent, camera.turns) for camera in self.cameras]
        for _ in range(round(seconds / TICK_S)):
            self._tick()
        counts = [
            (camera.sent - sent, camera.turns - turns)
            for camera, (sent, turns) in zip(self.cameras, before, strict=True)
        ]
        return [sent / seconds for sent, _ in counts], [turns / seconds for _, turns in counts]

    def _tick(self) -> None:
        for camera in self.cameras:
            if camera.busy_until_s is not None and camera.busy_until_s <= self.now_s:
                camera.busy_until_s = None
            if camera.next_s <= self.now_s:
                camera.send(self.now_s)
        free = self.slots - sum(camera.busy_until_s is not None for camera in self.cameras)
        idle = [camera for camera in self.cameras if camera.busy_until_s is None]
        for camera in sorted(idle, key=lambda one: one.waits_since_s or 0):
            if camera.waits_since_s is None:
                camera.away_s += TICK_S
            elif free:
                free -= 1
                camera.turns += 1
                camera.waits_since_s = None
                camera.busy_until_s = self.now_s + camera.takes_s * UNEVEN[camera.turns % len(UNEVEN)]
        self.free_s += free * TICK_S
        self.now_s += TICK_S


def test_cameras_that_are_kept_up_with_are_asked_for_nothing() -> None:
    server = Server(*[Camera(0.02) for _ in range(3)])
    server.run(20)
    assert not any(camera.told for camera in server.cameras)


def test_a_server_that_falls_behind_for_two_seconds_asks_for_nothing() -> None:
    server = Server(*[Camera(0.02) for _ in range(3)])
    server.run(5)
    for takes_s, seconds in ((0.04, 1.9), (0.02, 10)):
        for camera in server.cameras:
            camera.takes_s = takes_s
        server.run(seconds)
    assert not any(camera.told for camera in server.cameras)


@pytest.mark.parametrize(("count", "takes_s"), [(3, 0.03), (4, 0.02), (4, 0.024), (6, 0.019), (12, 0.01)])
def test_cameras_are_asked_for_what_can_be_tracked(count: int, takes_s: float) -> None:
    server = Server(*[Camera(takes_s) for _ in range(count)])
    server.run(15)
    told = sum(len(camera.told) for camera in server.cameras)
    sent, tracked = server.run(20)
    assert sum(tracked) >= 0.9 * min(2 / takes_s, 30 * count)
    assert sum(tracked) >= 0.93 * sum(sent), "hardly a frame is sent in vain"
    assert max(tracked) < 1.25 * min(tracked)
    assert sum(len(camera.told) for camera in server.cameras) <= told + 3 * count, "the rates settle"


def test_a_server_that_has_time_again_is_told_all_frames_again() -> None:
    server = Server(*[Camera(0.03) for _ in range(4)])
    server.run(10)
    assert server.rates.fps is not None
    server.leave(server.cameras[0])
    server.leave(server.cameras[0])
    server.run(15)
    assert server.rates.fps is None
    assert server.run(5)[1] == pytest.approx([30, 30], abs=0.5)


def test_a_camera_that_comes_later_has_the_rate_of_the_others() -> None:
    server = Server(*[Camera(0.02) for _ in range(4)])
    server.run(20)
    server.join(Camera(0.02))
    assert server.cameras[-1].rate.fps == server.cameras[0].rate.fps
    server.run(20)
    sent, tracked = server.run(10)
    assert max(tracked) < 1.25 * min(tracked)
    assert sum(tracked) >= 0.93 * sum(sent)


def test_a_camera_that_does_not_heed_it_gets_no_more_than_the_others() -> None:
    server = Server(Camera(0.025, heeds=False), *[Camera(0.025) for _ in range(3)])
    server.run(30)
    _, (deaf, *others) = server.run(20)
    assert deaf <= 1.25 * min(others)
    assert deaf + sum(others) >= 0.95 * 80
    assert len(server.cameras[0].told) <= 17, "in 50 s"


def test_a_room_that_is_too_slow_by_itself_has_a_rate_of_its_own() -> None:
    slow, fast = Camera(0.05), Camera(0.01)
    server = Server(slow, fast, slots=4)
    server.run(20)
    sent, tracked = server.run(20)
    assert tracked[0] >= 0.9 * 20
    assert sent[0] <= tracked[0] * RISE
    assert server.rates.fps is None
    assert fast.told == []


def test_no_camera_is_asked_for_a_slide_show() -> None:
    server = Server(*[Camera(0.2) for _ in range(3)])
    server.run(30)
    assert [camera.rate.fps for camera in server.cameras] == [LEAST_FPS] * 3


@pytest.mark.parametrize(
    ("fps", "size_wh", "bits"),
    [
        (None, (640, 480), 2_500_000),
        (15.0, (640, 480), 1_000_000),
        (20.0, (320, 240), 333_333),
        (20.0, (1920, 1080), 1_666_667),
        (45.0, (640, 480), 2_000_000),
        (15.0, (0, 0), 2_500_000),
    ],
)
def test_fewer_frames_have_as_many_bits_each(fps: float | None, size_wh: tuple[int, int], bits: int) -> None:
    assert bitrate(fps, size_wh, 2_500_000) == bits
