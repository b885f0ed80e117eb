import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from tests.peers import HANG_S
from tests.polling import until
from tests.raw_http import RawAnswer, parse, raw_answer

from mocast.api import http_connection as module
from mocast.api.connections import Connections
from mocast.api.http_connection import (
    LEAST_BYTES,
    MAX_FIELD_BYTES,
    MAX_FIELDS,
    MAX_HEAD_BYTES,
    MAX_SEGMENTS,
    MAX_TARGET_BYTES,
    HttpConnection,
)
from mocast.api.http_site import HttpSite
from mocast.api.problems import problems
from mocast.api.response_headers import SECURITY_HEADERS

LARGE = 8 * 2**20
"""More than the system and aiohttp buffer of an answer that nobody reads."""


class Site:
    """A site that serves a few addresses."""

    def __init__(self, port: int, connections: Connections) -> None:
        self.port = port
        self.connections = connections

    async def ask(self, data: bytes | str) -> RawAnswer:
        return parse(await raw_answer(self.port, data.encode("latin-1") if isinstance(data, str) else data))

    async def settled(self, count: int) -> None:
        """Wait until that many connections are open."""
        await until(lambda: self.connections.open == count)


async def large(_: web.Request) -> web.Response:
    return web.Response(body=bytes(LARGE))


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def bug(_: web.Request) -> web.Response:
    raise KeyError("password")


async def half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"half of it")
    raise KeyError("password")


async def socket(request: web.Request) -> web.WebSocketResponse:
    answer = web.WebSocketResponse()
    await answer.prepare(request)
    async for _ in answer:
        pass
    return answer


@pytest.fixture
def connections() -> Connections:
    return Connections(4, 9)


@pytest.fixture
async def site(connections: Connections) -> AsyncIterator[Site]:
    app = web.Application(middlewares=[problems])
    app.router.add_get("/large", large)
    app.router.add_get("/socket", socket)
    app.router.add_get("/bug", bug)
    app.router.add_get("/half", half)
    app.router.add_post("/echo", echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await HttpSite(runner, "127.0.0.1", 0, connections, None).start()
    yield Site(runner.addresses[0][1], connections)
    await runner.cleanup()
    assert connections.open == 0


HOST = "Host: localhost\r\n"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("GET / HTTP/1.1\r\n\r\n", 400),  # without a host
        (f"GET / HTTP/1.1\r\n{HOST}Host: evil.example\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),  # TLS
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        (f"BREW / HTTP/1.1\r\n{HOST}\r\n", 400),
        (f"GET / HTTP/3.7\r\n{HOST}\r\n", 400),
        (f"GET / HTTP/1.1\r\n{HOST}A\x00B: c\r\n\r\n", 400),
        (f"GET / HTTP/1.1\r\n{HOST}A: b\x00c\r\n\r\n", 400),
        (f"GET / HTTP/1.1\r\n{HOST} folded: yes\r\n\r\n", 400),
        (f"GET / HTTP/1.1\r\n{HOST}A : b\r\n\r\n", 400),
        (f"GET /{'a' * MAX_TARGET_BYTES} HTTP/1.1\r\n{HOST}\r\n", 414),
        (f"GET / HTTP/1.1\r\n{HOST}Expect: \xff\r\n\r\n", 417),
        (f"GET {'/a' * (MAX_SEGMENTS + 1)} HTTP/1.1\r\n{HOST}\r\n", 414),
        (f"GET /{'a' * 500_000} HTTP/1.1\r\n{HOST}\r\n", 414),
        (f"GET / HTTP/1.1\r\n{HOST}A: {'a' * (MAX_FIELD_BYTES + 1)}\r\n\r\n", 431),
        (f"GET / HTTP/1.1\r\n{HOST}{'a' * (MAX_FIELD_BYTES + 1)}: a\r\n\r\n", 431),
        (f"GET / HTTP/1.1\r\n{HOST}{'A: a' * 500_000}\r\n\r\n", 431),
        (f"GET / HTTP/1.1\r\n{HOST}" + "A: a\r\n" * MAX_FIELDS + "\r\n", 431),
    ],
)
async def test_what_is_no_request_is_told_so_as_a_problem(site: Site, data: str, status: int) -> None:
    answer = await site.ask(data)
    assert answer.is_problem(status), answer
    assert SECURITY_HEADERS.items() <= {name: answer.headers[name.lower()] for name in SECURITY_HEADERS}.items()
    assert answer.headers["server"] == "mocast"


