"""Every route states what it needs; what states nothing is refused, not served."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from mocast.api.authentication import authentication
from mocast.api.problems import problems
from mocast.api.route import PUBLIC, GrantedRoute, require_stated, route
from mocast.app import Server
from mocast.auth.authenticator import NoAuthentication
from mocast.rooms.registry import Rooms
from mocast.settings.settings import Settings

PUBLIC_PATHS = {"/", "/healthz", "/readyz", "/v1/info"}
"""Besides the page's files."""


async def answer(_: web.Request) -> web.Response:
    return web.Response(text="served")


async def test_every_route_of_the_server_states_what_it_needs() -> None:
    server = Server(Settings())
    app = server._web_app(Rooms(server._publisher_dependencies(), server._limiter))
    routes = list(app.router.routes())
    assert len(routes) > 20
    for one in routes:
        assert isinstance(one, GrantedRoute), one
        assert one.resource is not None
        path = one.resource.canonical
        if path in PUBLIC_PATHS:
            assert one.access == PUBLIC
        elif path.startswith("/v1/") or path == "/metrics":
            assert one.access != PUBLIC, path


def test_a_route_cannot_be_made_without_its_grant() -> None:
    with pytest.raises(TypeError, match="grant"):
        route("GET", "/v1/new", answer)  # type: ignore[call-arg]


def test_an_application_with_a_route_that_states_nothing_is_refused() -> None:
    app = web.Application()
    app.add_routes([route("GET", "/v1/old", answer, grant="publish")])
    require_stated(app.router)
    app.router.add_get("/v1/new", answer)
    with pytest.raises(TypeError, match="states no grant"):
        require_stated(app.router)


async def test_a_route_that_was_added_around_it_is_not_served() -> None:
    app = web.Application(middlewares=[problems, authentication(NoAuthentication())])
    app.router.add_get("/v1/new", answer)
    app.add_routes([route("GET", "/v1/old", answer, grant=PUBLIC)])
    async with TestClient(TestServer(app)) as client:
        async with client.get("/v1/new") as refused:
            assert refused.status == 500
        async with client.get("/v1/old") as served:
            assert served.status == 200
        async with client.head("/v1/old") as served:
            assert served.status == 200
        async with client.get("/v1/none") as missing:
            assert missing.status == 404
        async with client.post("/v1/old") as other_method:
            assert (other_method.status, other_method.headers["Allow"]) == (405, "GET,HEAD")
