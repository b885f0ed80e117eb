"""The JSON answer to a still picture (``docs/http-api.md``): every landmark named and in pixels."""

from typing import Any

import numpy as np
import orjson

from mocast.model.topology import HandLandmark, PoseLandmark
from mocast.model.tracked import Face, Hand, Landmarks, Pose, Tracked

_POSE_NAMES = [landmark.name.lower() for landmark in PoseLandmark]
_HAND_NAMES = [landmark.name.lower() for landmark in HandLandmark]


def encode(tracked: Tracked, *, tracker: str, source_size_wh: tuple[int, int], people: int = 1) -> bytes:
    """Return the answer; ``source_size_wh`` is the picture's size as it was sent, upright, in pixels.

    ``people``: how many were asked for; above 1 the answer has ``others``.
    """
    width, height = tracked.size_wh
    source_width, source_height = source_size_wh
    answer: dict[str, Any] = {
        "width": width,
        "height": height,
        "source": {"width": source_width, "height": source_height},
        "tracker": tracker,
        "tracking_ms": round(tracked.tracking_ns / 1e6, 1),
        **_person(tracked),
    }
    if people > 1:
        answer["others"] = [_person(other) for other in tracked.others]
    return orjson.dumps(answer)


def _person(tracked: Tracked) -> dict[str, Any]:
    return {
        "person": tracked.person,
        "pose": _pose(tracked.pose, tracked.size_wh) if tracked.pose else None,
        "face": _face(tracked.face, tracked.size_wh) if tracked.face else None,
        "left_hand": _hand(tracked.left_hand, tracked.size_wh) if tracked.left_hand else None,
        "right_hand": _hand(tracked.right_hand, tracked.size_wh) if tracked.right_hand else None,
    }


def _pose(pose: Pose, size_wh: tuple[int, int]) -> dict[str, Any]:
    landmarks = _image(pose.image, size_wh)
    visibility = np.round(pose.visibility.astype(np.float64), 3).tolist()
    for landmark, name, visible, world in zip(landmarks, _POSE_NAMES, visibility, _world(pose.world), strict=True):
        landmark |= {"name": name, "visibility": visible, "world": world}
    return {"landmarks": landmarks}


def _face(face: Face, size_wh: tuple[int, int]) -> dict[str, Any]:
    return {"landmarks": _image(face.image, size_wh)}


def _hand(hand: Hand, size_wh: tuple[int, int]) -> dict[str, Any]:
    landmarks = _image(hand.image, size_wh)
    for landmark, name, world in zip(landmarks, _HAND_NAMES, _world(hand.world), strict=True):
        landmark |= {"name": name, "world": world}
    return {"score": round(hand.score, 3), "landmarks": landmarks}


def _image(image: Landmarks, size_wh: tuple[int, int]) -> list[dict[str, Any]]:
    exact = image.astype(np.float64)
    rows = np.hstack([np.round(exact, 5), np.round(exact[:, :2] * size_wh, 2)]).tolist()
    return [{"x": x, "y": y, "z": z, "x_px": x_px, "y_px": y_px} for x, y, z, x_px, y_px in rows]


def _world(world: Landmarks) -> list[dict[str, float]]:
    return [{"x": x, "y": y, "z": z} for x, y, z in np.round(world.astype(np.float64), 4).tolist()]
