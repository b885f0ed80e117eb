import asyncio
import contextlib
import errno
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop
from aiohttp import web
from tests import windows
from tests.peers import HANG_S
from tests.polling import until
from tests.raw_http import parse, raw_answer

from mocast.api import http_site
from mocast.api.connections import Connections
from mocast.api.http_site import HttpSite
from mocast.api.tls import Tls
from mocast.certificate import keep_certificate
from mocast.workers import watchdog

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
MOST = 5


def run_as_on_windows(main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=windows.Loop) as runner:
        runner.run(main)


RUNS = pytest.mark.parametrize(
    "run", [asyncio.run, uvloop.run, run_as_on_windows], ids=["asyncio", "uvloop", "windows"]
)
Run = Callable[[Coroutine[Any, Any, None]], None]


class CountedConnections(Connections):
    """Tells how many there have been."""

    opened = 0

    def add(self, address: str) -> int | None:
        self.opened += 1
        return super().add(address)


class Site:
    """A site with TLS that tells who asks."""

    def __init__(self, port: int, connections: CountedConnections, certificate: Path) -> None:
        self.port = port
        self.connections = connections
        self._trusting = ssl.create_default_context(cafile=str(certificate))

    async def silent(self) -> asyncio.StreamWriter:
        """A connection that says nothing."""
        return (await asyncio.open_connection("127.0.0.1", self.port))[1]

    async def answer(self) -> bytes:
        """Of a request on a connection of its own."""
        return parse(await raw_answer(self.port, REQUEST + b"Connection: close\r\n\r\n", tls=self._trusting)).body

    async def talking(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection that has had an answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=self._trusting)
        writer.write(REQUEST + b"\r\n")
        await asyncio.wait_for(reader.readuntil(b"127.0.0.1"), HANG_S)
        return reader, writer

    async def settled(self, count: int) -> None:
        """Wait until that many connections are open."""
        await until(lambda: self.connections.open == count)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "certificate.pem", folder / "key.pem"
    keep_certificate(*files, ["localhost", "127.0.0.1"])
    return files


@contextlib.asynccontextmanager
async def serving(files: tuple[Path, Path]) -> AsyncIterator[Site]:
    async def who(request: web.Request) -> web.Response:
        return web.Response(text=str(request.remote))

    app = web.Application()
    app.router.add_get("/", who)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    connections = CountedConnections(MOST, MOST)
    await HttpSite(runner, "127.0.0.1", 0, connections, Tls(*files).context).start()
    site = Site(runner.addresses[0][1], connections, files[0])
    try:
        yield site
    finally:
        await runner.cleanup()
        await site.settled(0)  # the other side answers the end of TLS


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@RUNS
def test_silent_connections_count_before_their_handshake(run: Run, files: tuple[Path, Path]) -> None:
    async def flooded() -> None:
        async with serving(files) as site:
            assert await site.answer() == b"127.0.0.1"
            await site.settled(0)
            before = descriptors()
            silent = [await site.silent() for _ in range(6 * MOST)]
            await until(lambda: site.connections.refused == 5 * MOST)
            assert site.connections.open == MOST
            assert descriptors() == before + len(silent) + MOST  # theirs, which are in this process, and the server's
            with pytest.raises(ConnectionError):
                await site.talking()
            for writer in silent:
                writer.close()
            await site.settled(0)
            assert await site.answer() == b"127.0.0.1"

    run(flooded())


@RUNS
@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01"], ids=["silent", "no TLS", "late"])
def test_a_handshake_that_fails_counts_until_then(
    run: Run, files: tuple[Path, Path], said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing() -> None:
        async with serving(files) as site:
            opened = site.connections.opened
            with monkeypatch.context() as impatient:
                impatient.setattr(http_site, "HANDSHAKE_TIMEOUT_S", 0.1)
                reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
                writer.write(said)
                await until(lambda: site.connections.opened > opened)
                await site.settled(0)
            with contextlib.suppress(ConnectionError):
                await asyncio.wait_for(reader.read(), HANG_S)
            writer.close()
            assert await site.answer() == b"127.0.0.1"

    run(failing())


@RUNS
def test_a_full_worker_answers_its_watchdog_and_the_other_workers(run: Run, tmp_path: Path) -> None:
    async def healthy(_: web.Request) -> web.Response:
        return web.Response()

    async def answered() -> None:
        app = web.Application()
        app.router.add_get("/healthz", healthy)
        runner = web.AppRunner(app, shutdown_timeout=0.2)
        await runner.setup()
        full = Connections(1, 0)
        full.add("192.0.2.1")
        with socket.socket(socket.AF_UNIX) as own:
            own.bind(str(tmp_path / "socket"))
            await HttpSite(runner, "socket", 0, full, None, own).start()
            reader, writer = await asyncio.open_unix_connection(tmp_path / "socket")
            writer.write(watchdog.REQUEST)
            assert (await asyncio.wait_for(reader.readline(), HANG_S)).startswith(watchdog.WELL)
            writer.close()
            await runner.cleanup()
        assert full.open == 1

    if run is not run_as_on_windows:
        run(answered())


@RUNS
def test_connections_count_once_and_stopping_ends_handshakes_at_once(
    run: Run, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stopped() -> None:
        async with serving(files) as site:
            assert await site.answer() == b"127.0.0.1"
            await site.settled(0)
            before = descriptors()
            _, talking = await site.talking()
            silent = await site.silent()
            await site.settled(2)
            talking.close()
            await site.settled(1)
            _, talking = await site.talking()
            just_now = socket.create_connection(("127.0.0.1", site.port))
        for writer in (talking, silent):
            writer.close()
        just_now.close()
        await until(lambda: descriptors() < before)  # the listening socket is gone, too

    async def in_time() -> None:
        async with asyncio.timeout(HANG_S):
            await stopped()

    monkeypatch.setattr(http_site, "HANDSHAKE_TIMEOUT_S", 3600.0)
    run(in_time())


@RUNS
def test_without_descriptors_it_waits_and_goes_on(
    run: Run, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[float] = []
    accept = socket.socket.accept

    def failing(listening: socket.socket) -> tuple[socket.socket, Any]:
        tries.append(time.monotonic())
        if len(tries) <= 2:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return accept(listening)

    async def short() -> None:
        async with serving(files) as site:
            silent = await site.silent()
            await site.settled(1)
            assert tries[2] - tries[0] > 2 * http_site.ACCEPT_RETRY_S - 0.05
            assert await site.answer() == b"127.0.0.1"
            silent.close()

    monkeypatch.setattr(http_site, "ACCEPT_RETRY_S", 0.1)
    monkeypatch.setattr(socket.socket, "accept", failing)
    run(short())


@pytest.mark.parametrize("has_tls", [True, False])
async def test_a_port_that_is_taken_is_an_error(files: tuple[Path, Path], has_tls: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        runner = web.AppRunner(web.Application())
        await runner.setup()
        context = Tls(*files).context if has_tls else None
        with pytest.raises(OSError, match="in use") as error:
            await HttpSite(runner, "127.0.0.1", other.getsockname()[1], Connections(1, 1), context).start()
        assert error.value.errno == errno.EADDRINUSE
        await runner.cleanup()
