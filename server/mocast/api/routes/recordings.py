"""Recordings over HTTP: start, look at, stop, download and delete them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import IO, Final

from aiohttp import web

from mocast.api.bodies import json_answer
from mocast.api.routes.offers import room_name
from mocast.api.stream_requests import RecordRequest
from mocast.model.options import ExportRequest
from mocast.recordings.export.command import Kind
from mocast.recordings.exporter import Exporter
from mocast.recordings.registry import Recording, Recordings
from mocast.validation import read_query

JSON_LINES: Final = "application/jsonl"
"""Not registered, but what everybody says: https://jsonlines.org/."""
EXPORT_TYPES: Final[dict[Kind, str]] = {"bvh": "text/plain", "vrma": "model/gltf-binary"}
"""BVH has no type of its own; a VRM Animation is glTF."""

DOWNLOAD_TIMEOUT_S: Final = 600
"""A client that takes longer for an export holds the place of others, and its file the disk."""
_CHUNK_BYTES: Final = 262_144

_ID: Final = "{id:[^./]+}"
"""Without the dot that a download's ending begins with."""


def recording_routes(recordings: Recordings, exports: Exporter) -> list[web.RouteDef]:
    """``POST /v1/rooms/{room}/recordings`` and what is under ``/v1/recordings/{id}``."""

    async def start(request: web.Request) -> web.Response:
        recording = await recordings.start(room_name(request), read_query(RecordRequest, request.query).record)
        response = json_answer(recording.snapshot(), status=201)
        response.headers["Location"] = f"../../recordings/{recording.id}"
        return response

    async def show(request: web.Request) -> web.Response:
        return json_answer(recordings.find(request.match_info["id"]).snapshot())

    async def stop(request: web.Request) -> web.Response:
        recording = await recordings.stop(request.match_info["id"])
        return json_answer(recording.snapshot())

    async def delete(request: web.Request) -> web.Response:
        await recordings.delete(request.match_info["id"])
        return web.Response(status=204)

    async def lines(request: web.Request) -> web.StreamResponse:
        recording = recordings.find_ended(request.match_info["id"])
        headers = {"Content-Type": JSON_LINES, "Content-Disposition": _attached(recording, "jsonl")}
        return web.FileResponse(recording.path, headers=headers)

    def export(kind: Kind) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def exported(request: web.Request) -> web.StreamResponse:
            wanted = read_query(ExportRequest, request.query)
            recording = recordings.find_ended(request.match_info["id"])
            response = web.StreamResponse()
            response.content_type = EXPORT_TYPES[kind]
            response.headers["Content-Disposition"] = _attached(recording, kind)
            async with exports.made(recording.path, kind, fps=wanted.fps, smooth=wanted.smooth) as file:
                await _send(request, response, file)
            return response

        return exported

    return [
        web.post("/v1/rooms/{room}/recordings", start),
        web.get("/v1/recordings/{id}.jsonl", lines),
        web.get("/v1/recordings/{id}.bvh", export("bvh"), allow_head=False),  # it would be made for nothing
        web.get("/v1/recordings/{id}.vrma", export("vrma"), allow_head=False),
        web.get(f"/v1/recordings/{_ID}", show),
        web.delete(f"/v1/recordings/{_ID}", delete),
        web.post("/v1/recordings/{id}/stop", stop),
    ]


async def _send(request: web.Request, response: web.StreamResponse, file: IO[bytes]) -> None:
    """Send a file in pieces, read on a worker thread."""
    loop = asyncio.get_running_loop()
    response.content_length = file.seek(0, 2)
    file.seek(0)
    try:
        async with asyncio.timeout(DOWNLOAD_TIMEOUT_S):
            await response.prepare(request)
            while piece := await loop.run_in_executor(None, file.read, _CHUNK_BYTES):
                await response.write(piece)
            await response.write_eof()
    except TimeoutError:
        # Too late for an answer of another status.
        if request.transport is not None:
            request.transport.abort()


def _attached(recording: Recording, ending: str) -> str:
    """Tell browsers to save it, and under which name. A room's name has no character that would need quoting."""
    return f'attachment; filename="{recording.room}-{recording.started_at:%Y%m%d-%H%M%S}.{ending}"'
