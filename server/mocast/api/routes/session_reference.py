"""The pose or motion that a publisher is compared with, over HTTP: show, set and forget it."""

import asyncio
from typing import Final

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer, read_json
from mocast.api.route import Route, route
from mocast.model.reference import MOST_POSES
from mocast.rooms.publisher_analysis import PublisherAnalysis
from mocast.rooms.registry import Rooms

MOST_BYTES: Final = 1 << 19
"""Of a reference: a motion of 300 poses has 280 KB where its numbers have four places."""
MOST_SIGNS: Final = 180 * MOST_POSES
"""Of its JSON: a pose has 175."""


def reference_routes(rooms: Rooms) -> list[Route]:
    """``GET``, ``PUT`` and ``DELETE /v1/sessions/{id}/reference``."""

    def find(request: web.Request) -> PublisherAnalysis:
        return rooms.publisher(request.match_info["id"], request[PRINCIPAL]).analysis

    async def show(request: web.Request) -> web.Response:
        return json_answer({"reference": find(request).reference})

    async def replace(request: web.Request) -> web.Response:
        analysis = find(request)
        asked = await read_json(request, MOST_BYTES, MOST_SIGNS)
        return json_answer({"reference": await asyncio.to_thread(analysis.set_reference, asked)})

    async def forget(request: web.Request) -> web.Response:
        return json_answer({"reference": find(request).set_reference(None)})

    path = "/v1/sessions/{id}/reference"
    return [
        route("GET", path, show, grant="publish"),
        route("PUT", path, replace, grant="publish"),
        route("DELETE", path, forget, grant="publish"),
    ]
