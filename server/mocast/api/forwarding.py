"""The middlewares of a server that is one of several nodes: each request is answered where its room, or its id, is.

Decided here alone, by what a route's path names (``Route.place``). Clients are not redirected: a redirect would tell
them the nodes' addresses, to which no load balancer leads, and most clients send no token to another host.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Final, Protocol

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from mocast.api.client_address import FORWARDED
from mocast.api.forwarded_headers import FORWARDED_HEADER, MOVED_HEADER, TO_MACHINE, TO_WORKER, hops_of
from mocast.api.problems import problem
from mocast.api.proxy import BrokenOff, Moved, OutOfReach, Proxy
from mocast.api.route import Gathered, GrantedRoute
from mocast.cluster.node_signature import NodeSignature
from mocast.errors import NotFound, Unavailable
from mocast.model.options import ROOM_NAME
from mocast.rooms.elsewhere import Elsewhere
from mocast.rooms.registry import Rooms

log = structlog.get_logger(__name__)

UNBELIEVED: Final = web.RequestKey("unbelieved", bool)
"""Set where a request claims to be forwarded by a node, without a valid signature. It is not forwarded: it might go
round for ever."""

ATTEMPTS: Final = 3
"""Nodes that a request is sent to at most: the owner, the next owner once that one's lease has ended, and one more
where the room moved in between."""

GATHER_TIMEOUT_S: Final = 2.0
"""A node that does not answer within this time is left out of a list."""
WARN_EVERY_S: Final = 60.0

GATHERED_AT_ONCE: Final = 32
"""Nodes that are asked at a time."""

KEPT: Final = ("/v1/jobs/", "/v1/recordings/")
"""Paths of what is in files of the node that made it: it is there again when that node is."""
GONE: Final = "The server that has this is not there at present; it is kept, and goes on when that server is back."

OUT_OF_REACH: Final = "The server that has this cannot be reached; try again in a moment."
BROKEN_OFF: Final = "The server that has this was lost before it answered; try again in a moment."


class Nodes(Protocol):
    """The other nodes, as far as requests need them."""

    async def owner_of_id(self, made_id: str) -> Elsewhere | None:
        """Return the living node that made an id; ``None``: this one, or none that lives."""

    def has_lost(self, made_id: str) -> bool:
        """Return whether an id was made by a node that has gone, and may come back."""

    async def has_left(self, room: str, where: Elsewhere, *, is_gone: bool) -> bool:
        """Wait, for a lease's time at most, until a room has left a node that is out of reach; return whether it has.

        ``is_gone``: that node's process has ended.
        """

    async def others(self) -> Sequence[tuple[str, str]]:
        """Return names and addresses of one node of each other machine."""

    def workers(self) -> Sequence[tuple[str, str]]:
        """Return names and addresses of the workers beside this one, which serve the same port."""

    def is_sibling(self, where: Elsewhere) -> bool:
        """Return whether another node is one of ``workers``."""

    @property
    def name(self) -> str:
        """This node's name in gathered answers."""


def from_nodes(signature: NodeSignature) -> Middleware:
    """Return the middleware that recognises requests forwarded by other nodes.

    It comes before every middleware that asks for the client's address.
    """

    warned_at = float("-inf")

    @web.middleware
    async def recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal warned_at
        hops = hops_of(request, signature)
        if hops:
            request[FORWARDED] = hops
        elif FORWARDED_HEADER in request.headers:
            request[UNBELIEVED] = True
            if time.monotonic() - warned_at >= WARN_EVERY_S:
                warned_at = time.monotonic()
                log.warning("not believed to be another node: its clock or cluster_secret differs, or it is none")
        return await handler(request)

    return recognise


