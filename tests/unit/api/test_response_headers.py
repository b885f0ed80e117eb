from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from mocast.api.cors import Origins, cors
from mocast.api.problems import problems
from mocast.api.response_headers import SECURITY_HEADERS, response_headers
from mocast.errors import NotFound

Client = TestClient[web.Request, web.Application]
ALLOWED = "https://app.example"


def make_app(folder: Path, origins: Origins) -> web.Application:
    async def text(_: web.Request) -> web.Response:
        return web.Response(text="text", headers={"Cache-Control": "no-cache"})

    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"streamed")
        return response

    async def file(_: web.Request) -> web.StreamResponse:
        return web.FileResponse(folder / "file")

    async def socket(request: web.Request) -> web.StreamResponse:
        response = web.WebSocketResponse()
        await response.prepare(request)
        await response.close()
        return response

    async def error(_: web.Request) -> web.StreamResponse:
        raise NotFound("There is no such thing.")

    async def bug(_: web.Request) -> web.StreamResponse:
        raise KeyError

    (folder / "file").write_text("file")
    app = web.Application(middlewares=[problems, cors(origins)])
    app.on_response_prepare.append(response_headers(origins, strict_transport=True))
    for handler in (text, stream, file, socket, error, bug):
        app.router.add_get(f"/{handler.__name__}", handler)
    return app


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    async with TestClient(TestServer(make_app(tmp_path, Origins([ALLOWED])))) as client:
        yield client


PATHS = ["/text", "/stream", "/file", "/socket", "/error", "/bug", "/nowhere"]


async def ask(client: Client, path: str, **headers: str) -> web.Response:
    if path == "/socket":
        headers |= {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        }
    async with client.get(path, headers=headers) as answer:
        return answer  # type: ignore[return-value]


@pytest.mark.parametrize("path", PATHS)
async def test_every_kind_of_answer_has_the_security_headers(client: Client, path: str) -> None:
    answer = await ask(client, path)
    changed = {"Cache-Control": "no-cache"} if path == "/text" else {}
    assert SECURITY_HEADERS | changed == {name: answer.headers.get(name) for name in SECURITY_HEADERS}
    assert answer.headers["Server"] == "mocast"
    assert "Strict-Transport-Security" not in answer.headers, "over HTTP it means nothing (RFC 6797, 7.2)"


@pytest.mark.parametrize("path", PATHS)
async def test_every_kind_of_answer_can_be_read_by_allowed_pages(client: Client, path: str) -> None:
    answer = await ask(client, path, Origin=ALLOWED)
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert "Location" in answer.headers["Access-Control-Expose-Headers"]
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("path", sorted({*PATHS} - {"/socket"}))
async def test_no_kind_of_answer_can_be_read_by_others(client: Client, path: str) -> None:
    answer = await ask(client, path, Origin="https://evil.example")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer.headers["Vary"], "or a cache gives an allowed page's answer to others"


async def test_a_socket_opens_for_allowed_pages_only(client: Client) -> None:
    assert (await ask(client, "/socket", Origin=ALLOWED)).status == 101
    assert (await ask(client, "/socket", Origin="https://evil.example")).status == 403
    assert (await ask(client, "/socket", Origin="null")).status == 403


def test_a_star_allows_any_origin() -> None:
    assert "https://anywhere.example" in Origins(["*"])
    assert "https://anywhere.example" not in Origins([ALLOWED])
