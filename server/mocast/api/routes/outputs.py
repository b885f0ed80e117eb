"""A room's outputs over HTTP: the apps that its avatar moves, and the status of each."""

from typing import Any

from aiohttp import web

from mocast import validation
from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer, read_json
from mocast.api.route import Route, route
from mocast.api.routes.offers import room_name
from mocast.errors import Unprocessable
from mocast.outputs.output_options import OWN_OPTIONS, OutputsRequest
from mocast.outputs.registry import Outputs, RunningOutput
from mocast.validation import to_json


def output_routes(outputs: Outputs) -> list[Route]:
    """``GET`` and ``PUT /v1/rooms/{room}/outputs``."""

    async def show(request: web.Request) -> web.Response:
        return _json(outputs.of(room_name(request), request[PRINCIPAL]))

    async def replace(request: web.Request) -> web.Response:
        room = room_name(request)
        wanted = validation.read_json(OutputsRequest, await read_json(request)).outputs
        try:
            await outputs.replace(room, wanted, request[PRINCIPAL])
        except OSError as error:
            raise Unprocessable(f"One of the hosts is unknown: {error.strerror or error}.") from error
        return _json(outputs.of(room, request[PRINCIPAL]))

    path = "/v1/rooms/{room}/outputs"
    return [route("GET", path, show, grant="outputs"), route("PUT", path, replace, grant="outputs", opens=True)]


def output_json(running: RunningOutput) -> dict[str, Any]:
    """Return an output as the API shows it, without the options that its kind does not have."""
    options = to_json(running.options)
    for name, kinds in OWN_OPTIONS.items():
        if running.options.kind not in kinds:
            del options[name]
    return {**options, "fixed": running.fixed, **running.output.status.to_json()}


def _json(outputs: tuple[RunningOutput, ...]) -> web.Response:
    return json_answer({"outputs": [output_json(running) for running in outputs]})
