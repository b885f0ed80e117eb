"""Rooms over HTTP: all of them, or one, with its state."""

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer
from mocast.api.gathered import lists_merged
from mocast.api.route import SIGNED_IN, Gathered, Route, route
from mocast.api.routes.offers import room_name
from mocast.rooms.registry import Rooms


def room_routes(rooms: Rooms) -> list[Route]:
    """``GET /v1/rooms`` and ``GET /v1/rooms/{room}``."""

    async def list_all(request: web.Request) -> web.Response:
        seen = [room for room in rooms if request[PRINCIPAL].sees(room.name)]
        return json_answer({"rooms": [room.snapshot() for room in seen]})

    async def show(request: web.Request) -> web.Response:
        return json_answer(rooms.room(room_name(request)).snapshot())

    return [
        route("GET", "/v1/rooms", list_all, grant=SIGNED_IN, gathers=Gathered("nodes", lists_merged("rooms"))),
        route("GET", "/v1/rooms/{room}", show, grant=SIGNED_IN),
    ]
