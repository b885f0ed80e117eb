"""Feeding a room: the newest counts, and a server that goes and comes back is found again."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import WSMsgType, web
from tests.peers import HANG_S
from tests.polling import until
from yarl import URL

from mocast import retry_delays
from mocast.client.refusals import Unreachable, raise_refusal
from mocast.client.room_feeder import RoomFeeder
from mocast.errors import Forbidden, MocastError


class Fed:
    """A server's WebSocket that takes poses."""

    def __init__(self) -> None:
        self.texts: asyncio.Queue[str] = asyncio.Queue()
        self.joined: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self.sockets: list[web.WebSocketResponse] = []
        self.status = 101
        self.url = URL()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/input", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.url.port or 0, reuse_address=True).start()
        self.url = URL.build(scheme="ws", host="127.0.0.1", port=self._runner.addresses[0][1], path="/input")

    async def stop(self) -> None:
        assert self._runner is not None
        for socket in self.sockets:
            await socket.close()
        await self._runner.cleanup()

    async def text(self) -> str:
        return await asyncio.wait_for(self.texts.get(), HANG_S)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.status != 101:
            return web.Response(status=self.status)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        self.joined.put_nowait(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.texts.put_nowait(message.data)
        return socket


@pytest.fixture
async def fed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Fed]:
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 0.01)
    monkeypatch.setattr(retry_delays, "LONGEST_DELAY_S", 0.05)
    fed = Fed()
    await fed.start()
    yield fed
    await fed.stop()


async def test_the_newest_text_is_sent_and_one_that_waited_is_not(fed: Fed) -> None:
    async with session() as http, RoomFeeder(http, fed.url, on_connection=lambda _: None) as feeder:
        # What came before the connection was made is not sent.
        await until(lambda: feeder.put("first") or not fed.texts.empty())
        for text in ("second", "third", "fourth"):
            feeder.put(text)
        came = []
        while "fourth" not in came:
            came.append(await fed.text())
        assert {*came} == {"first", "fourth"}


async def test_a_server_that_goes_and_comes_back_is_fed_again(fed: Fed) -> None:
    said: asyncio.Queue[MocastError | None] = asyncio.Queue()
    async with session() as http, RoomFeeder(http, fed.url, on_connection=said.put_nowait) as feeder:
        assert await asyncio.wait_for(said.get(), HANG_S) is None
        await fed.stop()
        assert isinstance(await asyncio.wait_for(said.get(), HANG_S), Unreachable)
        await fed.start()
        while await asyncio.wait_for(said.get(), HANG_S) is not None:
            pass
        await asyncio.wait_for(fed.joined.get(), HANG_S)
        await until(lambda: feeder.put("again") or not fed.texts.empty())


async def test_a_refusal_for_good_is_raised(fed: Fed) -> None:
    fed.status = 403
    async with session() as http, RoomFeeder(http, fed.url, on_connection=lambda _: None) as feeder:
        with pytest.raises(Forbidden):
            await asyncio.wait_for(feeder.ended(), HANG_S)


def session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(raise_for_status=raise_refusal)
