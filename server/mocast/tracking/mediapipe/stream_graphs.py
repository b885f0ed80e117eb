"""The graphs of one stream: which run for a frame, and what of their outputs the next frame gets."""

from collections.abc import Mapping
from typing import Protocol

from mocast.tracking.mediapipe.graph_pool import GraphPool
from mocast.tracking.mediapipe.graph_runner import GraphRunner, Packet, Packets


class StreamGraphs(Protocol):
    """What a tracker runs for each frame of one stream."""

    def find(self, image: Packet, time_us: int) -> Packets:
        """Return the output packets of the picture at ``time_us`` of the stream, by stream of the graphs."""

    def close(self) -> None:
        """Free what this stream alone uses."""


class LoopbackGraph:
    """A shared graph whose outputs for a frame are inputs for the next one (MediaPipe's *previous loopback*)."""

    def __init__(self, graph: GraphPool, loops: Mapping[str, str]) -> None:
        """``loops``: output of the graph → its input in the next frame. Empty for still pictures."""
        self._graph = graph
        self._loops = loops
        self._previous: Packets = {}

    def find(self, image: Packet, time_us: int) -> Packets:
        """Return the graph's outputs for a picture."""
        return self.find_with({"image": image})

    def find_with(self, packets: Packets) -> Packets:
        """Return the graph's outputs for the inputs ``packets``, which have the picture among them."""
        previous, self._previous = self._previous, {}
        found = self._graph.run(previous | packets)
        self._previous = {self._loops[name]: packet for name, packet in found.items() if name in self._loops}
        return found

    def reset(self) -> None:
        """Forget the last frame."""
        self._previous = {}

    def close(self) -> None:
        """Free the last frame's packets."""
        self.reset()


class PoseGraphs:
    """The graphs of one body: detection where no region comes from the last frame, landmarks, smoothing over time."""

    def __init__(self, detection: GraphPool, landmarks: GraphPool, smoothing: GraphRunner | None) -> None:
        """Without ``smoothing``, for still pictures, the region is not kept for the next frame either."""
        self._detection = detection
        self._landmarks = landmarks
        self._smoothing = smoothing
        self._rect: Packet | None = None

    def find(self, image: Packet, time_us: int) -> Packets:
        """Return the body's landmarks; nothing, where there is no body."""
        known, self._rect = self._rect, None
        rect = known or self._detection.run({"image": image}).get("pose_rect")
        if rect is None:
            return {}
        raw = self._landmarks.run({"image": image, "pose_rect": rect})
        if self._smoothing is None:
            return {name.removeprefix("raw_"): packet for name, packet in raw.items()}
        # Also where the body was lost just now: without inputs the filters start anew.
        smooth = self._smoothing.run({"image": image, **raw}, time_us)
        self._rect = smooth.get("next_pose_rect")
        return smooth

    def close(self) -> None:
        """Free the stream's own filters."""
        if self._smoothing is not None:
            self._smoothing.close()


class HolisticGraphs:
    """The graphs of one body, and of its face and hands, whose regions come from the pose."""

    def __init__(self, body: PoseGraphs, face_and_hands: LoopbackGraph) -> None:
        self._body = body
        self._face_and_hands = face_and_hands

    def find(self, image: Packet, time_us: int) -> Packets:
        """Return the landmarks of body, face and hands; nothing, where there is no body."""
        body = self._body.find(image, time_us)
        if "pose" not in body:
            self._face_and_hands.reset()
            return {}
        return body | self._face_and_hands.find_with({"image": image, "pose": body["pose"]})

    def close(self) -> None:
        """Free the stream's own filters."""
        self._body.close()
