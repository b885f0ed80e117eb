"""The building of the trackers when a server starts."""

import asyncio
import contextlib
import threading
from concurrent.futures import Executor

import structlog

from mocast import memory
from mocast.tracking.pool import TrackerPool

log = structlog.get_logger(__name__)


class Warming:
    """Builds trackers in a daemon thread: compiling cannot be interrupted and must not delay the process's exit."""

    def __init__(self, trackers: TrackerPool, precision: str, *, owns_process: bool, is_eager: bool) -> None:
        """``owns_process``: nothing else runs in it. ``is_eager``: the pool builds all that sessions may ask for, so
        that its precision is known afterwards; before that, ``precision`` is what the settings say."""
        self._trackers = trackers
        self._owns_process = owns_process
        self._is_eager = is_eager
        self._ended = asyncio.Event()
        self.precision = precision
        self.why_not_ready: str | None = "The trackers are being built."
        self.is_building = False
        "Whether a thread still built trackers when they were closed."

    def start(self) -> None:
        """Begin. On the event loop."""
        loop = asyncio.get_running_loop()

        def warm() -> None:
            self._warm()
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._ended.set)

        threading.Thread(target=warm, name="mocast-warming", daemon=True).start()

    async def close(self, executor: Executor, deadline_s: float) -> None:
        """Free the networks. Those still being built at the deadline, in the loop's time, are left to the process."""
        try:
            async with asyncio.timeout_at(deadline_s):
                await self._ended.wait()
        except TimeoutError:
            self.is_building = True
            log.warning("trackers are still being built; stopping without them")
        else:
            await asyncio.get_running_loop().run_in_executor(executor, self._trackers.close)

    def _warm(self) -> None:
        try:
            if self._is_eager:  # or what is faster is not known before a session asks for it
                self.precision = self._trackers.precision()  # first: measuring takes memory that the networks need then
            self._trackers.warm()
        except Exception as error:  # or it would be said for ever that they are being built
            log.exception("trackers cannot be built; see mocast doctor")
            self.why_not_ready = f"The trackers cannot be built: {error}."
        else:
            memory.return_free()  # compiling leaves tens of megabytes
            if self._owns_process:
                memory.keep_what_is()
            self.why_not_ready = None
