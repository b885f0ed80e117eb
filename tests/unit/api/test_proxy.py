"""What a node sends to another, and what that believes of it; over real connections of this machine."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from tests.peers import HANG_S
from tests.raw_http import parse, raw_answer

from mocast.api import proxy as module
from mocast.api.authentication import TOKEN
from mocast.api.bodies import read_body
from mocast.api.forwarded_headers import hops_of
from mocast.api.forwarding import forwarding, from_nodes
from mocast.api.problems import problem, problems
from mocast.api.proxy import OutOfReach, Proxy
from mocast.api.route import route
from mocast.cluster.node_signature import NodeSignature
from mocast.rooms.elsewhere import Elsewhere
from mocast.rooms.registry import Rooms

SIGNATURE = NodeSignature("a secret that both nodes have")
NOWHERE = "http://127.0.0.1:1"
"""Where nobody listens."""

HEADERS = "Host: localhost\r\n"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Nodes:
    """A front node, whose handler a test chooses, and an owner that notes what comes."""

    handler: Handler
    owner: str = ""
    port: int = 0
    are_alive: bool = True
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    seen: list[tuple[str, str, int, bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.proxy = Proxy(SIGNATURE, lambda _: self.are_alive, self.closing)

    async def answer_as_front(self, request: web.Request) -> web.StreamResponse:
        return await self.handler(request)

    async def answer_as_owner(self, request: web.Request) -> web.StreamResponse:
        body = await request.read() if request.path == "/reads" else b""
        self.seen.append((request.method, str(request.rel_url), hops_of(request, SIGNATURE), body))
        if request.path == "/endless":
            return await endless(request)
        if request.headers.get("Upgrade") != "websocket":
            return web.Response(text="owner")
        if request.path == "/refuses":
            return problem(409, "Somebody is here.")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(message.data)
        return socket

    async def ask(self, head: str, body: str = "") -> tuple[int, bytes]:
        head = f"{head} HTTP/1.1\r\n{HEADERS}Connection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        answer = parse(await raw_answer(self.port, (head + body).encode()))
        return answer.status, answer.body


async def endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    while True:
        await answer.write(bytes(65_536))


async def serve(handler: Handler, *middlewares: object) -> web.AppRunner:
    app = web.Application(middlewares=middlewares)  # type: ignore[arg-type]
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner


@pytest.fixture
async def nodes(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Nodes]:
    async def pass_on(request: web.Request) -> web.StreamResponse:
        return await made.proxy.answer(request, made.owner)

    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(module, "REFUSED_PAUSE_S", 0.01)
    made = Nodes(pass_on)
    owner, front = await serve(made.answer_as_owner), await serve(made.answer_as_front, problems)
    made.owner, made.port = f"http://127.0.0.1:{owner.addresses[0][1]}", front.addresses[0][1]
    async with asyncio.timeout(HANG_S):
        yield made
        async for _ in made.proxy.running():
            pass
        await front.cleanup()
        await owner.cleanup()


async def test_a_body_is_whole_for_the_second_node_and_here(nodes: Nodes) -> None:
    async def ask_both(request: web.Request) -> web.StreamResponse:
        with pytest.raises(OutOfReach) as found:
            await nodes.proxy.answer(request, NOWHERE)
        assert found.value.is_gone, "it refuses connections, again and again"
        await nodes.proxy.answer(request, nodes.owner)
        return web.Response(body=await read_body(request, 100))

    nodes.handler = ask_both
    assert await nodes.ask("POST /reads", "an offer") == (200, b"an offer")
    assert nodes.seen == [("POST", "/reads", 1, b"an offer")]


async def test_a_body_that_is_not_passed_on_is_not_announced(nodes: Nodes) -> None:
    """Or as many bytes of the next client's request, on the same connection, would be taken for it."""

    async def gather(request: web.Request) -> web.StreamResponse:
        return web.Response(body=await nodes.proxy.fetch(request, nodes.owner, HANG_S))

    pass_on, nodes.handler = nodes.handler, gather
    assert await nodes.ask("GET /v1/info", "GET /evil HTTP/1.1\r\n\r\n") == (200, b"owner")
    nodes.handler = pass_on
    assert await nodes.ask("GET /victim") == (200, b"owner")
    assert [path for _, path, _, _ in nodes.seen] == ["/v1/info", "/victim"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_is_gathered_is_signed_whatever_the_method(nodes: Nodes, method: str) -> None:
    """Or each node would take it for a client's request, and ask all others again."""

    async def gather(request: web.Request) -> web.StreamResponse:
        return web.Response(body=await nodes.proxy.fetch(request, nodes.owner, HANG_S))

    nodes.handler = gather
    await nodes.ask(f"{method} /v1/rooms")
    assert nodes.seen == [("GET", "/v1/rooms", 1, b"")]


@pytest.mark.parametrize("target", ["/a?b=%2B&c", "/a#fragment", "http://localhost/a?b#c", "/a%23b?", "/a/../b"])
async def test_every_target_is_signed_as_it_is_sent(nodes: Nodes, target: str) -> None:
    """Or its client would count as the node, and have shares of its own there."""
    assert (await nodes.ask(f"GET {target}"))[0] == 200
    assert [hops for _, _, hops, _ in nodes.seen] == [1]


@pytest.mark.parametrize(("path", "status"), [("/endless", 400), ("/refuses", 409)])
async def test_what_is_no_socket_is_not_held_in_memory(nodes: Nodes, path: str, status: int) -> None:
    upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", nodes.port)
    writer.write(f"GET {path} HTTP/1.1\r\n{HEADERS}{upgrade}\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    answer = parse(head)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")


async def test_only_get_opens_a_socket(nodes: Nodes) -> None:
    upgrade = "Connection: upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    for method in ("POST", "HEAD"):
        head = f"{method} /reads HTTP/1.1\r\n{HEADERS}{upgrade}Sec-WebSocket-Key: eA==\r\nContent-Length: 0\r\n\r\n"
        assert parse(await raw_answer(nodes.port, head.encode())).status == 200
    assert nodes.seen == [("POST", "/reads", 1, b""), ("HEAD", "/reads", 1, b"")]


@pytest.mark.parametrize("value", [b"caf\xe9", b"\x80", "café".encode(), b"a\tb", b"\xed\xa0\x80"])
async def test_headers_in_other_encodings_are_no_error(nodes: Nodes, value: bytes) -> None:
    head = b"GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nUser-Agent: " + value + b"\r\n\r\n"
    assert parse(await raw_answer(nodes.port, head)).status == 200
    assert [hops for _, _, hops, _ in nodes.seen] == [1]


async def test_a_token_that_no_header_can_carry_is_left_out(nodes: Nodes) -> None:
    async def with_token(request: web.Request) -> web.StreamResponse:
        request[TOKEN] = "a\r\nMocast: b"
        return await nodes.proxy.answer(request, nodes.owner)

    nodes.handler = with_token
    assert await nodes.ask("GET /a") == (200, b"owner")


@pytest.mark.parametrize("end", ["given up", "closing"])
async def test_a_socket_ends_with_its_node_and_with_this_server(nodes: Nodes, end: str) -> None:
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(f"http://127.0.0.1:{nodes.port}/socket") as socket,
    ):
        await socket.send_str("hello")
        assert await socket.receive_str() == "hello"
        if end == "closing":
            nodes.closing.set()
        nodes.are_alive = end == "closing"
        message = await socket.receive()
        assert (message.type, message.data) == (WSMsgType.CLOSE, 1001)


