"""The engine ``mediapipe``: trackers over MediaPipe's networks and calculators."""

import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version

from mocast.errors import TrackingError
from mocast.model.frame import Frame
from mocast.model.options import OfflineQuality, TrackerName
from mocast.model.tracked import Tracked
from mocast.tracking.cores import usable_cores
from mocast.tracking.engines import DEFAULT_OPTIONS, EngineOptions, FaceRange, NetworkChoice
from mocast.tracking.mediapipe import graph_builder
from mocast.tracking.mediapipe.bindings import native, specification
from mocast.tracking.mediapipe.face_finder import GraphFaceFinder
from mocast.tracking.mediapipe.graph_pool import GraphPool
from mocast.tracking.mediapipe.graph_runner import GraphRunner, image_packet
from mocast.tracking.mediapipe.network_packets import NetworkPackets
from mocast.tracking.mediapipe.packet_reader import PacketReader
from mocast.tracking.mediapipe.stream_graphs import HolisticGraphs, LoopbackGraph, PoseGraphs, StreamGraphs
from mocast.tracking.result import tracked
from mocast.tracking.timestamps import TrackingTimestamps

MOST_THREADS = 3
"""Threads of one graph, at most: left hand, right hand and face can run in parallel."""

FACE_LOOPS = {"next_face_rect": "followed_face_rect"}
HANDS_LOOPS = {"next_hand_rects": "followed_hand_rects"}
FACE_AND_HANDS_LOOPS = {"face": "face_before", "left_hand": "left_hand_before", "right_hand": "right_hand_before"}


class MediapipeEngine:
    """Builds trackers that share graphs, and so networks."""

    def __init__(self, options: EngineOptions = DEFAULT_OPTIONS) -> None:
        """``threads``: that one tracker may keep busy; by default the usable cores, ``MOST_THREADS`` at the most.

        ``cache_folder`` is not used. Raises ``TrackingError`` where MediaPipe's libraries are missing, and for
        precisions and devices that they do not have.
        """
        if options.precision not in ("auto", "f32"):
            raise TrackingError("MediaPipe's networks compute with f32 only")
        if options.device not in ("auto", "cpu"):
            raise TrackingError("MediaPipe's networks compute on the processor only")
        specification()
        cores = usable_cores()
        self._networks = NetworkPackets()
        self._pose_detection = self._shared(graph_builder.pose_detection(), cores)
        self._pose_landmarks = self._shared(graph_builder.pose_landmarks(), cores)
        self._face = self._shared(graph_builder.face(), cores)
        self._hands = {lite: self._shared(graph_builder.hands(lite=lite), cores) for lite in (False, True)}
        self._every_face: dict[FaceRange, GraphPool] = {
            "near": self._shared(graph_builder.every_face("near"), cores),
            "far": self._shared(graph_builder.every_face("far"), cores),
        }
        self._threads = options.threads or min(MOST_THREADS, cores)
        self._face_and_hands = {
            lite: self._shared(graph_builder.face_and_hands(lite=lite, threads=self._threads), cores)
            for lite in (False, True)
        }
        self._graphs_of: dict[TrackerName, Callable[[bool, bool], StreamGraphs]] = {
            "holistic": self._holistic,
            "pose": self._pose,
            "hands": self._both_hands,
            "face": self._single_face,
        }

    def build(
        self,
        tracker: TrackerName,
        quality: OfflineQuality,
        *,
        still: bool,
        people: int = 1,
        takes_turns: bool = False,
    ) -> "GraphTracker":
        """Return a tracker; the first that uses a network takes seconds. Raises ``TrackingError``.

        ``best``, ``exact`` and ``balanced`` are the same; ``fast`` has the light network for hands.
        """
        if people > 1:
            raise TrackingError("the engine mediapipe tracks one person")
        return GraphTracker(self._graphs_of[tracker](quality == "fast", still), still=still)

    def tracks_several(self, tracker: TrackerName) -> bool:
        """Return that it does not: its graphs follow one body."""
        return False

    def face_finder(self, reach: FaceRange) -> GraphFaceFinder:
        """Return a finder of all faces in a picture. Raises ``TrackingError``."""
        return GraphFaceFinder(self._every_face[reach])

    def describe(self) -> str:
        """Return MediaPipe's version and the threads of a frame."""
        return f"MediaPipe {version('mediapipe')}, up to {self._threads} threads for a frame"

    def choices(self) -> dict[str, NetworkChoice]:
        """Return that there is nothing to choose: its networks are computed with 32-bit floats."""
        return {}

    def keep(self) -> None:
        """Do nothing: it keeps all that it has loaded."""

    def close(self) -> None:
        """Free the networks; trackers raise ``TrackingError`` from now on."""
        for graph in self._all():
            graph.close()

    def _all(self) -> list[GraphPool]:
        shared = [self._pose_detection, self._pose_landmarks, self._face]
        return [*shared, *self._every_face.values(), *self._hands.values(), *self._face_and_hands.values()]

    def _shared(self, graph: graph_builder.GraphSpec, cores: int) -> GraphPool:
        return GraphPool(partial(self._run, graph), most=cores)

    def _run(self, graph: graph_builder.GraphSpec) -> GraphRunner:
        return GraphRunner(graph, {name: self._networks.packet(name) for name in graph.models})

    def _holistic(self, lite: bool, still: bool) -> HolisticGraphs:
        graph = self._face_and_hands[lite]
        graph.ready()
        return HolisticGraphs(self._pose(lite, still), LoopbackGraph(graph, {} if still else FACE_AND_HANDS_LOOPS))

    def _pose(self, _lite: bool, still: bool) -> PoseGraphs:
        self._pose_detection.ready()
        self._pose_landmarks.ready()
        return PoseGraphs(
            self._pose_detection, self._pose_landmarks, None if still else self._run(graph_builder.pose_smoothing())
        )

    def _both_hands(self, lite: bool, still: bool) -> LoopbackGraph:
        self._hands[lite].ready()
        return LoopbackGraph(self._hands[lite], {} if still else HANDS_LOOPS)

    def _single_face(self, _lite: bool, still: bool) -> LoopbackGraph:
        self._face.ready()
        return LoopbackGraph(self._face, {} if still else FACE_LOOPS)


class GraphTracker:
    """Tracks people in the frames of one stream or, built for stills, in unrelated pictures."""

    def __init__(self, graphs: StreamGraphs, *, still: bool) -> None:
        self._graphs: StreamGraphs | None = graphs
        self._read = PacketReader(native()._packet_getter, still=still)
        self._clock = TrackingTimestamps()

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame, whose pixels must not change during the call: they are not copied."""
        if self._graphs is None:
            raise TrackingError("the tracker is closed")
        started_at_ns = time.monotonic_ns()
        packets = self._graphs.find(image_packet(frame.rgb), self._clock.time_us(frame.pts))
        return tracked(frame, self._read.parts(packets, frame.size_wh), started_at_ns)

    def close(self) -> None:
        """Free what this tracker alone uses."""
        graphs, self._graphs = self._graphs, None
        if graphs is not None:
            graphs.close()
