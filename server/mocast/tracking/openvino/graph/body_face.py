"""The face of the tracked body."""

from mocast.tracking.openvino.graph.face_inference import FaceDetector, FaceLandmarker, FoundFace
from mocast.tracking.openvino.graph.pose import FoundPose
from mocast.tracking.openvino.graph.tracked_region import TrackedRegion
from mocast.tracking.openvino.regions.drift import FACE_DRIFT_LIMITS
from mocast.tracking.openvino.regions.face_choice import MOST_FACES, of_pose
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import (
    Points,
    Region,
    of_face_by_detection,
    of_face_by_landmarks,
    of_face_by_pose,
)
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.schedule.following_skipper import FollowingSkipper
from mocast.tracking.openvino.schedule.quality_profile import QualityProfile


class BodyFace(TrackedRegion[FoundFace]):
    """Finds the face of a body. The search region is around the head of the pose; the detector is BlazeFace."""

    _detector: FaceDetector
    _landmarks: FaceLandmarker

    def __init__(self, networks: NetworkRegistry, profile: QualityProfile) -> None:
        super().__init__(
            FaceDetector(networks),
            FaceLandmarker(networks),
            FollowingSkipper(profile.max_face_residual, is_on=profile.skips_frames),
            limits=FACE_DRIFT_LIMITS,
            redetection=profile.face_redetection,
            backoff=profile.backoff,
            profile=profile,
            turn=None,
        )
        self._is_by_place = profile.faces_by_place
        self._body: Points | None = None
        "The landmarks of the body in this frame."

    def _search_region(self, frame: FrameView, body: FoundPose) -> Region | None:
        self._body = body.points
        return of_face_by_pose(body.points)

    def _read_detection(self, around: Region) -> Region | None:
        faces = self._detector.faces(MOST_FACES if self._is_by_place else 1)
        if self._is_by_place and self._body is not None:
            detection = of_pose(faces, around, self._body)
        else:
            detection = faces[0] if faces else None
        if detection is None:
            self._backoff.missed()
            return None
        self._backoff.reset()
        return of_face_by_detection(around.project(detection.points))

    def _read_landmarks(self, region: Region) -> FoundFace | None:
        return self._landmarks.read()

    def _points(self, found: FoundFace) -> Points:
        return found

    def _next_region(self, found: FoundFace) -> Region | None:
        return of_face_by_landmarks(found)
