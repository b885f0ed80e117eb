"""The engine ``openvino``: MediaPipe's networks on OpenVINO, in a tracking loop of our own."""

import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from importlib.metadata import version
from typing import Final, Protocol, get_args

import structlog

from mocast.errors import TrackingError
from mocast.model.frame import Frame
from mocast.model.options import OfflineQuality, TrackerName
from mocast.model.tracked import Tracked
from mocast.tracking import networks_folder
from mocast.tracking.cores import usable_cores
from mocast.tracking.engines import (
    DEFAULT_OPTIONS,
    DeviceSetting,
    EngineOptions,
    FaceRange,
    NetworkChoice,
    Precision,
    PrecisionSetting,
)
from mocast.tracking.handedness import TrackedParts
from mocast.tracking.openvino.graph.face_finder import NetworkFaceFinder
from mocast.tracking.openvino.graph.holistic import HolisticTracker
from mocast.tracking.openvino.graph.people import PeopleTracker
from mocast.tracking.openvino.graph.pose import PoseTracker
from mocast.tracking.openvino.graph.single_face import SingleFaceTracker
from mocast.tracking.openvino.graph.two_hands import TwoHandsTracker
from mocast.tracking.openvino.networks.conversion import NetworkName, WantedPrecision
from mocast.tracking.openvino.regions.frame_view import FrameView, have_same_aspect
from mocast.tracking.openvino.runtime.devices import device as found_device
from mocast.tracking.openvino.runtime.form_chooser import FormSettings
from mocast.tracking.openvino.runtime.inference_workers import InferenceWorkers
from mocast.tracking.openvino.runtime.network_form import CPU, NetworkForm
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.runtime.precision import PROBES
from mocast.tracking.openvino.schedule.frame_interval import FrameInterval
from mocast.tracking.openvino.schedule.lateness import Lateness
from mocast.tracking.openvino.schedule.person_turns import PersonTurns
from mocast.tracking.openvino.schedule.quality_profile import PROFILES, QualityProfile
from mocast.tracking.result import tracked, tracked_people
from mocast.tracking.timestamps import TrackingTimestamps

log = structlog.get_logger(__name__)


class PartsTracker(Protocol):
    """Finds one kind of parts in the frames of one stream, or in unrelated pictures."""

    def find(self, frame: FrameView, /) -> TrackedParts:
        """Return what is in the next frame. Raises ``TrackingError``."""

    def reset(self) -> None:
        """Start afresh with the next frame, as if it were the first. Cancels inferences."""


class OpenvinoEngine:
    """Builds trackers that share compiled networks. Its methods may be called from any thread."""

    def __init__(self, options: EngineOptions = DEFAULT_OPTIONS) -> None:
        """``threads``: networks at work at a time, over all trackers; by default as many as there are cores.

        Raises ``TrackingError`` where OpenVINO does not run, or not on that device.
        """
        self._processor = found_device(CPU)
        self._networks = NetworkRegistry(
            streams=options.threads or usable_cores(),
            cache_folder=options.cache_folder,
            settings=_form_settings(options.precision, options.device),
        )

    def build(
        self,
        tracker: TrackerName,
        quality: OfflineQuality,
        *,
        still: bool,
        people: int = 1,
        takes_turns: bool = False,
    ) -> "NetworkTracker":
        """Return a tracker: at once, unless it is the first that uses its networks. Raises ``TrackingError``."""
        profile = PROFILES[quality]
        if profile.body_network != "pose_landmark" and not networks_folder.HEAVY.is_file():
            profile = replace(profile, body_network="pose_landmark")
            if tracker in ("holistic", "pose"):
                _say_that_the_heavy_network_is_missing()
        if still:
            profile = profile.for_stills()
        elif takes_turns:
            profile = replace(profile, rests_detector=True)
        self._networks.prepare(_networks(tracker, profile))
        lateness = Lateness() if takes_turns and not still else None
        return NetworkTracker(self._parts(tracker, profile, people, takes_turns), self._networks.workers, lateness)

    def tracks_several(self, tracker: TrackerName) -> bool:
        """Return whether ``build`` takes ``people`` above 1 for this tracker."""
        return tracker in _BODY_TRACKERS

    def _parts(
        self, tracker: TrackerName, profile: QualityProfile, people: int, takes_turns: bool
    ) -> PartsTracker | PeopleTracker:
        if people == 1:
            return _TRACKERS[tracker](self._networks, profile)
        if tracker not in _BODY_TRACKERS:
            raise TrackingError(f"the tracker {tracker} tracks one person")
        make = partial(_BODY_TRACKERS[tracker], self._networks, profile, searches=False)
        turns = PersonTurns() if takes_turns and not profile.still else None
        return PeopleTracker([make() for _ in range(people)], self._networks, profile, turns)

    def face_finder(self, reach: FaceRange) -> NetworkFaceFinder:
        """Return a finder of all faces in a picture. Raises ``TrackingError``."""
        return NetworkFaceFinder(self._networks, reach)

    def choices(self) -> dict[str, NetworkChoice]:
        """Return what the networks that a quality may reduce compute with. The first call may measure, for seconds."""
        found = {name: self._networks.choice(name, "reduced") for name in PROBES}
        return {name: NetworkChoice(str(one.form), one.why) for name, one in found.items()}

    def describe(self) -> str:
        """Return OpenVINO's version, the processor with what it lists, and threads."""
        listed = " ".join(one for one in ("FP16", "BF16", "INT8") if one in self._processor.capabilities)
        processor = f"{self._processor.full_name} ({listed})"
        return f"OpenVINO {version('openvino')} on {processor}, {self._networks.streams} threads"

    def keep(self) -> None:
        """Keep the networks that were loaded so far for as long as the engine lives."""
        self._networks.keep()

    def close(self) -> None:
        """Free the networks; trackers that were built fail from now on."""
        self._networks.close()


