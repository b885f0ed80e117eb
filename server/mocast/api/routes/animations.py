"""Recordings as animation files (BVH, VRM Animation, VMD) and as markers (TRC, C3D) over HTTP."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import IO, Final

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import read_json as read_body_json
from mocast.api.client_address import client_of
from mocast.api.route import Route, route
from mocast.api.routes.recordings import attachment
from mocast.model.avatar_body import AvatarBody
from mocast.model.options import ExportRequest
from mocast.recordings.export.command import AVATAR_WRITERS, ExportKind
from mocast.recordings.exporter import Exporter
from mocast.recordings.registry import Recordings
from mocast.validation import read_json, read_query

EXPORT_TYPES: Final[dict[ExportKind, str]] = {
    "bvh": "text/plain",
    "vrma": "model/gltf-binary",
    "vmd": "application/octet-stream",
    "trc": "text/tab-separated-values",
    "c3d": "application/octet-stream",
}
"""BVH, VMD and C3D have no type of their own; a VRM Animation is glTF."""

DOWNLOAD_TIMEOUT_S: Final = 600
"""A client that takes longer for an export holds the place of others, and its file the disk."""
_CHUNK_BYTES: Final = 262_144


def animation_routes(recordings: Recordings, exports: Exporter) -> list[Route]:
    """``GET /v1/recordings/{id}.bvh``, ``.vrma`` and the other kinds; ``POST`` of those that are for an avatar."""

    def export(kind: ExportKind) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def exported(request: web.Request) -> web.StreamResponse:
            wanted = read_query(ExportRequest, request.query)
            avatar = read_json(AvatarBody, await read_body_json(request)) if request.method == "POST" else None
            await recordings.recall(request.match_info["id"])
            recording = recordings.list.find_ended(request.match_info["id"], request[PRINCIPAL])
            response = web.StreamResponse()
            response.content_type = EXPORT_TYPES[kind]
            response.headers["Content-Disposition"] = attachment(recording, kind)
            made = exports.exported(
                recording.path,
                kind,
                client_of(request),
                fps=wanted.fps,
                smooth=wanted.smooth,
                person=wanted.person,
                avatar=avatar,
            )
            async with made as file:
                await _send(request, response, file, exports.disk)
            return response

        return exported

    # Without HEAD: it would be made for nothing.
    return [
        *(
            route("GET", f"/v1/recordings/{{id}}.{kind}", export(kind), grant="record", head=False)
            for kind in EXPORT_TYPES
        ),
        *(route("POST", f"/v1/recordings/{{id}}.{kind}", export(kind), grant="record") for kind in AVATAR_WRITERS),
    ]


async def _send(request: web.Request, response: web.StreamResponse, file: IO[bytes], disk: Executor) -> None:
    """Send a file in pieces, read on a thread of ``disk``."""
    loop = asyncio.get_running_loop()
    response.content_length = file.seek(0, 2)
    file.seek(0)
    try:
        async with asyncio.timeout(DOWNLOAD_TIMEOUT_S):
            await response.prepare(request)
            while piece := await loop.run_in_executor(disk, file.read, _CHUNK_BYTES):
                await response.write(piece)
            await response.write_eof()
    except TimeoutError:
        # Too late for an answer of another status.
        if request.transport is not None:
            request.transport.abort()
