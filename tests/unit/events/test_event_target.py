"""A target: in order, again and again, never holding up who puts, and every loss counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.peers import HANG_S
from tests.polling import until

from mocast import retry_delays
from mocast.events import event_target
from mocast.events.event_target import MOST_WAITING, EventTarget, NotDelivered, SentEvent, TargetGone
from mocast.events.target_address import parse_targets
from mocast.model.analysis import Event


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 0.001)
    monkeypatch.setattr(event_target, "LONGEST_DELAY_S", 0.002)


class Sender:
    """A target that takes events, fails or hangs, as the test says."""

    def __init__(self) -> None:
        self.taken: list[SentEvent] = []
        self.tried: list[SentEvent] = []
        self.failures: list[NotDelivered] = []
        self.opened = 0
        self.is_open = False
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()
        self.gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._changed = asyncio.Event()

    async def open(self) -> None:
        if not self.is_open:
            self.is_open = True
            self.opened += 1
            self.gone = asyncio.get_running_loop().create_future()
            self._changed.set()

    async def send(self, sent: SentEvent) -> None:
        self.tried.append(sent)
        self._changed.set()
        await self.may_go_on.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(sent)
        self._changed.set()

    async def lost(self) -> str:
        return await asyncio.shield(self.gone)

    async def close(self) -> None:
        self.is_open = False

    async def until(self, count: int, what: str = "taken") -> None:
        async with asyncio.timeout(HANG_S):
            while len(getattr(self, what)) < count:
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def delivering(options: str = "") -> AsyncIterator[tuple[EventTarget, Sender]]:
    sender = Sender()
    target = EventTarget(parse_targets("webhook", f"http://h/{options}")[0], "webhook-1", sender)
    target.start()
    try:
        yield target, sender
    finally:
        await target.close()
        assert not sender.is_open


def event(number: int) -> Event:
    return Event("rep", number, 0)


def numbers(sent: list[SentEvent]) -> list[int]:
    return [one.event.pts for one in sent]


async def test_events_are_delivered_in_order_each_once() -> None:
    async with delivering() as (target, sender):
        for number in range(50):
            target.put(event(number), "main")
        await sender.until(50)
        assert numbers(sender.taken) == list(range(50))
        assert len({sent.id for sent in sender.taken}) == 50
        assert target.count("delivered") == 50


async def test_a_failed_event_is_tried_again_with_its_id_before_the_next() -> None:
    async with delivering() as (target, sender):
        sender.failures = [NotDelivered("it answers 500")] * 3
        for number in (1, 2):
            target.put(event(number), "main")
        await sender.until(2)
        assert numbers(sender.tried) == [1, 1, 1, 1, 2]
        assert len({sent.id for sent in sender.tried}) == 2
        assert (target.count("failed"), target.count("dropped"), target.count("delivered")) == (3, 0, 2)


async def test_a_target_that_hangs_holds_up_nobody_and_loses_the_oldest() -> None:
    async with delivering() as (target, sender):
        sender.may_go_on.clear()
        target.put(event(0), "main")
        await sender.until(1, "tried")
        for number in range(1, MOST_WAITING + 11):
            target.put(event(number), "main")
        assert (target.waiting, target.count("dropped")) == (MOST_WAITING + 1, 10)
        sender.may_go_on.set()
        await sender.until(MOST_WAITING + 1)
        assert numbers(sender.taken) == [0, *range(11, MOST_WAITING + 11)]


async def test_a_fault_of_ours_is_one_attempt_and_not_the_end() -> None:
    async with delivering() as (target, sender):
        sender.failures = [RuntimeError("a fault")]  # type: ignore[list-item]
        target.put(event(1), "main")
        await sender.until(1)
        assert (target.count("failed"), target.count("delivered")) == (1, 1)


async def test_what_is_too_old_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with delivering() as (target, sender):
        sender.failures = [NotDelivered("it answers 503")]
        sender.may_go_on.clear()
        target.put(event(1), "main")
        await sender.until(1, "tried")
        monkeypatch.setattr(event_target, "KEEP_S", -1.0)
        sender.may_go_on.set()
        await until(lambda: not target.waiting)  # it is dropped without a word to the sender
        assert (sender.taken, target.count("dropped")) == ([], 1)


async def test_a_target_that_is_gone_is_sent_nothing_more() -> None:
    async with delivering() as (target, sender):
        sender.failures = [TargetGone("it answers 410")]
        for number in range(5):
            target.put(event(number), "main")
        await until(lambda: target.count("dropped") == 5)
        assert len(sender.tried) == 1
        target.put(event(5), "main")
    assert target.count("delivered") == 0


async def test_a_connection_that_is_lost_is_opened_again_without_an_event() -> None:
    async with delivering() as (target, sender):
        target.put(event(1), "main")
        await sender.until(1)
        sender.gone.set_result("the broker ended the connection")
        await until(lambda: sender.opened == 2)
        target.put(event(2), "main")
        await sender.until(2)
        assert target.count("failed") == 1


async def test_what_waits_is_delivered_before_the_end() -> None:
    async with delivering() as (target, sender):
        for number in range(20):
            target.put(event(number), "main")
    assert numbers(sender.taken) == list(range(20))


async def test_a_dead_target_does_not_delay_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_target, "LONGEST_DELAY_S", 3600.0)
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 3600.0)
    async with asyncio.timeout(HANG_S), delivering() as (target, sender):
        sender.failures = [NotDelivered("it answers 500")]
        target.put(event(1), "main")
        await sender.until(1, "tried")
        await asyncio.sleep(0)
    assert sender.taken == []


async def test_types_that_are_not_wanted_do_not_wait() -> None:
    async with delivering("#events=fall&room=studio") as (target, sender):
        assert target.wants("studio")
        assert not target.wants("main")
        target.put(event(1), "studio")
        target.put(Event("fall", 2, 0), "studio")
        await sender.until(1)
        assert numbers(sender.taken) == [2]
