"""A viewer's track on a clock that is moved by hand: what it is given, what it loses, when it wants a key frame."""

import asyncio

import pytest
from aiortc.mediastreams import VIDEO_TIME_BASE, MediaStreamError
from tests.fakes import SettableClock

from mocast.rooms.viewer_track import KEY_FRAME_GAP_S, MAX_WAITING, LinkBudget, SharedPicture, ViewerTrack


class Watching:
    """A track, with what happened to it."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.joined: list[ViewerTrack] = []
        self.left: list[ViewerTrack] = []
        self.dropped: list[bool] = []
        self.track = ViewerTrack(self.joined.append, self.left.append, self.dropped.append, self.clock.monotonic)

    def put(self, number: int, *, key: bool = False, size: int = 100) -> bool:
        """Offer a picture; return whether it was taken."""
        self.track.put(SharedPicture(bytes(size), key, 3000 * number))
        self.track.flush()
        return not self.dropped[-1]


async def test_it_joins_when_its_sender_begins_and_leaves_when_it_stops() -> None:
    watching = Watching()
    assert watching.joined == []
    waiting = asyncio.create_task(watching.track.recv())
    await asyncio.sleep(0)
    assert watching.joined == [watching.track]
    watching.put(0, key=True)
    packet = await waiting
    assert (packet.pts, packet.time_base, len(bytes(packet))) == (0, VIDEO_TIME_BASE, 100)
    waiting = asyncio.create_task(watching.track.recv())
    await asyncio.sleep(0)
    watching.track.stop()
    with pytest.raises(MediaStreamError):
        await waiting
    assert (watching.joined, watching.left) == ([watching.track], [watching.track])


async def test_it_begins_with_a_key_frame() -> None:
    watching = Watching()
    assert [watching.put(n, key=n == 2) for n in range(5)] == [False, False, True, True, True]
    assert [(await watching.track.recv()).pts for _ in range(3)] == [6_000, 9_000, 12_000]


async def test_a_sender_that_does_not_take_its_pictures_loses_all_until_the_next_key_frame() -> None:
    watching = Watching()
    taken = [watching.put(n, key=n == 0) for n in range(MAX_WAITING + 3)]
    assert taken == [True] * MAX_WAITING + [False] * 3
    assert watching.track.wants_key_frame
    for _ in range(MAX_WAITING):
        await watching.track.recv()
    assert not watching.put(20), "it could not be decoded"
    assert watching.put(21, key=True)


async def test_a_key_frame_is_wanted_at_first_and_when_asked_for_but_not_all_the_time() -> None:
    watching = Watching()
    track = watching.track
    assert track.wants_key_frame
    track.key_frame_made()
    watching.put(0, key=True)
    track.ask_for_key_frame()
    assert not track.wants_key_frame, "it had one just now"
    watching.clock.now += KEY_FRAME_GAP_S
    assert track.wants_key_frame
    track.key_frame_made()
    watching.put(1, key=True)
    watching.clock.now += KEY_FRAME_GAP_S
    assert not track.wants_key_frame, "nobody asked since"


async def test_a_thin_line_is_given_what_it_carries() -> None:
    watching = Watching()
    watching.track.link.estimate(80_000)  # 10 kB/s for a stream of 30 kB/s
    taken = 0
    for number in range(300):
        is_key_frame = watching.track.wants_key_frame
        if is_key_frame:
            watching.track.key_frame_made()
        taken += watching.put(number, key=is_key_frame, size=1_000)
        if watching.track._pictures:
            await watching.track.recv()
        watching.clock.now += 1 / 30
    assert 60 <= taken <= 120, "10 s at 10 kB/s, and the burst at the beginning"


def test_without_an_estimate_anything_may_be_sent() -> None:
    link = LinkBudget(SettableClock().monotonic)
    link.spend(10**9)
    assert link.fraction == 1.0


def test_what_was_sent_is_paid_back_in_time() -> None:
    clock = SettableClock()
    link = LinkBudget(clock.monotonic)
    link.estimate(8_000)
    link.spend(2_000)
    assert link.fraction == pytest.approx(-1.0)
    clock.now += 1.5
    assert link.fraction == pytest.approx(0.5)
    clock.now += 60
    assert link.fraction == 1.0, "no more than one burst is saved up"


def test_a_line_that_carries_nothing_gets_nothing() -> None:
    link = LinkBudget(SettableClock().monotonic)
    link.estimate(0)
    assert link.fraction <= 0
