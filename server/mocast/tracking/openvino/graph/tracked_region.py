"""A tracked region: how a hand or the face of a body is found in each frame. Both differ in the hooks of one class."""

import math
from abc import ABC, abstractmethod
from typing import Final, Generic, NamedTuple, TypeVar

from mocast.tracking.openvino.graph.pose import FoundPose
from mocast.tracking.openvino.graph.region_inference import RegionInference
from mocast.tracking.openvino.regions.drift import DriftLimits, drift
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Points, Region
from mocast.tracking.openvino.schedule.frame_skipping import FrameSkipper
from mocast.tracking.openvino.schedule.quality_profile import BackoffPolicy, QualityProfile, RedetectionPolicy
from mocast.tracking.openvino.schedule.redetection import RedetectionSchedule
from mocast.tracking.openvino.schedule.search_backoff import SearchBackoff

Found = TypeVar("Found")

UNKNOWN_DRIFT: Final = math.inf


class _Detection(NamedTuple):
    """Where the part was detected last, and the search region of that frame."""

    region: Region
    around: Region


class TrackedRegion(ABC, Generic[Found]):
    """Finds one part of a body in a stream of frames.

    The pose says where to search. In the search region a detector finds the part's own region, in which a second
    network finds its landmarks. A part that was there in the frame before is tracked: its region follows from those
    landmarks, as long as the detector agrees (see ``drift.py``). So do MediaPipe's graphs ``hand_tracking.pbtxt`` and
    ``face_tracking.pbtxt`` of ``holistic_landmark``, in every frame; here re-detections, searches and whole frames may
    be skipped.

    The steps ``start``, ``submit_tracked``, ``submit_detection``, ``submit_landmarks`` and ``result`` are called in
    this order for each frame. They are steps, and not one call, so that the networks of all parts can run at the same
    time. Waiting for those of all parts before the outputs of one are read saves time, too: each network evicts our
    own code from the caches.
    """

    def __init__(
        self,
        detector: RegionInference,
        landmarks: RegionInference,
        skipper: FrameSkipper[Found],
        *,
        limits: DriftLimits,
        redetection: RedetectionPolicy,
        backoff: BackoffPolicy,
        profile: QualityProfile,
        turn: int | None,
    ) -> None:
        """``turn``: see ``FrameView.is_turn_of``. Parts take turns, so that no frame has all the work."""
        self._detector = detector
        self._landmarks = landmarks
        self._skipper = skipper
        self._limits = limits
        self._redetection = RedetectionSchedule(redetection)
        self._backoff = SearchBackoff(backoff)
        self._is_still = profile.still
        self._turn = turn
        self._skipped: Found | None = None
        "The part in this frame, where its networks are skipped."
        self._before: Found | None = None
        "The part in the frame before."
        self._tracked: Region | None = None
        "The region that follows from it."
        self._around: Region | None = None
        "The search region in this frame; ``None`` where there is no search."
        self._last_detection: _Detection | None = None
        self._last_drift = UNKNOWN_DRIFT
        self._is_unchecked = False
        "Whether the re-detection is skipped in this frame."

    # What differs between a hand and a face

    @abstractmethod
    def _search_region(self, frame: FrameView, body: FoundPose) -> Region | None:
        """Return the region in which the detector searches; ``None`` where the part cannot be visible."""

    @abstractmethod
    def _read_detection(self, around: Region) -> Region | None:
        """Return the part's region by the detector's result."""

    @abstractmethod
    def _read_landmarks(self, region: Region) -> Found | None:
        """Return the part by the landmark network's result."""

    @abstractmethod
    def _points(self, found: Found) -> Points:
        """Return the part's landmarks in pixels."""

    @abstractmethod
    def _next_region(self, found: Found) -> Region | None:
        """Return the region in which to track the part in the next frame."""

    def _is_search_due(self, frame: FrameView, around: Region) -> bool:
        return self._backoff.is_due(frame.share)

    def _estimated_drift(self, around: Region) -> float:
        """Return what the drift would be if the part were detected now; ``around`` is the search region."""
        return self._last_drift

    def _is_reported_at_once(self, found: Found) -> bool:
        """Whether a part that is new is reported in this frame, and not from the next one on."""
        return True

    # The steps of a frame

    def start(self, frame: FrameView) -> None:
        """Begin a frame: decide whether the part's networks are skipped."""
        self._skipped = self._skipper.skip(frame, may_move=not frame.is_turn_of(self._turn))

    def submit_tracked(self, frame: FrameView) -> None:
        """Submit the landmarks of the tracked region, before the body is known. May be left out."""
        if self._tracked is not None and self._skipped is None:
            self._landmarks.submit(frame, self._tracked)

    def submit_detection(self, frame: FrameView, body: FoundPose) -> None:
        """Submit the detector, where a search or a re-detection is due."""
        if self._skipped is not None:
            return
        self._around = around = self._search_region(frame, body)
        if around is None:
            self.lose()
        elif self._tracked is None:
            if self._is_search_due(frame, around):
                self._detector.submit(frame, around)
        elif self._redetection.is_due(self._estimated_drift(around), frame.share):
            self._detector.submit(frame, around)

    def wait_for_detection(self) -> None:
        """Return when the detector has run, if it was submitted."""
        self._detector.wait()

    def submit_landmarks(self, frame: FrameView) -> None:
        """Decide between the tracked region and the detected one, and submit the landmarks there."""
        if self._skipped is not None:
            return
        self._is_unchecked = self._detector.region is None
        region = self._tracked if self._is_unchecked else self._checked()
        if region is None:
            self._landmarks.cancel()
        elif region is not self._landmarks.region:
            self._landmarks.submit(frame, region)

    def wait_for_landmarks(self) -> None:
        """Return when the landmarks' network has run, if it was submitted."""
        self._landmarks.wait()

    def result(self, frame: FrameView) -> Found | None:
        """Return the part in this frame."""
        found = self._skipped
        is_new = found is None and self._tracked is None
        if found is None:
            found = self._found(frame)
            if found is None and self._tracked is not None and self._is_unchecked:
                found = self._found_elsewhere(frame)
        self._before = self._tracked = None
        if found is not None and not self._is_still:
            self._before, self._tracked = found, self._next_region(found)
        return None if is_new and found is not None and not self._is_reported_at_once(found) else found

    def lose(self) -> None:
        """Stop tracking, as the part is gone, or its body is. Cancels inferences."""
        self._detector.cancel()
        self._landmarks.cancel()
        self._skipper.reset()
        self._before = self._tracked = self._around = self._last_detection = self._skipped = None

    def reset(self) -> None:
        """Start afresh with the next frame, as if it were the first."""
        self.lose()
        self._backoff.reset()

    def _drift(self, detected: Region) -> float:
        """Return the drift of the tracked region from the detected one."""
        if self._tracked is None or self._before is None:
            return UNKNOWN_DRIFT
        return drift(self._points(self._before), self._tracked, detected, self._limits)

    def _checked(self) -> Region | None:
        """Return the tracked region where the detector agrees, otherwise the detected one."""
        around = self._detector.region
        detected = None if around is None else self._read_detection(around)
        if around is None or detected is None:
            self._last_detection, self._last_drift = None, UNKNOWN_DRIFT
            return None
        self._last_detection, self._last_drift = _Detection(detected, around), self._drift(detected)
        return self._tracked if self._last_drift <= 1 else detected

    def _found(self, frame: FrameView) -> Found | None:
        region = self._landmarks.region
        found = None if region is None else self._read_landmarks(region)
        if found is None or region is None:
            self._skipper.reset()
        else:
            self._skipper.observe(found, frame, region)
        return found

    def _found_elsewhere(self, frame: FrameView) -> Found | None:
        """Make the re-detection that was skipped, as the part is not in the tracked region."""
        if self._around is None:
            return None
        self._detector.submit(frame, self._around)
        region = self._checked()
        if region is None or region is self._tracked:
            return None
        self._landmarks.submit(frame, region)
        return self._found(frame)