SMUGGLED = f"GET /large HTTP/1.1\r\n{HOST}\r\n"


@pytest.mark.parametrize(
    "head",
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\x0bchunked\r\n",
        "Transfer-Encoding: gzip, chunked, chunked\r\n",
    ],
)
async def test_bodies_of_two_lengths_are_refused_and_nothing_behind_them_is_a_request(site: Site, head: str) -> None:
    """Request smuggling: a proxy may have read the body otherwise (RFC 9112, section 11.2)."""
    whole = await raw_answer(site.port, f"POST /echo HTTP/1.1\r\n{HOST}{head}\r\n0\r\n\r\n{SMUGGLED}".encode("latin-1"))
    assert parse(whole).is_problem(400)
    assert whole.count(b"HTTP/1.1 ") == 1
    assert len(whole) < LARGE


async def test_a_chunk_s_size_cannot_hide_a_request(site: Site) -> None:
    data = f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n5;\n\r\nab\r\n0\r\n\r\n{SMUGGLED}"
    whole = await raw_answer(site.port, data.encode())
    assert whole.count(b"HTTP/1.1 200") == 0


async def test_an_error_of_ours_tells_nothing(site: Site) -> None:
    answer = await site.ask(f"GET /bug HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n")
    assert answer.is_problem(500)
    assert b"password" not in answer.body


async def test_an_answer_that_fails_in_the_middle_ends_the_connection(site: Site) -> None:
    whole = await raw_answer(site.port, f"GET /half HTTP/1.1\r\n{HOST}\r\n".encode())
    assert whole.count(b"HTTP/1.1 ") == 1
    assert b"half of it" in whole
    assert b"password" not in whole


async def test_broken_requests_do_not_fill_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert (await site.ask("nonsense\r\n\r\n")).is_problem(400)
    assert caplog.records == []


