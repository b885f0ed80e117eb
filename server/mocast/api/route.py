"""Routes that state what they need: a route without that cannot be made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from aiohttp import web
from aiohttp.typedefs import Handler

from mocast.model.principal import Grant

Public = Literal["public"]
SignedIn = Literal["signed in"]

PUBLIC: Final[Public] = "public"
"""Everybody may, without a token: nothing of anybody's is in the answer."""

SIGNED_IN: Final[SignedIn] = "signed in"
"""Every principal may, as far as the room is one that it sees; the handler asks whose the rest is."""

Access = Grant | Public | SignedIn

Place = Literal["here", "of room", "of id", "of all"]
"""Which of several nodes answers: any; the one that has the room in the path; the one that made the id in it; all."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """How the answers of several nodes, of which each tells what it has itself, become one."""

    of: Literal["nodes", "workers"]
    "All of a cluster, or the processes of one machine that serve one port."
    merge: Callable[[Sequence[tuple[str, bytes]]], bytes]
    "Returns the one body of the nodes' names and bodies, of which the asked node's is first."


class GrantedRoute(web.ResourceRoute):
    """A route in the router, with what it needs."""

    def __init__(self, method: str, resource: web.Resource, stated: "Route") -> None:
        super().__init__(method, stated.handler, resource)
        self.path: Final = stated.path
        self.access: Final = stated.access
        self.accepts: Final = stated.accepts
        self.place: Final = stated.place
        self.opens: Final = stated.opens
        self.gathers: Final = stated.gathers


@dataclass(frozen=True, slots=True)
class Route(web.AbstractRouteDef):
    """A method, a path, what answers, and what the caller needs for it."""

    method: str
    path: str
    handler: Handler
    access: Access
    "A grant, in the path's ``{room}`` where it has one, or ``PUBLIC`` or ``SIGNED_IN``."
    with_head: bool
    "Whether HEAD is answered, too."
    accepts: Mapping[str, str]
    "Headers that say which bodies the address takes: ``Accept-Post``, ``Accept-Patch``. Of routes of OPTIONS."
    opens: bool
    "Whether it makes the room in the path where there is none yet."
    gathers: Gathered | None
    "How the answers of several nodes become one; ``None``: one of them answers."

    @property
    def place(self) -> Place:
        """Which node answers, by what the path names: an id is more than its room, as a room may move."""
        if self.gathers is not None:
            return "of all"
        if "{id" in self.path:
            return "of id"
        return "of room" if "{room}" in self.path else "here"

    def register(self, router: web.UrlDispatcher) -> list[web.AbstractRoute]:
        """Add it to the router, as ``Application.add_routes`` asks of it."""
        resource = router.add_resource(self.path)
        methods = (self.method, "HEAD") if self.with_head else (self.method,)
        routes = [GrantedRoute(method, resource, self) for method in methods]
        for route in routes:
            resource.register_route(route)
        return list(routes)


def route(
    method: str,
    path: str,
    handler: Handler,
    *,
    grant: Access,
    head: bool | None = None,
    accepts: Mapping[str, str] = MappingProxyType({}),
    opens: bool = False,
    gathers: Gathered | None = None,
) -> Route:
    """Return a route. ``head``: whether HEAD is answered as GET is; ``None``: wherever GET is.

    ``accepts``: what CORS preflights are told of the bodies that the address takes. ``opens``: whether it makes the
    room in its path where there is none yet. ``gathers``: how the answers of several nodes become one.
    """
    return Route(method, path, handler, grant, method == "GET" if head is None else head, accepts, opens, gathers)


def require_stated(router: web.UrlDispatcher) -> None:
    """Raise ``TypeError`` where a route was added without a statement of what it needs."""
    for found in router.routes():
        if not isinstance(found, GrantedRoute):
            raise TypeError(f"{found} states no grant")


def access_of(request: web.Request) -> Access:
    """Return what a request's route needs. An address or method that does not exist needs nothing.

    Raises ``TypeError`` where the route was added without a statement.
    """
    found = request.match_info.route
    if isinstance(found, GrantedRoute):
        return found.access
    if request.match_info.http_exception is not None:
        return PUBLIC
    raise TypeError(f"{found} states no grant")
