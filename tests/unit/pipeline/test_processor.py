"""The stages of a frame without threads, and a driver for files that drops nothing and gives way to live rooms."""

import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from tests.fakes import CentreTracker, CollectingSink, CountingRigger, NoFaces, PlainRenderer
from tests.polling import wait_until

from mocast.model.analysis import ANGLE_COUNT, Analysis, AngleName, Event, ExerciseState, JointAngles
from mocast.model.canvas import HudStats
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.pipeline.fanout import Fanout
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.processor import FrameProcessor


def frame(number: int) -> Frame:
    return Frame(number, 3000 * number, 0, np.full((48, 64, 3), 255, np.uint8))


class Sinks:
    """Notes in which order results come."""

    def __init__(self) -> None:
        self.came: list[tuple[str, int]] = []

    def fanout(self, *names: str) -> Fanout[Tracked | Rig | Analysis]:
        fanout: Fanout[Tracked | Rig | Analysis] = Fanout()
        for name in names:
            fanout.add(NotingSink(name, self.came))
        return fanout


class NotingSink:
    def __init__(self, name: str, came: list[tuple[str, int]]) -> None:
        self._name = name
        self._came = came

    def send(self, item: Tracked | Rig | Analysis) -> None:
        self._came.append((self._name, item.frame))

    def close(self) -> None: ...


def processor(tracker: CentreTracker, **more: object) -> FrameProcessor:
    return FrameProcessor(tracker, PlainRenderer(), **{"every_face": NoFaces(), **more})  # type: ignore[arg-type]


def test_a_frame_s_rig_leaves_before_its_landmarks() -> None:
    sinks = Sinks()
    rigs, landmarks = sinks.fanout("rig"), sinks.fanout("landmarks", "recording")
    working = processor(CentreTracker(), rigger=CountingRigger(), rigs=rigs, landmarks=landmarks)
    tracked = working.process(frame(7))
    assert tracked.frame == 7
    assert sinks.came == [("rig", 7), ("landmarks", 7), ("recording", 7)]


class TellingAnalyser:
    """Tells an event in each frame but those that it is told to fail on."""

    def __init__(self) -> None:
        self.rigs: list[Rig | None] = []
        self.fail_on: set[int] = set()

    def analyse(self, tracked: Tracked, rig: Rig | None) -> Analysis:
        self.rigs.append(rig)
        if tracked.frame in self.fail_on:
            raise RuntimeError("told to fail")
        event = Event("rep", tracked.pts, 0)
        degrees = np.arange(ANGLE_COUNT, dtype=np.float32)
        angles = JointAngles(degrees, degrees, degrees, degrees > 0, degrees, degrees)
        return Analysis(tracked.frame, tracked.pts, tracked.decoded_at_ns, angles=angles, events=(event,))


def test_a_frame_is_analysed_with_its_rig_only_while_somebody_wants_that() -> None:
    rigger, analyser = CountingRigger(), TellingAnalyser()
    analyses, events = Fanout[Analysis](), Fanout[Event]()
    working = processor(CentreTracker(), rigger=rigger, analyser=analyser, analyses=analyses, events=events)
    working.process(frame(0))
    assert (rigger.made, analyser.rigs) == (0, [])
    told, noted = CollectingSink(), CollectingSink()
    events.add(told)  # type: ignore[arg-type]
    working.process(frame(1))
    events.remove(told)  # type: ignore[arg-type]
    analyses.add(noted)  # type: ignore[arg-type]
    working.process(frame(2))
    assert [event.pts for event in told.tracked] == [3000]
    assert [analysis.frame for analysis in noted.tracked] == [2]
    assert [rig and rig.frame for rig in analyser.rigs] == [1, 2]
    assert sum(working.statistics.totals.analysis.counts) == 2


