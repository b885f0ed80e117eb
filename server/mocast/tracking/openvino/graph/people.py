"""Several people in one stream: a tracker for each, one detector for all. Own work; see docs/tracking.md."""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final, Protocol, TypeVar

from mocast.tracking.handedness import TrackedParts
from mocast.tracking.openvino.graph.pose import FoundPose, PoseDetector
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.people_register import PeopleRegister
from mocast.tracking.openvino.regions.person_matching import Arrival
from mocast.tracking.openvino.regions.region import Points, Region, letterbox, of_body
from mocast.tracking.openvino.regions.torso import Torso, clothes, torso_of
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.schedule.person_turns import PersonTurns
from mocast.tracking.openvino.schedule.quality_profile import QualityProfile
from mocast.tracking.openvino.schedule.search_backoff import SearchBackoff

T = TypeVar("T")

SEARCH_EVERY_US: Final = 500_000
"""Between two searches for more people, while some are tracked. A search costs a third of a person's frame."""
SEARCH_SOON_US: Final = 100_000
"""The same at first, and while somebody was lost just now, who may be behind another one."""
SEARCHES_AT_FIRST: Final = 6
"""In a new stream."""
WIDE: Final = 1.2
"""Ratio of a picture's sides from which its parts are searched, too."""
MOST_DETECTED: Final = 8
"""Bodies that the detector is asked for: more than are tracked, as those that are tracked are among them."""


def search_regions(size_wh: tuple[int, int]) -> list[Region]:
    """Return where bodies are searched in a picture of that size: the whole of it, and two squares that cover it.

    In a wide picture, several people stand far enough away to be too small in the network's input of 224 pixels.
    """
    width, height = size_wh
    side, half = float(min(size_wh)), min(size_wh) / 2
    whole = letterbox(size_wh)
    if whole.size < WIDE * side:
        return [whole]
    near, far = half, max(size_wh) - half
    middles = [(x, half) for x in (near, far)] if width >= height else [(half, y) for y in (near, far)]
    return [whole, *(Region(x, y, side, 0.0) for x, y in middles)]


class PersonTracker(Protocol):
    """Tracks one body, and what belongs to it, from a region on that it is told."""

    def start_at(self, region: Region, /) -> None:
        """Track the body in this region from the next frame on."""

    def start(self, frame: FrameView, /) -> None:
        """Begin a frame."""

    def pose(self, frame: FrameView, /) -> FoundPose | None:
        """Return the body in the frame."""

    def finish(self, frame: FrameView, body: FoundPose | None, /) -> TrackedParts:
        """Return all parts of the body in the frame."""

    def reset(self) -> None:
        """Start afresh with the next frame. Cancels inferences."""


