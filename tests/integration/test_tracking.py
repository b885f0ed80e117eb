"""The mediapipe engine on real pictures: what it finds, what it forgets, what it outlives and what it costs."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from mocast.errors import TrackingError
from mocast.model.topology import LEFT_EYE_LANDMARKS, RIGHT_EYE_LANDMARKS, PoseLandmark
from mocast.model.tracked import Tracked
from mocast.tracking.mediapipe import following
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.pool import TrackerPool
from tests.pictures import MovedPicture, as_frame, astronaut, astronaut_frames, clip, clip_frames

SIZE_WH = (640, 480)
HEAD = list(range(PoseLandmark.MOUTH_RIGHT + 1))


@pytest.fixture(scope="module")
def pool() -> Iterator[TrackerPool]:
    with_threads = TrackerPool("mediapipe", threads=2)
    yield with_threads
    with_threads.close()


def still(pool: TrackerPool, name: str, rgb: np.ndarray) -> Tracked:
    tracker = pool.acquire(name, "exact", still=True)  # type: ignore[arg-type]
    try:
        return tracker.track(as_frame(rgb))
    finally:
        pool.release(tracker)


def pixels(image: np.ndarray, rgb: np.ndarray) -> np.ndarray:
    height, width = rgb.shape[:2]
    return image[:, :2] * (width, height)


def test_left_and_right_are_the_subjects(pool: TrackerPool) -> None:
    """She looks at the camera, so what is left of her is on the picture's right."""
    tracked = still(pool, "holistic", astronaut())
    assert tracked.pose is not None
    assert tracked.face is not None
    pose, face = tracked.pose.image, tracked.face.image
    assert pose[PoseLandmark.LEFT_SHOULDER, 0] > pose[PoseLandmark.RIGHT_SHOULDER, 0]
    assert tracked.pose.world[PoseLandmark.LEFT_SHOULDER, 0] > tracked.pose.world[PoseLandmark.RIGHT_SHOULDER, 0]
    assert face[list(LEFT_EYE_LANDMARKS), 0].min() > face[list(RIGHT_EYE_LANDMARKS), 0].max()


def test_landmarks_follow_a_known_motion(pool: TrackerPool) -> None:
    expected = still(pool, "holistic", astronaut())
    assert expected.pose is not None
    assert expected.face is not None
    tracker = pool.acquire("holistic", "balanced")
    for number, moved in enumerate(astronaut_frames(30)):
        tracked = tracker.track(as_frame(moved.rgb, number))
        assert tracked.pose is not None
        assert tracked.face is not None
        assert off(tracked.face.image, expected.face.image, moved).max() < 5
        assert np.median(off(tracked.face.image, expected.face.image, moved)) < 1
        assert off(tracked.pose.image[HEAD], expected.pose.image[HEAD], moved).max() < 10
    pool.release(tracker)


def off(found: np.ndarray, expected: np.ndarray, moved: MovedPicture) -> np.ndarray:
    """Return how many pixels landmarks are from where the motion puts them."""
    return np.linalg.norm(pixels(found, moved.rgb) - moved.place(pixels(expected, astronaut())), axis=1)


def test_arrays_are_what_the_model_promises(pool: TrackerPool) -> None:
    tracked = still(pool, "holistic", astronaut())
    assert tracked.pose is not None
    assert tracked.face is not None
    for array, shape in (
        (tracked.pose.image, (33, 3)),
        (tracked.pose.world, (33, 3)),
        (tracked.pose.visibility, (33,)),
        (tracked.face.image, (478, 3)),
    ):
        assert (array.shape, array.dtype) == (shape, np.float32)
        assert array.flags.c_contiguous
        assert np.isfinite(array).all()
    assert tracked.pose.visibility.min() >= 0
    assert tracked.pose.visibility.max() <= 1
    assert tracked.size_wh == (512, 512)
    assert 0 < tracked.tracking_ns < tracked.tracked_at_ns


def test_hands_have_their_sides_and_sizes(pool: TrackerPool) -> None:
    path = clip()
    if path is None:
        pytest.skip("the astronaut shows no hands")
    tracker, alone = pool.acquire("holistic", "exact"), pool.acquire("hands", "exact")
    agreed = 0
    for number, rgb in enumerate(clip_frames(path, 90, SIZE_WH)):
        whole, hands = tracker.track(as_frame(rgb, number)), alone.track(as_frame(rgb, number))
        for side in ("left_hand", "right_hand"):
            one, other = getattr(whole, side), getattr(hands, side)
            if one is None or other is None:
                continue
            assert one.image.shape == one.world.shape == other.world.shape == (21, 3)
            assert 0.5 < one.score <= 1
            assert 0.05 < np.ptp(other.world, axis=0).max() < 0.3, "a hand's size in metres"
            agreed += np.linalg.norm(pixels(one.image, rgb) - pixels(other.image, rgb), axis=1).mean() < 20
    pool.release(tracker)
    pool.release(alone)
    assert agreed > 20, "the pose and the palm detector hardly ever mean the same hand"


@pytest.mark.parametrize("name", ["holistic", "pose", "face"])
def test_the_picture_may_change_its_size_at_any_time(name: str, pool: TrackerPool) -> None:
    tracker = pool.acquire(name, "balanced")  # type: ignore[arg-type]
    sizes = [(640, 480), (333, 251), (1279, 959), (427, 641), (640, 480), (640, 480)]
    seen = []
    for number, size_wh in enumerate(sizes):
        (moved,) = astronaut_frames(1, size_wh)
        seen.append(tracker.track(as_frame(moved.rgb, number)))
    assert [one.size_wh for one in seen] == sizes
    assert tracker.failures == 0
    # Where its shape changes, too, she is suddenly elsewhere in it: she may be lost for a frame.
    assert not any(one.is_empty for one in [*seen[:3], seen[-1]])
    pool.release(tracker)