def test_a_hud_with_angles_has_frames_analysed_that_nobody_else_wants() -> None:
    class WatchingRenderer(PlainRenderer):
        def render(self, rgb: RgbImage, *given: Any) -> RgbImage:
            shown.append(given[2].angles)
            return rgb

    shown: list[tuple[tuple[AngleName, float], ...]] = []
    working = FrameProcessor(CentreTracker(), WatchingRenderer(), every_face=NoFaces(), analyser=TellingAnalyser())  # type: ignore[arg-type]
    for analyse in (False, True):
        tracked = working.process(frame(0), analyse=analyse)
        working.draw(frame(0), tracked, DrawOptions(), hud=True, hud_angles=("neck", "left_knee"))
    np.testing.assert_equal(shown[0], (("neck", np.nan), ("left_knee", np.nan)))
    assert shown[1] == (("neck", 16.0), ("left_knee", 12.0))


def test_a_hud_shows_the_exercises_that_it_is_asked_for() -> None:
    class WatchingRenderer(PlainRenderer):
        def render(self, rgb: RgbImage, *given: Any) -> RgbImage:
            shown.append(given[2].exercises)
            return rgb

    class CountingAnalyser(TellingAnalyser):
        def analyse(self, tracked: Tracked, rig: Rig | None) -> Analysis:
            return replace(super().analyse(tracked, rig), repetitions=counts)

    counts = tuple(ExerciseState(name, "start", 0.0, 2, 0) for name in ("squat", "lunge"))
    shown: list[tuple[ExerciseState, ...]] = []
    working = FrameProcessor(CentreTracker(), WatchingRenderer(), every_face=NoFaces(), analyser=CountingAnalyser())  # type: ignore[arg-type]
    tracked = working.process(frame(0), analyse=True)
    for names in ((), ("squat",)):
        working.draw(frame(0), tracked, DrawOptions(), hud=True, hud_exercises=names)
    assert shown == [(), counts[:1]]


def test_a_frame_whose_analysis_fails_has_all_the_rest() -> None:
    sinks, analyser = Sinks(), TellingAnalyser()
    rigs, landmarks, analyses = sinks.fanout("rig"), sinks.fanout("landmarks"), sinks.fanout("analysis")
    parts = {"rigs": rigs, "landmarks": landmarks, "analyses": analyses}
    analyser.fail_on = {1}
    working = processor(CentreTracker(), rigger=CountingRigger(), analyser=analyser, **parts)
    working.process(frame(1))
    working.process(frame(2))
    assert sinks.came == [("rig", 1), ("landmarks", 1), ("rig", 2), ("analysis", 2), ("landmarks", 2)]


def test_a_picture_is_drawn_without_rigs_sinks_or_threads() -> None:
    working = processor(CentreTracker())
    picture = frame(0)
    assert working.draw(picture, working.process(picture), DrawOptions()) is picture.rgb


def test_results_of_the_tracker_before_are_not_extrapolated_from() -> None:
    first, second = CentreTracker(), CentreTracker()
    working = processor(first)
    assert working.is_behind(frame(1))
    assert working.extrapolated(frame(1)).is_empty
    working.process(frame(1))
    assert not working.is_behind(frame(1))
    assert not working.extrapolated(frame(2)).is_empty
    assert working.replace_tracker(second) is first
    assert working.extrapolated(frame(2)).is_empty
    working.process(frame(2))
    assert (first.frames, second.frames) == ([1], [2])


class JobDriver:
    """Processes every frame of a file, in order, in whoever's thread calls ``run``; live rooms come between them."""

    def __init__(self, working: FrameProcessor, scheduler: FrameScheduler) -> None:
        self._working = working
        self._ticket = scheduler.ticket()

    def run(self, frames: Iterable[Frame]) -> None:
        for one in frames:
            with self._ticket:
                self._working.process(one)


def test_a_job_drops_nothing_and_between_two_of_its_frames_a_room_that_asks_has_its_turn() -> None:
    scheduler, order, rooms = FrameScheduler(1), list[str](), list[threading.Thread]()

    def room() -> None:
        with scheduler.ticket():
            order.append("room")

    class CrowdedTracker(CentreTracker):
        """A room asks for its turn during each frame of the job."""

        def track(self, frame: Frame) -> Tracked:
            order.append("job")
            rooms.append(threading.Thread(target=room))
            rooms[-1].start()
            wait_until(lambda: scheduler.waiting)
            return super().track(frame)

    solved: Fanout[Rig] = Fanout()
    sink = CollectingSink()
    solved.add(sink)  # type: ignore[arg-type]
    working = processor(CrowdedTracker(), rigger=CountingRigger(), rigs=solved)
    JobDriver(working, scheduler).run(frame(number) for number in range(5))
    for thread in rooms:
        thread.join()
    assert [rig.frame for rig in sink.tracked] == list(range(5))
    assert order == ["job", "room"] * 5


