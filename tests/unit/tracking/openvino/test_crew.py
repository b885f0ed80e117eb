"""Who does what is offered: who waits for it, or a helper on a core that is left."""

import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Thread, current_thread
from weakref import ref

import pytest

from mocast.tracking.openvino.crew import CALM, Crew

LIMIT_S = 30
CORES = pytest.mark.parametrize("cores", [1, 2])


@pytest.fixture
def crew(cores: int) -> Iterator[Crew]:
    made = Crew(cores)
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
def test_what_is_waited_for_is_done_once(crew: Crew) -> None:
    works = [Doer() for _ in range(20)]
    for task in [crew.offer(work) for work in works]:
        crew.finish(task)
    assert all(len(work.by) == 1 for work in works)


@pytest.mark.parametrize("cores", [1])
def test_one_core_has_no_helper(crew: Crew) -> None:
    works = [Doer() for _ in range(3)]
    tasks = [crew.offer(work) for work in works]
    for task, work in zip(reversed(tasks), reversed(works), strict=True):
        assert not work.by
        crew.finish(task)
    assert all(work.by == [current_thread()] for work in works)


def test_a_helper_works_beside_who_waits(crew: Crew) -> None:
    with crew.tracking():
        other = Doer()
        mine = Doer(awaited=other.has_begun)
        task, later = crew.offer(mine), crew.offer(other)
        crew.finish(task)
        crew.finish(later)
    assert mine.by == [current_thread()]
    assert other.by != [current_thread()]


def test_who_waits_for_a_helper_does_what_else_is_offered(crew: Crew) -> None:
    with crew.tracking():
        last = Doer()
        helped = Doer(awaited=last.is_done)
        first, second, third = (crew.offer(work) for work in (Doer(awaited=helped.has_begun), helped, last))
        for task in (first, second, third):
            crew.finish(task)
    assert last.by == [current_thread()]


def test_who_waits_for_what_is_short_begins_nothing_else(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    may_end, was_short_done = Event(), list[bool]()
    short = Doer(awaited=may_end)
    with crew.tracking():
        first, second = crew.offer(Doer(awaited=short.has_begun)), crew.offer(short)
        third = crew.offer(lambda: was_short_done.append(short.is_done.is_set()))
        crew.finish(first)
        wait = second.wait

        def waits() -> None:
            may_end.set()
            wait()

        monkeypatch.setattr(second, "wait", waits)
        crew.finish(second, helps=False)
        crew.finish(third)
    assert was_short_done == [True]


def test_where_no_thread_can_start_who_waits_does_all(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: Thread) -> None:
        raise RuntimeError("can't start new thread")

    works = [Doer() for _ in range(3)]
    with crew.tracking():
        tasks = [crew.offer(work) for work in works]
        with monkeypatch.context() as patched:
            patched.setattr(Thread, "start", fails)
            crew.finish(tasks[0])
            crew.finish(tasks[1])
    assert [work.by for work in works[:2]] == [[current_thread()]] * 2
    assert works[2].is_done.wait(LIMIT_S)  # a helper that starts later


def test_what_is_done_is_not_kept(crew: Crew) -> None:
    """It may hold a frame and a network, and a helper may be idle for long."""
    with crew.tracking():
        helped = Doer()
        task, later = crew.offer(Doer(awaited=helped.has_begun)), crew.offer(helped)
        crew.finish(task)
        crew.finish(later)
    (helper,) = helped.by
    kept = ref(helped)
    del helped, later
    assert helper.is_alive()
    assert kept() is None


def test_helpers_rest_while_every_core_has_a_frame(crew: Crew) -> None:
    with crew.tracking(), crew.tracking():
        for _ in range(200):
            works = [Doer() for _ in range(3)]
            for task in [crew.offer(work) for work in works]:
                crew.finish(task)
            assert all(work.by == [current_thread()] for work in works)


def test_helpers_come_some_frames_after_every_core_had_one(crew: Crew) -> None:
    with crew.tracking(), crew.tracking():
        pass
    for number in range(1, CALM + 3):
        with crew.tracking():
            other = Doer()
            mine = Doer(awaited=other.has_begun if number >= CALM else None)
            task, later = crew.offer(mine), crew.offer(other)
            crew.finish(task)
            crew.finish(later)
        assert (other.by == [current_thread()]) == (number < CALM)


def test_what_is_withdrawn_is_not_done(crew: Crew) -> None:
    work = Doer()
    crew.withdraw(crew.offer(work))
    crew.finish(crew.offer(Doer()))
    assert not work.by


def test_what_a_helper_has_begun_is_withdrawn_when_it_is_done(crew: Crew) -> None:
    with crew.tracking():
        begun = Doer()
        task, later = crew.offer(Doer(awaited=begun.has_begun)), crew.offer(begun)
        crew.finish(task)
        crew.withdraw(later)
    assert begun.is_done.is_set()


@CORES
def test_an_error_is_raised_where_the_task_is_waited_for(crew: Crew) -> None:
    def fails() -> None:
        raise ValueError("as it must")

    with crew.tracking():
        tasks = [crew.offer(fails) for _ in range(5)]
        crew.finish(crew.offer(Doer()))
        crew.withdraw(tasks.pop())
        for task in tasks:
            with pytest.raises(ValueError, match="as it must"):
                crew.finish(task)
        crew.finish(crew.offer(Doer()))


def test_a_closed_crew_has_no_helpers(crew: Crew) -> None:
    helped = Doer()
    task, later = crew.offer(Doer(awaited=helped.has_begun)), crew.offer(helped)
    crew.finish(task)
    crew.finish(later)
    (helper,) = helped.by
    for _ in range(2):
        crew.close()
    assert not helper.is_alive()
    works = [Doer() for _ in range(2)]
    for task in [crew.offer(work) for work in works]:
        crew.finish(task)
    assert all(work.by == [current_thread()] for work in works)


def test_what_helpers_do_is_done_before_python_ends() -> None:
    """OpenVINO would end the process with an error if it returned to a thread that Python has left."""
    script = """
import atexit
from threading import Event
from mocast.tracking.openvino.crew import Crew

crew, has_begun, may_end = Crew(2), Event(), Event()

def helped():
    has_begun.set()
    may_end.wait()
    sum(range(10**6))
    print("done", flush=True)

task, _ = crew.offer(has_begun.wait), crew.offer(helped)
crew.finish(task)
atexit.register(may_end.set)
"""
    ended = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=LIMIT_S)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "done\n", "")
