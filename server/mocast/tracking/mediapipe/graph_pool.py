"""Lets any number of sessions take turns on a few copies of a graph."""

from collections.abc import Callable, Mapping
from threading import Condition, Thread

from mocast.errors import TrackingError
from mocast.tracking.mediapipe.graph_runner import Packet, Packets, RunningGraph


class SharedGraph:
    """A graph that remembers nothing, in as many copies as run at the same moment. Its methods may be called by anyone.

    The first copy is built by ``ready`` or the first run. Another one is built, in the background, when a run finds
    all of them busy and there may be more; it waits for whichever is free first.
    """

    def __init__(self, build: Callable[[], RunningGraph], most: int) -> None:
        """``most`` copies: more than can run at a time would only take memory."""
        self._build = build
        self._most = most
        self._changed = Condition()
        self._idle: list[RunningGraph] = []
        self._count = 0  # idle, running and being built
        self._is_growing = False
        self._is_closed = False

    def run(self, packets: Mapping[str, Packet]) -> Packets:
        """Run one copy; see ``RunningGraph.run``. One that fails is thrown away."""
        graph = self._take()
        try:
            found = graph.run(packets)
        except TrackingError:
            self._drop(graph)
            raise
        self._release(graph)
        return found

    def ready(self) -> None:
        """Build a copy unless there is one. Raises ``TrackingError``."""
        self._release(self._take())

    def close(self) -> None:
        """Close all copies, those that are running when they are done."""
        with self._changed:
            self._is_closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for graph in idle:
            graph.close()

    def _take(self) -> RunningGraph:
        with self._changed:
            while self._count > 0:
                if self._is_closed:
                    raise TrackingError("the engine is closed")
                if self._idle:
                    return self._idle.pop()
                if self._count < self._most and not self._is_growing:
                    self._count += 1
                    self._is_growing = True
                    Thread(target=self._grow, name="mocast-graph").start()
                self._changed.wait()
            self._count = 1
        return self._new()

    def _new(self) -> RunningGraph:
        try:
            return self._build()
        except BaseException:
            self._drop(None)
            raise

    def _grow(self) -> None:
        try:
            self._release(self._new())
        except TrackingError:
            pass  # there is a copy that works, and the next run that has to wait for it tries again
        finally:
            with self._changed:
                self._is_growing = False

    def _release(self, graph: RunningGraph) -> None:
        with self._changed:
            is_closed = self._is_closed
            if not is_closed:
                self._idle.append(graph)
                self._changed.notify()
        if is_closed:
            graph.close()

    def _drop(self, graph: RunningGraph | None) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()
        if graph is not None:
            graph.close()
