"""The executor of a Ray cluster: workers on any of its machines, each with its own networks.

The machines read the files at the same paths as this one. What they make of a segment comes back through Ray, and only
this process writes it: a machine that is lost, or cut off, leaves no file behind, and another one does its segments.
"""

import logging
import os
import socket
import sys
import threading
from concurrent.futures import Future
from contextlib import ExitStack, redirect_stdout, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, BinaryIO, Final

import ray
import structlog
from ray.exceptions import GetTimeoutError, RayError

from mocast.errors import ProcessingError
from mocast.jobs.file_task import OnFrames, SegmentResult, SegmentTask, TrackerChoice
from mocast.jobs.segment_actor import SegmentActor
from mocast.jobs.segment_order import SegmentOrder
from mocast.jobs.spool import spool_files
from mocast.model.options import JobOptions

log = structlog.get_logger(__name__)

ATTEMPTS: Final = 3
"""Workers that a segment may take with it before it is given up: a machine that is lost is no fault of the file's, but
a file that breaks decoders must not go round for ever."""
WAIT_S: Final = 120
"""How long there may be no worker at all before what is left is given up: networks are compiled in a tenth of that."""
ANSWER_S: Final = 10

DIED: Final = (
    f"{ATTEMPTS} workers ended one after the other: their machines were lost, or the file is made to break decoders."
)
NOBODY: Final = f"No machine of the Ray cluster had a free processor for {WAIT_S} s."


@dataclass(slots=True, eq=False)
class _Order(SegmentOrder):
    attempts: int = 0
    actor: Any = None
    "The one that is at it."


class RayExecutor:
    """Has segments processed by actors of a Ray cluster, each of which one thread here waits for.

    An actor takes one segment at a time, and holds its networks from the first to the last. One that is lost is
    replaced wherever there is a free processor, and its segment goes to whichever worker is free first.
    """

    def __init__(self, workers: int | None, choice: TrackerChoice, options: JobOptions) -> None:
        """Connect to the cluster at ``RAY_ADDRESS``, or to the one that was started on this machine.

        ``workers``: by default as many as the cluster has processors now. ``options``: of all tasks. Raises
        ``ProcessingError``.
        """
        _connect()
        self._redirection = redirect_stdout(sys.stderr)  # Ray prints what becomes of machines; there it may
        self._redirection.__enter__()
        self.at_a_time = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._choice = choice
        self._options = options
        self._orders: SimpleQueue[_Order | None] = SimpleQueue()
        self._unfinished: dict[Path, _Order] = {}
        "By the spool of the task."
        self._lock = threading.Lock()
        self._measuring = threading.Lock()
        self._is_measured = False
        self._actors: set[Any] = set()
        self._ready = 0
        "Actors that work or wait for work."
        self._is_closed = False
        self._why_not = ""
        "Why nothing more is processed, once that is so."
        self._threads: list[threading.Thread] = []

    def submit(self, task: SegmentTask, on_frames: OnFrames) -> "Future[SegmentResult]":
        """Have a segment processed by the next free worker."""
        order = self._unfinished[task.spool] = _Order(task, on_frames)
        order.future.add_done_callback(lambda _: self._unfinished.pop(task.spool, None))
        with self._lock:  # who gives up takes all that is in the queue by then, and nobody what comes later
            is_given_up = bool(self._why_not)
            if not is_given_up:
                self._orders.put(order)
        if is_given_up:
            self._fail(order)
        elif not self._threads:
            self._threads += [threading.Thread(target=self._serve, daemon=True) for _ in range(self.at_a_time)]
            for thread in self._threads:
                thread.start()
        return order.future

    def shorten(self, task: SegmentTask, frames: int) -> None:
        """Have a task end after so many frames; it may be further by now, or go on further."""
        order = self._unfinished.get(task.spool)
        if order is not None:
            order.frames = frames
            if order.actor is not None:
                order.actor.shorten.remote(task.spool, frames)

    def close(self) -> None:
        """End all workers at once, whatever they are at, and leave the cluster."""
        with self._lock:
            self._is_closed = True
            for actor in self._actors:
                _kill(actor)
        for _ in self._threads:
            self._orders.put(None)
        for thread in self._threads:
            thread.join()
        ray.shutdown()
        self._redirection.__exit__(None, None, None)

    def _serve(self) -> None:
        """Hand orders to one actor, and to the next one where it is lost."""
        while (actor := self._actor()) is not None:
            while (order := self._orders.get()) is not None:
                if not self._has_done(actor, order):
                    break
            self._forget(actor)
            if order is None:
                return

    def _has_done(self, actor: Any, order: _Order) -> bool:
        """Have an actor process a segment; return whether it may take the next one."""
        if not order.attempts and not order.future.set_running_or_notify_cancel():
            return True
        order.actor = actor
        try:
            result = _received(actor, order)
        except ProcessingError as error:
            order.fail(error)
        except OSError as error:
            order.fail(ProcessingError(f"Its results cannot be kept: {error.strerror or error}."))
        except RayError:
            order.actor = None
            order.take_back()
            self._again(order)
            return False
        except Exception as error:
            order.fail(error)
            return False
        else:
            order.future.set_result(result)
        return True

    def _again(self, order: _Order) -> None:
        """Let another worker have an order whose worker was lost."""
        order.attempts += 1
        if order.attempts < ATTEMPTS and not self._is_closed:
            self._orders.put(order)
        else:
            order.future.set_exception(ProcessingError(DIED))

    def _actor(self) -> Any:
        """Return a new actor whose networks are built, as soon as the cluster has room for it; ``None`` at the end.

        The first one of all starts alone: it measures which precision is faster, and all others use the same.
        """
        if not self._is_measured:
            with self._measuring:
                if not self._is_measured:
                    return self._started()
        return self._started()

    def _started(self) -> Any:
        """Start actors until one is ready; where that does not come, leave the work to others, if there are any."""
        why = DIED
        for _ in range(ATTEMPTS):
            with self._lock:
                if self._is_closed or self._why_not:
                    return None
                actor = _new_actor(self._choice, self._options)
                self._actors.add(actor)
            try:
                self._note_ready(self._first_answer(actor))
            except GetTimeoutError:
                why = NOBODY
            except RayError:
                pass  # its machine was lost, or lacks something
            except Exception as error:
                why = str(error)
            else:
                return actor
            self._forget(actor, was_ready=False)
            if why != DIED:
                break
        log.warning("a worker of the Ray cluster cannot be started", reason=why, others=self._ready)
        if not self._ready:
            self._give_up(why)
        return None

    def _first_answer(self, actor: Any) -> tuple[str, str]:
        """Wait until an actor is there. Raises ``RayError`` where it is lost, or nobody works meanwhile."""
        answer = actor.ready.remote()
        while True:
            try:
                found: tuple[str, str] = ray.get(answer, timeout=WAIT_S)
            except GetTimeoutError:
                if not self._ready:
                    raise
            else:
                return found

    def _note_ready(self, answer: tuple[str, str]) -> None:
        """Note that an actor is ready, or raise ``ProcessingError`` with what it says it lacks."""
        kind, value = answer
        if kind == "failed":
            raise ProcessingError(value)
        with self._lock:
            self._ready += 1
            self._choice = replace(self._choice, precision=value)
            self._is_measured = True

    def _forget(self, actor: Any, *, was_ready: bool = True) -> None:
        with self._lock:
            self._actors.discard(actor)
            self._ready -= was_ready
        _kill(actor)

    def _give_up(self, reason: str) -> None:
        """Fail what waits and what may still come, as there is nobody to do it."""
        waiting = []
        with self._lock:
            self._why_not = reason
            with suppress(Empty):
                while True:
                    waiting.append(self._orders.get_nowait())  # others may take some, too
        for order in waiting:
            if order is not None:
                self._fail(order)

    def _fail(self, order: _Order) -> None:
        if order.attempts or order.future.set_running_or_notify_cancel():
            order.future.set_exception(ProcessingError(self._why_not))


