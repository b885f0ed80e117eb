"""A pool of copies of one graph, which any number of sessions run in turns."""

from collections.abc import Callable, Mapping
from threading import Condition, Thread

from mocast.errors import TrackingError
from mocast.tracking.mediapipe.graph_runner import GraphRunner, Packet, Packets


class GraphPool:
    """Copies of a stateless graph, as many as run at the same moment. Its methods may be called from any thread.

    The first copy is built by ``ready`` or the first run. When a run finds all copies busy and there may be more,
    another one is built in the background; the run waits for whichever is free first.
    """

    def __init__(self, build: Callable[[], GraphRunner], most: int) -> None:
        """``most``: copies at the most; more than can run at a time would only take memory."""
        self._build = build
        self._most = most
        self._changed = Condition()
        self._idle: list[GraphRunner] = []
        self._count = 0  # idle, running and being built
        self._is_growing = False
        self._is_closed = False

    def run(self, packets: Mapping[str, Packet]) -> Packets:
        """Run an idle copy (``GraphRunner.run``). A copy that raises ``TrackingError`` is closed."""
        graph = self._acquire()
        try:
            found = graph.run(packets)
        except TrackingError:
            self._drop(graph)
            raise
        self._release(graph)
        return found

    def ready(self) -> None:
        """Build the first copy, unless there is one. Raises ``TrackingError``."""
        self._release(self._acquire())

    def close(self) -> None:
        """Close all copies; those that are running, when they are done."""
        with self._changed:
            self._is_closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
        for graph in idle:
            graph.close()

    def _acquire(self) -> GraphRunner:
        with self._changed:
            while self._count > 0:
                if self._is_closed:
                    raise TrackingError("the engine is closed")
                if self._idle:
                    return self._idle.pop()
                if self._count < self._most and not self._is_growing:
                    self._count += 1
                    self._is_growing = True
                    # As threads that track are daemons: one that is in native code at Python's end crashes the process.
                    Thread(target=self._grow, name="mocast-graph", daemon=False).start()
                self._changed.wait()
            self._count = 1
        return self._new()

    def _new(self) -> GraphRunner:
        try:
            return self._build()
        except BaseException:
            self._drop(None)
            raise

    def _grow(self) -> None:
        try:
            self._release(self._new())
        except TrackingError:
            pass  # there is a copy that works; the next run that has to wait tries again
        finally:
            with self._changed:
                self._is_growing = False

    def _release(self, graph: GraphRunner) -> None:
        with self._changed:
            is_closed = self._is_closed
            if not is_closed:
                self._idle.append(graph)
                self._changed.notify()
        if is_closed:
            graph.close()

    def _drop(self, graph: GraphRunner | None) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()
        if graph is not None:
            graph.close()
