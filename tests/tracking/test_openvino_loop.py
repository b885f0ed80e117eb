"""The tracking loop on the real networks: what it runs and what it leaves out, on one core and on two, and its end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Literal

import numpy as np
import pytest
from bench.errors import HANDS
from bench.motion import waving as waving_astronaut
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.model.options import Quality, TrackerName
from mocast.model.topology import POSE_COUNT, PoseLandmark
from mocast.model.tracked import Tracked
from mocast.tracking.engines import EngineOptions
from mocast.tracking.openvino.engine import _TRACKERS, NetworkTracker, OpenvinoEngine
from mocast.tracking.openvino.graph import body_hand
from mocast.tracking.openvino.graph.body_face import BodyFace
from mocast.tracking.openvino.graph.body_hand import BodyHand
from mocast.tracking.openvino.graph.pose import DETECTOR_REST_US, SETTLING, FoundPose, PoseTracker
from mocast.tracking.openvino.graph.region_inference import RegionInference
from mocast.tracking.openvino.graph.tracked_region import TrackedRegion
from mocast.tracking.openvino.networks.conversion import NetworkName, WantedPrecision
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Region
from mocast.tracking.openvino.runtime.inference_request import InferenceRequest, Outputs
from mocast.tracking.openvino.runtime.network_form import REFERENCE_FORM
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry, _Key
from mocast.tracking.openvino.schedule import quality_profile
from tests.pictures import as_frame
from tests.scenes import somebody, wall
from tests.variants import checked_arrays

TRACKERS: list[TrackerName] = ["holistic", "pose", "hands", "face"]
STREAMS = pytest.mark.parametrize("streams", [1, 2])
FPS = 25
"""Frames are whole microseconds apart, so that times from any frame on are the same."""

PROFILES = {
    quality: replace(profile, hand_precision="f32", body_precision="f32")
    for quality, profile in quality_profile.PROFILES.items()
}
"""Reduced, landmarks would depend on the processor."""

DETECTORS: dict[TrackerName, NetworkName] = {
    "holistic": "pose_detection",
    "pose": "pose_detection",
    "hands": "palm_detection",
    "face": "face_detection",
}


LANDMARKS: dict[TrackerName, dict[NetworkName, int]] = {
    "holistic": {"pose_landmark": 1, "face_landmark": 1, "hand_landmark": 2},
    "pose": {"pose_landmark": 1},
    "hands": {"hand_landmark": 2},
    "face": {"face_landmark": 1},
}
"""How often each network runs for a frame of the astronaut with both hands."""


@pytest.fixture(scope="module")
def kept(network_cache: Path) -> Path:
    return network_cache


@pytest.fixture(scope="module")
def engines(kept: Path) -> Iterator[dict[int, OpenvinoEngine]]:
    """An engine for each number of streams."""
    options = EngineOptions(cache_folder=kept, precision="f32")
    made = {streams: OpenvinoEngine(replace(options, threads=streams)) for streams in (1, 2)}
    yield made
    for engine in made.values():
        engine.close()


@pytest.fixture
def networks(streams: int, kept: Path) -> Iterator[NetworkRegistry]:
    made = NetworkRegistry(streams=streams, cache_folder=kept)
    yield made
    made.close()


@dataclass
class Watch:
    """Records which networks run."""

    runs: Counter[str] = field(default_factory=Counter)
    "Network → how often it ran."
    begun: set[RegionInference] = field(default_factory=set)
    "What was submitted, and whose result was neither taken nor cancelled."
    failing: set[str] = field(default_factory=set)
    "Networks that fail when they run."
    names: dict[int, NetworkName] = field(default_factory=dict)
    "Of requests, by their identity."
    changing: Lock = field(default_factory=Lock)

    def ran(self, request: InferenceRequest) -> None:
        name = self.names[id(request)]
        with self.changing:
            self.runs[name] += 1
        if name in self.failing:
            request.close()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made, request, run = Watch(), NetworkRegistry.request, InferenceRequest.run
    submit, result, cancel = RegionInference.submit, RegionInference.result, RegionInference.cancel

    def named(self: NetworkRegistry, name: NetworkName, precision: WantedPrecision = "f32") -> InferenceRequest:
        one = request(self, name, precision)
        made.names[id(one)] = name
        return one

    def watched_run(self: InferenceRequest) -> Outputs:
        made.ran(self)
        return run(self)

    def watched_submit(self: RegionInference, frame: FrameView, region: Region) -> None:
        submit(self, frame, region)
        made.begun.add(self)

    def watched_result(self: RegionInference) -> Outputs:
        made.begun.discard(self)
        return result(self)

    def watched_cancel(self: RegionInference) -> None:
        cancel(self)
        made.begun.discard(self)

    monkeypatch.setattr(NetworkRegistry, "request", named)
    monkeypatch.setattr(InferenceRequest, "run", watched_run)
    for name, watched in (("submit", watched_submit), ("result", watched_result), ("cancel", watched_cancel)):
        monkeypatch.setattr(RegionInference, name, watched)
    return made


@cache
def waving(count: int) -> tuple[RgbImage, ...]:
    """Return the astronaut as she sways and moves her hands smoothly."""
    return tuple(waving_astronaut(count))


def follow(tracker: NetworkTracker, pictures: Sequence[RgbImage], first: int = 0) -> list[Tracked]:
    return [tracker.track(as_frame(rgb, number, FPS)) for number, rgb in enumerate(pictures, first)]


def assert_same(one: Sequence[Tracked], other: Sequence[Tracked]) -> None:
    for mine, theirs in zip(one, other, strict=True):
        for array, expected in zip(checked_arrays(mine), checked_arrays(theirs), strict=True):
            assert np.array_equal(array, expected)


def looks(tracker: NetworkTracker, watch: Watch, network: NetworkName, pictures: Sequence[RgbImage]) -> list[int]:
    """Return the numbers of the frames in which a network was begun."""
    begun = []
    for number, rgb in enumerate(pictures):
        before = watch.runs[network]
        tracker.track(as_frame(rgb, number, FPS))
        if watch.runs[network] > before:
            begun.append(number)
    return begun


# One network and one region

BODY = Region(320, 240, 500, 0.1)
NOTHING = Region(20, 20, 40, 0)


def copied(outputs: Outputs) -> list[NDArray[np.float32]]:
    return [output.copy() for output in outputs]


def assert_equal(one: Sequence[NDArray[np.float32]], other: Sequence[NDArray[np.float32]]) -> None:
    assert all(np.array_equal(mine, theirs) for mine, theirs in zip(one, other, strict=True))


@STREAMS
def test_what_is_given_up_runs_no_more(networks: NetworkRegistry) -> None:
    """What it writes to would change under the eyes of whoever comes next."""
    inference, other = (
        RegionInference(networks.request("pose_landmark"), networks.workers),
        RegionInference(networks.request("face_detection"), networks.workers),
    )
    for _ in range(3):
        outputs = inference.run(FrameView(somebody(), 0, 0), BODY)
        inference.submit(FrameView(wall(), 0, 0), NOTHING)
        assert inference.region == NOTHING
        inference.cancel()
        assert inference.region is None
        left = copied(outputs)
        for _ in range(20):
            other.run(FrameView(somebody(), 0, 0), BODY)
        assert_equal(outputs, left)
    inference.cancel()


@STREAMS
def test_the_last_region_counts(networks: NetworkRegistry) -> None:
    inference = RegionInference(networks.request("face_detection"), networks.workers, border="black")
    expected = copied(inference.run(FrameView(somebody(), 0, 0), BODY))
    assert inference.region is None
    inference.submit(FrameView(wall(), 0, 0), NOTHING)
    inference.submit(FrameView(somebody(), 0, 0), BODY)
    assert inference.region == BODY
    assert_equal(inference.result(), expected)
    assert inference.region is None


@STREAMS
def test_a_region_that_is_none_leaves_nothing_begun(networks: NetworkRegistry) -> None:
    inference = RegionInference(networks.request("face_detection"), networks.workers)
    expected = copied(inference.run(FrameView(somebody(), 0, 0), BODY))
    inference.submit(FrameView(wall(), 0, 0), NOTHING)
    with pytest.raises(TrackingError, match="nothing to crop"):
        inference.run(FrameView(somebody(), 0, 0), BODY._replace(size=0))
    assert inference.region is None
    assert_equal(inference.run(FrameView(somebody(), 0, 0), BODY), expected)


# One hand, one face


def body_at(wrist_px: tuple[float, float], visibility: float = 1, seen: float = 1) -> FoundPose:
    """Return a body whose left hand, 60 pixels long, is up, and whose head is above it, where nothing is."""
    points = np.zeros((POSE_COUNT, 3), np.float32)
    up = {"LEFT_WRIST": (0, 0), "LEFT_PINKY": (20, -60), "LEFT_INDEX": (-10, -60)}
    head = {"RIGHT_EYE": (-20, -200), "LEFT_EYE": (20, -200), "MOUTH_LEFT": (10, -150)}
    points[: PoseLandmark.MOUTH_RIGHT + 1, :2] = np.add(wrist_px, (0, -180))
    for name, way in (up | head).items():
        points[PoseLandmark[name], :2] = np.add(wrist_px, way)
    sure = np.full(POSE_COUNT, visibility, np.float32)
    return FoundPose(points, points, sure, np.full(POSE_COUNT, seen, np.float32))


def hand(networks: NetworkRegistry, quality: Quality = "fast") -> BodyHand:
    return BodyHand(networks, PROFILES[quality], "LEFT")


def step(
    part: TrackedRegion[Any], body: FoundPose | None, number: int = 0, rgb: RgbImage | None = None
) -> object | None:
    picture = FrameView(wall() if rgb is None else rgb, number * 40_000, number)
    part.start(picture)
    part.submit_tracked(picture)
    if body is None:
        part.lose()
        return None
    part.submit_detection(picture, body)
    part.submit_landmarks(picture)
    return part.result(picture)


def frames_of(part: TrackedRegion[Any], watch: Watch, network: NetworkName, bodies: Sequence[FoundPose]) -> list[int]:
    """Return the numbers of the frames in which a network was begun, where there is nothing to be seen."""
    begun = []
    for number, body in enumerate(bodies):
        before = watch.runs[network]
        assert step(part, body, number) is None
        if watch.runs[network] > before:
            begun.append(number)
    return begun


@STREAMS
@pytest.mark.parametrize(
    ("quality", "expected"), [("exact", [0, 1, 2, 4, 6, 8, 10]), ("balanced", [0, 1, 4, 8]), ("fast", [0, 2, 5, 9])]
)
def test_a_hand_that_is_not_there_is_looked_for_less_often(
    quality: Quality, expected: list[int], networks: NetworkRegistry, watch: Watch
) -> None:
    bodies = [body_at((320, 340))] * 12
    assert frames_of(hand(networks, quality), watch, "hand_recrop", bodies) == expected
    assert not watch.begun


@STREAMS
def test_a_hand_that_moved_is_looked_for_at_once(networks: NetworkRegistry, watch: Watch) -> None:
    """By three tenths of its region, 97 pixels; where it only trembles it is not there either."""
    wrists = [(320, 340), (340, 340), (340, 340), (340, 260), (340, 235), (340, 235)]
    assert frames_of(hand(networks), watch, "hand_recrop", [body_at(wrist) for wrist in wrists]) == [0, 2, 4]


@pytest.mark.parametrize("streams", [1])
@pytest.mark.parametrize(("quality", "expected"), [("exact", [0, 1, 2, 3]), ("fast", [0, 3])])
def test_a_hand_that_is_blurred_by_its_motion_is_looked_for_once_it_is_slower(
    quality: Quality, expected: list[int], networks: NetworkRegistry, watch: Watch
) -> None:
    """It moves by 120 pixels a frame; three tenths of its region are 97."""
    bodies = [body_at((x, 340)) for x in (160, 280, 400, 400)]
    assert frames_of(hand(networks, quality), watch, "hand_recrop", bodies) == expected


@STREAMS
@pytest.mark.parametrize(
    "body",
    [
        body_at((320, 340), visibility=0.09),
        body_at((320, 340), seen=0.49),
        body_at((-90, 340)),
        body_at((740, 340)),
        body_at((320, -10)),
        body_at((320, 600)),
    ],
    ids=["hidden", "hidden in this frame", "left", "right", "above", "below"],
)
def test_a_hand_that_cannot_be_seen_is_not_looked_for(body: FoundPose, networks: NetworkRegistry, watch: Watch) -> None:
    assert frames_of(hand(networks), watch, "hand_recrop", [body] * 2) == []
    assert watch.runs.total() == 0


@STREAMS
def test_a_hand_at_the_border_is_looked_for(networks: NetworkRegistry, watch: Watch) -> None:
    bodies = [body_at((-25, 340)), body_at((665, 340)), body_at((320, 50)), body_at((320, 570), visibility=0.11)]
    for body in bodies:
        assert frames_of(hand(networks), watch, "hand_recrop", [body]) == [0]


@STREAMS
def test_a_face_that_is_not_there_is_looked_for_less_often(networks: NetworkRegistry, watch: Watch) -> None:
    face = BodyFace(networks, PROFILES["fast"])
    assert frames_of(face, watch, "face_detection", [body_at((320, 400))] * 12) == [0, 2, 5, 9]
    assert watch.runs["face_landmark"] == 0


@STREAMS
def test_parts_that_start_afresh_look_at_once(networks: NetworkRegistry, watch: Watch) -> None:
    parts: list[tuple[TrackedRegion[Any], NetworkName]] = [
        (hand(networks), "hand_recrop"),
        (BodyFace(networks, PROFILES["fast"]), "face_detection"),
    ]
    for part, network in parts:
        assert frames_of(part, watch, network, [body_at((320, 380))] * 7) == [0, 2, 5]
        part.reset()
        assert frames_of(part, watch, network, [body_at((320, 380))] * 7) == [0, 2, 5]


@pytest.fixture
def astronauts_body(networks: NetworkRegistry) -> FoundPose:
    """The body of ``somebody``."""
    body, picture = PoseTracker(networks, PROFILES["exact"].for_stills()), FrameView(somebody(), 0, 0)
    found = body.pose(picture)
    assert found is not None
    return found


@STREAMS
@pytest.mark.parametrize("quality", ["exact", "balanced"])
def test_a_hand_that_was_lost_is_searched_and_not_followed(
    quality: Quality, networks: NetworkRegistry, astronauts_body: FoundPose, watch: Watch
) -> None:
    left = hand(networks, quality)
    hidden = astronauts_body._replace(visibility=np.zeros(POSE_COUNT, np.float32))
    assert step(left, astronauts_body, 0, somebody()) is not None
    for gone in (hidden, None):
        assert step(left, gone, 1, wall()) is None
        assert not watch.begun
        watch.runs.clear()
        assert step(left, astronauts_body, 2, somebody()) is not None
        assert watch.runs == {"hand_recrop": 1, "hand_landmark": 1}


@STREAMS
@pytest.mark.parametrize(("likely", "expected"), [(0.0, [0, 1, 2, 3, 4]), (1.0, [0, 2, 4])])
def test_a_hand_that_is_likely_there_is_looked_for_in_every_frame(
    likely: float, expected: list[int], networks: NetworkRegistry, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_hand, "MAX_SCORE_OF_ABSENT_HAND", 0)
    monkeypatch.setattr(body_hand, "MIN_SCORE_OF_LIKELY_HAND", likely)
    assert frames_of(hand(networks), watch, "hand_recrop", [body_at((320, 340))] * 5) == expected


@STREAMS
def test_a_hand_in_doubt_is_there_once_it_is_seen_again(networks: NetworkRegistry, astronauts_body: FoundPose) -> None:
    doubts_all = replace(PROFILES["fast"], min_score_of_new_hand=1.1)
    left = BodyHand(networks, doubts_all, "LEFT")
    for _ in range(2):
        assert step(left, astronauts_body, 0, somebody()) is None
        assert step(left, astronauts_body, 1, somebody(3)) is not None
        left.reset()
    still = BodyHand(networks, doubts_all.for_stills(), "LEFT")
    assert step(still, astronauts_body, 0, somebody()) is not None


@STREAMS
@pytest.mark.parametrize("quality", ["exact", "balanced"])
def test_a_face_that_was_lost_is_searched_and_not_followed(
    quality: Quality, networks: NetworkRegistry, astronauts_body: FoundPose, watch: Watch
) -> None:
    face = BodyFace(networks, PROFILES[quality])
    headless = astronauts_body._replace(points=np.zeros_like(astronauts_body.points))
    assert step(face, astronauts_body, 0, somebody()) is not None
    for gone in (headless, None):
        assert step(face, gone, 1, wall()) is None
        assert not watch.begun
        watch.runs.clear()
        assert step(face, astronauts_body, 2, somebody()) is not None
        assert watch.runs == {"face_detection": 1, "face_landmark": 1}


@STREAMS
def test_a_face_that_is_not_found_anew_is_gone(
    networks: NetworkRegistry, astronauts_body: FoundPose, watch: Watch
) -> None:
    """Though the landmarks' network may see it where it was: the detector is asked where the pose's head is."""
    face = BodyFace(networks, PROFILES["exact"])
    elsewhere = astronauts_body._replace(points=astronauts_body.points + np.array((900, 0, 0), np.float32))
    assert step(face, astronauts_body, 0, somebody()) is not None
    assert step(face, elsewhere, 1, somebody()) is None
    assert not watch.begun


# One stream


def leaving_and_coming_back() -> list[RgbImage]:
    """Return somebody who leaves, comes back and jumps: what is begun before the body is known is wrong there."""
    shown = waving(16)
    return [*shown, *[wall()] * 3, *shown[:6], somebody(60), *[somebody(-60)] * 3]


@pytest.mark.parametrize("name", TRACKERS)
def test_several_cores_see_what_one_sees(name: TrackerName, engines: dict[int, OpenvinoEngine], watch: Watch) -> None:
    found, runs = {}, {}
    for streams, engine in engines.items():
        watch.runs.clear()
        found[streams] = follow(engine.build(name, "exact", still=False), leaving_and_coming_back())
        runs[streams] = watch.runs.copy()
        assert not watch.begun
    assert_same(found[2], found[1])
    assert sum(not one.is_empty for one in found[1]) > 20
    if name == "holistic":
        assert sum(one.left_hand is not None for one in found[1]) > 15
        assert runs[2]["hand_landmark"] < 1.3 * runs[1]["hand_landmark"]
    else:
        assert runs[2] == runs[1]


def test_what_is_begun_ahead_for_nothing_changes_nothing(
    engines: dict[int, OpenvinoEngine], watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where all of it is done before the body is known."""
    expected = follow(engines[1].build("holistic", "exact", still=False), leaving_and_coming_back())
    runs, find = watch.runs.copy(), PoseTracker.pose

    def find_late(self: PoseTracker, picture: FrameView) -> FoundPose | None:
        for inference in watch.begun:
            assert inference._task is not None
            inference._workers.join(inference._task)
        return find(self, picture)

    monkeypatch.setattr(PoseTracker, "pose", find_late)
    watch.runs.clear()
    assert_same(follow(engines[2].build("holistic", "exact", still=False), leaving_and_coming_back()), expected)
    assert watch.runs["hand_landmark"] > runs["hand_landmark"], "nothing was begun for nothing"


