"""Thousands of clients that come and go leave no thread, task, port or memory behind."""

import asyncio
import os
import time
from dataclasses import dataclass

from mocast.rooms.sessions import IDLE_S
from tests.e2e.server import Server
from tests.long.faults.clients import ask, asked, metric, offered
from tests.long.faults.conftest import Serve
from tests.peers import Peer

CYCLES = int(os.environ.get("CYCLES", "2000"))
WARM_UP = CYCLES // 5
"""Until threads of executors are there, and the allocator has its pools."""

AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Held:
    """What a server's process holds."""

    threads: int
    descriptors: int
    tasks: int
    resident_kib: int

    @classmethod
    def by(cls, server: Server) -> "Held":
        """Ask the system and the server."""
        with open(f"/proc/{server.pid}/status") as status:
            resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
        counts = [len(os.listdir(f"/proc/{server.pid}/{name}")) for name in ("task", "fd")]
        return cls(*counts, int(metric(server, "mocast_tasks")), resident)


async def settled(server: Server) -> Held:
    """Wait until the last client is released; return what is held then."""
    async with asyncio.timeout(60):
        while asked(server, "/v1/info")["sessions"] + asked(server, "/v1/info")["viewers"]:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await asyncio.sleep(IDLE_S + 2)  # then it gives free memory back
    return Held.by(server)


async def come_and_go(server: Server, number: int) -> None:
    """Publish, get a few pictures, have a viewer at times, and leave in one of three ways."""
    peer, viewer = Peer(control=True), Peer(direction="recvonly") if number % 4 == 0 else None
    room = f"room-{number}"
    assert await offered(server, peer, room) == 201
    await peer.until(lambda: len(peer.frames) >= 2)
    if viewer is not None:
        assert await offered(server, viewer, room, "subscribe") == 201
        await viewer.until(lambda: viewer.frames)
        await viewer.close()
    if number % 50 == 0:
        peer.vanish()
    await peer.close()


async def test_clients_that_come_and_go_leave_nothing_behind(serve: Serve) -> None:
    server = serve(max_sessions="40")
    before: Held | None = None
    began = time.monotonic()
    for number in range(0, CYCLES, AT_ONCE):
        await asyncio.gather(*(come_and_go(server, number + one) for one in range(AT_ONCE)))
        if before is None and number >= WARM_UP:
            before = await settled(server)
    after = await settled(server)
    assert before is not None
    growth = after.resident_kib / before.resident_kib - 1
    print(f"{CYCLES} cycles in {time.monotonic() - began:.0f} s; memory grew by {growth:.1%}")
    print(f"after {WARM_UP}: {before}; at the end: {after}")
    assert after.threads <= before.threads
    assert after.descriptors <= before.descriptors
    assert after.tasks <= before.tasks
    assert growth < 0.03
    assert ask(server, "/healthz")[0] == 200