class Everywhere:
    """Rooms that are all at one address, as a node sees them that is told wrong things."""

    def __init__(self) -> None:
        self.address = ""
        self.asked = 0

    def acquire(self, *_: object, **__: object) -> "Everywhere":
        self.asked += 1
        return self

    async def __aenter__(self) -> Elsewhere:
        return Elsewhere(self.address)

    async def __aexit__(self, *_: object) -> None:
        pass

    def is_sibling(self, _: Elsewhere) -> bool:
        return False


@pytest.mark.parametrize("believes", [SIGNATURE, NodeSignature("another secret, or a clock that differs")])
async def test_a_request_does_not_go_round_for_ever(believes: NodeSignature) -> None:
    """A node whose address leads to itself, by a front door that changes headers."""

    async def here(_: web.Request) -> web.Response:
        raise AssertionError

    rooms, proxy = Everywhere(), Proxy(SIGNATURE, lambda _: True, asyncio.Event())
    middlewares = (problems, from_nodes(believes), forwarding(_rooms(rooms), rooms, proxy))  # type: ignore[arg-type]
    app = web.Application(middlewares=middlewares)
    app.add_routes([route("GET", "/v1/rooms/{room}", here, grant="public")])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    rooms.address = f"http://127.0.0.1:{port}"
    async with asyncio.timeout(HANG_S):
        answer = parse(await raw_answer(port, b"GET /v1/rooms/hall HTTP/1.0\r\nHost: localhost\r\n\r\n"))
        assert answer.is_problem(503), answer
        assert rooms.asked == 6, "three times here, and each time there"
        async for _ in proxy.running():
            pass
        await runner.cleanup()


def _rooms(fake: Everywhere) -> Rooms:
    return fake  # type: ignore[return-value]


async def test_a_node_that_only_starts_is_not_gone(nodes: Nodes) -> None:
    """Its system refuses connections until it listens; by the second attempt it does."""
    refused = aiohttp.ClientConnectorError(None, ConnectionRefusedError())  # type: ignore[arg-type]
    silent = aiohttp.ClientConnectorError(None, OSError())  # type: ignore[arg-type]
    assert not await module._refuses_again(refused, nodes.owner)
    assert await module._refuses_again(refused, NOWHERE)
    assert not await module._refuses_again(silent, NOWHERE), "of a machine that is gone nobody knows"
    assert not await module._refuses_again(refused, "unix:/nowhere"), "its parent tells"
