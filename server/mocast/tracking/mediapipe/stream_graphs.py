"""Follows people from frame to frame: what a session remembers, and which graphs it runs for a frame."""

from collections.abc import Mapping
from typing import Protocol

from mocast.tracking.mediapipe.graph_pool import SharedGraph
from mocast.tracking.mediapipe.graph_runner import Packet, Packets, RunningGraph


class Following(Protocol):
    """One session's view of what a tracker looks for."""

    def find(self, image: Packet, time_us: int) -> Packets:
        """Return what is in the picture, which came ``time_us`` after the stream's start, by stream."""

    def close(self) -> None:
        """Free what the session alone uses."""


class Remembering:
    """Runs a shared graph on a picture together with what it put out for the picture before."""

    def __init__(self, graph: SharedGraph, memory: Mapping[str, str]) -> None:
        """``memory``: the graph's output → the input that it is for the next frame. Empty for still pictures."""
        self._graph = graph
        self._memory = memory
        self._remembered: Packets = {}

    def find(self, image: Packet, time_us: int) -> Packets:
        """See ``Following``."""
        return self.find_with({"image": image})

    def find_with(self, packets: Packets) -> Packets:
        """Run it on more than a picture."""
        remembered, self._remembered = self._remembered, {}
        found = self._graph.run(remembered | packets)
        self._remembered = {self._memory[name]: packet for name, packet in found.items() if name in self._memory}
        return found

    def forget(self) -> None:
        """Start afresh with the next picture."""
        self._remembered = {}

    def close(self) -> None:
        """See ``Following``."""
        self.forget()


class Body:
    """Follows one body: detection where it is not known, then its landmarks, then smoothing over time."""

    def __init__(self, detection: SharedGraph, landmarks: SharedGraph, smoothing: RunningGraph | None) -> None:
        """Without ``smoothing``, for still pictures, nothing is remembered either."""
        self._detection = detection
        self._landmarks = landmarks
        self._smoothing = smoothing
        self._rect: Packet | None = None

    def find(self, image: Packet, time_us: int) -> Packets:
        """See ``Following``."""
        known, self._rect = self._rect, None
        rect = known or self._detection.run({"image": image}).get("pose_rect")
        if rect is None:
            return {}
        raw = self._landmarks.run({"image": image, "pose_rect": rect})
        if self._smoothing is None:
            return {name.removeprefix("raw_"): packet for name, packet in raw.items()}
        # Also where the body was lost just now: the filters start afresh when nothing comes.
        smooth = self._smoothing.run({"image": image, **raw}, time_us)
        self._rect = smooth.get("next_pose_rect")
        return smooth

    def close(self) -> None:
        """See ``Following``."""
        if self._smoothing is not None:
            self._smoothing.close()


class WholeBody:
    """Follows one body with its face and hands, which are looked for where the pose says."""

    def __init__(self, body: Body, face_and_hands: Remembering) -> None:
        self._body = body
        self._face_and_hands = face_and_hands

    def find(self, image: Packet, time_us: int) -> Packets:
        """See ``Following``."""
        body = self._body.find(image, time_us)
        if "pose" not in body:
            self._face_and_hands.forget()
            return {}
        return body | self._face_and_hands.find_with({"image": image, "pose": body["pose"]})

    def close(self) -> None:
        """See ``Following``."""
        self._body.close()
