"""Campaigns of the fuzzer: so many cases at a border, while a bystander's session must lose nothing."""

import asyncio
import ctypes
import gc
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiortc.rtp import RtpPacket
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzzing import malice
from tests.fuzzing.attacker import Attacker, Captured, RequestAttacker, SocketAttacker, SoundAttacker, resident_bytes
from tests.fuzzing.bystander import Bystander, Received
from tests.fuzzing.loop_hold import LoopHold
from tests.integration.http_server import Running, running

BORDERS = ("rtp", "audio", "rtcp", "sctp", "dtls", "stun", "messages", "websocket", "offers", "requests")

MOST_HELD_S = 0.005
"""What no datagram, message or request may take of the event loop."""
RETRIES = 4
"""A case above that is sent again so often: what holds the loop does so each time, a cold cache does not."""

REPLAYED = 2_000
SETTLE_S = 45
RECORDING_S = 30
"""Recordings that requests have begun end within ``SETTLE_S``, and their tasks and threads with them."""

PAYLOAD_TYPES = (97, 98, 99, 100, 101, 102)


@dataclass(slots=True)
class Campaign:
    """What came of one."""

    border: str
    holds_s: list[float] = field(default_factory=list)
    "Of each case, the longest step of the loop."
    connections: int = 0
    "That were needed, as cases may end them."
    worst_case: str = ""
    worst_step: str = ""
    grown_bytes: int = 0
    "Of the process's memory, while ``REPLAYED`` cases are sent again, where there are so many."
    tasks_left: int = 0
    threads_left: int = 0

    @property
    def worst_s(self) -> float:
        return max(self.holds_s)

    def row(self) -> str:
        """As a line of the table of ``HEAD``."""
        percentiles = statistics.quantiles(self.holds_s, n=1000)
        return (
            f"| {self.border} | {len(self.holds_s)} | {self.connections} | {1e3 * percentiles[499]:.2f} "
            f"| {1e3 * percentiles[998]:.2f} | {1e3 * self.worst_s:.2f} | {self.grown_bytes / 1e6:+.1f} "
            f"| {self.tasks_left} | {self.threads_left} |"
        )


HEAD = (
    "| border | cases | connections | median, ms | 99.9%, ms | worst, ms | memory, MB | tasks left | threads left |\n|"
    + " --- |" * 9
)


@dataclass(slots=True)
class Outcome:
    """What came of campaigns against one server."""

    campaigns: list[Campaign] = field(default_factory=list)
    bystander: Received | None = None
    errors: list[str] = field(default_factory=list)
    "What reached the loop's handler of exceptions."
    worst_collection_s: float = 0.0
    "Of Python's garbage collector, on the loop."
    sessions_left: int = 0
    "Beside the bystander's."


def fuzz(borders: Sequence[str], cases: int, *, derandomize: bool) -> Outcome:
    """Run campaigns of so many cases against one server."""
    found = Outcome()
    with _plain_logs(), running(max_sessions=8, media_timeout_s=600, recording_max_s=RECORDING_S) as server:
        server.loop.call_soon_threadsafe(
            server.loop.set_exception_handler, lambda _, context: found.errors.append(repr(context))
        )
        # What is there already is not looked through again by collections, which hold all threads.
        gc.collect()
        gc.freeze()
        bystander = Bystander(server, "bystander")
        hold = LoopHold()
        bystander.start()
        try:
            with asyncio.Runner() as runner, hold.measured(server.loop):
                for border in borders:
                    found.campaigns.append(_Fuzzing(border, server, runner, hold, derandomize).run(cases))
            found.sessions_left = server.sessions - 1
        finally:
            found.bystander = bystander.stop()
            found.worst_collection_s = hold.worst_collection_s
            gc.unfreeze()
    return found


@contextmanager
def _plain_logs() -> Iterator[None]:
    """Logs as the server has them: structlog's default takes a quarter of a second for a trace with its variables."""
    structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])
    try:
        yield
    finally:
        structlog.reset_defaults()


