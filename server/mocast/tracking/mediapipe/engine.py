"""Runs MediaPipe's graphs on frames."""

import os
import time
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from mocast.errors import TrackingError
from mocast.model.choices import Quality, TrackerName
from mocast.model.frame import Frame, RgbImage
from mocast.model.tracked import Tracked
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.mediapipe.clock import GraphClock
from mocast.tracking.mediapipe.graphs import INPUT_STREAM, Graph, graph
from mocast.tracking.mediapipe.models import Models
from mocast.tracking.mediapipe.reader import Reader

MOST_THREADS = 3
"""Of one graph: left hand, right hand and face are all that can run side by side."""

FRAMES_TO_FORGET = 3
"""Black frames that a reset may take. One is enough: whoever is lost resets the filters and is searched for afresh."""

BLACK: RgbImage = np.zeros((64, 64, 3), np.uint8)


class MediapipeEngine:
    """Builds trackers of MediaPipe graphs that share their networks' weights files."""

    def __init__(self, *, threads: int | None = None) -> None:
        self._threads = threads or min(MOST_THREADS, _usable_cores())
        self._models = Models()

    def kind(self, tracker: TrackerName, quality: Quality, *, still: bool) -> Hashable:
        """Return the graph: ``exact`` and ``balanced`` are the same one, and only hands have a ``fast`` network."""
        return graph(tracker, quality, still=still, threads=self._threads)

    def build(self, tracker: TrackerName, quality: Quality, *, still: bool) -> "GraphTracker":
        """Return a running graph; about half a second for ``holistic``. Raises ``TrackingError``."""
        description = graph(tracker, quality, still=still, threads=self._threads)
        packets = {name: self._models.packet(name) for name in description.models}
        return GraphTracker(description, packets)


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class GraphTracker:
    """One running graph. It remembers where people were, so it is for one stream only, unless it is a still one."""

    def __init__(self, description: Graph, models: Mapping[str, Any]) -> None:
        bindings = native()
        self._create_image = bindings._packet_creator._create_image_frame_from_pixel_data
        self._format = bindings.image_frame.ImageFormat.SRGB
        self._read = Reader(bindings._packet_getter)
        self._clock = GraphClock()
        self._found: list[tuple[str, Any]] = []
        found = self._found
        self._graph: Any = None
        try:
            graph = bindings.calculator_graph.CalculatorGraph(graph_config=description.text)
            for stream in description.streams:
                # On the graph's threads, so it does as little as it can while it holds the GIL. It refers to the list
                # and not to self: the graph keeps it, and a cycle through native code would never be collected.
                graph.observe_output_stream(stream, lambda name, packet: found.append((name, packet)))
            graph.start_run(dict(models))
            graph.wait_until_idle()  # its calculators open, and the networks are made ready, only now
        except (RuntimeError, ValueError) as error:
            raise TrackingError(f"MediaPipe could not build its graph: {error}") from error
        self._graph = graph

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame. Its pixels must not change during the call: they are not copied."""
        if self._graph is None:
            raise TrackingError("the tracker is closed")
        started_at_ns = time.monotonic_ns()
        try:
            parts = self._read.parts(self._run(frame.rgb, frame.pts))
        except (RuntimeError, ValueError) as error:
            raise TrackingError(f"MediaPipe failed on a frame: {error}") from error
        tracked_at_ns = time.monotonic_ns()
        return Tracked(
            frame=frame.number,
            pts=frame.pts,
            captured_at_ns=frame.captured_at_ns,
            size_wh=frame.size_wh,
            tracked_at_ns=tracked_at_ns,
            tracking_ns=tracked_at_ns - started_at_ns,
            **parts,
        )

    def reset(self) -> bool:
        """Show it black until it sees nobody any more, so that nothing of one stream reaches another."""
        if self._graph is None:
            return False
        try:
            return any(not self._run(BLACK, 0) for _ in range(FRAMES_TO_FORGET))
        except (RuntimeError, ValueError):
            return False

    def close(self) -> None:
        """End the graph and free its memory."""
        graph, self._graph = self._graph, None
        if graph is None:
            return
        try:
            graph.close()
        except (RuntimeError, ValueError):
            return  # a graph that failed says so again when it ends; whoever saw it fail has raised that already

    def _run(self, rgb: RgbImage, pts: int) -> dict[str, Any]:
        """Return the packets that the graph puts out for a picture, by stream."""
        pixels = rgb.view()
        pixels.flags.writeable = False
        packet = self._create_image(self._format, pixels, False).at(self._clock.time_us(pts))
        self._found.clear()
        self._graph.add_packet_to_input_stream(INPUT_STREAM, packet)
        self._graph.wait_until_idle()
        found = dict(self._found)
        self._found.clear()
        return found