class NetworkTracker:
    """Tracks people through one stream, or finds them in unrelated pictures. Used from one thread at a time."""

    def __init__(
        self, parts: PartsTracker | PeopleTracker, workers: InferenceWorkers, lateness: Lateness | None = None
    ) -> None:
        """``lateness``: of a live stream; ``None`` where every frame is tracked."""
        self._parts: PartsTracker | PeopleTracker | None = parts
        self._lateness = lateness
        self._workers = workers
        self._clock = TrackingTimestamps()
        self._interval = FrameInterval()
        self._count = 0
        self._size_wh: tuple[int, int] | None = None
        "Size of the picture in whose pixels regions are: that of the first frame since the aspect ratio last changed."

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the frame. Raises ``TrackingError``, after which the tracker must be closed."""
        if self._parts is None:
            raise TrackingError("the tracker is closed")
        started_at_ns = time.monotonic_ns()
        if self._size_wh is None or not have_same_aspect(frame.size_wh, self._size_wh):
            self._size_wh = frame.size_wh
            self._parts.reset()  # a phone was turned, or it is another camera
        time_us = self._clock.time_us(frame.pts)
        view = FrameView(frame.rgb, time_us, self._count, self._size_wh, self._interval.share(time_us))
        view.only_body = frame.only_body
        self._count += 1
        if self._lateness is not None:
            view.is_late = self._lateness.is_late(started_at_ns - frame.decoded_at_ns) or frame.under_load
        try:
            with self._workers.frame_in_progress():
                if isinstance(self._parts, PeopleTracker):
                    return tracked_people(frame, self._parts.people(view, frame.number), started_at_ns)
                parts = self._parts.find(view)
        except Exception:
            self._parts.reset()  # the next frame must not see half of this one
            raise
        return tracked(frame, parts, started_at_ns, next_is_light=view.next_is_light)

    def close(self) -> None:
        """Free what this stream alone uses. Calling it again does nothing."""
        parts, self._parts = self._parts, None
        if parts is not None:
            parts.reset()


@cache
def _say_that_the_heavy_network_is_missing() -> None:
    """Say it once."""
    log.warning(networks_folder.NO_HEAVY)


def _form_settings(precision: Precision, device: DeviceSetting) -> FormSettings:
    """Return what was set, of which the precision may be a plan. Raises ``TrackingError``."""
    if precision in get_args(PrecisionSetting):
        return FormSettings(precision, device)  # type: ignore[arg-type]
    plan = (one.partition("=") for one in precision.split(","))
    return FormSettings(device=device, plan={name: NetworkForm.parsed(form) for name, _, form in plan})  # type: ignore[misc]


def _networks(tracker: TrackerName, profile: QualityProfile) -> dict[NetworkName, WantedPrecision]:
    """Return the networks of a tracker, and what they are wanted with."""
    body: dict[NetworkName, WantedPrecision] = {profile.body_network: profile.body_precision, "pose_detection": "f32"}
    face: dict[NetworkName, WantedPrecision] = {"face_landmark": "f32", "face_detection": "f32"}
    hand: dict[NetworkName, WantedPrecision] = {"hand_landmark": profile.hand_precision}
    match tracker:
        case "holistic":
            return body | face | hand | {"hand_recrop": "f32"}
        case "pose":
            return body
        case "hands":
            return hand | {"palm_detection": "f32"}
        case "face":
            return face


_BODY_TRACKERS: Final[dict[TrackerName, type[HolisticTracker] | type[PoseTracker]]] = {
    "holistic": HolisticTracker,
    "pose": PoseTracker,
}
"""Those that can track several people, as they know which body a part belongs to."""

_TRACKERS: Final[dict[TrackerName, Callable[[NetworkRegistry, QualityProfile], PartsTracker]]] = {
    **_BODY_TRACKERS,
    "hands": TwoHandsTracker,
    "face": SingleFaceTracker,
}
