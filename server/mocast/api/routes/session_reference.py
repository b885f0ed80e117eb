"""The pose or motion that a publisher is compared with, over HTTP: show, set and forget it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer, read_json
from mocast.api.route import Route, route
from mocast.errors import Unavailable
from mocast.model.reference import MOST_POSES
from mocast.rooms.publisher_analysis import PublisherAnalysis
from mocast.rooms.registry import Rooms

MOST_BYTES: Final = 1 << 19
"""Of a reference: a motion of 300 poses has 280 KB where its numbers have four places."""
MOST_SIGNS: Final = 180 * MOST_POSES
"""Of its JSON: a pose has 175."""
MOST_AT_ONCE: Final = 8
"""That are read or wait for it; each holds some MB."""


class ReferenceReader:
    """Reads references one after the other: a motion takes the interpreter 20 ms, and several at once take it from the
    event loop for as long as there are many."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "mocast-reference")
        self._count = 0

    async def read(self, take: Callable[[object], dict[str, Any] | None], asked: object) -> dict[str, Any] | None:
        """Return what taking it returns. Raises what that raises, and ``Unavailable`` where many wait."""
        if self._count >= MOST_AT_ONCE:
            raise Unavailable("Many references are being read at present; try again in a moment.", retry_after_s=1)
        self._count += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, take, asked)
        finally:
            self._count -= 1


def reference_routes(rooms: Rooms) -> list[Route]:
    """``GET``, ``PUT`` and ``DELETE /v1/sessions/{id}/reference``."""
    reader = ReferenceReader()

    def find(request: web.Request) -> PublisherAnalysis:
        return rooms.sessions.publisher(request.match_info["id"], request[PRINCIPAL]).analysis

    async def show(request: web.Request) -> web.Response:
        return json_answer({"reference": find(request).reference})

    async def replace(request: web.Request) -> web.Response:
        analysis = find(request)
        asked = await read_json(request, MOST_BYTES, MOST_SIGNS)
        return json_answer({"reference": await reader.read(analysis.set_reference, asked)})

    async def forget(request: web.Request) -> web.Response:
        return json_answer({"reference": find(request).set_reference(None)})

    path = "/v1/sessions/{id}/reference"
    return [
        route("GET", path, show, grant="publish"),
        route("PUT", path, replace, grant="publish"),
        route("DELETE", path, forget, grant="publish"),
    ]
