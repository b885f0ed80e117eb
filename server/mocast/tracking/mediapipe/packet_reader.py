"""The reader of a graph's output packets: the parts of the model's ``Tracked``."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import FACE_COUNT, HAND_COUNT, POSE_COUNT
from mocast.model.tracked import Face, Hand, Pose
from mocast.tracking.handedness import HandSides, TrackedParts, assign_sides
from mocast.tracking.mediapipe.proto_landmarks import decode


class PacketReader:
    """Reads the packets of one stream, or of unrelated pictures, by the names of their streams (``graph_builder``)."""

    def __init__(self, getter: ModuleType, *, still: bool) -> None:
        self._one = getter._get_serialized_proto
        self._several = getter._get_serialized_proto_list
        self._number = getter.get_float
        self._numbers = getter.get_float_list
        self._assign_sides = assign_sides if still else HandSides().assign

    def parts(self, packets: Mapping[str, Any], size_wh: tuple[int, int]) -> TrackedParts:
        """Return the parts in the next frame's packets, by stream; without parts with a number that is not finite."""
        if "hands" in packets:
            return self._both_hands(packets, size_wh)
        return {
            "pose": self._pose(packets),
            "face": self._face(packets),
            "left_hand": self._hand(packets, "left_hand"),
            "right_hand": self._hand(packets, "right_hand"),
        }

    def _pose(self, packets: Mapping[str, Any]) -> Pose | None:
        if "pose" not in packets:
            return None
        table = decode(self._one(packets["pose"]), POSE_COUNT, 5)
        metres = decode(self._one(packets["pose_world"]), POSE_COUNT)
        if not (_is_finite(table) and _is_finite(metres)):
            return None
        return Pose(np.ascontiguousarray(table[:, :3]), metres, np.ascontiguousarray(table[:, 3]))

    def _face(self, packets: Mapping[str, Any]) -> Face | None:
        if "face" not in packets:
            return None
        image = decode(self._one(packets["face"]), FACE_COUNT)
        return Face(image) if _is_finite(image) else None

    def _hand(self, packets: Mapping[str, Any], name: str) -> Hand | None:
        if name not in packets:
            return None
        image, world = self._one(packets[name]), self._one(packets[f"{name}_world"])
        return _hand(image, world, self._number(packets[f"{name}_score"]))

    def _both_hands(self, packets: Mapping[str, Any], size_wh: tuple[int, int]) -> TrackedParts:
        images, worlds = self._several(packets["hands"]), self._several(packets["hands_world"])
        scores, sides = self._numbers(packets["hands_score"]), self._numbers(packets["hands_side"])
        hands = [_hand(*one) for one in zip(images, worlds, scores, strict=True)]
        sided = [(hand, side) for hand, side in zip(hands, sides, strict=True) if hand is not None]
        return self._assign_sides(sided, size_wh)


def _hand(image: bytes, world: bytes, score: float) -> Hand | None:
    points, metres = decode(image, HAND_COUNT), decode(world, HAND_COUNT)
    is_usable = _is_finite(points) and _is_finite(metres) and 0 <= score <= 1
    return Hand(points, metres, score) if is_usable else None


def _is_finite(numbers: NDArray[np.float32]) -> bool:
    return bool(np.isfinite(numbers).all())
