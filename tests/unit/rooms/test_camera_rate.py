import pytest

from mocast.rooms.camera_rate import FEW_DROPS, HEADROOM, LEAST_FPS, TOLERATED_DROPS, CameraRate


class Camera:
    """One of 30 frames a second in front of a server that tracks ``tracked_fps`` of them."""

    def __init__(self, tracked_fps: float, fps: float = 30.0, heeds: bool = True) -> None:
        self.now_s = 0.0
        self.rate = CameraRate(clock=lambda: self.now_s)
        self.tracked_fps = tracked_fps
        self.heeds = heeds
        self.told: list[float | None] = []
        self._fps = fps
        self._busy_until_s = 0.0
        self._waits = False

    def run(self, seconds: float) -> float:
        """Return how many frames a second were tracked: each time the newest one, as soon as the one before is done."""
        end_s, tracked = self.now_s + seconds, 0
        while self.now_s < end_s:
            bound = self.rate.fps if self.heeds else None
            self.now_s += 1 / (self._fps if bound is None else min(self._fps, bound))
            if self._waits and self._busy_until_s <= self.now_s:
                self._waits = False
                self._busy_until_s += 1 / self.tracked_fps
            is_late = self._waits
            if self._busy_until_s > self.now_s:
                self._waits = True
            else:
                self._busy_until_s = self.now_s + 1 / self.tracked_fps
            tracked += not is_late
            if self.rate.received(dropped=is_late):
                self.told.append(self.rate.fps)
        return tracked / seconds


def test_a_camera_that_is_kept_up_with_is_asked_for_nothing() -> None:
    camera = Camera(tracked_fps=31)
    camera.run(20)
    assert camera.told == []


def test_a_server_that_falls_behind_for_two_seconds_asks_for_nothing() -> None:
    camera = Camera(tracked_fps=31)
    camera.run(5)
    camera.tracked_fps = 10
    camera.run(1.9)
    camera.tracked_fps = 30
    camera.run(10)
    assert camera.told == []


@pytest.mark.parametrize("tracked_fps", [14, 16, 19.5, 21])
def test_a_camera_is_asked_for_a_little_more_than_is_tracked(tracked_fps: float) -> None:
    camera = Camera(tracked_fps)
    camera.run(30)
    assert camera.rate.fps is not None
    assert tracked_fps / (1 - FEW_DROPS) <= camera.rate.fps <= tracked_fps / (1 - TOLERATED_DROPS) * 1.05
    assert camera.run(20) >= 0.97 * tracked_fps
    assert len(camera.told) < 8


def test_a_server_that_is_a_little_behind_asks_for_nothing() -> None:
    camera = Camera(tracked_fps=23)
    camera.run(30)
    assert camera.told == []


def test_a_server_that_has_time_again_is_told_all_frames_again() -> None:
    camera = Camera(tracked_fps=16)
    camera.run(10)
    assert camera.rate.fps == pytest.approx(16 * HEADROOM, rel=0.1)
    camera.tracked_fps = 60
    camera.run(10)
    assert camera.rate.fps is None
    assert camera.run(5) == pytest.approx(30, abs=0.5)


def test_a_camera_that_does_not_heed_it_is_not_told_again_and_again() -> None:
    camera = Camera(tracked_fps=18, heeds=False)
    camera.run(60)
    assert len(camera.told) == 1


def test_no_camera_is_asked_for_a_slide_show() -> None:
    camera = Camera(tracked_fps=1)
    camera.run(30)
    assert camera.rate.fps == LEAST_FPS
