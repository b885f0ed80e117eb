"""A publisher's calibration over HTTP: measure it, look at it, give it back, forget it."""

import orjson
from aiohttp import web

from mocast.errors import RequestError, UnsupportedMedia
from mocast.media.rooms import Rooms
from mocast.media.session import Session
from mocast.signaling.bodies import read_body

MAX_BYTES = 16_384


def calibration_routes(rooms: Rooms) -> list[web.RouteDef]:
    """``GET``, ``POST``, ``PUT`` and ``DELETE /v1/sessions/{id}/calibration``."""

    def find(request: web.Request) -> Session:
        return rooms.session(request.match_info["id"])

    async def show(request: web.Request) -> web.Response:
        return _json(find(request).calibration)

    async def measure(request: web.Request) -> web.Response:
        session = find(request)
        asked = await _read(request) if request.can_read_body else {}
        return _json(await session.calibrate(asked))

    async def give_back(request: web.Request) -> web.Response:
        session = find(request)
        return _json(session.set_calibration(await _read(request)))

    async def forget(request: web.Request) -> web.Response:
        return _json(find(request).set_calibration(None))

    path = "/v1/sessions/{id}/calibration"
    return [web.get(path, show), web.post(path, measure), web.put(path, give_back), web.delete(path, forget)]


async def _read(request: web.Request) -> object:
    if request.content_type != "application/json":
        raise UnsupportedMedia("send it as application/json")
    body = await read_body(request, MAX_BYTES)
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise RequestError("the body is not JSON") from error


def _json(calibration: object) -> web.Response:
    return web.Response(body=orjson.dumps({"calibration": calibration}), content_type="application/json")