@STREAMS
@pytest.mark.parametrize("name", TRACKERS)
@pytest.mark.parametrize("before", ["somebody", "nobody"])
def test_a_stream_whose_size_changes_starts_afresh(
    before: str, name: TrackerName, streams: int, engines: dict[int, OpenvinoEngine], watch: Watch
) -> None:
    """As if the other frames had not been, whatever was remembered or waited for."""
    engine = engines[streams]
    turned = [np.ascontiguousarray(picture[:, 80:560]) for picture in waving(6)]
    expected = follow(engine.build(name, "exact", still=False), turned)
    earlier = waving(7) if before == "somebody" else [wall()] * 7
    tracker = engine.build(name, "exact", still=False)
    follow(tracker, earlier)
    assert_same(follow(tracker, turned, first=7), expected)
    assert not expected[0].is_empty
    assert not watch.begun


@STREAMS
@pytest.mark.parametrize("name", TRACKERS)
def test_nobody_is_looked_for_less_and_less_often(
    name: TrackerName, streams: int, engines: dict[int, OpenvinoEngine], watch: Watch
) -> None:
    tracker = engines[streams].build(name, "exact", still=False)
    assert looks(tracker, watch, DETECTORS[name], [wall()] * 12) == [0, 1, 2, 4, 6, 8, 10]
    assert watch.runs.total() == 7, "no other network is run"
    stills = engines[streams].build(name, "exact", still=True)
    assert looks(stills, watch, DETECTORS[name], [wall()] * 6) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("name", TRACKERS)
