"""What the engine's bench makes of its measurements."""

import math

import pytest
from bench.engine import lines, memory_each_more, offered, served


def load(sessions: int, *, p95_ms: float = 50, slowest_fps: float = 30, fps_each: float = 30) -> dict[str, float]:
    return {
        "sessions": sessions,
        "fps_each": fps_each,
        "fps": sessions * slowest_fps,
        "slowest_fps": slowest_fps,
        "p50_ms": 20,
        "p95_ms": p95_ms,
        "memory_mb": 300 + 4 * sessions,
    }


def test_memory_is_that_of_each_session_after_the_first():
    assert memory_each_more([load(1), load(2), load(8)]) == 4
    assert math.isnan(memory_each_more([load(1)]))


def test_sessions_are_served_while_the_slowest_is_fast_enough_and_on_time():
    assert served([load(1), load(2), load(3, slowest_fps=24.9), load(4, p95_ms=121)]) == 2
    assert served([load(1, p95_ms=121)]) == 0


def test_slower_cameras_say_nothing_of_how_many_are_served():
    assert served([load(1), load(5, fps_each=15)]) == 1


def test_loads_come_fewest_sessions_first_so_that_memory_can_be_told():
    assert offered(3) == ["1x15", "1x30", "2x30", "3x15", "3x30"]


def test_plot_shows_delay_and_share_over_all_frames_that_come_in():
    loads = [load(1), load(2, slowest_fps=15), load(3, fps_each=15, slowest_fps=15)]
    panels = lines({("openvino", "fast", 1): {"loads": loads}, ("mediapipe", "balanced", 2): {"loads": [load(1)]}})
    fps, delay_ms, shares = panels["one core"]["fast"]
    assert list(fps) == [30, 45, 60]
    assert list(delay_ms) == [50, 50, 50]
    assert shares == pytest.approx([1, 1, 0.5])
    assert list(panels["two cores"]) == ["mediapipe engine"]
