"""The tracking loop on the real networks: what it runs and what it leaves out, on one core and on two, and its end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Literal

import cv2
import numpy as np
import pytest
from bench.errors import HANDS, Part, stutter
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.model.options import Quality, TrackerName
from mocast.model.topology import POSE_COUNT, PoseLandmark
from mocast.model.tracked import Tracked
from mocast.tracking.openvino import plans
from mocast.tracking.openvino.body import Body, FoundBody
from mocast.tracking.openvino.convert import NetworkName
from mocast.tracking.openvino.engine import _FOLLOWING, NetworkTracker, OpenvinoEngine
from mocast.tracking.openvino.face import BodysFace
from mocast.tracking.openvino.hand import BodysHand
from mocast.tracking.openvino.looking import Looking
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.part import Part as Follows
from mocast.tracking.openvino.picture import Picture
from mocast.tracking.openvino.region import Region
from mocast.tracking.openvino.request import Outputs, Request
from tests.pictures import as_frame
from tests.scenes import SIZE_WH, STAGE_WH, astronaut_with_hands, place, somebody, wall
from tests.variants import checked_arrays

TRACKERS: list[TrackerName] = ["holistic", "pose", "hands", "face"]
STREAMS = pytest.mark.parametrize("streams", [1, 2])
FPS = 25
"""Frames are whole microseconds apart, so that times from any frame on are the same."""

PLANS = {quality: replace(plan, reduced_hands=False, reduced_body=False) for quality, plan in plans.PLANS.items()}
"""Not every processor runs lower precision."""

DETECTORS: dict[TrackerName, NetworkName] = {
    "holistic": "pose_detection",
    "pose": "pose_detection",
    "hands": "palm_detection",
    "face": "face_detection",
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("loop")


@pytest.fixture(scope="module")
def engines(kept: Path) -> Iterator[dict[int, OpenvinoEngine]]:
    """An engine for each number of streams."""
    made = {streams: OpenvinoEngine(threads=streams, cache_folder=kept) for streams in (1, 2)}
    yield made
    for engine in made.values():
        engine.close()


@pytest.fixture
def networks(streams: int, kept: Path) -> Iterator[Networks]:
    made = Networks(streams=streams, cache_folder=kept)
    yield made
    made.close()


@dataclass
class Watch:
    """Sees what all parts of a test look at."""

    runs: Counter[str] = field(default_factory=Counter)
    "Network → how often it ran."
    begun: set[Looking] = field(default_factory=set)
    "What was started, and neither waited for nor given up."
    failing: set[str] = field(default_factory=set)
    "Networks that fail when they run."
    names: dict[int, NetworkName] = field(default_factory=dict)
    "Of requests, by their identity."
    changing: Lock = field(default_factory=Lock)

    def ran(self, request: Request) -> None:
        name = self.names[id(request)]
        with self.changing:
            self.runs[name] += 1
        if name in self.failing:
            request.close()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    made, request, run = Watch(), Networks.request, Request.run
    start, wait, give_up = Looking.start, Looking.wait, Looking.give_up

    def named(self: Networks, name: NetworkName, *, reduced: bool = False) -> Request:
        one = request(self, name, reduced=reduced)
        made.names[id(one)] = name
        return one

    def watched_run(self: Request) -> Outputs:
        made.ran(self)
        return run(self)

    def watched_start(self: Looking, rgb: RgbImage, region: Region) -> None:
        start(self, rgb, region)
        made.begun.add(self)

    def watched_wait(self: Looking) -> Outputs:
        made.begun.discard(self)
        return wait(self)

    def watched_give_up(self: Looking) -> None:
        give_up(self)
        made.begun.discard(self)

    monkeypatch.setattr(Networks, "request", named)
    monkeypatch.setattr(Request, "run", watched_run)
    for name, watched in (("start", watched_start), ("wait", watched_wait), ("give_up", watched_give_up)):
        monkeypatch.setattr(Looking, name, watched)
    return made


@cache
def waving(count: int, speed: float = 1) -> tuple[RgbImage, ...]:
    """Return the astronaut as she sways and moves her hands smoothly."""
    pictures = []
    for phase in speed * np.arange(count) * 2 * np.pi / 60:
        left = (560 + 40 * np.sin(phase), 230 + 60 * np.cos(1.3 * phase))
        right = (150 - 50 * np.sin(1.2 * phase), 240 + 50 * np.sin(phase))
        about, at = (STAGE_WH[0] / 2, STAGE_WH[1] / 2), (320 + 10 * np.sin(phase), 240)
        matrix = place(about, at, scale=0.88, turned_deg=2 * np.sin(phase))
        moved = cv2.warpAffine(astronaut_with_hands(left=left, right=right), matrix, SIZE_WH, flags=cv2.INTER_AREA)
        pictures.append(moved)
    return tuple(pictures)


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
def test_what_is_given_up_runs_no_more(networks: Networks) -> None:
    """What it writes to would change under the eyes of whoever comes next."""
    looking, other = (
        Looking(networks.request("pose_landmark"), networks.crew),
        Looking(networks.request("face_detection"), networks.crew),
    )
    for _ in range(3):
        outputs = looking.run(Picture(somebody(), 0, 0), BODY)
        looking.start(Picture(wall(), 0, 0), NOTHING)
        assert looking.region == NOTHING
        looking.give_up()
        assert looking.region is None
        left = copied(outputs)
        for _ in range(20):
            other.run(Picture(somebody(), 0, 0), BODY)
        assert_equal(outputs, left)
    looking.give_up()


@STREAMS
def test_the_last_region_counts(networks: Networks) -> None:
    looking = Looking(networks.request("face_detection"), networks.crew, border="black")
    expected = copied(looking.run(Picture(somebody(), 0, 0), BODY))
    assert looking.region is None
    looking.start(Picture(wall(), 0, 0), NOTHING)
    looking.start(Picture(somebody(), 0, 0), BODY)
    assert looking.region == BODY
    assert_equal(looking.wait(), expected)
    assert looking.region is None


@STREAMS
def test_a_region_that_is_none_leaves_nothing_begun(networks: Networks) -> None:
    looking = Looking(networks.request("face_detection"), networks.crew)
    expected = copied(looking.run(Picture(somebody(), 0, 0), BODY))
    looking.start(Picture(wall(), 0, 0), NOTHING)
    with pytest.raises(TrackingError, match="nothing to cut"):
        looking.run(Picture(somebody(), 0, 0), BODY._replace(size=0))
    assert looking.region is None
    assert_equal(looking.run(Picture(somebody(), 0, 0), BODY), expected)


# One hand, one face


def body_at(wrist_px: tuple[float, float], visibility: float = 1, seen: float = 1) -> FoundBody:
    """Return a body whose left hand, 60 pixels long, is up, and whose head is above it, where nothing is."""
    points = np.zeros((POSE_COUNT, 3), np.float32)
    up = {"LEFT_WRIST": (0, 0), "LEFT_PINKY": (20, -60), "LEFT_INDEX": (-10, -60)}
    head = {"RIGHT_EYE": (-20, -200), "LEFT_EYE": (20, -200), "MOUTH_LEFT": (10, -150)}
    points[: PoseLandmark.MOUTH_RIGHT + 1, :2] = np.add(wrist_px, (0, -180))
    for name, way in (up | head).items():
        points[PoseLandmark[name], :2] = np.add(wrist_px, way)
    sure = np.full(POSE_COUNT, visibility, np.float32)
    return FoundBody(points, points, sure, np.full(POSE_COUNT, seen, np.float32))


def hand(networks: Networks, quality: Quality = "fast") -> BodysHand:
    return BodysHand(networks, PLANS[quality], "LEFT", still=False)


def step(part: Follows[object], body: FoundBody | None, number: int = 0, rgb: RgbImage | None = None) -> object | None:
    picture = Picture(wall() if rgb is None else rgb, number * 40_000, number)
    part.start(picture)
    part.foresee(picture)
    if body is None:
        part.lose()
        return None
    part.look(picture, body)
    part.settle(picture)
    return part.read(picture)


def frames_of(part: Follows[object], watch: Watch, network: NetworkName, bodies: Sequence[FoundBody]) -> list[int]:
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
    ("quality", "expected"), [("exact", [0, 1, 2, 4, 6, 8, 10]), ("balanced", [0, 1, 3, 6, 10]), ("fast", [0, 2, 5, 9])]
)
def test_a_hand_that_is_not_there_is_looked_for_less_often(
    quality: Quality, expected: list[int], networks: Networks, watch: Watch
) -> None:
    bodies = [body_at((320, 340))] * 12
    assert frames_of(hand(networks, quality), watch, "hand_recrop", bodies) == expected
    assert not watch.begun


@STREAMS
def test_a_hand_that_moved_is_looked_for_at_once(networks: Networks, watch: Watch) -> None:
    """By three tenths of its region, 97 pixels; where it only trembles it is not there either."""
    wrists = [(320, 340), (340, 340), (340, 340), (340, 260), (340, 235), (340, 235)]
    assert frames_of(hand(networks), watch, "hand_recrop", [body_at(wrist) for wrist in wrists]) == [0, 2, 4]


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
def test_a_hand_that_cannot_be_seen_is_not_looked_for(body: FoundBody, networks: Networks, watch: Watch) -> None:
    assert frames_of(hand(networks), watch, "hand_recrop", [body] * 2) == []
    assert watch.runs.total() == 0


@STREAMS
def test_a_hand_at_the_border_is_looked_for(networks: Networks, watch: Watch) -> None:
    bodies = [body_at((-25, 340)), body_at((665, 340)), body_at((320, 50)), body_at((320, 570), visibility=0.11)]
    for body in bodies:
        assert frames_of(hand(networks), watch, "hand_recrop", [body]) == [0]


@STREAMS
def test_a_face_that_is_not_there_is_looked_for_less_often(networks: Networks, watch: Watch) -> None:
    face = BodysFace(networks, PLANS["fast"], still=False)
    assert frames_of(face, watch, "face_detection", [body_at((320, 400))] * 12) == [0, 2, 5, 9]
    assert watch.runs["face_landmark"] == 0


@STREAMS
def test_parts_that_start_afresh_look_at_once(networks: Networks, watch: Watch) -> None:
    parts: list[tuple[Follows[object], NetworkName]] = [
        (hand(networks), "hand_recrop"),
        (BodysFace(networks, PLANS["fast"], still=False), "face_detection"),
    ]
    for part, network in parts:
        assert frames_of(part, watch, network, [body_at((320, 380))] * 7) == [0, 2, 5]
        part.forget()
        assert frames_of(part, watch, network, [body_at((320, 380))] * 7) == [0, 2, 5]


@pytest.fixture
def astronauts_body(networks: Networks) -> FoundBody:
    """The body of ``somebody``."""
    body, picture = Body(networks, PLANS["exact"], still=True), Picture(somebody(), 0, 0)
    found = body.find(picture)
    assert found is not None
    return found


@STREAMS
@pytest.mark.parametrize("quality", ["exact", "balanced"])
def test_a_hand_that_was_lost_is_searched_and_not_followed(
    quality: Quality, networks: Networks, astronauts_body: FoundBody, watch: Watch
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
    likely: float, expected: list[int], networks: Networks, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mocast.tracking.openvino.hand.ABSENT", 0)
    monkeypatch.setattr("mocast.tracking.openvino.hand.LIKELY", likely)
    assert frames_of(hand(networks), watch, "hand_recrop", [body_at((320, 340))] * 5) == expected


@STREAMS
def test_a_hand_in_doubt_is_there_once_it_is_seen_again(networks: Networks, astronauts_body: FoundBody) -> None:
    doubts_all = replace(PLANS["fast"], sure_at_once=1.1)
    left = BodysHand(networks, doubts_all, "LEFT", still=False)
    for _ in range(2):
        assert step(left, astronauts_body, 0, somebody()) is None
        assert step(left, astronauts_body, 1, somebody(3)) is not None
        left.forget()
    still = BodysHand(networks, doubts_all, "LEFT", still=True)
    assert step(still, astronauts_body, 0, somebody()) is not None


@STREAMS
@pytest.mark.parametrize("quality", ["exact", "balanced"])
def test_a_face_that_was_lost_is_searched_and_not_followed(
    quality: Quality, networks: Networks, astronauts_body: FoundBody, watch: Watch
) -> None:
    face = BodysFace(networks, PLANS[quality], still=False)
    headless = astronauts_body._replace(points=np.zeros_like(astronauts_body.points))
    assert step(face, astronauts_body, 0, somebody()) is not None
    for gone in (headless, None):
        assert step(face, gone, 1, wall()) is None
        assert not watch.begun
        watch.runs.clear()
        assert step(face, astronauts_body, 2, somebody()) is not None
        assert watch.runs == {"face_detection": 1, "face_landmark": 1}


@STREAMS
def test_a_face_that_is_not_found_anew_is_gone(networks: Networks, astronauts_body: FoundBody, watch: Watch) -> None:
    """Though the landmarks' network may see it where it was: the detector is asked where the pose's head is."""
    face = BodysFace(networks, PLANS["exact"], still=False)
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
    runs, find = watch.runs.copy(), Body.find

    def find_late(self: Body, picture: Picture) -> FoundBody | None:
        for looking in watch.begun:
            assert looking._task is not None
            looking._crew.finish(looking._task)
        return find(self, picture)

    monkeypatch.setattr(Body, "find", find_late)
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
@pytest.mark.parametrize("name", ["holistic", "pose"])
def test_a_picture_that_stays_the_same_is_not_looked_at_again(
    name: TrackerName, streams: int, networks: Networks, watch: Watch
) -> None:
    """Not for 7 frames; face and hands are the same in them, and the body is as far as it is smoothed."""
    tracker = NetworkTracker(_FOLLOWING[name](networks, PLANS["balanced"], False), networks.crew)
    first, *others = follow(tracker, [somebody()] * 17)
    parts: dict[NetworkName, int] = {"pose_landmark": 1}
    if name == "holistic":
        parts |= {"face_landmark": 1, "hand_landmark": 2}
    assert {network: watch.runs[network] for network in parts} == {network: 3 * each for network, each in parts.items()}
    for part in ("face", *HANDS) if name == "holistic" else ():
        assert all(np.array_equal(getattr(one, part).image, getattr(first, part).image) for one in others[:7])
    for one in others:
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


def test_what_is_foretold_moves_as_smoothly_as_what_is_seen(engines: dict[int, OpenvinoEngine], watch: Watch) -> None:
    """About twice as much stutter would be seen."""
    pictures = waving(45, speed=0.5)
    found: dict[Quality, list[Tracked]] = {}
    for quality in ("exact", "fast"):
        watch.runs.clear()
        found[quality] = follow(engines[1].build("holistic", quality, still=False), pictures)[5:]
    assert watch.runs["pose_landmark"] < 40, "bodies were foretold"
    assert watch.runs["hand_landmark"] < 80, "hands were foretold"
    assert watch.runs["face_landmark"] < 40, "faces were foretold"
    parts: dict[str, tuple[Part, ...]] = {"pose": ("pose",), "face": ("face",), "hands": HANDS}
    for what, of in parts.items():
        jumps = stutter(found["fast"], found["exact"], *of)

        assert np.percentile(jumps.ours_px, 95) < MOST_STUTTER[what] * np.percentile(jumps.reference_px, 95), what


MOST_STUTTER = {"pose": 1.2, "face": 1, "hands": 2}


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
    engine = OpenvinoEngine(threads=streams, cache_folder=kept)
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
    engine = OpenvinoEngine(threads=streams, cache_folder=kept)
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