def _connect() -> None:
    """Join the cluster. Raises ``ProcessingError`` where there is none."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # or it would tell its maker of each cluster, unasked
    address = os.environ.get("RAY_ADDRESS") or "auto"
    host, _, port = address.rpartition(":")
    try:
        if port.isdecimal() and "//" not in host:
            socket.create_connection((host, int(port)), ANSWER_S).close()  # Ray itself would try for minutes
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError) as error:
        where = "on this machine" if address == "auto" else f"at {address}"
        raise ProcessingError(
            f"There is no Ray cluster {where}: start one by ray start --head --disable-usage-stats, or set RAY_ADDRESS."
        ) from error


def _new_actor(choice: TrackerChoice, options: JobOptions) -> Any:
    actor = ray.remote(num_cpus=1, max_restarts=0, scheduling_strategy="SPREAD", max_concurrency=2)(SegmentActor)
    return actor.remote(choice, options.tracker, options.quality)


def _kill(actor: Any) -> None:
    with suppress(RayError, ValueError):  # it is dead already
        ray.kill(actor)


def _received(actor: Any, order: _Order) -> SegmentResult:
    """Return an actor's result, with its spool written here. Raises ``RayError`` where the actor is lost, too."""
    task = order.task
    for old in spool_files(task.spool):
        old.unlink()  # somebody may still read it
    with ExitStack() as files:
        opened: dict[str, BinaryIO] = {}
        for answer in actor.process.options(num_returns="streaming").remote(task, order.frames):
            kind, value = ray.get(answer)
            match kind:
                case "frames":
                    for file in opened.values():
                        file.flush()
                    order.tell(value)
                case "failed":
                    raise ProcessingError(value)
                case "done":
                    assert isinstance(value, SegmentResult)
                    return value
                case name:
                    if name not in opened:
                        opened[name] = files.enter_context(task.spool.with_name(name).open("xb"))
                    opened[name].write(value)
    raise ProcessingError("The worker gave no result.")