def test_who_comes_is_found_at_the_next_look(
    name: TrackerName, engines: dict[int, OpenvinoEngine], watch: Watch
) -> None:
    tracker = engines[1].build(name, "exact", still=False)
    follow(tracker, [wall()] * 11)
    found = follow(tracker, waving(3), first=11)
    assert [one.is_empty for one in found] == [True, False, False]
    before = watch.runs[DETECTORS[name]]
    follow(tracker, [wall()] * 4, first=14)
    assert watch.runs[DETECTORS[name]] - before >= 2, "who has just left may come back"


@STREAMS
@pytest.mark.parametrize("name", TRACKERS)
def test_a_picture_that_stays_the_same_is_not_looked_at_again(
    name: TrackerName, streams: int, networks: NetworkRegistry, watch: Watch
) -> None:
    """Not for 7 frames, a body once its region has settled; face and hands are the same in them, and the body is as far
    as it is smoothed."""
    tracker = NetworkTracker(_TRACKERS[name](networks, PROFILES["balanced"]), networks.workers)
    first, *others = follow(tracker, [somebody()] * 17)
    expected = {network: 3 * each for network, each in LANDMARKS[name].items()}
    if "pose_landmark" in expected:
        expected["pose_landmark"] = SETTLING + 1
    assert {network: watch.runs[network] for network in expected} == expected
    for part in ("face", *HANDS):
        if getattr(first, part) is not None:
            assert all(np.array_equal(getattr(one, part).image, getattr(first, part).image) for one in others[:7])
    for one in others if name in ("holistic", "pose") else ():
        assert one.pose is not None
        assert first.pose is not None
        apart = np.abs(one.pose.image - first.pose.image)[first.pose.visibility > 0.9, :2]
        assert apart.mean() < 0.02


