"""A room's streams and events over a WebSocket, for clients without WebRTC: one JSON text per frame and stream."""

import asyncio
import functools
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final

from aiohttp import WSMsgType, web

from mocast.api.client_address import client_of
from mocast.api.route import Route, route
from mocast.api.routes.offers import room_name
from mocast.api.socket_life import BUFFER_BYTES, SEND_TIMEOUT_S, bound_buffers, open_socket, serve_until_end
from mocast.api.stream_requests import EVENTS, SocketRequest
from mocast.model.analysis import Event
from mocast.pipeline.bounded_queue import BoundedQueue
from mocast.pipeline.slot import LatestSlot, in_loop
from mocast.pipeline.stats import ViewerStats
from mocast.rooms.client_limits import RateLimit
from mocast.rooms.registry import Rooms
from mocast.rooms.room import Room
from mocast.validation import read_query
from mocast.wire import event_json

MAX_RECEIVED_BYTES: Final = 1_024
"""Readers have nothing to send."""

MOST_EVENTS: Final = 64
"""Events that wait for a reader. Then the oldest is dropped and counted, and the next text says so."""


class SocketChannel:
    """One stream of one WebSocket: holds the newest text until it is sent; counts what is sent and dropped."""

    bufferedAmount = 0  # noqa: N815 (W3C's name)

    def __init__(self, ready: asyncio.Event, count: Callable[[bool], None]) -> None:
        self.readyState = "open"
        self._ready = ready
        self._count = count
        self._texts: LatestSlot[str] = LatestSlot(ready.set)

    def send(self, data: bytes | str, /) -> None:
        """Take a text in place of the one that waits."""
        assert isinstance(data, str)
        if self._texts.put(data):
            self._count(True)

    def close(self) -> None:
        """Have the WebSocket closed: nothing more will come."""
        self.readyState = "closed"
        self._ready.set()

    def take(self) -> str | None:
        """Return the newest text, once."""
        text = self._texts.take()
        if text is not None:
            self._count(False)
        return text

    def count_lost(self, dropped: bool) -> None:
        """Count a frame that the broadcast dropped before it came here; what came is counted here."""
        if dropped:
            self._count(True)


class SocketEvents:
    """The events of one WebSocket, a sink of the room's: all of them in order, as far as the reader keeps up."""

    readyState = "open"  # noqa: N815 (as ``SocketChannel`` has it)

    def __init__(self, room: str, ready: asyncio.Event, count: Callable[[bool], None]) -> None:
        self._room = room
        self._ready = ready
        self._count = count
        self._wake = in_loop(ready.set)
        self._waiting: BoundedQueue[Event] = BoundedQueue(MOST_EVENTS, self._wake)

    def send(self, event: Event) -> None:
        """Take an event. Called on the publisher's thread."""
        self._waiting.put(event)

    def close(self) -> None:
        """Have the WebSocket closed: nothing more will come. Called on any thread."""
        self.readyState = "closed"
        self._wake()

    def take(self) -> str | None:
        """Return the next event's text."""
        event = self._waiting.take()
        if event is None:
            return None
        missed = self._waiting.take_dropped()
        for _ in range(missed):
            self._count(True)
        self._count(False)
        if len(self._waiting):
            self._ready.set()  # each channel has one text in turn
        return event_json.encode(event, self._room, missed)


def socket_routes(rooms: Rooms, message_rate: float) -> list[Route]:
    """``GET /v1/rooms/{room}/landmarks``. ``message_rate``: messages a second that a reader may send."""

    async def read(request: web.Request) -> web.WebSocketResponse:
        name = room_name(request)
        wanted = read_query(SocketRequest, request.query)
        answer = open_socket(request, MAX_RECEIVED_BYTES, writer_limit=BUFFER_BYTES // 4)
        with rooms.lease_reader(name, client_of(request)) as (room, statistics), ExitStack() as attached:
            await answer.prepare(request)
            bound_buffers(request.transport)
            ready = asyncio.Event()
            channels = _attach(room, wanted, statistics, ready, attached)
            messages = RateLimit(message_rate)
            duties = (_listen(answer, messages), _send(answer, ready, channels))
            await serve_until_end(answer, request, rooms, room, messages, *duties)
        return answer

    return [route("GET", "/v1/rooms/{room}/landmarks", read, grant="subscribe", opens=True)]


def _attach(
    room: Room, wanted: SocketRequest, statistics: ViewerStats, ready: asyncio.Event, attached: ExitStack
) -> list[SocketChannel | SocketEvents]:
    """Subscribe to the streams that a reader wants; ``attached`` ends it. ``ready`` is set when a text has come."""
    channels: list[SocketChannel | SocketEvents] = []
    form = "socket mirrored" if wanted.mirror else "socket"
    for label, stream in reversed(room.streams.items()):  # the rig first: a late avatar is what one sees
        if label not in wanted.send:
            continue
        for person in range(wanted.people):  # each has the newest text of one person
            channel = SocketChannel(ready, functools.partial(statistics.delivered, stream.kind.counter))
            subscription = stream.broadcast.attach(channel, form, channel.count_lost, people=range(person, person + 1))
            attached.callback(stream.broadcast.detach, subscription)
            channels.append(channel)
    if EVENTS in wanted.send:
        events = SocketEvents(room.name, ready, functools.partial(statistics.delivered, "events"))
        room.events.add(events)
        attached.callback(room.events.remove, events)
        channels.append(events)
    return channels


async def _listen(answer: web.WebSocketResponse, messages: RateLimit) -> None:
    """Read and discard, until the reader leaves, misses a ping or sends far too much. Answer pings within the rate."""
    async for message in answer:
        is_admitted = messages.take()
        if message.type is WSMsgType.ERROR or messages.is_flooded:
            return
        if message.type is WSMsgType.PING and is_admitted:
            await answer.pong(message.data)


async def _send(
    answer: web.WebSocketResponse, ready: asyncio.Event, channels: Sequence[SocketChannel | SocketEvents]
) -> None:
    """Send each channel's newest or next text, as fast as the reader takes them, until one is closed."""
    while all(channel.readyState == "open" for channel in channels):
        await ready.wait()
        ready.clear()
        for channel in channels:
            text = channel.take()
            if text is not None:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await answer.send_str(text)