class TurnsTracker(CentreTracker):
    """Finds several people, and in each frame only those whose turn it is."""

    def __init__(self, *turns: tuple[int, ...]) -> None:
        super().__init__()
        self._turns = turns

    def track(self, frame: Frame) -> Tracked:
        found = super().track(frame)
        people = [replace(found, person=person) for person in self._turns[frame.number % len(self._turns)]]
        return replace(people[0], others=tuple(people[1:]))


class DrawnPeople(PlainRenderer):
    """Notes whom it is given to draw, and which frame's landmarks these are."""

    def __init__(self) -> None:
        self.drawn: list[list[int]] = []
        self.people: list[int] = []

    def render(self, rgb: RgbImage, tracked: Tracked, *more: Any, **_: Any) -> RgbImage:
        self.drawn.append([person.person for person in tracked.people])
        stats = more[1]
        self.people.append(stats.people if stats else 0)
        return rgb


def test_each_person_of_a_frame_is_rigged_and_sent_and_all_rigs_leave_first() -> None:
    came: list[tuple[str, int]] = []

    class Noting(NotingSink):
        def send(self, item: Tracked | Rig | Analysis) -> None:
            self._came.append((self._name, item.person))

    rigs: Fanout[Rig] = Fanout()
    rigs.add(Noting("rig", came))
    landmarks: Fanout[Tracked] = Fanout()
    landmarks.add(Noting("landmarks", came))
    processor(CentreTracker(people=3), rigger=CountingRigger(), rigs=rigs, landmarks=landmarks).process(frame(0))
    assert came == [("rig", 0), ("rig", 1), ("rig", 2), ("landmarks", 0), ("landmarks", 1), ("landmarks", 2)]


def test_who_waits_for_a_turn_is_drawn_all_the_same_until_gone() -> None:
    renderer = DrawnPeople()
    working = FrameProcessor(TurnsTracker((0,), (1,)), renderer, every_face=NoFaces())  # type: ignore[arg-type]
    for number in range(3):
        working.draw(frame(number), working.process(frame(number)), DrawOptions(), hud=True)
    assert renderer.drawn == [[0], [1, 0], [0, 1]]
    assert renderer.people == [1, 2, 2]
    assert [person.person for person in working.extrapolated(frame(3)).people] == [0, 1]
    late = replace(frame(30), pts=90_000)
    working.draw(late, working.process(late), DrawOptions(), hud=True)
    assert renderer.drawn[-1] == [0], "the other one was not heard of for a second"


def test_the_hud_shows_the_angles_of_the_first_person() -> None:
    class OfPerson(TellingAnalyser):
        def analyse(self, tracked: Tracked, rig: Rig | None) -> Analysis:
            return replace(
                super().analyse(tracked, rig), person=tracked.person, angles=None if tracked.person else ANGLES
            )

    shown: list[HudStats] = []

    class Reading(PlainRenderer):
        def render(self, rgb: RgbImage, tracked: Tracked, *more: Any, **_: Any) -> RgbImage:
            shown.append(more[1])
            return rgb

    working = FrameProcessor(CentreTracker(people=2), Reading(), every_face=NoFaces(), analyser=OfPerson())  # type: ignore[arg-type]
    tracked = working.process(frame(0), analyse=True)
    working.draw(frame(0), tracked, DrawOptions(), hud=True, hud_angles=("left_elbow",))
    assert shown[0].angles == (("left_elbow", 7.0),)


ANGLES = JointAngles(*(np.full(ANGLE_COUNT, 7, np.float32),) * 3, *(np.full(ANGLE_COUNT, 7, np.float32),) * 3)