@pytest.mark.parametrize("size_wh", [(1, 1), (2, 300), (301, 1), (17, 13)])
def test_a_picture_of_any_size_is_no_failure(size_wh: tuple[int, int], pool: TrackerPool) -> None:
    for name in ("holistic", "hands", "face"):
        width, height = size_wh
        assert still(pool, name, np.zeros((height, width, 3), np.uint8)).is_empty


def test_who_leaves_is_gone_and_who_comes_back_is_found(pool: TrackerPool) -> None:
    tracker = pool.acquire("holistic", "balanced")
    (moved,) = astronaut_frames(1)
    nobody = np.zeros_like(moved.rgb)
    pictures = [moved.rgb] * 3 + [nobody] * 2 + [moved.rgb]
    seen = [tracker.track(as_frame(rgb, number)) for number, rgb in enumerate(pictures)]
    assert [one.is_empty for one in seen] == [False] * 3 + [True] * 2 + [False]
    pool.release(tracker)


def test_stills_owe_nothing_to_the_picture_before(pool: TrackerPool) -> None:
    (moved,) = astronaut_frames(1)
    turned = np.ascontiguousarray(cv2.flip(moved.rgb, 1))
    tracker = pool.acquire("holistic", "exact", still=True)
    pictures = [moved.rgb, turned, moved.rgb]
    first, _, again = (tracker.track(as_frame(rgb, number)) for number, rgb in enumerate(pictures))
    assert first.pose is not None
    assert again.pose is not None
    assert np.array_equal(first.pose.image, again.pose.image)
    pool.release(tracker)


def test_sessions_that_share_networks_do_not_mix(pool: TrackerPool) -> None:
    def alone(frames: list[np.ndarray]) -> list[Tracked]:
        tracker = pool.acquire("holistic", "balanced")
        try:
            return [tracker.track(as_frame(rgb, number)) for number, rgb in enumerate(frames)]
        finally:
            pool.release(tracker)

    streams = [[moved.rgb for moved in astronaut_frames(12, first=first)] for first in (0, 30, 60)]
    expected = [alone(stream) for stream in streams]
    with ThreadPoolExecutor(len(streams)) as threads:
        for _ in range(2):
            for mine, reference in zip(threads.map(alone, streams), expected, strict=True):
                for one, other in zip(mine, reference, strict=True):
                    assert one.pose is not None
                    assert other.pose is not None
                    assert np.array_equal(one.pose.image, other.pose.image)


def test_a_graph_that_really_fails_is_replaced(pool: TrackerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """MediaPipe is given a number for a picture: its calculator fails, and with it the whole graph, for good."""
    tracker, bystander = pool.acquire("holistic", "balanced"), pool.acquire("holistic", "balanced")
    frames = [as_frame(moved.rgb, number) for number, moved in enumerate(astronaut_frames(6))]
    before = pool.failures
    assert not tracker.track(frames[0]).is_empty
    with monkeypatch.context() as poisoned:
        poison = native()._packet_creator.create_int(1)
        poisoned.setattr(following.Body, "find", lambda self, _image, _time: {"pose": poison, "image": poison})
        assert tracker.track(frames[1]).is_empty
    assert (tracker.failures, pool.failures) == (1, before + 1)
    assert [tracker.track(frame).is_empty for frame in frames[2:4]] == [False, False]
    assert [bystander.track(frame).is_empty for frame in frames[2:4]] == [False, False]
    assert (tracker.failures, bystander.failures) == (1, 0)
    pool.release(tracker)
    pool.release(bystander)


def test_a_pool_that_is_closed_fails_its_trackers_and_frees_its_networks() -> None:
    pool = TrackerPool("mediapipe", threads=1)
    tracker = pool.acquire("face", "balanced")
    pool.close()
    assert [tracker.track(as_frame(astronaut(), number)).is_empty for number in range(2)] == [True, True]
    with pytest.raises(TrackingError, match="in a row"):
        tracker.track(as_frame(astronaut(), 2))


COST = """
import resource, sys
import numpy as np
from mocast.tracking.pool import TrackerPool
from mocast.model.frame import Frame

def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6

picture = np.random.default_rng(0).integers(0, 255, (480, 640, 3), np.uint8)
before = resident_mb()
pool = TrackerPool("mediapipe", threads=1)
trackers = [pool.acquire("holistic", "balanced")]
trackers[0].track(Frame(0, 0, 0, picture))
first = resident_mb()
for _ in range(10):
    trackers.append(pool.acquire("holistic", "balanced"))
for number in range(3):
    for tracker in trackers:
        tracker.track(Frame(number, number * 3000, 0, picture))
print(first - before, (resident_mb() - first) / 10)
print(*sorted(name for name in sys.modules if name.split(".")[0] in ("matplotlib", "mediapipe")), file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_sessions_share_memory_and_load_nothing_needless() -> None:
    done = subprocess.run([sys.executable, "-c", COST], capture_output=True, text=True, timeout=120, check=True)
    first, further = map(float, done.stdout.split())
    assert first < 260
    assert further < 10
    loaded = done.stderr.split()
    assert loaded
    assert all(name.startswith("mediapipe.python._framework_bindings") for name in loaded)


LOADED = "import sys, mocast.tracking.pool as p; p.TrackerPool('mediapipe'); print(*(n for n in sys.modules if 'mediapipe.' in n))"


def test_the_library_is_loaded_only_when_a_tracker_is_built() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, timeout=60, check=True)
    assert "mocast.tracking.mediapipe.engine" in done.stdout
    assert not any(name.startswith("mediapipe.") for name in done.stdout.split())
