"""Both engines on real pictures: what they find, where, and what that costs; and how each of them fails."""

import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.options import TrackerName
from mocast.model.topology import LEFT_EYE_LANDMARKS, RIGHT_EYE_LANDMARKS, PoseLandmark
from mocast.tracking.engines import EngineOptions
from mocast.tracking.mediapipe import engine as mediapipe_engine
from mocast.tracking.mediapipe import stream_graphs
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.pool import TrackerPool
from tests.pictures import MovedPicture, as_frame, astronaut, astronaut_frames
from tests.reference_engine import ENGINES, needs_mediapipe
from tests.scenes import SIZE_WH, somebody
from tests.variants import Pools, Variant, pixels

HEAD = list(range(PoseLandmark.MOUTH_RIGHT + 1))


def test_left_and_right_are_the_subjects(variant: Variant) -> None:
    """She looks at the camera, so what is left of her is on the picture's right."""
    tracked = variant.track_still("holistic", astronaut())
    assert tracked.pose is not None
    assert tracked.face is not None
    pose, face = tracked.pose.image, tracked.face.image
    assert pose[PoseLandmark.LEFT_SHOULDER, 0] > pose[PoseLandmark.RIGHT_SHOULDER, 0]
    assert tracked.pose.world[PoseLandmark.LEFT_SHOULDER, 0] > tracked.pose.world[PoseLandmark.RIGHT_SHOULDER, 0]
    assert face[list(LEFT_EYE_LANDMARKS), 0].min() > face[list(RIGHT_EYE_LANDMARKS), 0].max()
    assert 0 < tracked.tracking_ns < tracked.tracked_at_ns


def test_landmarks_follow_a_known_motion(variant: Variant) -> None:
    expected = variant.track_still("holistic", astronaut())
    assert expected.pose is not None
    assert expected.face is not None
    frames = list(astronaut_frames(30))
    for tracked, moved in zip(variant.track_stream("holistic", [moved.rgb for moved in frames]), frames, strict=True):
        assert tracked.pose is not None
        assert tracked.face is not None
        assert off(tracked.face.image, expected.face.image, moved).max() < 5
        assert np.median(off(tracked.face.image, expected.face.image, moved)) < 1.5
        assert off(tracked.pose.image[HEAD], expected.pose.image[HEAD], moved).max() < 10


def off(found: NDArray[np.float32], expected: NDArray[np.float32], moved: MovedPicture) -> NDArray[np.float64]:
    """Return how many pixels landmarks are from where the motion puts them."""
    height, width = moved.rgb.shape[:2]
    return np.linalg.norm(pixels(found, (width, height)) - moved.place(pixels(expected, (512, 512))), axis=1)


def test_hands_have_their_sides_and_sizes_whoever_looks_for_them(variant: Variant) -> None:
    """By the pose's wrists or by the palms in the picture: these are the same hands."""
    whole, alone = variant.track_still("holistic", somebody()), variant.track_still("hands", somebody())
    for side in ("left_hand", "right_hand"):
        one, other = getattr(whole, side), getattr(alone, side)
        for hand in (one, other):
            assert hand is not None
            assert 0.5 < hand.score <= 1
            assert 0.05 < np.ptp(hand.world, axis=0).max() < 0.3, "a hand's size in metres"
        assert np.linalg.norm(pixels(one.image, SIZE_WH) - pixels(other.image, SIZE_WH), axis=1).mean() < 8
        # Up in the picture is up in the world: both know how the hand is turned.
        assert one.world[12, 1] < one.world[0, 1] - 0.05
        assert np.linalg.norm(one.world - other.world, axis=1).mean() < 0.02


@pytest.mark.parametrize("name", ["holistic", "pose", "face"])
def test_the_picture_may_change_its_size_at_any_time(name: TrackerName, variant: Variant) -> None:
    sizes = [(640, 480), (333, 251), (1279, 959), (427, 641), (640, 480), (640, 480)]
    seen = variant.track_stream(name, [next(iter(astronaut_frames(1, size_wh))).rgb for size_wh in sizes])
    assert [one.size_wh for one in seen] == sizes
    # Where its shape changes, too, she is suddenly elsewhere in it: she may be lost for a frame.
    assert not any(one.is_empty for one in [*seen[:3], seen[-1]])


