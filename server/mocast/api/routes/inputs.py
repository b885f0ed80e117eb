"""A source of a room's mixer over a WebSocket: a pose as JSON in each text, from a bridge or another program."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

import orjson
from aiohttp import WSMsgType, web
from annotated_types import doc

from mocast.api.client_address import client_of
from mocast.api.http_connection import HttpConnection
from mocast.api.route import Route, route
from mocast.api.routes.offers import room_name
from mocast.api.socket_life import SEND_TIMEOUT_S, open_socket, serve_until_end
from mocast.errors import MocastError
from mocast.model.options import ClientSource
from mocast.model.source_pose import SourcePose
from mocast.rooms.client_limits import RateLimit
from mocast.rooms.pose_feed import MOST_BYTES, take_text
from mocast.rooms.registry import Rooms
from mocast.validation import read_query

INPUT_RATE: Final = 120.0
"""Poses a second that are taken."""
TOLD_PER_S: Final = 1.0
"""Problems a second that a source is told of: what is wrong with one pose is wrong with the next."""


@dataclass(frozen=True, slots=True)
class InputRequest:
    """What a client feeds the room with."""

    source: Annotated[ClientSource, doc("As which source: it leads parts as the room's mixer has it.")]


def input_routes(rooms: Rooms) -> list[Route]:
    """``GET /v1/rooms/{room}/input``."""

    async def take(request: web.Request) -> web.WebSocketResponse:
        name, wanted = room_name(request), read_query(InputRequest, request.query)
        answer = open_socket(request, MOST_BYTES)
        with rooms.lease_input(name, client_of(request)) as room, room.mixer.feed(wanted.source) as feed:
            await answer.prepare(request)
            if isinstance(request.protocol, HttpConnection):
                request.protocol.feeds = True  # poses that a bad network held back come all at once
            messages = RateLimit(INPUT_RATE)
            await serve_until_end(answer, request, rooms, room, messages, _listen(answer, messages, feed))
        return answer

    return [route("GET", "/v1/rooms/{room}/input", take, grant="publish", opens=True)]


async def _listen(answer: web.WebSocketResponse, messages: RateLimit, feed: Callable[[SourcePose], None]) -> None:
    """Feed the poses that come within the rate, until the client leaves or sends far too much."""
    told = RateLimit(TOLD_PER_S)
    async for message in answer:
        is_admitted = messages.take()
        if message.type is WSMsgType.ERROR or messages.is_flooded:
            return
        if not is_admitted:
            continue
        await asyncio.sleep(0)  # of many that came at once, each has its own turn of the event loop
        if message.type is WSMsgType.PING:
            await answer.pong(message.data)
        elif message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            try:
                take_text(message.data, feed)
            except MocastError as error:
                if told.take():
                    await _tell(answer, error)


async def _tell(answer: web.WebSocketResponse, error: MocastError) -> None:
    problem = {"type": "problem", "status": error.status, "title": error.title, "detail": str(error)}
    async with asyncio.timeout(SEND_TIMEOUT_S):
        await answer.send_str(orjson.dumps(problem).decode())
