"""What a process of workers runs: it builds the networks, then answers the tasks of its lanes."""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import structlog

from mocast.errors import ProcessingError
from mocast.jobs.confined import end_with
from mocast.jobs.file_task import TrackerChoice
from mocast.memory import keep_what_is, return_free, return_large_blocks, share_arenas
from mocast.model.options import OfflineQuality, TrackerName
from mocast.tracking.engines import FAST

if TYPE_CHECKING:
    from mocast.jobs.segment_work import SegmentWorker

NICENESS: Final = 3
"""Of workers. The process that joins what they track has an eighth of all work to do; with equal priority, a third of
two cores, it would lag behind and go on alone when all is tracked."""

SLEEP: Final = ("sleep", "infinity")
"""Program that a process becomes once it has forked its workers, so that the memory is theirs alone: else each page
that a worker writes to would be there twice, and with it the networks' memory for intermediate results."""

TRIMMED_EVERY: Final = 32
"""Frames after which a worker gives back what is free of its heap, in a millisecond; else holes add up."""


def fork(numbers: Sequence[int]) -> None:
    """The main function of a process that forks its workers. ``numbers``: the file descriptors of its lanes."""
    lanes = [Connection(number) for number in numbers]
    choice, tracker, quality = lanes[0].recv()
    work(lanes, choice, tracker, quality, forks=True)


def work(
    lanes: Sequence[Connection],
    choice: TrackerChoice,
    tracker: TrackerName,
    quality: OfflineQuality,
    *,
    forks: bool = False,
) -> None:
    """The main function of a process of workers, one for each lane: itself, processes that it forks, or its threads."""
    end_with(os.getppid())  # whatever it is at, which may take long before anything is said on a lane
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent ends its workers
    os.nice(NICENESS)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # standard output is the parent's, for progress alone
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    share_arenas(1)
    return_large_blocks()
    from mocast.jobs.segment_work import SegmentWorker  # noqa: PLC0415

    try:
        worker = SegmentWorker(choice, tracker, quality, segments=1 if forks else len(lanes))
        answer: tuple[str, str] = "ready", worker.precision
    except ProcessingError as error:
        answer = "failed", str(error)
    for lane in lanes:
        lane.send(answer)
    if answer[0] == "failed":
        return
    if len(lanes) == 1:
        _work_on(lanes[0], worker)
    elif forks and worker.engine_name == FAST:
        _fork_workers(lanes, worker)
    else:
        threads = [threading.Thread(target=_work_on, args=(lane, worker)) for lane in lanes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _fork_workers(lanes: Sequence[Connection], worker: "SegmentWorker") -> None:
    """Fork a worker for each lane, which share the memory of this process's networks, and only sleep from then on."""
    _wait_for_idle_threads()
    keep_what_is()  # a collection would write to, and so copy, the memory of whatever Python has made
    this = os.getpid()
    for lane in lanes:
        if os.fork() == 0:
            _work_as_fork(lane, [other for other in lanes if other is not lane], worker, parent=this)
    for lane in lanes:
        lane.close()
    with contextlib.suppress(OSError):  # there is no such program: this process waits as it is
        os.execvp(SLEEP[0], SLEEP)
    for _ in lanes:
        os.wait()


def _wait_for_idle_threads() -> None:
    """Wait until the other threads of this process, OpenVINO's, sleep; for half a second at most.

    They do soon after it has loaded a network. What a thread holds locked at a fork stays so in the new process.
    """
    others = [task for task in Path("/proc/self/task").iterdir() if task.name != str(threading.get_native_id())]
    for _ in range(50):
        with contextlib.suppress(OSError):  # one has ended
            if all((task / "stat").read_text().rpartition(")")[2].split()[0] == "S" for task in others):
                return
        time.sleep(0.01)


def _work_as_fork(lane: Connection, others: Sequence[Connection], worker: "SegmentWorker", *, parent: int) -> NoReturn:
    """Work on a lane until it is closed or the parent has ended, then end the process."""
    try:
        end_with(parent)
        for other in others:
            other.close()  # so that it is known there when its worker has ended
        _work_on(lane, worker)
    finally:
        os._exit(0)  # not by way of OpenVINO's end, which waits for threads that are not here


def _work_on(lane: Connection, worker: "SegmentWorker") -> None:
    """Answer one lane's tasks until the other end is closed, which it is where the parent is gone, killed or not."""
    untrimmed = 0

    def on_frames(frames: int) -> int | None:
        nonlocal untrimmed
        lane.send(("frames", frames))
        untrimmed += frames
        if untrimmed >= TRIMMED_EVERY:
            untrimmed = 0
            return_free()
        shortened = None
        while lane.poll():
            shortened = lane.recv()
        return shortened

    with contextlib.suppress(EOFError, OSError):
        while True:
            task = lane.recv()
            if isinstance(task, int):
                continue  # the task before was to be shortened, and was done by then
            try:
                answer: tuple[str, object] = ("done", worker.process(task, on_frames))
            except ProcessingError as error:
                answer = ("failed", str(error))
            lane.send(answer)
            return_free()
