"""How long the steps of an event loop hold it, in CPU time of its thread: a busy machine does not make them longer."""

import asyncio
import gc
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class LoopHold:
    """Measures the steps of one loop: callbacks, and tasks from one await that waits to the next.

    What Python's garbage collector takes within a step is counted apart: it comes when the process has made so many
    objects, whoever made them.
    """

    def __init__(self) -> None:
        self.worst_s = 0.0
        self.worst_step = ""
        self.worst_collection_s = 0.0
        self._collecting_since: float | None = None
        self._collected_s = 0.0

    def take(self) -> float:
        """Return the worst since the last call, in seconds."""
        worst, self.worst_s = self.worst_s, 0.0
        return worst

    @contextmanager
    def measured(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Measure the steps of a loop of asyncio's own, which runs in another thread."""
        found: list[int] = []
        ready = threading.Event()

        def begin() -> None:
            found.append(threading.get_ident())
            ready.set()

        loop.call_soon_threadsafe(begin)
        assert ready.wait(60)
        thread = found[0]
        run = asyncio.Handle._run

        def measure(handle: Any) -> None:
            if threading.get_ident() != thread:
                run(handle)
                return
            self._collected_s = 0.0
            began = time.thread_time()
            run(handle)
            held = time.thread_time() - began - self._collected_s
            if held > self.worst_s:
                self.worst_s, self.worst_step = held, repr(handle)

        def collect(phase: str, _: dict[str, int]) -> None:
            if threading.get_ident() != thread:
                return
            if phase == "start":
                self._collecting_since = time.thread_time()
            elif self._collecting_since is not None:
                took = time.thread_time() - self._collecting_since
                self._collected_s += took
                self.worst_collection_s = max(self.worst_collection_s, took)

        asyncio.Handle._run = measure  # type: ignore[method-assign]
        gc.callbacks.append(collect)
        try:
            yield
        finally:
            asyncio.Handle._run = run  # type: ignore[method-assign]
            gc.callbacks.remove(collect)
