"""Recordings over HTTP: start, show, stop, download and delete them."""

from typing import Final

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer
from mocast.api.client_address import client_of
from mocast.api.download import Download
from mocast.api.route import Route, route
from mocast.api.routes.offers import room_name
from mocast.api.stream_requests import RecordRequest
from mocast.limiter import Limiter
from mocast.recordings.recording import Recording
from mocast.recordings.registry import Recordings
from mocast.validation import read_query

JSON_LINES: Final = "application/jsonl"
"""Not registered, but the customary type: https://jsonlines.org/."""
_ID: Final = "{id:[^./]+}"
"""No dot in it, as that begins a download's file extension."""


def recording_routes(recordings: Recordings, limiter: Limiter) -> list[Route]:
    """``POST /v1/rooms/{room}/recordings`` and what is under ``/v1/recordings/{id}``."""

    async def start(request: web.Request) -> web.Response:
        recording = await recordings.start(
            room_name(request), read_query(RecordRequest, request.query).record, request[PRINCIPAL]
        )
        response = json_answer(recording.snapshot(), status=201)
        response.headers["Location"] = f"../../recordings/{recording.id}"
        return response

    async def show(request: web.Request) -> web.Response:
        await recordings.recall(request.match_info["id"])
        return json_answer(recordings.list.find(request.match_info["id"], request[PRINCIPAL]).snapshot())

    async def stop(request: web.Request) -> web.Response:
        recording = await recordings.stop(request.match_info["id"], request[PRINCIPAL])
        return json_answer(recording.snapshot())

    async def delete(request: web.Request) -> web.Response:
        await recordings.recall(request.match_info["id"])
        await recordings.delete(request.match_info["id"], request[PRINCIPAL])
        return web.Response(status=204)

    async def lines(request: web.Request) -> web.StreamResponse:
        await recordings.recall(request.match_info["id"])
        recording = recordings.list.find_ended(request.match_info["id"], request[PRINCIPAL])
        headers = {"Content-Type": JSON_LINES, "Content-Disposition": attachment(recording, "jsonl")}
        return Download(recording.path, headers, limiter, client_of(request))

    return [
        route("POST", "/v1/rooms/{room}/recordings", start, grant="record", opens=True),
        route("GET", "/v1/recordings/{id}.jsonl", lines, grant="record"),
        route("GET", f"/v1/recordings/{_ID}", show, grant="record"),
        route("DELETE", f"/v1/recordings/{_ID}", delete, grant="record"),
        route("POST", "/v1/recordings/{id}/stop", stop, grant="record"),
    ]


def attachment(recording: Recording, ending: str) -> str:
    """Return the header that has browsers save it under a name. No character of a room's name needs quoting."""
    return f'attachment; filename="{recording.room}-{recording.started_at:%Y%m%d-%H%M%S}.{ending}"'
