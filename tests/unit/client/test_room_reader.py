"""A room's stream over WebSockets that come and go."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web
from tests.peers import HANG_S

from mocast import retry_delays
from mocast.api.problems import as_problem
from mocast.client.mocast_client import MocastClient
from mocast.client.refusals import Unreachable
from mocast.client.room_reader import RoomReader
from mocast.errors import Forbidden, MocastError, NotFound, Unauthorized, Unavailable


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 0.01)
    monkeypatch.setattr(retry_delays, "LONGEST_DELAY_S", 0.05)


class Room:
    """A server's WebSocket: refuses with the errors that it is given, in turn, then takes readers."""

    def __init__(self, *refusals: MocastError) -> None:
        self.refusals = list(refusals)
        self.asked: list[web.Request] = []
        self.readers: asyncio.Queue[web.WebSocketResponse] = asyncio.Queue()
        self.port = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen, on the same port as before."""
        app = web.Application()
        app.router.add_get("/prefix/v1/rooms/{room}/landmarks", self._serve)
        app.router.add_get("/moved/v1/rooms/{room}/landmarks", self._redirect)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = runner.addresses[0][1]
        try:
            yield
        finally:
            await runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if self.refusals:
            return as_problem(self.refusals.pop(0))
        reader = web.WebSocketResponse()
        await reader.prepare(request)
        self.readers.put_nowait(reader)
        async for _ in reader:
            pass
        return reader

    async def _redirect(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect(request.path.replace("moved", "prefix"))


class Told:
    """The errors before further attempts, and ``None`` for each connection."""

    def __init__(self) -> None:
        self.errors: list[MocastError | None] = []
        self._changed = asyncio.Event()

    def __call__(self, error: MocastError | None) -> None:
        self.errors.append(error)
        self._changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(HANG_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def reading(room: Room, tell: Told, *, user: str = "", prefix: str = "prefix") -> AsyncIterator[RoomReader]:
    address = f"http://{user}127.0.0.1:{room.port}/{prefix}"
    async with (
        MocastClient(address, token="a.token", on_connection=tell) as client,
        client.reader("stage", "landmarks") as reader,
        asyncio.timeout(HANG_S),
    ):
        yield reader


async def test_texts_are_read_once_and_the_newest_counts() -> None:
    room, tell = Room(), Told()
    async with room.serving(), reading(room, tell) as reader:
        server = await room.readers.get()
        await server.send_str("first")
        assert await reader.newest() == "first"
        for text in ("second", "third"):
            await server.send_str(text)
        await server.close()
        await tell.until(lambda: tell.errors[-1] is not None)  # both came
        assert await reader.newest() == "third"
        server = await room.readers.get()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await reader.newest()
        await server.send_str("after a wait that was given up")
        assert await reader.newest() == "after a wait that was given up"
    request = room.asked[0]
    assert request.rel_url.query == {"send": "landmarks"}
    assert request.headers["Sec-WebSocket-Protocol"] == "mocast.bearer,a.token"
    assert [type(error) for error in tell.errors] == [type(None), Unreachable, type(None)]


async def test_a_server_that_goes_and_comes_back_is_read_again() -> None:
    room, tell = Room(), Told()
    async with AsyncExitStack() as stack:
        async with room.serving():
            reader = await stack.enter_async_context(reading(room, tell))
            await (await room.readers.get()).send_str("before")
            assert await reader.newest() == "before"
        await tell.until(lambda: "(Connection refused)" in str(tell.errors[-1]))
        async with room.serving():
            await (await room.readers.get()).send_str("after")
            assert await reader.newest() == "after"
            assert any("ended the connection" in str(error) for error in tell.errors)
            assert tell.errors[-1] is None


async def test_a_full_server_is_asked_again_after_the_time_that_it_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    room, tell, waited = Room(Unavailable("All places are taken.", retry_after_s=3)), Told(), []
    sleep = asyncio.sleep

    async def at_once(seconds: float) -> None:
        waited.append(seconds)
        await sleep(0)

    monkeypatch.setattr("mocast.client.room_socket.asyncio.sleep", at_once)
    async with room.serving(), reading(room, tell) as reader:
        await (await room.readers.get()).send_str("at last")
        assert await reader.newest() == "at last"
    first, connected = tell.errors
    assert isinstance(first, Unavailable)
    assert (str(first), connected) == ("All places are taken.", None)
    assert 3 in waited


@pytest.mark.parametrize(
    "refusal", [Unauthorized("Send a token."), Forbidden("The token is not for this room."), NotFound("Nothing here.")]
)
async def test_a_refusal_for_good_is_raised_with_the_servers_sentence(refusal: MocastError) -> None:
    room, tell = Room(refusal), Told()
    async with room.serving(), reading(room, tell) as reader:
        with pytest.raises(type(refusal), match=str(refusal)):
            await reader.newest()
    assert tell.errors == []


async def test_a_token_that_expires_ends_it() -> None:
    room = Room()
    async with room.serving(), reading(room, Told()) as reader:
        await (await room.readers.get()).close(code=3000)
        with pytest.raises(Unauthorized, match="expired"):
            await reader.newest()


async def test_no_redirect_is_followed_as_the_token_would_go_with_it() -> None:
    room, tell = Room(), Told()
    async with room.serving(), reading(room, tell, prefix="moved"):
        await tell.until(lambda: bool(tell.errors))
    assert isinstance(tell.errors[0], Unreachable)
    assert "/prefix/v1/rooms/stage/landmarks" in str(tell.errors[0])
    assert room.asked == []


async def test_a_proxys_password_goes_beside_the_token() -> None:
    room = Room()
    async with room.serving(), reading(room, Told(), user="ann:secret@"):
        await room.readers.get()
    assert room.asked[0].headers["Authorization"].startswith("Basic ")
    assert room.asked[0].headers["Sec-WebSocket-Protocol"] == "mocast.bearer,a.token"


async def test_a_reader_that_is_closed_reads_no_more() -> None:
    room = Room()
    async with room.serving(), reading(room, Told()) as reader:
        await room.readers.get()
        reader.close()
        assert await reader.newest() is None
