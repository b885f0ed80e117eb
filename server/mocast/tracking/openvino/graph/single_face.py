"""The face in a picture where nothing else is tracked."""

from typing import Final

from mocast.tracking.handedness import TrackedParts
from mocast.tracking.openvino.graph.face_inference import FaceDetector, FaceLandmarker, FoundFace, as_face
from mocast.tracking.openvino.regions.face_choice import MOST_FACES, alone
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Region, letterbox, of_face_alone_by_detection, of_face_by_landmarks
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.schedule.following_skipper import FollowingSkipper
from mocast.tracking.openvino.schedule.quality_profile import QualityProfile
from mocast.tracking.openvino.schedule.search_backoff import SearchBackoff

REMEMBERED_US: Final = 3_000_000
"""For so long after a face was lost, only one near to its place is taken for it."""


class SingleFaceTracker:
    """Tracks the largest face, and searches the whole picture while there is none; near to where it was, for a while.

    Source: MediaPipe's ``face_landmark_front_cpu.pbtxt``, which takes the face of the highest score, as ``exact`` does.
    """

    def __init__(self, networks: NetworkRegistry, profile: QualityProfile) -> None:
        self._detector = FaceDetector(networks)
        self._landmarks = FaceLandmarker(networks)
        self._is_still = profile.still
        self._backoff = SearchBackoff(profile.backoff)
        self._skipper = FollowingSkipper(profile.max_face_residual, is_on=profile.skips_frames)
        self._is_by_place = profile.faces_by_place
        self._tracked: Region | None = None
        self._last: Region | None = None
        "Where the face was last."
        self._last_us = 0
        "When it was there, µs."

    def find(self, frame: FrameView) -> TrackedParts:
        """Return the face in the next frame."""
        found = self._found(frame)
        return {} if found is None else {"face": as_face(found, frame.size_wh)}

    def reset(self) -> None:
        """Start afresh with the next frame, as if it were the first. Cancels inferences."""
        self._landmarks.cancel()
        self._skipper.reset()
        self._backoff.reset()
        self._tracked = self._last = None

    def _found(self, frame: FrameView) -> FoundFace | None:
        found = self._skipper.skip(frame, may_move=True)
        if found is None:
            found = self._read(frame)
        self._tracked = None
        if found is not None and not self._is_still:
            self._tracked = self._last = of_face_by_landmarks(found)
            self._last_us = frame.time_us
        return found

    def _read(self, frame: FrameView) -> FoundFace | None:
        region = self._tracked or self._detected(frame)
        if region is None:
            return None
        self._landmarks.submit(frame, region)
        found = self._landmarks.read()
        if found is None:
            self._skipper.reset()
        else:
            self._skipper.observe(found, frame, region)
        return found

    def _detected(self, frame: FrameView) -> Region | None:
        if not self._backoff.is_due(frame.share):
            return None
        whole = letterbox(frame.size_wh)
        self._detector.submit(frame, whole)
        faces = self._detector.faces(MOST_FACES if self._is_by_place else 1)
        last = self._last if frame.time_us - self._last_us <= REMEMBERED_US else None
        detection = alone(faces, whole, last) if self._is_by_place else faces[0] if faces else None
        if detection is None:
            self._backoff.missed()
            return None
        self._backoff.reset()
        return of_face_alone_by_detection(whole, detection)