class PeopleTracker:
    """Tracks several people, each by an index that stays theirs; ``PeopleRegister`` says which body is whose.

    While an index is free the picture is searched for bodies that nobody tracks, the whole and its parts by turns: now
    and then, and often at first and while somebody was lost just now. One body never has two trackers for longer than a
    frame.
    """

    def __init__(
        self,
        trackers: Sequence[PersonTracker],
        networks: NetworkRegistry,
        profile: QualityProfile,
        turns: PersonTurns | None,
    ) -> None:
        """``trackers``: one for each person, which search nobody themselves.

        ``turns``: who is tracked where time is short; ``None``: everybody in every frame.
        """
        self._trackers = dict(enumerate(trackers))
        self._register = PeopleRegister(len(trackers))
        self._detector = PoseDetector(networks)
        self._turns = turns
        self._is_still = profile.still
        self._backoff = SearchBackoff(profile.backoff)
        self._searched_us = 0
        self._searches = 0
        self._counts = dict.fromkeys(self._trackers, 0)
        "Frames in which each person was tracked."

    def people(self, frame: FrameView, number: int) -> dict[int, TrackedParts]:
        """Return what is in the next frame by the index of the person; ``number`` is the frame's in its stream.

        Who waits for their turn is not there. Who was lost a moment ago is, without parts, and so is person 0.
        """
        started = time.perf_counter()
        if self._is_still:
            self.reset()
        is_searched = self._is_search_due(frame)
        if is_searched:
            self._detector.submit(frame, self._next_region(frame))
        tracked = self._register.tracked
        chosen = self._turns.chosen(tracked, number, frame.time_us) if self._turns else tracked
        views = {index: self._view(index, frame) for index in chosen}
        for index, view in views.items():
            self._trackers[index].start(view)
        bodies = {index: self._trackers[index].pose(view) for index, view in views.items()}
        self._follow(bodies, frame)
        if is_searched:
            self._admit(bodies, views, frame)
        if self._is_still:
            for _ in range(len(search_regions(frame.size_wh)) - 1):
                self._detector.submit(frame, self._next_region(frame))
                self._admit(bodies, views, frame)
        self._exchange(bodies, views, frame)
        found = {index: self._trackers[index].finish(views[index], body) for index, body in bodies.items()}
        if self._turns:
            self._turns.took(len(found), (time.perf_counter() - started) * 1e6)
        return {**{index: TrackedParts() for index in self._register.missing(frame.time_us)}, **found}

    def reset(self) -> None:
        """Start afresh with the next frame, as if it were the first. Cancels inferences."""
        self._detector.cancel()
        self._backoff.reset()
        self._searches = 0
        self._register.reset()
        for tracker in self._trackers.values():
            tracker.reset()

    def _is_search_due(self, frame: FrameView) -> bool:
        if not self._register.free:
            return False
        if not self._register.tracked:
            return self._backoff.is_due(frame.share)
        is_soon = self._searches < SEARCHES_AT_FIRST or self._register.was_lost_just_now(frame.time_us)
        every_us = SEARCH_SOON_US if is_soon else SEARCH_EVERY_US
        return frame.time_us - self._searched_us >= every_us

    def _next_region(self, frame: FrameView) -> Region:
        """Return where to search next: the whole picture and parts of it, one after the other."""
        regions = search_regions(frame.size_wh)
        self._searches += 1
        return regions[(self._searches - 1) % len(regions)]

    def _follow(self, bodies: dict[int, FoundPose | None], frame: FrameView) -> None:
        """Note where everybody is; drop those who are lost, and all but one of those who have one body."""
        now = {index: None if body is None else torso_of(body.points) for index, body in bodies.items()}
        before = self._register.tracked
        self._register.follow(now, frame.time_us, partial(clothes, frame))
        for index in set(before) - set(self._register.tracked):
            self._trackers[index].reset()
            bodies.pop(index, None)

    def _admit(self, bodies: dict[int, FoundPose | None], views: dict[int, FrameView], frame: FrameView) -> None:
        """Begin to track bodies that were detected and that nobody tracks."""
        self._searched_us = frame.time_us
        detected = self._detector.bodies(most=MOST_DETECTED)
        if detected:
            self._backoff.reset()
        else:
            self._backoff.missed()
        # The surest, of which the left one has the lower index.
        new = sorted(list(self._arrivals(frame, detected))[: len(self._register.free)], key=lambda one: one[0].torso.x)
        indices = self._register.assign([arrival for arrival, _ in new], frame.time_us)
        for (arrival, region), (index, is_new) in zip(new, indices, strict=True):
            tracker, view = self._trackers[index], self._view(index, frame)
            tracker.start_at(region)
            tracker.start(view)
            body = tracker.pose(view)
            torso = None if body is None else torso_of(body.points)
            if torso is None or self._register.whose(torso) is not None:
                tracker.reset()
                continue
            self._register.enter(index, arrival, torso, frame.time_us, is_new=is_new)
            bodies[index], views[index] = body, view

    def _arrivals(self, frame: FrameView, detected: Sequence[Points]) -> Iterator[tuple[Arrival, Region]]:
        """Yield detected bodies that nobody tracks, with their regions, the surest first."""
        for points in detected:
            hips, rim, shoulders = points[:3]
            region, torso = of_body(hips, rim), Torso(*shoulders.tolist(), *hips.tolist())
            if region is not None and self._register.whose(torso) is None:
                yield Arrival(torso, clothes(frame, torso)), region

    def _exchange(self, bodies: dict[int, FoundPose | None], views: dict[int, FrameView], frame: FrameView) -> None:
        """Exchange what tracks two people who have each other's index."""
        for pair in self._register.exchanges(list(bodies), frame.time_us, partial(clothes, frame)):
            _exchange(self._trackers, *pair)
            _exchange(self._counts, *pair)
            _exchange(bodies, *pair)
            _exchange(views, *pair)

    def _view(self, index: int, frame: FrameView) -> FrameView:
        """Return the frame for one person: they take turns at being extrapolated, so that no frame has all the work."""
        self._counts[index] += 1
        return frame.numbered(self._counts[index] + index)


def _exchange(by_index: dict[int, T], one: int, other: int) -> None:
    """Exchange what two people have, or have not."""
    moved = {to: by_index.pop(of) for of, to in ((one, other), (other, one)) if of in by_index}
    by_index.update(moved)
