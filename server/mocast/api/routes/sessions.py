"""A session, a publisher's or a viewer's, over HTTP: show it, change it, add candidates, end it."""

import asyncio

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import MAX_JSON_BYTES, json_answer, parse_json, read_body
from mocast.api.route import SIGNED_IN, Route, route
from mocast.errors import PreconditionFailed, RequestError, UnsupportedMedia
from mocast.rooms.registry import Rooms
from mocast.rooms.session import Session
from mocast.webrtc.offer import RemoteCandidate

TRICKLE = "application/trickle-ice-sdpfrag"


def session_routes(rooms: Rooms) -> list[Route]:
    """``GET``, ``PATCH`` and ``DELETE /v1/sessions/{id}``."""

    def find(request: web.Request) -> Session:
        return rooms.session(request.match_info["id"], request[PRINCIPAL])

    async def show(request: web.Request) -> web.Response:
        return json_answer(find(request).snapshot())

    async def change(request: web.Request) -> web.Response:
        session = find(request)
        body = await read_body(request, MAX_JSON_BYTES)
        if request.content_type == TRICKLE:
            if request.headers.get("If-Match", "*") not in ("*", session.etag):
                raise PreconditionFailed("The session's ICE has another ETag.")
            await session.add_candidates(parse_fragment(body))
            return web.Response(status=204)
        if request.content_type != "application/json":
            raise UnsupportedMedia(f"Send settings as application/json or candidates as {TRICKLE}.")
        changes = parse_json(body)
        publisher = rooms.publisher(session.id, request[PRINCIPAL])
        # A client that goes away meanwhile leaves no change half done, nor a tracker that was built for nothing.
        return json_answer(await asyncio.shield(publisher.change(changes)))

    async def leave(request: web.Request) -> web.Response:
        await rooms.end(request.match_info["id"], "the client left", request[PRINCIPAL])
        return web.Response(status=200)

    return [
        route("GET", "/v1/sessions/{id}", show, grant=SIGNED_IN),
        route("PATCH", "/v1/sessions/{id}", change, grant=SIGNED_IN),
        route("DELETE", "/v1/sessions/{id}", leave, grant=SIGNED_IN),
    ]


def parse_fragment(body: bytes) -> list[RemoteCandidate]:
    """Return the candidates of a trickle ICE fragment (RFC 8840): (candidate, mid, m-line index).

    A candidate before the first ``a=mid`` belongs to the first m-line. Raises ``RequestError`` where it is not text.
    """
    try:
        lines = body.decode().splitlines()
    except UnicodeDecodeError as error:
        raise RequestError("The body is not an SDP fragment.") from error
    mid: str | None = None
    candidates: list[RemoteCandidate] = []
    for line in lines:
        if line.startswith("a=mid:"):
            mid = line.removeprefix("a=mid:").strip()
        elif line.startswith("a=candidate:"):
            candidates.append((line.removeprefix("a="), mid, 0 if mid is None else None))
    return candidates
