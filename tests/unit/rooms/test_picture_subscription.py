"""A viewer's subscription on a clock that is moved by hand: what it is given and loses, when it wants a key frame."""

import pytest
from tests.fakes import SettableClock

from mocast.rooms.fair_queue import FairQueue
from mocast.rooms.picture_subscription import KEY_FRAME_GAP_S, MAX_WAITING, LinkBudget, PictureSubscription
from mocast.webrtc.video_encoder import EncodedFrame


class Watching:
    """A subscription, with what happened to it."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.joined: list[PictureSubscription] = []
        self.left: list[PictureSubscription] = []
        self.dropped: list[bool] = []
        self.sent: list[int] = []
        self.is_served = True
        self.subscription = PictureSubscription(self, FairQueue(), self.dropped.append, self.clock.monotonic)

    def join(self, subscription: PictureSubscription) -> None:
        self.joined.append(subscription)

    def leave(self, subscription: PictureSubscription) -> None:
        self.left.append(subscription)

    def send(self, frame: EncodedFrame) -> None:
        self.sent.append(frame.pts)

    def put(self, number: int, *, key: bool = False, size: int = 100) -> bool:
        """Offer a picture; return whether it was taken."""
        self.subscription.put(EncodedFrame(bytes(size), 3000 * number, key))
        if self.is_served:
            self.subscription.flush()
        return not self.dropped[-1]


async def test_it_joins_when_its_sender_begins_and_leaves_when_it_stops() -> None:
    watching = Watching()
    assert watching.joined == []
    watching.subscription.start(watching)
    assert watching.joined == [watching.subscription]
    watching.put(0, key=True)
    assert watching.sent == [0]
    watching.subscription.stop()
    assert (watching.joined, watching.left) == ([watching.subscription], [watching.subscription])


async def test_it_begins_with_a_key_frame() -> None:
    watching = Watching()
    watching.subscription.start(watching)
    assert [watching.put(n, key=n == 2) for n in range(5)] == [False, False, True, True, True]
    assert watching.sent == [6_000, 9_000, 12_000]


async def test_a_viewer_that_is_not_served_loses_all_until_the_next_key_frame() -> None:
    watching = Watching()
    watching.subscription.start(watching)
    watching.is_served = False
    taken = [watching.put(n, key=n == 0) for n in range(MAX_WAITING + 3)]
    assert taken == [True] * MAX_WAITING + [False] * 3
    assert watching.subscription.wants_key_frame
    watching.subscription.flush()
    assert watching.sent == [3000 * n for n in range(MAX_WAITING)]
    assert not watching.put(20), "it could not be decoded"
    assert watching.put(21, key=True)


async def test_a_key_frame_is_wanted_at_first_and_when_asked_for_but_not_all_the_time() -> None:
    watching = Watching()
    subscription = watching.subscription
    assert subscription.wants_key_frame
    subscription.key_frame_made()
    watching.put(0, key=True)
    subscription.request_key_frame()
    assert not subscription.wants_key_frame, "it had one just now"
    watching.clock.now += KEY_FRAME_GAP_S
    assert subscription.wants_key_frame
    subscription.key_frame_made()
    watching.put(1, key=True)
    watching.clock.now += KEY_FRAME_GAP_S
    assert not subscription.wants_key_frame, "nobody asked since"


async def test_a_thin_line_is_given_what_it_carries() -> None:
    watching = Watching()
    watching.subscription.start(watching)
    watching.subscription.set_bandwidth(80_000)  # 10 kB/s for a stream of 30 kB/s
    taken = 0
    for number in range(300):
        is_key_frame = watching.subscription.wants_key_frame
        if is_key_frame:
            watching.subscription.key_frame_made()
        taken += watching.put(number, key=is_key_frame, size=1_000)
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
