"""A room's mixer over HTTP: who leads each part of the rig, and the sources that are there."""

from aiohttp import web

from mocast.api.bodies import json_answer, read_json
from mocast.api.route import Route, route
from mocast.api.routes.offers import room_name
from mocast.rooms.registry import Rooms
from mocast.validation import read_change


def mixer_routes(rooms: Rooms) -> list[Route]:
    """``GET`` and ``PATCH /v1/rooms/{room}/mixer``."""

    async def show(request: web.Request) -> web.Response:
        return json_answer(rooms.room(room_name(request)).mixer.snapshot())

    async def change(request: web.Request) -> web.Response:
        name, changes = room_name(request), await read_json(request)
        mixer = rooms.room(name).mixer
        mixer.options = read_change(mixer.options, changes)
        return json_answer(mixer.snapshot())

    path = "/v1/rooms/{room}/mixer"
    return [route("GET", path, show, grant="subscribe"), route("PATCH", path, change, grant="publish")]
