"""Tracks people with MediaPipe's graph_builder."""

import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path

from mocast.errors import TrackingError
from mocast.model.frame import Frame
from mocast.model.options import Quality, TrackerName
from mocast.model.tracked import Tracked
from mocast.tracking.cores import usable_cores
from mocast.tracking.mediapipe import graph_builder
from mocast.tracking.mediapipe.bindings import native, specification
from mocast.tracking.mediapipe.graph_pool import SharedGraph
from mocast.tracking.mediapipe.graph_runner import RunningGraph, image_packet
from mocast.tracking.mediapipe.network_packets import Models
from mocast.tracking.mediapipe.packet_reader import Reader
from mocast.tracking.mediapipe.stream_graphs import Body, Following, Remembering, WholeBody
from mocast.tracking.result import tracked
from mocast.tracking.timestamps import StreamClock

MOST_THREADS = 3
"""Of one graph: left hand, right hand and face are all that can run side by side."""

FACE_MEMORY = {"next_face_rect": "followed_face_rect"}
HANDS_MEMORY = {"next_hand_rects": "followed_hand_rects"}
FACE_AND_HANDS_MEMORY = {"face": "face_before", "left_hand": "left_hand_before", "right_hand": "right_hand_before"}


class MediapipeEngine:
    """Builds trackers that take turns on the same graphs, and so on the same networks."""

    def __init__(self, *, threads: int | None = None, cache_folder: Path | None = None) -> None:
        """``threads`` is how many one tracker may keep busy; by default as many as there are cores and use for them.

        There is nothing to keep in ``cache_folder``. Raises ``TrackingError`` where MediaPipe's libraries are missing.
        """
        specification()
        cores = usable_cores()
        self._models = Models()
        self._pose_detection = self._shared(graph_builder.pose_detection(), cores)
        self._pose_landmarks = self._shared(graph_builder.pose_landmarks(), cores)
        self._face = self._shared(graph_builder.face(), cores)
        self._hands = {lite: self._shared(graph_builder.hands(lite=lite), cores) for lite in (False, True)}
        self._threads = threads or min(MOST_THREADS, cores)
        self._face_and_hands = {
            lite: self._shared(graph_builder.face_and_hands(lite=lite, threads=self._threads), cores)
            for lite in (False, True)
        }
        self._followers: dict[TrackerName, Callable[[bool, bool], Following]] = {
            "holistic": self._whole_body,
            "pose": self._body,
            "hands": self._both_hands,
            "face": self._one_face,
        }

    def build(self, tracker: TrackerName, quality: Quality, *, still: bool) -> "GraphTracker":
        """Return a tracker: at once, unless it is the first that uses its networks. Raises ``TrackingError``.

        ``exact`` and ``balanced`` are the same; ``fast`` has the light network for hands.
        """
        return GraphTracker(self._followers[tracker](quality == "fast", still))

    def describe(self) -> str:
        """Return the version of MediaPipe and how many threads a frame has."""
        return f"MediaPipe {version('mediapipe')}, up to {self._threads} threads for a frame"

    def close(self) -> None:
        """Free the networks; trackers that were built fail from now on."""
        for graph in self._all():
            graph.close()

    def _all(self) -> list[SharedGraph]:
        shared = [self._pose_detection, self._pose_landmarks, self._face]
        return [*shared, *self._hands.values(), *self._face_and_hands.values()]

    def _shared(self, graph: graph_builder.Graph, cores: int) -> SharedGraph:
        return SharedGraph(partial(self._run, graph), most=cores)

    def _run(self, graph: graph_builder.Graph) -> RunningGraph:
        return RunningGraph(graph, {name: self._models.packet(name) for name in graph.models})

    def _whole_body(self, lite: bool, still: bool) -> WholeBody:
        graph = self._face_and_hands[lite]
        graph.ready()
        return WholeBody(self._body(lite, still), Remembering(graph, {} if still else FACE_AND_HANDS_MEMORY))

    def _body(self, _lite: bool, still: bool) -> Body:
        self._pose_detection.ready()
        self._pose_landmarks.ready()
        return Body(
            self._pose_detection, self._pose_landmarks, None if still else self._run(graph_builder.pose_smoothing())
        )

    def _both_hands(self, lite: bool, still: bool) -> Remembering:
        self._hands[lite].ready()
        return Remembering(self._hands[lite], {} if still else HANDS_MEMORY)

    def _one_face(self, _lite: bool, still: bool) -> Remembering:
        self._face.ready()
        return Remembering(self._face, {} if still else FACE_MEMORY)


class GraphTracker:
    """Follows people through one stream, or, built for stills, looks at each picture by itself."""

    def __init__(self, following: Following) -> None:
        self._following: Following | None = following
        self._read = Reader(native()._packet_getter)
        self._clock = StreamClock()

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame. Its pixels must not change during the call: they are not copied."""
        if self._following is None:
            raise TrackingError("the tracker is closed")
        started_at_ns = time.monotonic_ns()
        packets = self._following.find(image_packet(frame.rgb), self._clock.time_us(frame.pts))
        return tracked(frame, self._read.parts(packets), started_at_ns)

    def close(self) -> None:
        """Free what this stream alone uses."""
        following, self._following = self._following, None
        if following is not None:
            following.close()
