from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from mocast.api.problems import _INTERNAL, as_problem, problems
from mocast.errors import NotFound, TrackingError, Unavailable, Unprocessable

Client = TestClient[web.Request, web.Application]


def raising(error: Exception) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(request: web.Request) -> web.Response:
        raise error

    return handler


def test_what_a_client_sent_that_is_no_utf_8_is_quoted_all_the_same() -> None:
    answer = as_problem(Unprocessable("It has \udcff in it."))
    assert (
        answer.body == b'{"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"It has ? in it."}'
    )


async def reading(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[problems], client_max_size=100)
    app.router.add_get("/gone", raising(NotFound("There is no such session.")))
    app.router.add_get("/full", raising(Unavailable("Full.", retry_after_s=7)))
    app.router.add_get("/odd", raising(Unprocessable("A detail with “quotes”.")))
    app.router.add_get("/tracking", raising(TrackingError("graph at /secret/path broke")))
    app.router.add_get("/bug/{secret}", raising(KeyError("password")))
    app.router.add_get("/moved", raising(web.HTTPFound("/gone")))
    app.router.add_post("/read", reading)
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.mark.parametrize(
    ("request_line", "status", "title", "detail"),
    [
        ("GET /gone", 404, "Not Found", "There is no such session."),
        ("GET /odd", 422, "Unprocessable Content", "A detail with “quotes”."),
        ("GET /full", 503, "Service Unavailable", "Full."),
        ("GET /nowhere", 404, "Not Found", "There is nothing at this address."),
        ("PUT /read", 405, "Method Not Allowed", "PUT does nothing here; POST would."),
        ("GET /bug/x", 500, "Internal Server Error", _INTERNAL),
    ],
)
async def test_errors_are_told_as_problems(
    client: Client, request_line: str, status: int, title: str, detail: str
) -> None:
    response = await client.request(*request_line.split())
    body = await response.json(content_type="application/problem+json")
    assert response.status == body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"] == title, "the status's phrase (RFC 9110), whoever refused"
    assert body["detail"] == detail


async def test_a_full_server_says_when_to_come_back(client: Client) -> None:
    assert (await client.get("/full")).headers["Retry-After"] == "7"


async def test_a_wrong_method_is_told_the_right_ones(client: Client) -> None:
    assert (await client.delete("/read")).headers["Allow"] == "POST"


async def test_a_body_above_aiohttps_own_limit_is_a_problem(client: Client) -> None:
    response = await client.post("/read", data=bytes(200))
    assert response.status == 413
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("path", ["/bug/hidden", "/tracking"])
async def test_what_nobody_expected_is_logged_once_and_not_told(client: Client, path: str) -> None:
    with structlog.testing.capture_logs() as logs:
        response = await client.get(path)
    assert response.status == 500
    text = await response.text()
    assert not any(word in text for word in ("password", "secret", "KeyError", "Traceback"))
    (entry,) = logs
    assert entry["event"] == "request_failed"
    assert isinstance(entry["exc_info"], KeyError | TrackingError)
    assert "hidden" not in str(entry["route"])


async def test_a_redirect_stays_one(client: Client) -> None:
    response = await client.get("/moved", allow_redirects=False)
    assert response.status == 302


async def test_a_body_that_breaks_off_is_no_server_error(client: Client) -> None:
    response = await client.post("/read", data=b"not gzip at all", headers={"Content-Encoding": "gzip"})
    assert response.status == 400
    assert response.content_type == "application/problem+json"
