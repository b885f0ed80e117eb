"""The engine ``openvino``: MediaPipe's networks on OpenVINO, in a tracking loop of our own."""

import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

from mocast.errors import TrackingError
from mocast.model.frame import Frame
from mocast.model.options import Quality, TrackerName
from mocast.model.tracked import Tracked
from mocast.tracking.cores import usable_cores
from mocast.tracking.handedness import TrackedParts
from mocast.tracking.openvino.body import Body
from mocast.tracking.openvino.convert import NetworkName
from mocast.tracking.openvino.core import processor
from mocast.tracking.openvino.crew import Crew
from mocast.tracking.openvino.face import OneFace, as_face
from mocast.tracking.openvino.hands import TwoHands
from mocast.tracking.openvino.holistic import Holistic
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.picture import Picture, are_alike
from mocast.tracking.openvino.plans import PLANS, Plan
from mocast.tracking.result import tracked
from mocast.tracking.timestamps import TrackingTimestamps


class Following(Protocol):
    """One stream's view of what a tracker looks for."""

    def find(self, picture: Picture, /) -> TrackedParts:
        """Return what is in the next picture."""

    def forget(self) -> None:
        """Start afresh with the next picture; leave no network running."""


class OpenvinoEngine:
    """Builds trackers that share compiled networks. Its methods may be called from any thread."""

    def __init__(self, *, threads: int | None = None, cache_folder: Path | None = None) -> None:
        """``threads``: networks at work at a time, over all trackers; by default as many as there are cores.

        Raises ``TrackingError`` where OpenVINO does not run.
        """
        self._processor = processor()
        self._networks = Networks(streams=threads or usable_cores(), cache_folder=cache_folder)

    def build(self, tracker: TrackerName, quality: Quality, *, still: bool) -> "NetworkTracker":
        """Return a tracker: at once, unless it is the first that uses its networks. Raises ``TrackingError``."""
        plan = PLANS[quality]
        if plan.reduced and not self._networks.reduced_pays():
            plan = replace(plan, reduced_hands=False, reduced_body=False)
        self._networks.prepare(_networks(tracker, plan))
        return NetworkTracker(_FOLLOWING[tracker](self._networks, plan, still), self._networks.crew)

    def describe(self) -> str:
        """Return version, processor, threads and whether lower precision is used, which may have to be measured."""
        precision = "bf16 where it pays" if self._networks.reduced_pays() else "f32, as bf16 does not pay"
        return f"OpenVINO {version('openvino')} on {self._processor}, {self._networks.streams} threads, {precision}"

    def close(self) -> None:
        """Free the networks; trackers that were built fail from now on."""
        self._networks.close()


class NetworkTracker:
    """Follows people through one stream, or, built for stills, looks at each picture by itself."""

    def __init__(self, following: Following, crew: Crew) -> None:
        self._following: Following | None = following
        self._crew = crew
        self._clock = TrackingTimestamps()
        self._count = 0
        self._size_wh: tuple[int, int] | None = None
        "Of the picture in whose pixels places are told: the first, or the first of another shape."

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame. Raises ``TrackingError``, after which the tracker must be closed."""
        if self._following is None:
            raise TrackingError("the tracker is closed")
        started_at_ns = time.monotonic_ns()
        if self._size_wh is None or not are_alike(
            frame.size_wh, self._size_wh
        ):  # a phone was turned, or it is another camera
            self._size_wh = frame.size_wh
            self._following.forget()
        picture = Picture(frame.rgb, self._clock.time_us(frame.pts), self._count, self._size_wh)
        self._count += 1
        try:
            with self._crew.tracking():
                parts = self._following.find(picture)
        except Exception:
            self._following.forget()  # nothing of a frame that was left half way may be taken for the next one's
            raise
        return tracked(frame, parts, started_at_ns)

    def close(self) -> None:
        """Give back what this stream alone uses. Calling it again does nothing."""
        following, self._following = self._following, None
        if following is not None:
            following.forget()


class _BodyAlone:
    """See ``Following``."""

    def __init__(self, networks: Networks, plan: Plan, *, still: bool) -> None:
        self._body = Body(networks, plan, still=still)

    def find(self, picture: Picture) -> TrackedParts:
        body = self._body.find(picture)
        return {} if body is None else {"pose": body.pose(picture.size_wh)}

    def forget(self) -> None:
        self._body.forget()


class _FaceAlone:
    """See ``Following``."""

    def __init__(self, networks: Networks, plan: Plan, *, still: bool) -> None:
        self._face = OneFace(networks, plan, still=still)

    def find(self, picture: Picture) -> TrackedParts:
        face = self._face.find(picture)
        return {} if face is None else {"face": as_face(face, picture.size_wh)}

    def forget(self) -> None:
        self._face.forget()


def _networks(tracker: TrackerName, plan: Plan) -> dict[NetworkName, bool]:
    """Return what a tracker uses, by whether it computes with 16-bit floats."""
    body: dict[NetworkName, bool] = {"pose_landmark": plan.reduced_body, "pose_detection": False}
    face: dict[NetworkName, bool] = {"face_landmark": False, "face_detection": False}
    hand: dict[NetworkName, bool] = {"hand_landmark": plan.reduced_hands}
    match tracker:
        case "holistic":
            return body | face | hand | {"hand_recrop": False}
        case "pose":
            return body
        case "hands":
            return hand | {"palm_detection": False}
        case "face":
            return face


_FOLLOWING: dict[TrackerName, Callable[[Networks, Plan, bool], Following]] = {
    "holistic": lambda networks, plan, still: Holistic(networks, plan, still=still),
    "pose": lambda networks, plan, still: _BodyAlone(networks, plan, still=still),
    "hands": lambda networks, plan, still: TwoHands(networks, plan, still=still),
    "face": lambda networks, plan, still: _FaceAlone(networks, plan, still=still),
}