def forwarding(rooms: Rooms, nodes: Nodes, proxy: Proxy) -> Middleware:
    """Return the middleware that has each request answered by the node that it is for; it comes after all checks."""

    @web.middleware
    async def forward(request: web.Request, handler: Handler) -> web.StreamResponse:
        found = request.match_info.route
        if not isinstance(found, GrantedRoute):
            return await handler(request)
        match found.place:
            case "of room" if ROOM_NAME.fullmatch(request.match_info["room"]):  # other names are no rooms
                return await _answered_by_owner(rooms, nodes, proxy, request, handler, found.opens)
            case "of id":
                owner = await nodes.owner_of_id(request.match_info["id"])
                if owner is not None and _may_forward(request, nodes, owner):
                    return await _forwarded(proxy, request, owner)
                if request.path.startswith(KEPT) and nodes.has_lost(request.match_info["id"]):
                    return await _answered_from_disk(request, handler)
            case "of all" if found.gathers is not None:
                return await _gathered(nodes, proxy, request, handler, found.gathers)
        return await handler(request)

    return forward


async def _answered_by_owner(  # noqa: PLR0917
    rooms: Rooms, nodes: Nodes, proxy: Proxy, request: web.Request, handler: Handler, opens: bool
) -> web.StreamResponse:
    """Answer here where the room is here, else have its node do it.

    Where that is out of reach, the client waits here until the room is free, as its own next attempt might come later.
    """
    is_forwarded, room = FORWARDED in request, request.match_info["room"]
    for _ in range(ATTEMPTS):
        async with rooms.acquire(room, opens=opens, is_forwarded=is_forwarded) as where:
            if where is None:
                return await handler(request)
        if not _may_forward(request, nodes, where):
            return _moved()
        try:
            return await proxy.answer(request, where.address)
        except Moved:
            continue
        except OutOfReach as error:
            if not await nodes.has_left(room, where, is_gone=error.is_gone):
                break
        except BrokenOff as error:
            raise Unavailable(BROKEN_OFF, retry_after_s=1) from error
    raise Unavailable(OUT_OF_REACH, retry_after_s=1)


async def _answered_from_disk(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer for a node that has gone, where its files are here, too; else say that it may come back."""
    try:
        return await handler(request)
    except NotFound as error:
        raise Unavailable(GONE, retry_after_s=5) from error


def _may_forward(request: web.Request, nodes: Nodes, where: Elsewhere) -> bool:
    """Return whether a request has hops left: one to another machine, and there one to the worker that has the room."""
    hops = request.get(FORWARDED, 0)
    return (hops == 0 and UNBELIEVED not in request) or (hops == TO_MACHINE and nodes.is_sibling(where))


async def _forwarded(proxy: Proxy, request: web.Request, owner: Elsewhere) -> web.StreamResponse:
    """Have the one node answer that can."""
    try:
        return await proxy.answer(request, owner.address)
    except OutOfReach as error:
        raise Unavailable(OUT_OF_REACH, retry_after_s=1) from error
    except BrokenOff as error:
        raise Unavailable(BROKEN_OFF, retry_after_s=1) from error


def _moved() -> web.Response:
    """Return the answer on which the forwarding node asks the directory again for the room's owner."""
    answer = problem(421, "The room is not here.")
    answer.headers[MOVED_HEADER] = "1"
    return answer


async def _gathered(
    nodes: Nodes, proxy: Proxy, request: web.Request, handler: Handler, gathered: Gathered
) -> web.StreamResponse:
    """Ask the others, too, and make one answer of all that come in time."""
    hops = request.get(FORWARDED, 0) if UNBELIEVED not in request else TO_WORKER
    others = [*nodes.workers()] if hops < TO_WORKER else []
    if gathered.of == "nodes" and not hops:
        others += await nodes.others()
    if not others:
        return await handler(request)
    own = await handler(request.clone(headers={**request.headers, hdrs.ACCEPT: "*/*"}))
    if not isinstance(own, web.Response) or own.status != 200:
        return own
    places = asyncio.Semaphore(GATHERED_AT_ONCE)

    async def ask(name: str, address: str) -> tuple[str, bytes | None]:
        async with places:
            return name, await proxy.fetch(request, address, GATHER_TIMEOUT_S)

    told = await asyncio.gather(*(ask(name, address) for name, address in others))
    assert isinstance(own.body, bytes)
    bodies = [(nodes.name, own.body), *((name, body) for name, body in told if body is not None)]
    own.body = await asyncio.to_thread(gathered.merge, bodies)  # the answers of many nodes are large
    return own
