"""A session, a publisher's or a viewer's, over HTTP: show it, change it, add candidates, end it."""

import asyncio
import re
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import MAX_JSON_BYTES, json_answer, media_type, parse_json, read_body
from mocast.api.if_match import require_match
from mocast.api.route import SIGNED_IN, Route, route
from mocast.errors import NotFound, RequestError, UnsupportedMedia
from mocast.model.principal import Grant
from mocast.rooms.registry import Rooms
from mocast.rooms.session import Role, Session
from mocast.webrtc.offer import RemoteCandidate

TRICKLE: Final = "application/trickle-ice-sdpfrag"
ACCEPT_PATCH: Final = {"Accept-Patch": TRICKLE}
_SDP_LINE: Final = re.compile(r"[a-z]=\S.*")
"""RFC 8866, section 5."""


@dataclass(frozen=True, slots=True)
class IceFragment:
    """What a client sends of its side of ICE after the offer (RFC 8840)."""

    candidates: tuple[RemoteCandidate, ...]
    ufrag: str | None
    "The user name fragment that they belong to; ``None`` where it is not named."


def session_routes(rooms: Rooms) -> list[Route]:
    """``GET``, ``PATCH`` and ``DELETE /v1/sessions/{id}``."""

    def find(request: web.Request) -> Session:
        return rooms.sessions.get(request.match_info["id"], request[PRINCIPAL])

    async def show(request: web.Request) -> web.Response:
        return json_answer(find(request).snapshot())

    async def change(request: web.Request) -> web.Response:
        session = find(request)
        kind = media_type(request.headers)
        if kind == TRICKLE:
            return await _trickle(session, request, needs_match=False)
        if kind != "application/json":
            raise UnsupportedMedia(f"Send settings as application/json or candidates as {TRICKLE}.")
        changes = parse_json(await read_body(request, MAX_JSON_BYTES))
        publisher = rooms.sessions.publisher(session.id, request[PRINCIPAL])
        # A client that goes away meanwhile leaves no change half done, nor a tracker that was built for nothing.
        return json_answer(await asyncio.shield(publisher.change(changes)))

    async def leave(request: web.Request) -> web.Response:
        await rooms.sessions.end(request.match_info["id"], "the client left", request[PRINCIPAL])
        return web.Response(status=200)

    return [
        route("GET", "/v1/sessions/{id}", show, grant=SIGNED_IN),
        route("PATCH", "/v1/sessions/{id}", change, grant=SIGNED_IN),
        route("DELETE", "/v1/sessions/{id}", leave, grant=SIGNED_IN),
    ]


def protocol_session_routes(endpoint: str, grant: Grant, role: Role, rooms: Rooms) -> list[Route]:
    """``GET``, ``PATCH``, ``DELETE`` and ``OPTIONS`` of ``/whip/{room}/{id}`` or ``/whep/{room}/{id}``.

    The same sessions as at ``/v1/sessions/{id}``, as far as these protocols know of them.
    """

    def find(request: web.Request) -> Session:
        session = rooms.sessions.get(request.match_info["id"], request[PRINCIPAL])
        if (session.role, session.room.name) != (role, request.match_info["room"]):
            raise NotFound("There is no such session; it may have ended.")
        return session

    async def nothing(request: web.Request) -> web.Response:
        find(request)
        return web.Response(status=204)

    async def trickle(request: web.Request) -> web.Response:
        session = find(request)
        if media_type(request.headers) != TRICKLE:
            raise UnsupportedMedia(f"Send candidates as {TRICKLE}.", ACCEPT_PATCH)
        return await _trickle(session, request, needs_match=True)

    async def leave(request: web.Request) -> web.Response:
        await rooms.sessions.end(find(request).id, "the client left", request[PRINCIPAL])
        return web.Response(status=200)

    async def options(request: web.Request) -> web.Response:
        find(request)
        return web.Response(headers=ACCEPT_PATCH)

    path = f"{endpoint}/{{room}}/{{id}}"
    return [
        route("GET", path, nothing, grant=grant),
        route("PATCH", path, trickle, grant=grant),
        route("DELETE", path, leave, grant=grant),
        route("OPTIONS", path, options, grant=grant, accepts=ACCEPT_PATCH),
    ]


async def _trickle(session: Session, request: web.Request, *, needs_match: bool) -> web.Response:
    """Take the candidates of a request's body for the ICE session that ``If-Match`` names (RFC 9725, section 4.3)."""
    require_match(request, session.etag, is_needed=needs_match)
    fragment = parse_fragment(await read_body(request, MAX_JSON_BYTES))
    await session.add_candidates(fragment.candidates, fragment.ufrag)
    return web.Response(status=204)


def parse_fragment(body: bytes) -> IceFragment:
    """Return a trickle ICE fragment (RFC 8840). A candidate before the first ``a=mid`` belongs to the first m-line.

    Raises ``RequestError`` where it is not SDP.
    """
    try:
        lines = [line for line in body.decode().splitlines() if line]
    except UnicodeDecodeError as error:
        raise RequestError("The body is not an SDP fragment.") from error
    if not all(_SDP_LINE.fullmatch(line) for line in lines):
        raise RequestError("The body is not an SDP fragment: each line has a letter, an equals sign and a value.")
    mid = ufrag = None
    candidates: list[RemoteCandidate] = []
    for line in lines:
        name, _, value = line.partition(":")
        if name == "a=mid":
            mid = value.strip()
        elif name == "a=ice-ufrag":
            ufrag = value.strip()
        elif name == "a=candidate":
            candidates.append((line.removeprefix("a="), mid, 0 if mid is None else None))
    return IceFragment(tuple(candidates), ufrag)