class _Fuzzing:
    """One campaign, while it lasts."""

    def __init__(self, border: str, server: Running, runner: asyncio.Runner, hold: LoopHold, derandomize: bool) -> None:
        self._found = Campaign(border)
        self._cases: list[Any] = []
        self._server, self._runner, self._hold, self._derandomize = server, runner, hold, derandomize
        captured = Captured()
        self._attacker: Any = {
            "audio": lambda: SoundAttacker(server, border, captured),
            "websocket": lambda: SocketAttacker(server, "bystander"),
            "offers": lambda: RequestAttacker(server, border, captured),
            "requests": lambda: RequestAttacker(server, border, captured),
        }.get(border, lambda: Attacker(server, border, captured))()
        runner.run(self._attacker.be_connected())
        runner.run(_captured(border, captured))
        self._strategy, self._send = _border(border, self._attacker, captured)

    def run(self, cases: int) -> Campaign:
        found, before = self._found, (_tasks(self._server), threading.active_count())
        self._try(cases)
        if cases >= REPLAYED:
            self._replay(REPLAYED // 4)  # of what grows once
            memory = _settled_bytes()
            self._replay(REPLAYED)
            found.grown_bytes = _settled_bytes() - memory
        self._runner.run(self._attacker.be_connected())
        found.tasks_left = self._runner.run(self._tasks_left(before[0]))
        found.threads_left = threading.active_count() - before[1]
        found.connections = self._attacker.connections
        self._runner.run(self._attacker.close())
        self._runner.run(_until(lambda: self._server.sessions <= 1))
        return found

    def _try(self, cases: int) -> None:
        @settings(
            max_examples=cases,
            deadline=None,
            database=None,
            derandomize=self._derandomize,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(self._strategy)
        def one(case: Any) -> None:
            self._one(case)

        one()

    async def _tasks_left(self, before: int) -> int:
        """Tasks that are more than before; a check of a candidate pair goes on for half a minute."""
        await _until(lambda: _tasks(self._server) - before <= 2)
        return _tasks(self._server) - before

    def _replay(self, most: int) -> None:
        for case in self._cases[:most]:
            self._runner.run(self._attack(case))

    def _one(self, case: Any) -> None:
        found = self._found
        if len(self._cases) < REPLAYED:
            self._cases.append(case)
        held, step = self._runner.run(self._attack(case)), self._hold.worst_step
        for _ in range(RETRIES):
            if held <= MOST_HELD_S:
                break
            held = min(held, self._runner.run(self._attack(case)))
        if not found.holds_s or held > found.worst_s:
            found.worst_case, found.worst_step = repr(case)[:2_000], step
        found.holds_s.append(held)

    async def _attack(self, case: Any) -> float:
        """Send a case; return the longest step that the loop took meanwhile."""
        await self._attacker.be_connected()
        self._hold.take()
        self._send(case)
        await settled(self._server)
        return self._hold.take()


async def _captured(border: str, captured: Captured) -> None:
    """Wait until an honest client's packets are there to be mutated."""
    if border in captured.datagrams:
        async with asyncio.timeout(60):
            await captured.some[border].wait()


def _border(border: str, attacker: Any, captured: Captured) -> tuple[st.SearchStrategy[Any], Callable[[Any], None]]:
    """What is sent at a border, and how."""
    seeds = {name: tuple(data) for name, data in captured.datagrams.items()}  # more come while the fuzzer runs
    types = {RtpPacket.parse(data).payload_type for data in seeds["rtp"]} | set(PAYLOAD_TYPES)
    sound = {RtpPacket.parse(data).payload_type for data in seeds["audio"]} | {111}
    borders: dict[str, Callable[[], tuple[st.SearchStrategy[Any], Callable[[Any], None]]]] = {
        "audio": lambda: (malice.rtp(seeds["audio"], sorted(sound)), attacker.send_rtp),
        "rtp": lambda: (malice.rtp(seeds["rtp"], sorted(types)), attacker.send_rtp),
        "rtcp": lambda: (malice.rtcp(seeds["rtcp"]), attacker.send_rtcp),
        "sctp": lambda: (malice.sctp(seeds["sctp"]), attacker.send_sctp),
        "dtls": lambda: (malice.dtls(seeds["dtls"]), attacker.send),
        "stun": lambda: (malice.checks, attacker.send_check),
        "messages": lambda: (malice.message(), attacker.send_message),
        "websocket": lambda: (malice.frames(), attacker.send_frames),
        "offers": lambda: (malice.padding(), attacker.send_offer),
        "requests": lambda: (malice.requests(), attacker.send_request),
    }
    return borders[border]()


async def _until(is_so: Callable[[], bool]) -> None:
    """Wait for a condition that no event tells of, for ``SETTLE_S`` at most."""
    give_up = time.monotonic() + SETTLE_S
    while not is_so() and time.monotonic() < give_up:  # noqa: ASYNC110
        await asyncio.sleep(0.05)


async def settled(server: Running, rounds: int = 5) -> None:
    """Wait until the server's loop has gone round so often."""
    here = asyncio.get_running_loop()
    done = asyncio.Event()

    def go_round(left: int) -> None:
        if left:
            server.loop.call_soon(go_round, left - 1)
        else:
            here.call_soon_threadsafe(done.set)

    server.loop.call_soon_threadsafe(go_round, rounds)
    await done.wait()


def _tasks(server: Running) -> int:
    async def count() -> int:
        return len(asyncio.all_tasks())

    return asyncio.run_coroutine_threadsafe(count(), server.loop).result(60)


def _settled_bytes() -> int:
    """The process's memory without what is free."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    return resident_bytes()
