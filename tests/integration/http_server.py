"""The whole server in a thread of its own, with fakes for trackers, so that tests speak to it over real HTTP."""

import asyncio
import http.client
import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import orjson
import pytest

from mocast import composition
from mocast.app import Server
from mocast.settings.settings import Settings
from tests.fakes import CentreTracker, FakeTrackers
from tests.peers import HANG_S
from tests.polling import wait_until


class FakePool(FakeTrackers):
    """Stands in for the pool of trackers; ready when the test says so."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__()
        self.may_warm = threading.Event()
        self.wanted = threading.Event()
        "Somebody wants a tracker."
        self.may_acquire = threading.Event()
        self.may_acquire.set()
        self.closed = False
        self.failures = self.hung = self.hanging = 0
        self.engine_name = "openvino"

    @property
    def built(self) -> int:
        return len(self.out)

    @property
    def lent(self) -> int:
        return len(self.out) - len(self.released)

    def acquire(self, *args: Any, **options: Any) -> CentreTracker:
        self.wanted.set()
        assert self.may_acquire.wait(HANG_S)
        return super().acquire(*args, **options)

    def precision(self) -> str:
        return "bf16"

    def warm(self) -> None:
        assert self.may_warm.wait(HANG_S)

    def close(self) -> None:
        self.closed = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    path: str
    "What was asked for."

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def __getitem__(self, name: str) -> str:
        (value,) = self.all(name)
        return value

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def location(self) -> str:
        """The path of what was made."""
        return urljoin(self.path, self["Location"])


@dataclass(frozen=True, slots=True)
class Running:
    """A server that serves."""

    port: int
    pool: FakePool
    stop: Callable[[], object]
    drain: Callable[[], object]
    "Begin to drain, as at SIGTERM."
    loop: asyncio.AbstractEventLoop
    "The server's, in its thread."

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Make one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG_S)
        try:
            connection.putrequest(method, path, skip_host="Host" in (headers or {}), skip_accept_encoding=True)
            data = body.encode() if isinstance(body, str) else body
            for name, value in {"Content-Length": str(len(data or b"")), **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders(data)
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read(), path)
        finally:
            connection.close()

    def publish(self, room: str, offer: bytes | str, query: str = "", **headers: str) -> Answer:
        """Post an offer."""
        return self.ask(
            "POST", f"/v1/rooms/{room}/publish{query}", offer, {"Content-Type": "application/sdp", **headers}
        )

    def wait_gone(self, path: str, headers: Mapping[str, str] | None = None) -> None:
        """Return when there is nothing at an address any more."""
        wait_until(lambda: self.ask("GET", path, headers=headers).status == 404)

    @property
    def sessions(self) -> int:
        sessions: int = self.ask("GET", "/v1/info").json["sessions"]
        return sessions


@contextmanager
def running(*, warm: bool = True, **settings: Any) -> Iterator[Running]:
    """Serve while the context lasts; a server that does not stop cleanly is an error."""
    pool = FakePool()
    ready: list[tuple[int, Callable[[], object]]] = []
    started, stop = threading.Event(), asyncio.Event()
    errors: list[BaseException] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        patient = {"connect_timeout_s": HANG_S, "media_timeout_s": HANG_S}
        server = Server(Settings(port=0, **{**patient, **settings}))
        async with server.running() as port:
            ready.append((port, lambda: asyncio.run_coroutine_threadsafe(server.drain(), loops[0])))
            started.set()
            await stop.wait()

    def work() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            errors.append(error)
            raise
        finally:
            started.set()

    if warm:
        pool.may_warm.set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "TrackerPool", lambda *_, **__: pool)
        patch.setattr("mocast.rooms.sessions.CONNECT_GRACE_S", math.inf)
        patch.setattr("mocast.rooms.registry.SILENCE_S", 3600.0)
        thread = threading.Thread(target=work, name="server")
        thread.start()
        try:
            assert started.wait(HANG_S)
            port, drain = ready[0]
            served = Running(port, pool, lambda: loops[0].call_soon_threadsafe(stop.set), drain, loops[0])
            wait_until(lambda: not warm or served.ask("GET", "/readyz").status == 200)
            yield served
        finally:
            pool.may_warm.set()
            if thread.is_alive() and loops:
                loops[0].call_soon_threadsafe(stop.set)
            thread.join(HANG_S)
            assert not thread.is_alive(), "the server does not stop"
    assert errors == []
    assert pool.closed
