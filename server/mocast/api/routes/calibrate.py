"""A publisher's calibration over HTTP: measure, show, set and forget it."""

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer, read_json
from mocast.api.route import Route, route
from mocast.model.options import CalibrationRequest
from mocast.rooms.publisher_calibration import PublisherCalibration
from mocast.rooms.registry import Rooms
from mocast.validation import read_query


def calibration_routes(rooms: Rooms) -> list[Route]:
    """``GET``, ``POST``, ``PUT`` and ``DELETE /v1/sessions/{id}/calibration``."""

    def find(request: web.Request) -> PublisherCalibration:
        return rooms.sessions.publisher(request.match_info["id"], request[PRINCIPAL]).calibration

    async def show(request: web.Request) -> web.Response:
        return _answer(find(request).to_json(_person(request)))

    async def measure(request: web.Request) -> web.Response:
        calibration = find(request)
        asked = await read_json(request) if request.can_read_body else {}
        return _answer(await calibration.measure(asked))

    async def replace(request: web.Request) -> web.Response:
        calibration = find(request)
        person = _person(request)
        return _answer(calibration.replace(await read_json(request), person))

    async def forget(request: web.Request) -> web.Response:
        return _answer(find(request).replace(None, _person(request)))

    path = "/v1/sessions/{id}/calibration"
    return [
        route("GET", path, show, grant="publish"),
        route("POST", path, measure, grant="publish"),
        route("PUT", path, replace, grant="publish"),
        route("DELETE", path, forget, grant="publish"),
    ]


def _person(request: web.Request) -> int:
    return read_query(CalibrationRequest, request.query).person


def _answer(calibration: object) -> web.Response:
    return json_answer({"calibration": calibration})
