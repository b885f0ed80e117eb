from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from tests.raw_http import parse, raw_answer

from mocast.api.hosts import is_own, only_own_hosts
from mocast.api.problems import problems

NAMES = ("camera.example", "*.team.example")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "mocast.localhost",
        "127.0.0.1",
        "192.0.2.7",
        "[::1]",
        "[2001:db8::1]",
        "camera.example",
        "a.b.team.example",
    ],
)
def test_a_host_is_own_by_its_address_or_its_name(host: str) -> None:
    assert is_own(host, NAMES)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil-localhost",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "camera.example.evil",
        "evilcamera.example",
        "team.example",
        "0x7f000001",
        "2130706433",
        "",
    ],
)
def test_no_other_name_is(host: str) -> None:
    assert not is_own(host, NAMES)
    assert is_own(host, ["*"])


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async def anything(_: web.Request) -> web.Response:
        return web.Response(text="secret")

    app = web.Application(middlewares=[problems, only_own_hosts(NAMES)])
    app.router.add_get("/", anything)
    async with TestClient(TestServer(app)) as client:
        yield client.server  # type: ignore[misc]


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: Camera.Example:8443\r\n", 200),
        ("GET / HTTP/1.1\r\nHost: camera.example.\r\n", 200),
        ("GET / HTTP/1.1\r\nHost: [::1]:80\r\n", 200),
        ("GET http://camera.example/ HTTP/1.1\r\nHost: camera.example\r\n", 200),
        ("GET http://[::1]:80/ HTTP/1.1\r\nHost: [::1]:80\r\n", 200),
        ("GET / HTTP/1.0\r\n", 200),  # some probes; no browser
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n", 421),
        ("GET /nowhere HTTP/1.1\r\nHost: evil.example\r\n", 421),
        ("POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n", 421),
        ("GET / HTTP/1.0\r\nHost: evil.example\r\n", 421),
        ("GET / HTTP/1.1\r\nHost:\r\n", 400),
        (f"GET / HTTP/1.1\r\nHost: {'a.' * 128}\r\n", 400),  # longer than a name may be
        ("GET / HTTP/1.1\r\nHost: localhost@evil.example\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: localhost evil.example\r\n", 400),
        ("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n", 400),
        ("GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n", 400),
    ],
)
async def test_only_requests_to_own_hosts_are_answered(server: TestServer, request_head: str, status: int) -> None:
    answer = parse(await raw_answer(server.port or 0, f"{request_head}Connection: close\r\n\r\n".encode()))
    assert answer.status == status
    assert (answer.body == b"secret") == (status == 200)
    assert status == 200 or answer.is_problem(status)