@STREAMS
def test_exact_looks_at_a_picture_that_stays_the_same(
    streams: int, engines: dict[int, OpenvinoEngine], watch: Watch
) -> None:
    follow(engines[streams].build("holistic", "exact", still=False), [somebody()] * 9)
    assert watch.runs["pose_landmark"] == 9
    assert watch.runs["face_landmark"] == 9
    assert watch.runs["hand_landmark"] >= 18


def test_in_frames_for_the_body_alone_no_other_network_runs(engines: dict[int, OpenvinoEngine], watch: Watch) -> None:
    tracker = engines[1].build("holistic", "exact", still=False)
    found = [tracker.track(replace(as_frame(somebody(), number), only_body=number < 3)) for number in range(5)]
    assert all(one.pose for one in found)
    assert [one.face is not None for one in found] == [False, False, False, True, True]
    assert (watch.runs["pose_landmark"], watch.runs["face_landmark"]) == (5 + SETTLING, 2)


@pytest.mark.parametrize("streams", [1])
def test_a_body_is_led_in_where_its_region_would_be_after_seconds(streams: int, networks: NetworkRegistry) -> None:
    """The detector's region is a sixth too small, which a tracker that is not led in takes seconds to make up for."""

    def sizes(*, is_led_in: bool) -> list[float]:
        body = PoseTracker(networks, PROFILES["exact"])
        found = []
        for number in range(60):
            frame = FrameView(somebody(), number * 40_000, number)
            frame.only_body = is_led_in and number == 0
            body.pose(frame)
            assert body._tracked is not None
            found.append(body._tracked.size)
        return found

    settled = sizes(is_led_in=True)
    assert settled[0] > 0.96 * settled[-1]
    begun = sizes(is_led_in=False)
    assert begun[0] < 0.9 * settled[-1]
    assert begun[-1] < settled[0], "still on its way"


