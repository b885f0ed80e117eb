"""Who does what is offered: who waits for it, or a helper on a core that is left."""

import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread, current_thread
from weakref import ref

import pytest

from mocast.tracking.openvino.runtime.inference_workers import COOLDOWN_FRAMES, InferenceWorkers

LIMIT_S = 120
CORES = pytest.mark.parametrize("cores", [1, 2])


@pytest.fixture
def workers(cores: int) -> Iterator[InferenceWorkers]:
    made = InferenceWorkers(cores)
    yield made
    made.close()


@pytest.fixture
def cores() -> int:
    return 2


class Doer:
    """Work that notes who does it."""

    def __init__(self, awaited: Event | None = None) -> None:
        self.has_begun, self.is_done = Event(), Event()
        self.by: list[Thread] = []
        self._awaited = awaited

    def __call__(self) -> None:
        self.by.append(current_thread())
        self.has_begun.set()
        assert self._awaited is None or self._awaited.wait(LIMIT_S)
        self.is_done.set()


@CORES
def test_what_is_waited_for_is_done_once(workers: InferenceWorkers) -> None:
    works = [Doer() for _ in range(20)]
    for task in [workers.submit(work) for work in works]:
        workers.join(task)
    assert all(len(work.by) == 1 for work in works)


@pytest.mark.parametrize("cores", [1])
def test_one_core_has_no_helper(workers: InferenceWorkers) -> None:
    works = [Doer() for _ in range(3)]
    tasks = [workers.submit(work) for work in works]
    for task, work in zip(reversed(tasks), reversed(works), strict=True):
        assert not work.by
        workers.join(task)
    assert all(work.by == [current_thread()] for work in works)


def test_a_helper_works_beside_who_waits(workers: InferenceWorkers) -> None:
    with workers.frame_in_progress():
        other = Doer()
        mine = Doer(awaited=other.has_begun)
        task, later = workers.submit(mine), workers.submit(other)
        workers.join(task)
        workers.join(later)
    assert mine.by == [current_thread()]
    assert other.by != [current_thread()]


def test_who_waits_for_a_helper_does_what_else_is_offered(workers: InferenceWorkers) -> None:
    with workers.frame_in_progress():
        last = Doer()
        helped = Doer(awaited=last.is_done)
        first, second, third = (workers.submit(work) for work in (Doer(awaited=helped.has_begun), helped, last))
        for task in (first, second, third):
            workers.join(task)
    assert last.by == [current_thread()]


def test_who_waits_for_what_is_short_begins_nothing_else(
    workers: InferenceWorkers, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, was_short_done = Event(), list[bool]()
    short = Doer(awaited=may_end)
    with workers.frame_in_progress():
        first, second = workers.submit(Doer(awaited=short.has_begun)), workers.submit(short)
        third = workers.submit(lambda: was_short_done.append(short.is_done.is_set()))
        workers.join(first)
        wait = second.wait

        def waits() -> None:
            may_end.set()
            wait()

        monkeypatch.setattr(second, "wait", waits)
        workers.join(second, runs_others=False)
        workers.join(third)
    assert was_short_done == [True]


def test_where_no_thread_can_start_who_waits_does_all(
    workers: InferenceWorkers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    works = [Doer() for _ in range(3)]
    with workers.frame_in_progress():
        tasks = [workers.submit(work) for work in works]
        with monkeypatch.context() as patched:
            patched.setattr(Thread, "start", fails)
            workers.join(tasks[0])
            workers.join(tasks[1])
    assert [work.by for work in works[:2]] == [[current_thread()]] * 2
    assert works[2].is_done.wait(LIMIT_S)  # a helper that starts later


def test_what_is_done_is_not_kept(workers: InferenceWorkers) -> None:
    """It may hold a frame and a network, and a helper may be idle for long."""
    with workers.frame_in_progress():
        helped = Doer()
        task, later = workers.submit(Doer(awaited=helped.has_begun)), workers.submit(helped)
        workers.join(task)
        workers.join(later)
    (helper,) = helped.by
    kept = ref(helped)
    del helped, later
    assert helper.is_alive()
    assert kept() is None


def test_helpers_rest_while_every_core_has_a_frame(workers: InferenceWorkers) -> None:
    with workers.frame_in_progress(), workers.frame_in_progress():
        for _ in range(200):
            works = [Doer() for _ in range(3)]
            for task in [workers.submit(work) for work in works]:
                workers.join(task)
            assert all(work.by == [current_thread()] for work in works)


def test_helpers_come_some_frames_after_every_core_had_one(workers: InferenceWorkers) -> None:
    with workers.frame_in_progress(), workers.frame_in_progress():
        pass
    for number in range(1, COOLDOWN_FRAMES + 3):
        with workers.frame_in_progress():
            other = Doer()
            mine = Doer(awaited=other.has_begun if number >= COOLDOWN_FRAMES else None)
            task, later = workers.submit(mine), workers.submit(other)
            workers.join(task)
            workers.join(later)
        assert (other.by == [current_thread()]) == (number < COOLDOWN_FRAMES)


def test_what_is_withdrawn_is_not_done(workers: InferenceWorkers) -> None:
    work = Doer()
    workers.cancel(workers.submit(work))
    workers.join(workers.submit(Doer()))
    assert not work.by


def test_what_a_helper_has_begun_is_withdrawn_when_it_is_done(workers: InferenceWorkers) -> None:
    with workers.frame_in_progress():
        begun = Doer()
        task, later = workers.submit(Doer(awaited=begun.has_begun)), workers.submit(begun)
        workers.join(task)
        workers.cancel(later)
    assert begun.is_done.is_set()


@CORES
def test_an_error_is_raised_where_the_task_is_waited_for(workers: InferenceWorkers) -> None:
    def fails() -> None:
        raise ValueError("as it must")

    with workers.frame_in_progress():
        tasks = [workers.submit(fails) for _ in range(5)]
        workers.join(workers.submit(Doer()))
        workers.cancel(tasks.pop())
        for task in tasks:
            with pytest.raises(ValueError, match="as it must"):
                workers.join(task)
        workers.join(workers.submit(Doer()))


def test_a_closed_crew_has_no_helpers(workers: InferenceWorkers) -> None:
    helped = Doer()
    task, later = workers.submit(Doer(awaited=helped.has_begun)), workers.submit(helped)
    workers.join(task)
    workers.join(later)
    (helper,) = helped.by
    for _ in range(2):
        workers.close()
    assert not helper.is_alive()
    works = [Doer() for _ in range(2)]
    for task in [workers.submit(work) for work in works]:
        workers.join(task)
    assert all(work.by == [current_thread()] for work in works)


def test_what_helpers_do_is_done_before_python_ends() -> None:
    """OpenVINO would end the process with an error if it returned to a thread that Python has left."""
    script = """
import atexit
from threading import Event
from mocast.tracking.openvino.runtime.inference_workers import InferenceWorkers

workers, has_begun, may_end = InferenceWorkers(2), Event(), Event()

def helped():
    has_begun.set()
    may_end.wait()
    sum(range(10**6))
    print("done", flush=True)

task, _ = workers.submit(has_begun.wait), workers.submit(helped)
workers.join(task)
atexit.register(may_end.set)
"""
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=LIMIT_S)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")
