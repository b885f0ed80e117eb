"""MediaPipe's holistic solution as it is published, with what it finds as our records."""

import time
from types import TracebackType
from typing import Any

import mediapipe as mp
import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import Frame
from mocast.model.tracked import Face, Hand, Pose, Tracked

XYZ = ("x", "y", "z")


class Holistic:
    """``mp.solutions.holistic.Holistic(refine_face_landmarks=True)``; for it every frame comes 33,333 µs later."""

    def __init__(self) -> None:
        self._solution = mp.solutions.holistic.Holistic(refine_face_landmarks=True)

    def process(self, frame: Frame) -> Any:
        """Return what it says of the frame, unread. A picture that cannot be written to is not copied by it."""
        return self._solution.process(frame.rgb)

    def close(self) -> None:
        """Free its graph."""
        self._solution.close()

    def __enter__(self) -> "Holistic":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read(frame: Frame, result: Any) -> Tracked:
    """Return what was found. The world landmarks of hands, which it does not give, are not numbers."""
    face = result.face_landmarks
    return Tracked(
        frame=frame.number,
        pts=frame.pts,
        decoded_at_ns=frame.decoded_at_ns,
        size_wh=frame.size_wh,
        tracked_at_ns=time.monotonic_ns(),
        pose=_pose(result),
        face=None if face is None else Face(table(face)),
        left_hand=_hand(result.left_hand_landmarks),
        right_hand=_hand(result.right_hand_landmarks),
    )


def table(landmarks: Any, fields: tuple[str, ...] = XYZ) -> NDArray[np.float32]:
    """Return landmarks of MediaPipe's as (n, fields)."""
    return np.array([[getattr(one, field) for field in fields] for one in landmarks.landmark], np.float32)


def _pose(result: Any) -> Pose | None:
    if result.pose_landmarks is None:
        return None
    visibility = table(result.pose_landmarks, ("visibility",))[:, 0]
    return Pose(table(result.pose_landmarks), table(result.pose_world_landmarks), visibility)


def _hand(landmarks: Any) -> Hand | None:
    if landmarks is None:
        return None
    image = table(landmarks)
    return Hand(image, np.full_like(image, np.nan), 1.0)