@pytest.mark.parametrize("streams", [1])
def test_the_detector_of_bodies_is_held_while_somebody_may_have_to_be_found(
    streams: int, networks: NetworkRegistry
) -> None:
    body = PoseTracker(networks, replace(PROFILES["exact"], rests_detector=True))
    detector = networks._compiled[_Key("pose_detection", REFERENCE_FORM)]
    lost_us = DETECTOR_REST_US + 40_000

    def is_found(rgb: RgbImage, time_us: int) -> bool:
        return body.pose(FrameView(rgb, time_us, time_us // 40_000)) is not None

    assert is_found(somebody(), 0)
    assert is_found(somebody(), DETECTOR_REST_US)
    assert detector.is_used
    assert is_found(somebody(), lost_us)
    assert not detector.is_used
    assert not is_found(wall(), lost_us + 40_000)
    assert is_found(somebody(), lost_us + 80_000)
    assert detector.is_used


def test_parts_that_move_slowly_are_extrapolated_in_about_every_second_frame(
    engines: dict[int, OpenvinoEngine], watch: Watch
) -> None:
    """How near and how smooth that is, ``bench.extrapolation`` measures."""
    count = 24
    pictures = list(waving_astronaut(count, speed=0.5))
    found = follow(engines[1].build("holistic", "fast", still=False), pictures)
    assert all(one.pose and one.face for one in found)
    assert sum(one.left_hand is not None for one in found) > count - 3
    assert watch.runs["pose_landmark"] < 0.8 * count
    assert watch.runs["face_landmark"] < 0.8 * count
    assert watch.runs["hand_landmark"] < 0.8 * 2 * count


@pytest.mark.parametrize(("quality", "most"), [("exact", 14), ("balanced", 9)])
def test_while_one_hand_is_there_the_other_one_is_not_searched_in_every_frame(
    quality: Quality, most: int, engines: dict[int, OpenvinoEngine], watch: Watch
) -> None:
    found = follow(engines[1].build("hands", quality, still=False), list(waving_astronaut(24, hands=1)))
    assert sum(one.left_hand is not None for one in found) > 20
    assert all(one.right_hand is None for one in found)
    assert 6 <= watch.runs["palm_detection"] <= most


def test_a_second_hand_is_found_within_a_few_frames(engines: dict[int, OpenvinoEngine]) -> None:
    one, both = (list(waving_astronaut(20, hands=hands)) for hands in (1, 2))
    found = follow(engines[1].build("hands", "balanced", still=False), [*one[:12], *both[12:]])
    assert [hands.right_hand is not None for hands in found] == sorted(hands.right_hand is not None for hands in found)
    assert found[15].right_hand is not None


@pytest.mark.parametrize("name", ["holistic", "hands"])
def test_a_camera_of_60_frames_a_second_costs_little_more_than_one_of_30(
    name: TrackerName, engines: dict[int, OpenvinoEngine], watch: Watch
) -> None:
    runs = []
    for fps in (30, 60):
        watch.runs.clear()
        tracker = engines[1].build(name, "balanced", still=False)
        for number, rgb in enumerate(waving_astronaut(16 * fps // 30, speed=30 / fps)):
            assert not tracker.track(as_frame(rgb, number, fps)).is_empty
        runs.append(watch.runs.total())
    assert runs[1] <= 1.3 * runs[0]


# The end


@STREAMS
@pytest.mark.parametrize("name", TRACKERS)
def test_a_closed_tracker_fails_and_may_be_closed_again(
    name: TrackerName, streams: int, engines: dict[int, OpenvinoEngine], watch: Watch
) -> None:
    tracker, bystander = (engines[streams].build(name, "exact", still=False) for _ in range(2))
    follow(tracker, waving(3))
    for _ in range(2):
        tracker.close()
    with pytest.raises(TrackingError, match="the tracker is closed"):
        tracker.track(as_frame(somebody(), 4))
    engines[streams].build(name, "exact", still=False).close()
    assert not follow(bystander, waving(3))[-1].is_empty
    assert not watch.begun


@STREAMS
@pytest.mark.parametrize(
    ("name", "network"),
    [("holistic", "pose_landmark"), ("holistic", "hand_landmark"), ("holistic", "face_detection"), ("hands", None)],
)
def test_a_frame_that_failed_leaves_no_network_running(
    name: TrackerName,
    network: Literal["pose_landmark", "hand_landmark", "face_detection"] | None,
    streams: int,
    engines: dict[int, OpenvinoEngine],
    watch: Watch,
) -> None:
    tracker = engines[streams].build(name, "exact", still=False)
    assert not follow(tracker, waving(3))[-1].is_empty
    watch.failing.add(network or "hand_landmark")
    pictures = [somebody()] * 10  # the face is not detected in each
    with pytest.raises(TrackingError):
        follow(tracker, pictures, first=3)
    assert not watch.begun, "what a frame began that failed still runs"
    tracker.close()
    tracker.close()


@STREAMS
def test_trackers_of_a_closed_engine_fail(streams: int, kept: Path) -> None:
    engine = OpenvinoEngine(EngineOptions(threads=streams, cache_folder=kept, precision="f32"))
    trackers = [engine.build(name, "exact", still=False) for name in TRACKERS]
    assert not any(follow(tracker, waving(2))[-1].is_empty for tracker in trackers)
    for _ in range(2):
        engine.close()
    for tracker in trackers:
        for number in (2, 3):
            with pytest.raises(TrackingError, match="engine is closed"):
                tracker.track(as_frame(somebody(), number, FPS))
        tracker.close()
    with pytest.raises(TrackingError, match="engine is closed"):
        engine.build("pose", "exact", still=False)


@STREAMS
def test_an_engine_may_be_closed_while_its_trackers_are_at_work(streams: int, kept: Path) -> None:
    engine = OpenvinoEngine(EngineOptions(threads=streams, cache_folder=kept, precision="f32"))
    tracker = engine.build("holistic", "exact", still=False)
    at_work, errors = Event(), []

    def work() -> None:
        try:
            for number in range(10_000):
                tracker.track(as_frame(waving(3)[number % 3], number, FPS))
                if number == 2:
                    at_work.set()
        except TrackingError as error:
            errors.append(error)

    worker = Thread(target=work)
    worker.start()
    assert at_work.wait(60)
    engine.close()
    worker.join(60)
    assert not worker.is_alive()
    assert len(errors) == 1
    tracker.close()