async def test_a_head_that_is_too_large_in_all_is_refused(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"GET / HTTP/1.1\r\n{HOST}".encode())
    field = f"A: {'a' * 4000}\r\n".encode()
    for _ in range(MAX_HEAD_BYTES // len(field) + 2):
        writer.write(field)
        await writer.drain()
        await asyncio.sleep(0)
    async with asyncio.timeout(HANG_S):
        assert parse(await reader.read(-1)).is_problem(431)
    writer.close()


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_head_that_does_not_come_in_time_is_refused(
    site: Site, monkeypatch: pytest.MonkeyPatch, is_first: bool
) -> None:
    if is_first:
        monkeypatch.setattr(module, "HEAD_TIMEOUT_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    async with asyncio.timeout(HANG_S):
        if not is_first:
            writer.write(f"POST /echo HTTP/1.1\r\n{HOST}Content-Length: 3\r\n\r\nend".encode())
            await reader.readuntil(b"end")
            monkeypatch.setattr(module, "HEAD_TIMEOUT_S", 0.05)
        writer.write(b"GET / HTTP/1.1\r\nA")
        assert parse(await reader.read(-1)).is_problem(408)
    writer.close()


async def test_dripping_bytes_do_not_win_time(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEAD_TIMEOUT_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"GET / HTTP/1.1\r\n{HOST}".encode())

    async def drip() -> None:
        while True:
            writer.write(b"A: a\r\n")
            await asyncio.sleep(0.01)

    dripping = asyncio.create_task(drip())
    async with asyncio.timeout(HANG_S):
        assert parse(await reader.read(-1)).status == 408
    dripping.cancel()
    writer.close()


async def test_a_connection_that_asks_nothing_is_closed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEAD_TIMEOUT_S", 0.05)
    assert await raw_answer(site.port, b"") == b""


async def test_a_head_may_come_in_pieces_and_many_on_one_connection(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    for _ in range(3):
        for piece in (b"POST /echo HTTP/1.1\r\nHo", b"st: localhost\r\nContent-Le", b"ngth: 4\r\n\r\nab", b"cd"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.01)
        async with asyncio.timeout(HANG_S):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            assert await reader.readexactly(4) == b"abcd"
    writer.close()


async def test_an_answer_that_is_not_taken_is_abandoned(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALLED_S", 0.05)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=1024)
    writer.write(f"GET /large HTTP/1.1\r\n{HOST}\r\n".encode())
    await site.settled(1)
    await site.settled(0)
    writer.close()
    reader.feed_eof()


async def test_an_answer_that_is_taken_slowly_arrives(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[tuple[HttpConnection, int]] = []
    monkeypatch.setattr(HttpConnection, "_watch_stall", lambda one: watched.append((one, waiting(one))))
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port, limit=65_536)
    writer.write(f"GET /large HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n".encode())
    taken = looks = 0
    async with asyncio.timeout(HANG_S):
        while piece := await reader.read(262_144):
            taken += len(piece)
            if watched and watched[-1][1] - waiting(watched[-1][0]) >= LEAST_BYTES:
                connection, before = watched.pop()
                connection._end_stalled(before)  # as if STALLED_S were over
                looks += 1
    assert taken > LARGE
    assert looks
    writer.close()


def waiting(connection: HttpConnection) -> int:
    """Bytes of an answer that the system has not taken yet."""
    return connection.transport.get_write_buffer_size() if connection.transport is not None else 0


async def test_connections_above_the_limit_are_told_so_before_they_ask(site: Site) -> None:
    held = [await asyncio.open_connection("127.0.0.1", site.port) for _ in range(4)]
    await site.settled(4)
    refused = await site.ask("")
    assert refused.is_problem(503)
    assert int(refused.headers["retry-after"]) > 0
    held.pop()[1].close()
    await site.settled(3)
    assert (await site.ask(f"GET /bug HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n")).status == 500
    assert site.connections.refused == 1
    for _, writer in held:
        writer.close()
    await site.settled(0)


UPGRADE = (
    "GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


@pytest.mark.parametrize("at_once", [True, False], ids=["with the head", "later"])
async def test_thousands_of_frames_at_once_end_a_websocket_before_they_are_read(site: Site, at_once: bool) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    frames = b"\x89\x80mask" * (200_000 // 6)
    writer.write(UPGRADE.encode() + (frames if at_once else b""))
    if not at_once:
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HANG_S)
        writer.write(frames)
    with contextlib.suppress(ConnectionError):
        assert b"\x8a" not in await asyncio.wait_for(reader.read(), HANG_S)  # no pong
    await site.settled(0)
    writer.close()


@pytest.mark.parametrize("head", ["Transfer-Encoding: chunked", "Content-Length: 0"])
async def test_thousands_of_chunks_at_once_end_a_connection_before_they_are_read(site: Site, head: str) -> None:
    """``Content-Length``: of a request before them, to which they do not belong."""
    before = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" if head.startswith("Content") else ""
    start = f"{before}POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert await raw_answer(site.port, start.encode() + 40_000 * b"1\r\nx\r\n" + b"0\r\n\r\n") == b""


async def test_an_empty_expectation_is_none(site: Site) -> None:
    answer = await site.ask(f"POST /echo HTTP/1.1\r\n{HOST}Expect:\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx")
    assert answer.status == 200


async def test_a_body_of_known_length_may_be_all_lines(site: Site) -> None:
    body = 20_000 * b"\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    head = b"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 40000\r\n"
    writer.write(head + b"Expect: 100-continue\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HANG_S)  # as a browser's body comes after its head
    writer.write(body)
    assert (await reader.read()).endswith(body)
    writer.close()


async def test_a_websockets_messages_are_read(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(UPGRADE.encode() + b"\x89\x80mask" * 100)
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), HANG_S)
    assert await asyncio.wait_for(reader.readexactly(200), HANG_S) == b"\x8a\x00" * 100
    writer.close()
    await site.settled(0)
