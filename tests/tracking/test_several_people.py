"""Several people: tracked by the real networks while they cross, leave and return; and in a room, to whoever asks."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mocast.errors import TrackingError, Unavailable, Unprocessable
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import PublishRequest, SessionOptions
from mocast.model.tracked import Tracked
from mocast.rooms.registry import Rooms
from mocast.rooms.sessions import CONNECT_GRACE_S
from mocast.tracking.engines import EngineOptions
from mocast.tracking.openvino.engine import OpenvinoEngine
from mocast.webrtc.offer import parse_offer
from mocast.wire import landmarks_binary
from tests.fakes import CentreTracker, FakeTrackers
from tests.peers import Peer
from tests.pictures import as_frame
from tests.rooms import LANDMARKS_ONLY, open_rooms, publish, subscribe
from tests.scenes import Cutout, admiral, astronaut_cutout, place, wall

WIDE_WH = (960, 480)
LEFT, RIGHT = 220.0, 740.0
FAR_PX = 60
"""A nose is nearer than this to the middle of its picture."""


@pytest.fixture(scope="module")
def engine(network_cache: Path) -> Iterator[OpenvinoEngine]:
    made = OpenvinoEngine(EngineOptions(threads=1, cache_folder=network_cache, precision="f32"))
    yield made
    made.close()


@cache
def admiral_cutout() -> Cutout:
    picture = admiral()
    if picture is None:
        pytest.skip("matplotlib is not installed, which has the second person's picture")
    return Cutout(np.ascontiguousarray(picture), np.ones(picture.shape[:2], np.float32))


def scene(astronaut_x: float | None, admiral_x: float | None) -> RgbImage:
    """The admiral, and in front of her the astronaut, at these places; ``None``: not there."""
    picture, floor = wall(WIDE_WH), WIDE_WH[1]
    if admiral_x is not None:
        person = admiral_cutout()
        height, width = person.alpha.shape
        person.put_into(picture, place((width / 2, height), (admiral_x, floor), scale=0.62))
    if astronaut_x is not None:
        astronaut_cutout().put_into(picture, place((256, 512), (astronaut_x, floor), scale=0.75))
    return picture


def noses(tracked: Tracked) -> dict[int, float]:
    """Where the nose of each person is, in pixels from the left."""
    return {one.person: float(one.pose.image[0, 0] * WIDE_WH[0]) for one in tracked.people if one.pose is not None}


def who_is_at(tracked: Tracked, x: float) -> int:
    """The index of the one person who is there."""
    (index,) = (index for index, nose in noses(tracked).items() if abs(nose - x) < FAR_PX)
    return index


def test_people_keep_their_indices_while_they_cross_leave_and_return(engine: OpenvinoEngine) -> None:
    steps = np.linspace(LEFT, RIGHT, 24)
    walk = [(LEFT, RIGHT)] * 20 + [(x, LEFT + RIGHT - x) for x in steps] + [(RIGHT, LEFT)] * 12
    walk += [(RIGHT, None)] * 20 + [(RIGHT, 320.0)] * 18
    tracker = engine.build("pose", "balanced", still=False, people=2)
    found = [tracker.track(Frame(n, 3000 * n, 0, scene(*places))) for n, places in enumerate(walk)]
    tracker.close()
    astronaut, admiral = who_is_at(found[19], LEFT), who_is_at(found[19], RIGHT)
    assert {astronaut, admiral} == {0, 1}
    assert max(len(noses(one)) for one in found) == 2
    crossed = found[20 + len(steps) + 11]
    assert (who_is_at(crossed, RIGHT), who_is_at(crossed, LEFT)) == (astronaut, admiral)
    assert list(noses(found[-20])) == [astronaut], "the admiral has left"
    assert (who_is_at(found[-1], RIGHT), who_is_at(found[-1], 320)) == (astronaut, admiral)


def test_a_still_picture_shows_everybody_and_no_more_than_are_there(engine: OpenvinoEngine) -> None:
    tracker = engine.build("holistic", "balanced", still=True, people=3)
    for _ in range(2):
        found = tracker.track(as_frame(scene(LEFT, RIGHT)))
        assert sorted(noses(found)) == [0, 1]
        assert all(one.face is not None for one in found.people if one.pose is not None)
    assert noses(tracker.track(as_frame(wall(WIDE_WH)))) == {}
    tracker.close()


async def test_a_room_sends_everybody_to_its_publisher_and_to_viewers_who_ask() -> None:
    publisher, old, viewer = Peer(), Peer(video=False), Peer(video=False)
    async with open_rooms(FakeTrackers()) as rooms:
        await publish(rooms, publisher, options=SessionOptions(people=3, return_="none"))
        await subscribe(rooms, old)
        await subscribe(rooms, viewer, people=2)
        for peer, people in ((publisher, {0, 1, 2}), (old, {0}), (viewer, {0, 1})):
            await peer.until(lambda peer=peer, people=people: senders(peer) == people)  # type: ignore[misc]
        for peer in (publisher, old, viewer):
            await peer.close()


def senders(peer: Peer) -> set[int]:
    """Whose landmarks have come."""
    decoded = (landmarks_binary.decode([message]) for message in peer.landmark_messages if isinstance(message, bytes))
    return {one.person for one in decoded if one is not None}


async def test_each_person_takes_a_place_of_the_servers() -> None:
    first, second = Peer(), Peer()
    async with open_rooms(FakeTrackers(), max_sessions=3) as rooms:
        session = await publish(rooms, first, options=SessionOptions(people=3))
        await first.until(lambda: first.frames)
        with pytest.raises(Unavailable):
            await publish(rooms, second, "other")
        with pytest.raises(Unavailable):
            await session.change({"people": 4})
        assert session.settings["people"] == 3
        with pytest.raises(Unprocessable, match="tracks one person"):
            await session.change({"tracker": "hands"})
        await session.change({"people": 2})
        await publish(rooms, second, "other")
        with pytest.raises(Unavailable):
            await session.change({"people": 3})
        for peer in (first, second):
            await peer.close()


async def test_who_replaces_a_session_needs_places_for_more_people() -> None:
    first, second, third = Peer(), Peer(), Peer()
    async with open_rooms(FakeTrackers(), max_sessions=3) as rooms:
        session = await publish(rooms, first, options=SessionOptions(people=2))
        await first.until(lambda: first.frames)
        with pytest.raises(Unavailable):
            await publish(rooms, second, options=SessionOptions(people=4), replace=session.id)
        await publish(rooms, third, options=SessionOptions(people=3), replace=session.id)
        await third.until(lambda: third.frames)
        assert rooms._limiter.held("sessions") == 3
        for peer in (first, second, third):
            await peer.close()


class _BrokenTrackers(FakeTrackers):
    """Fails where one person is to be tracked, and says how many places were taken then."""

    def __init__(self) -> None:
        super().__init__()
        self.rooms: Rooms | None = None
        self.held = 0

    def acquire(self, *args: Any, people: int = 1, **more: Any) -> CentreTracker:
        if people == 1:
            assert self.rooms is not None
            self.held = self.rooms._limiter.held("sessions")
            raise TrackingError("told to fail")
        return super().acquire(*args, people=people, **more)


async def test_places_of_people_are_given_back_when_they_are_not_tracked_any_more_and_not_before() -> None:
    publisher, trackers = Peer(), _BrokenTrackers()
    async with open_rooms(trackers, max_sessions=4) as trackers.rooms:
        session = await publish(trackers.rooms, publisher, options=SessionOptions(people=3))
        await publisher.until(lambda: publisher.frames)
        with pytest.raises(TrackingError):
            await session.change({"people": 1})
        assert (session.people, trackers.held, trackers.rooms._limiter.held("sessions")) == (3, 3, 3)
        await session.change({"people": 2})
        assert trackers.rooms._limiter.held("sessions") == 2
        await publisher.close()


async def test_nobody_gives_way_to_more_people_than_there_would_be_places_for() -> None:
    connecting, greedy = Peer(), Peer()
    async with open_rooms(FakeTrackers(), max_sessions=3) as rooms:
        offer = parse_offer((await connecting.offer()).encode())
        session, _ = await rooms.publish("slow", offer, PublishRequest(LANDMARKS_ONLY))
        rooms.sessions._answered_at[session.id] -= CONNECT_GRACE_S
        with pytest.raises(Unavailable):
            await publish(rooms, greedy, options=SessionOptions(people=4))
        assert not session.reason
        for peer in (connecting, greedy):
            await peer.close()