@needs_mediapipe
def test_a_graph_that_really_fails_is_replaced(pools: Pools, monkeypatch: pytest.MonkeyPatch) -> None:
    """MediaPipe is given a number for a picture: its calculator fails, and with it the whole graph, for good."""
    pool = pools("mediapipe")
    tracker, bystander = pool.acquire("holistic", "balanced"), pool.acquire("holistic", "balanced")
    frames = [as_frame(moved.rgb, number) for number, moved in enumerate(astronaut_frames(6))]
    before = pool.failures
    assert not tracker.track(frames[0]).is_empty
    with monkeypatch.context() as poisoned:
        poison = native()._packet_creator.create_int(1)
        poisoned.setattr(
            stream_graphs.PoseGraphs, "find", lambda self, _image, _time: {"pose": poison, "image": poison}
        )
        assert tracker.track(frames[1]).is_empty
    assert (tracker.failures, pool.failures) == (1, before + 1)
    assert [tracker.track(frame).is_empty for frame in frames[2:4]] == [False, False]
    assert [bystander.track(frame).is_empty for frame in frames[2:4]] == [False, False]
    assert (tracker.failures, bystander.failures) == (1, 0)
    pool.release(tracker)
    pool.release(bystander)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pool_that_is_closed_fails_its_trackers_and_frees_its_networks(engine: str) -> None:
    pool = TrackerPool(engine, EngineOptions(threads=1, precision="f32"))
    tracker = pool.acquire("face", "exact")
    assert tracker.track(as_frame(astronaut())).face is not None
    pool.close()
    assert [tracker.track(as_frame(astronaut(), number)).is_empty for number in (1, 2)] == [True, True]
    with pytest.raises(TrackingError, match="in a row"):
        tracker.track(as_frame(astronaut(), 3))


COST = """
import resource, sys
import numpy as np
from mocast.tracking.engines import EngineOptions
from mocast.tracking.pool import TrackerPool
from mocast.model.frame import Frame

def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6

engine = sys.argv[1]
picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
before = resident_mb()
pool = TrackerPool(engine, EngineOptions(threads=1, precision="f32"))
trackers = [pool.acquire("holistic", "balanced")]
trackers[0].track(Frame(0, 0, 0, picture))
first = resident_mb()
for _ in range(10):
    trackers.append(pool.acquire("holistic", "balanced"))
for number in range(3):
    for tracker in trackers:
        tracker.track(Frame(number, number * 3000, 0, picture))
print(first - before, (resident_mb() - first) / 10)
libraries = ("matplotlib", "mediapipe", "openvino")
print(*sorted(name for name in sys.modules if name.split(".")[0] in libraries), file=sys.stderr)
"""

MOST_MB = {"mediapipe": (260, 10), "openvino": (330, 5)}
"""For the first session and for each further one."""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
@pytest.mark.parametrize("engine", ENGINES)
def test_sessions_share_memory_and_load_nothing_needless(engine: str) -> None:
    done = subprocess.run([sys.executable, "-c", COST, engine], capture_output=True, text=True, timeout=120, check=True)
    *_, stats = done.stdout.splitlines()  # on some machines it is logged that lower precision does not pay
    first, further = map(float, stats.split())
    most_first, most_further = MOST_MB[engine]
    assert first < most_first
    assert further < most_further
    library = {"mediapipe": "mediapipe.python._framework_bindings", "openvino": "openvino"}[engine]
    loaded = done.stderr.split()
    assert loaded
    assert all(name.startswith(library) for name in loaded)


@needs_mediapipe
def test_standard_error_is_not_redirected_while_frames_are_tracked(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the whole process's: what other threads write meanwhile would be held back."""

    def refuse(*_: object) -> None:
        raise AssertionError("redirected")

    engine = mediapipe_engine.MediapipeEngine(EngineOptions(threads=1))
    tracker = engine.build("holistic", "balanced", still=False)
    with monkeypatch.context() as during:  # no longer: pytest redirects, too
        during.setattr("mocast.tracking.mediapipe.stderr_filter.os.dup2", refuse)
        assert tracker.track(as_frame(np.zeros_like(astronaut()), 0)).is_empty
        assert tracker.track(as_frame(astronaut(), 1)).face is not None
    tracker.close()
    engine.close()


LOADED = """
import sys
from mocast.tracking.pool import TrackerPool
TrackerPool("mediapipe")
print(*(name for name in sys.modules if "mediapipe." in name))
"""


@needs_mediapipe
def test_mediapipe_is_loaded_only_when_a_tracker_is_built() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60, check=True)
    assert "mocast.tracking.mediapipe.engine" in done.stdout
    assert not any(name.startswith("mediapipe.") for name in done.stdout.split())
