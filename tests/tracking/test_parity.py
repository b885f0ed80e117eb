"""Our graphs against MediaPipe's own solutions, on the same frames.

Given the same timestamps they agree to the last bit: the networks that were edited, the graphs that were taken apart
and the packets that carry a session's memory change nothing. Given the stream's real timestamps the smoothing differs
in the last digits, and the loop from landmarks to the next frame's rectangle makes that grow: that is held against
what MediaPipe makes of a picture whose pixels are off by one.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import mediapipe as mp
import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.model.options import TrackerName
from mocast.model.tracked import Hand, Tracked
from mocast.tracking.engines import EngineOptions
from mocast.tracking.handedness import HandSides, TrackedParts, assign_sides
from mocast.tracking.mediapipe import engine as mediapipe_engine
from mocast.tracking.pool import TrackerPool
from tests.pictures import as_frame, astronaut_frames, clip, clip_frames

COUNT = 16
CLIPS = ["astronaut", "signing_a.mp4", "signing_b.mp4"]

Arrays = dict[str, NDArray[np.float32]]
"""What was found in one frame."""


class SolutionsClock:
    """Counts time as ``mp.solutions`` does: 33,333 µs a frame, the first one included."""

    def __init__(self) -> None:
        self._time_us = 0

    def time_us(self, pts: int) -> int:
        self._time_us += 33_333
        return self._time_us


@pytest.fixture(scope="module")
def pool() -> Iterator[TrackerPool]:
    with_threads = TrackerPool("mediapipe", EngineOptions(threads=2))
    yield with_threads
    with_threads.close()


@pytest.fixture(params=CLIPS)
def frames(request: pytest.FixtureRequest) -> list[RgbImage]:
    if request.param == "astronaut":
        return [moved.rgb for moved in astronaut_frames(COUNT)]
    path = clip(request.param)
    if path is None:
        pytest.skip(f"no {request.param} on this machine")
    return list(clip_frames(path, COUNT))


def ours(pool: TrackerPool, name: TrackerName, frames: Iterable[RgbImage], still: bool = False) -> list[Arrays]:
    tracker = pool.acquire(name, "exact", still=still)
    try:
        return [arrays(tracker.track(as_frame(rgb, number))) for number, rgb in enumerate(frames)]
    finally:
        pool.release(tracker)


def arrays(tracked: Tracked) -> Arrays:
    found: Arrays = {}
    if tracked.pose is not None:
        visibility = tracked.pose.visibility[:, None]
        found |= {"pose": tracked.pose.image, "pose_world": tracked.pose.world, "pose_visibility": visibility}
    if tracked.face is not None:
        found["face"] = tracked.face.image
    for name, hand in (("left_hand", tracked.left_hand), ("right_hand", tracked.right_hand)):
        if isinstance(hand, Hand):
            found |= {name: hand.image, f"{name}_world": hand.world}
    return found


def table(landmarks: Any, *fields: str) -> NDArray[np.float32]:
    return np.array([[getattr(one, field) for field in fields or "xyz"] for one in landmarks.landmark], np.float32)


def read_pose(result: Any) -> Arrays:
    if result.pose_landmarks is None:
        return {}
    return {
        "pose": table(result.pose_landmarks),
        "pose_world": table(result.pose_world_landmarks),
        "pose_visibility": table(result.pose_landmarks, "visibility"),
    }


def read_holistic(result: Any) -> Arrays:
    parts = {name: getattr(result, f"{name}_landmarks") for name in ("face", "left_hand", "right_hand")}
    return read_pose(result) | {name: table(part) for name, part in parts.items() if part is not None}


def read_face(result: Any) -> Arrays:
    return {"face": table(result.multi_face_landmarks[0])} if result.multi_face_landmarks else {}


def read_hands(result: Any, assign: Callable[..., TrackedParts], size_wh: tuple[int, int]) -> Arrays:
    """Their landmarks, by our rules of which side is whose. MediaPipe names the hands of a mirrored picture."""
    hands: list[tuple[Hand, float]] = []
    for number, named in enumerate(result.multi_handedness or ()):
        said = named.classification[0]
        image, world = table(result.multi_hand_landmarks[number]), table(result.multi_hand_world_landmarks[number])
        hands.append((Hand(image, world, 1.0), said.score if said.label == "Left" else 1 - said.score))
    return arrays(Tracked(0, 0, 0, size_wh, **assign(hands, size_wh))) if hands else {}


def theirs(name: TrackerName, frames: Sequence[RgbImage], still: bool = False) -> list[Arrays]:
    height, width = frames[0].shape[:2]
    assign = assign_sides if still else HandSides().assign
    solutions: dict[TrackerName, tuple[Callable[..., Any], dict[str, bool], Callable[[Any], Arrays]]] = {
        "holistic": (mp.solutions.holistic.Holistic, {"refine_face_landmarks": True}, read_holistic),
        "pose": (mp.solutions.pose.Pose, {}, read_pose),
        "hands": (mp.solutions.hands.Hands, {}, partial(read_hands, assign=assign, size_wh=(width, height))),
        "face": (mp.solutions.face_mesh.FaceMesh, {"refine_landmarks": True}, read_face),
    }
    solution, options, read = solutions[name]
    with solution(static_image_mode=still, **options) as running:
        return [read(running.process(rgb)) for rgb in frames]


def assert_equal(name: TrackerName, mine: list[Arrays], reference: list[Arrays], atol: float = 0) -> None:
    compared = 0
    for number, (one, other) in enumerate(zip(mine, reference, strict=True)):
        # mp.solutions does not put out the world landmarks of holistic's hands
        names = {part for part in one if name != "holistic" or not part.endswith("_hand_world")}
        assert names == set(other), f"frame {number}"
        for part in names:
            np.testing.assert_allclose(one[part], other[part], rtol=0, atol=atol, err_msg=f"{part} of frame {number}")
            compared += 1
    assert compared > 0 or not any(reference)


@pytest.mark.parametrize("name", ["holistic", "pose", "hands", "face"])
def test_streams_are_tracked_as_mediapipe_does(
    name: TrackerName, pool: TrackerPool, frames: list[RgbImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mediapipe_engine, "TrackingTimestamps", SolutionsClock)
    assert_equal(name, ours(pool, name, frames), theirs(name, frames))


@pytest.mark.parametrize("name", ["pose", "hands", "face"])
def test_pictures_are_tracked_as_mediapipe_does(name: TrackerName, pool: TrackerPool, frames: list[RgbImage]) -> None:
    some = frames[::10]
    # MediaPipe turns even a still pose into pixels and back, which costs the last digit.
    assert_equal(name, ours(pool, name, some, still=True), theirs(name, some, still=True), atol=1e-6)


def test_holistic_pictures_owe_nothing_to_each_other(pool: TrackerPool, frames: list[RgbImage]) -> None:
    """MediaPipe's static holistic mode does remember hands and face, so each picture gets a solution of its own."""
    some = frames[::20]
    alone = [result for rgb in some for result in theirs("holistic", [rgb], still=True)]
    # That last digit of the pose moves the rectangles of hands and face, by less than a pixel in all.
    assert_equal("holistic", ours(pool, "holistic", some, still=True), alone, atol=1e-3)


def test_real_timestamps_change_less_than_a_pixels_noise(pool: TrackerPool) -> None:
    random = np.random.default_rng(7)
    frames = [moved.rgb for moved in astronaut_frames(24)]
    noisy = [np.clip(rgb + random.integers(-1, 2, rgb.shape), 0, 255).astype(np.uint8) for rgb in frames]
    mine, reference, other = ours(pool, "holistic", frames), theirs("holistic", frames), theirs("holistic", noisy)
    for part in ("pose", "face"):
        apart, noise = distance(mine, reference, part), distance(other, reference, part)
        assert np.median(apart) <= np.median(noise), part
        assert np.percentile(apart, 95) <= np.percentile(noise, 95), part


def distance(some: list[Arrays], others: list[Arrays], part: str) -> NDArray[np.float64]:
    """Return how many pixels apart the landmarks are that are visible."""
    apart = []
    for one, other in zip(some, others, strict=True):
        if part in one and part in other:
            visible = other["pose_visibility"][:, 0] > 0.5 if part == "pose" else slice(None)
            apart.append(np.linalg.norm((one[part] - other[part])[visible, :2] * (640, 480), axis=1))
    return np.concatenate(apart)
