"""What is timed, in which order, and what is made of the times."""

import numpy as np
import pytest
from bench.interleaved import Program, Spent, processor_speedup, run, speedup
from tests.pictures import as_frame

BLACK = np.zeros((2, 2, 3), np.uint8)


def spent(clock_ms: list[float], processor_ms: list[float] | None = None, block: int = 2) -> Spent:
    return Spent(np.array(clock_ms, float), np.array(processor_ms or clock_ms, float), block)


def test_programs_take_turns_by_blocks_and_who_begins_changes():
    order: list[str] = []
    programs = {
        name: Program(lambda frame, name=name: order.append(f"{name}{frame.number}") or frame.number) for name in "ab"
    }
    runs = run(programs, (as_frame(BLACK, number) for number in range(5)), block=2)
    assert order == ["a0", "a1", "b0", "b1", "b2", "b3", "a2", "a3", "a4", "b4"]
    assert runs.results == {"a": [0, 1, 2, 3, 4], "b": [0, 1, 2, 3, 4]}
    assert all(one.clock_ms.shape == one.processor_ms.shape == (5,) for one in runs.spent.values())


def test_results_are_read_after_the_block_with_their_frames():
    order: list[str] = []
    program = Program(
        lambda frame: order.append("process") or -frame.number,
        lambda frame, result: order.append("read") or (frame.number, result),
    )
    runs = run({"one": program}, (as_frame(BLACK, number) for number in range(4)), block=2)
    assert order == ["process", "process", "read", "read"] * 2
    assert runs.results["one"] == [(0, 0), (1, -1), (2, -2), (3, -3)]


def test_too_few_frames_are_an_error():
    with pytest.raises(SystemExit, match="3 frames"):
        run({"one": Program(lambda _: None)}, (as_frame(BLACK, number) for number in range(3)), block=2)


def test_a_frame_takes_the_median_of_the_blocks_means_without_the_first_block():
    times = spent([900, 900, 10, 30, 10, 50, 10, 90, 7])
    assert times.ms == 30  # of 20, 30 and 50
    assert times.counted().tolist() == [10, 30, 10, 50, 10, 90, 7]


def test_work_done_every_second_frame_is_not_lost_in_the_median():
    assert spent([0, 0] + [5, 25] * 4).ms == 15


def test_speedup_is_the_median_of_the_blocks_ratios():
    reference, ours = spent([0, 0, 30, 30, 60, 60, 90, 90]), spent([0, 0, 10, 10, 30, 30, 30, 30])
    assert speedup(reference, ours) == 3  # of 3, 2 and 3


def test_processor_time_is_compared_by_itself():
    reference, ours = spent([1] * 4, [8] * 4), spent([1] * 4, [2] * 4)
    assert (speedup(reference, ours), processor_speedup(reference, ours)) == (1, 4)
