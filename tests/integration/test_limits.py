"""What a client is answered who has too much, and when the server has no more; over real HTTP."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mocast import limiter
from tests.integration.http_server import Running, running
from tests.peers import HANG_S, Peer

KINDS = ("sessions", "viewers", "sockets", "uploads")
SETTINGS = {f"max_{kind}": 2 for kind in KINDS} | {f"max_{kind}_per_address": 1 for kind in KINDS}

ANNA, BERT, CARL = "192.0.2.1", "2001:db8:0:1::2", "192.0.2.3"
BERT_TOO = "2001:db8:0:1::9"
"""In the network of 64 bits that Bert is in."""


ROOMS = itertools.count()

RATE = 0.001
"""Requests a second: so few that none is allowed again while a test lasts; two may come at once."""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its status, its problem's sentence, and the headers."""

    status: int
    detail: str
    retry_after: str | None


Hold = Callable[["Visitors", str], AbstractAsyncContextManager[Told]]


@dataclass(frozen=True, slots=True)
class Visitors:
    """Clients behind a proxy on this machine."""

    server: Running
    http: aiohttp.ClientSession
    offer: str

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.port}{path}"

    async def post(self, path: str, address: str, data: object, content_type: str) -> Told:
        headers = {"X-Forwarded-For": f"203.0.113.77, {address}", "Content-Type": content_type}
        async with self.http.post(self.url(path), data=data, headers=headers) as answer:
            detail = (await answer.json(content_type=None))["detail"] if answer.status >= 400 else ""
            return Told(answer.status, detail, answer.headers.get("Retry-After"))

    async def metric(self, name: str, **labels: str) -> float:
        async with self.http.get(self.url("/metrics")) as answer:
            families = text_string_to_metric_families(await answer.text())
        return next(s.value for family in families for s in family.samples if (s.name, s.labels) == (name, labels))


@asynccontextmanager
async def publishing(visitors: Visitors, address: str) -> AsyncIterator[Told]:
    yield await visitors.post(f"/v1/rooms/{next(ROOMS)}/publish", address, visitors.offer, "application/sdp")


@asynccontextmanager
async def watching(visitors: Visitors, address: str) -> AsyncIterator[Told]:
    yield await visitors.post("/v1/rooms/hall/subscribe", address, visitors.offer, "application/sdp")


@asynccontextmanager
async def reading(visitors: Visitors, address: str) -> AsyncIterator[Told]:
    headers = {"X-Forwarded-For": address}
    try:
        socket = await visitors.http.ws_connect(visitors.url("/v1/rooms/hall/landmarks"), headers=headers)
    except aiohttp.WSServerHandshakeError as error:
        yield Told(error.status, "refused", (error.headers or {}).get("Retry-After"))
        return
    yield Told(201, "", None)
    await socket.close()


@asynccontextmanager
async def uploading(visitors: Visitors, address: str) -> AsyncIterator[Told]:
    """Send the beginning of a picture, and no end of it."""
    is_over = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"\x89PNG"
        await is_over.wait()

    held = await visitors.metric("mocast_held", kind="uploads")
    upload = asyncio.create_task(visitors.post("/v1/images", address, endless(), "image/png"))
    async with asyncio.timeout(HANG_S):
        while not upload.done() and await visitors.metric("mocast_held", kind="uploads") == held:  # noqa: ASYNC110
            await asyncio.sleep(0.01)  # no event tells
    yield upload.result() if upload.done() else Told(201, "", None)
    is_over.set()
    with contextlib.suppress(aiohttp.ClientError):
        await upload


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(**SETTINGS) as served:
        yield served


@asynccontextmanager
async def visitors(server: Running) -> AsyncIterator[Visitors]:
    peer = Peer()
    async with aiohttp.ClientSession() as http:
        yield Visitors(server, http, await peer.offer())
    await peer.close()


@pytest.mark.parametrize(
    ("kind", "hold"),
    [("sessions", publishing), ("viewers", watching), ("sockets", reading), ("uploads", uploading)],
)
async def test_each_client_gets_its_share_and_all_together_what_there_is(
    server: Running, kind: str, hold: Hold
) -> None:
    refused = [f"{kind}_address", f"{kind}_server"]
    async with visitors(server) as some, AsyncExitStack() as stack:
        before = [await some.metric("mocast_refused_total", limit=limit) for limit in refused]
        answers = [await stack.enter_async_context(hold(some, who)) for who in (ANNA, ANNA, BERT, BERT_TOO, CARL)]
        assert [answer.status for answer in answers] == [201, 429, 201, 429, 503]
        assert [answer.retry_after is not None for answer in answers] == [False, True, False, True, True]
        if hold is not reading:  # the body of a refused upgrade is not read
            assert answers[1].detail == f"One address may have 1 {kind} at a time."
        assert await some.metric("mocast_held", kind=kind) == await some.metric("mocast_held_max", kind=kind) == 2
        after = [await some.metric("mocast_refused_total", limit=limit) for limit in refused]
        assert [now - then for now, then in zip(after, before, strict=True)] == [2, 1]


