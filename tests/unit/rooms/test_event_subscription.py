"""A client's events on its channel: the types it asks for, in order, and none lost silently."""

from typing import Any

from mocast.model.analysis import Event
from mocast.pipeline.fanout import Fanout
from mocast.rooms.event_subscription import MOST_WAITING, EventSubscription


class Room:
    name = "main"

    def __init__(self) -> None:
        self.events: Fanout[Event] = Fanout()


class Client:
    """A subscription, and the channel that it sends on."""

    def __init__(self) -> None:
        self.room = Room()
        self.has_room = True
        self.messages: list[dict[str, Any]] = []
        self.counted: list[bool] = []
        self.subscription = EventSubscription(self.room, self._send, self.counted.append)  # type: ignore[arg-type]

    def _send(self, message: dict[str, Any]) -> bool:
        if self.has_room:
            self.messages.append(message)
        return self.has_room

    @property
    def pts(self) -> list[int]:
        return [message["event"]["pts"] for message in self.messages]


async def test_only_the_types_that_are_asked_for_are_sent() -> None:
    client = Client()
    assert len(client.room.events) == 0, "nothing is analysed for it"
    client.subscription.subscribe(["rep", "fall"])
    for number, kind in enumerate(("rep", "gesture", "fall")):
        client.room.events.send(Event(kind, number, 0))  # type: ignore[arg-type]
    client.subscription.flush()
    assert client.pts == [0, 2]
    assert client.messages[0]["room"] == "main"
    client.subscription.subscribe([])
    assert len(client.room.events) == 0


async def test_events_wait_for_a_channel_that_is_full() -> None:
    client = Client()
    client.subscription.subscribe(["rep"])
    client.has_room = False
    for number in range(3):
        client.room.events.send(Event("rep", number, 0))
        client.subscription.flush()
    assert client.messages == []
    client.has_room = True
    client.subscription.flush()
    assert client.pts == [0, 1, 2]
    assert client.counted == [False] * 3


async def test_the_next_message_says_how_many_were_lost() -> None:
    client = Client()
    client.subscription.subscribe(["rep"])
    client.has_room = False
    for number in range(MOST_WAITING + 5):
        client.room.events.send(Event("rep", number, 0))
    client.subscription.flush()
    client.has_room = True
    client.subscription.flush()
    assert client.pts == list(range(5, MOST_WAITING + 5))
    assert [message["missed"] for message in client.messages] == [5] + [0] * (MOST_WAITING - 1)
    assert (client.counted.count(True), client.counted.count(False)) == (5, MOST_WAITING)


async def test_one_that_is_closed_is_no_sink_any_more() -> None:
    client = Client()
    client.subscription.subscribe(["rep"])
    client.subscription.close()
    assert len(client.room.events) == 0
