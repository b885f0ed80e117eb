import pytest

from mocast.tracking.openvino.schedule.frame_interval import FrameInterval


def shares(steps_us: list[int]) -> list[float]:
    """Return what share each of consecutive frames is that come so long after each other."""
    interval, time_us, found = FrameInterval(), 0, []
    for step_us in (0, *steps_us):
        time_us += step_us
        found.append(interval.share(time_us))
    return found


@pytest.mark.parametrize(("fps", "share"), [(10, 1), (24, 1), (25, 1), (30, 1), (50, 0.6), (60, 0.5), (120, 0.25)])
def test_a_frame_is_a_share_of_one_at_30_frames_a_second_and_never_more(fps: int, share: float) -> None:
    first, *others = shares([1_000_000 // fps] * 20)
    assert first == 1
    assert others == pytest.approx([share] * 20, abs=1e-3)


def test_a_camera_of_30_whose_frames_come_unevenly_is_no_faster_one() -> None:
    assert shares([33_333, 25_000, 42_000, 21_000, 45_000, 30_000] * 5) == [1] * 31


def test_a_pause_is_no_rate() -> None:
    assert shares([16_667] * 20 + [5_000_000] + [16_667] * 3)[-3:] == pytest.approx([0.5] * 3, abs=1e-3)


def test_a_camera_that_gets_slower_is_followed_within_a_second() -> None:
    assert shares([16_667] * 20 + [33_333] * 30)[-10:] == [1] * 10