@pytest.fixture
def two_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "BURST_S", 2 / RATE)


@pytest.mark.usefixtures("two_at_once")
async def test_requests_come_too_fast_from_one_address_and_the_others_are_answered() -> None:
    with running(request_rate_per_address=RATE) as server:
        statuses = [server.ask("GET", "/v1/info", headers={"X-Forwarded-For": ANNA}).status for _ in range(4)]
        assert statuses == [200, 200, 429, 429]
        answer = server.ask("GET", "/v1/info", headers={"X-Forwarded-For": ANNA})
        assert answer.json["detail"] == f"Requests come too fast: one address may make {RATE:g} a second."
        assert 1 <= int(answer["Retry-After"]) <= 1 / RATE
        assert server.ask("GET", "/v1/info", headers={"X-Forwarded-For": BERT}).status == 200
        assert {server.ask("GET", "/v1/info").status for _ in range(9)} == {200}, "this machine's own do not count"


@pytest.mark.usefixtures("two_at_once")
async def test_a_client_cannot_choose_its_own_address() -> None:
    with running(request_rate_per_address=RATE, trusted_proxies="192.0.2.0/24") as server:
        statuses = [
            server.ask("GET", "/v1/info", headers={"X-Forwarded-For": f"198.51.100.{number}"}).status
            for number in range(4)
        ]
        assert statuses == [200] * 4, "it is the connection's, which is this machine's own"


async def test_one_that_replaces_its_session_needs_no_free_place(server: Running) -> None:
    with running(max_sessions=1, max_sessions_per_address=1) as full:
        async with visitors(full) as some:
            headers = {"X-Forwarded-For": ANNA, "Content-Type": "application/sdp"}
            first = await asyncio.to_thread(full.ask, "POST", "/v1/rooms/hall/publish", some.offer, headers)
            session = first.location.rpartition("/")[2]
            path = f"/v1/rooms/hall/publish?replace={session}"
            assert (await asyncio.to_thread(full.ask, "POST", path, some.offer, headers)).status == 201


@pytest.mark.usefixtures("two_at_once")
async def test_requests_come_too_fast_of_one_principal_wherever_they_come_from() -> None:
    with running(auth="token", token="secret" * 6, request_rate_per_principal=RATE) as server:
        bearer = {"Authorization": f"Bearer {'secret' * 6}"}
        answers = [
            server.ask("GET", "/v1/rooms", headers={**bearer, "X-Forwarded-For": f"192.0.2.{number}"})
            for number in range(3)
        ]
        assert [answer.status for answer in answers] == [200, 200, 429]
        assert answers[-1].json["detail"] == f"Requests come too fast: one principal may make {RATE:g} a second."
        assert server.ask("GET", "/v1/info").status == 200, "nobody has signed in for this"


async def test_a_reader_that_sends_without_pause_is_disconnected(server: Running) -> None:
    async with visitors(server) as some:
        before = await some.metric("mocast_refused_total", limit="message_rate")
        for ping in (False, True):
            async with some.http.ws_connect(some.url("/v1/rooms/hall/landmarks"), autoping=False) as socket:
                with contextlib.suppress(ConnectionError):
                    for _ in range(1_200):  # 13 KB: more at once end the connection without a word
                        await (socket.ping() if ping else socket.send_str("hello"))
                async with asyncio.timeout(HANG_S):
                    while (await socket.receive()).type is aiohttp.WSMsgType.PONG:
                        pass
                assert socket.close_code == aiohttp.WSCloseCode.POLICY_VIOLATION
        assert await some.metric("mocast_refused_total", limit="message_rate") == before + 2


async def test_offers_and_candidates_have_a_size_that_the_operator_sets() -> None:
    with running(max_offer_bytes=8_192, max_candidates=1) as server:
        async with visitors(server) as some:
            candidate = "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n"
            plain = "".join(line for line in some.offer.splitlines(True) if "candidate" not in line)
            large = plain + "a=x:" + "x" * 8_192 + "\r\n"
            for offer, status in ((large, 413), (plain + 2 * candidate, 422)):
                told = await some.post("/v1/rooms/hall/publish", "", offer, "application/sdp")
                assert told.status == status
            taken = await asyncio.to_thread(server.publish, "hall", plain)
            headers = {"Content-Type": "application/trickle-ice-sdpfrag"}
            late = await asyncio.to_thread(server.ask, "PATCH", taken.location, f"a=mid:0\r\n{2 * candidate}", headers)
            assert (taken.status, late.status) == (201, 422)
            assert late.json["detail"] == "A session has at most 1 candidates, 8 by mDNS."
            assert await some.metric("mocast_refused_total", limit="offer_bytes") == 1
            assert await some.metric("mocast_refused_total", limit="candidates") == 2
