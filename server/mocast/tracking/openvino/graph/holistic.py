"""One body with its face and hands."""

from mocast.model.same_hand import is_same_hand
from mocast.tracking.handedness import TrackedParts
from mocast.tracking.openvino.graph.body_face import BodyFace
from mocast.tracking.openvino.graph.body_hand import BodyHand
from mocast.tracking.openvino.graph.face_inference import FoundFace, as_face
from mocast.tracking.openvino.graph.pose import FoundPose, PoseTracker
from mocast.tracking.openvino.graph.tracked_region import TrackedRegion
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.hand_landmarks import FoundHand
from mocast.tracking.openvino.regions.region import Region
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.schedule.quality_profile import QualityProfile


class HolisticTracker:
    """Tracks a body, and its hands and face where the pose says.

    Source: MediaPipe's ``holistic_landmark_cpu.pbtxt``; Grishchenko & Bazarevsky, "MediaPipe Holistic", Google AI blog
    2020.
    """

    def __init__(self, networks: NetworkRegistry, profile: QualityProfile, *, searches: bool = True) -> None:
        """``searches``: as of ``PoseTracker``."""
        self._drops_duplicates = profile.drops_duplicate_hands
        self._body = PoseTracker(networks, profile, searches=searches)
        self._left_hand = BodyHand(networks, profile, "LEFT")
        self._right_hand = BodyHand(networks, profile, "RIGHT")
        self._face = BodyFace(networks, profile)
        self._regions: tuple[TrackedRegion[FoundHand] | TrackedRegion[FoundFace], ...] = (
            self._left_hand,
            self._right_hand,
            self._face,
        )

    def find(self, frame: FrameView) -> TrackedParts:
        """Return what is in the next frame."""
        if frame.only_body:
            return self._body.finish(frame, self._body.pose(frame))
        self.start(frame)
        return self.finish(frame, self.pose(frame))

    def start(self, frame: FrameView) -> None:
        """Begin a frame: submit the hands and the face where they are tracked."""
        for region in self._regions:
            region.start(frame)
            region.submit_tracked(frame)

    def pose(self, frame: FrameView) -> FoundPose | None:
        """Return the body in the frame."""
        return self._body.pose(frame)

    def start_at(self, region: Region) -> None:
        """Track the body in this region from the next frame on, and its hands and face anew."""
        self._body.start_at(region)
        for part in self._regions:
            part.lose()

    def finish(self, frame: FrameView, body: FoundPose | None) -> TrackedParts:
        """Return all parts of a body in the frame; ``None``: it is lost, and so are they."""
        if body is None:
            for region in self._regions:
                region.lose()
            return {}
        for region in self._regions:
            region.submit_detection(frame, body)
        for region in self._regions:
            region.wait_for_detection()
        for region in self._regions:
            region.submit_landmarks(frame)
        for region in self._regions:
            region.wait_for_landmarks()
        size_wh = frame.size_wh
        left, right = self._hands(frame, body)
        face = self._face.result(frame)
        return {
            "pose": body.in_image_space(size_wh),
            "face": None if face is None else as_face(face, size_wh),
            "left_hand": None if left is None else left.hand(size_wh),
            "right_hand": None if right is None else right.hand(size_wh),
        }

    def _hands(self, frame: FrameView, body: FoundPose) -> tuple[FoundHand | None, FoundHand | None]:
        """Return the left and the right hand. One that was found as both is that of the nearer wrist."""
        left, right = self._left_hand.result(frame), self._right_hand.result(frame)
        if not self._drops_duplicates or left is None or right is None or not is_same_hand(left.points, right.points):
            return left, right
        if self._left_hand.distance_from_wrist(left, body) > self._right_hand.distance_from_wrist(right, body):
            self._left_hand.drop()
            return None, right
        self._right_hand.drop()
        return left, None

    def reset(self) -> None:
        """Start afresh with the next frame, as if it were the first. Cancels inferences."""
        self._body.reset()
        for region in self._regions:
            region.reset()
