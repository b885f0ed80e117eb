"""Out of file descriptors: a flood of connections neither spins the loop nor stops those who are there."""

import asyncio
import errno
import socket

from tests.e2e.server import Server
from tests.long.faults.clients import ask, longest_gap_s, offered, processor_s, publishing
from tests.long.faults.conftest import Serve
from tests.peers import Peer

FEW_FILES = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (160, 160))\n"


def flood(server: Server, count: int) -> list[socket.socket]:
    """Open connections that send nothing, as many as the system lets us."""
    connections = []
    for _ in range(count):
        connection = socket.socket()
        connection.setblocking(False)
        code = connection.connect_ex(("127.0.0.1", server.port))
        assert code in (0, errno.EINPROGRESS, errno.EAGAIN), errno.errorcode[code]
        connections.append(connection)
    return connections


async def test_a_flood_of_connections_up_to_the_limit_is_survived_without_spinning(serve: Serve) -> None:
    server = serve(prologue=FEW_FILES)
    async with publishing(server) as peer:
        before_s = processor_s(server.pid)
        await asyncio.sleep(3)
        usual_s = processor_s(server.pid) - before_s
        connections = flood(server, 400)
        assert await longest_gap_s(peer, 3) < 2, "who is there already goes on"
        before_s = processor_s(server.pid)
        await asyncio.sleep(3)
        flooded_s = processor_s(server.pid) - before_s
        assert flooded_s < usual_s + 0.6, f"{flooded_s:.1f} s of 3 s, {usual_s:.1f} s before: it spins"
        for connection in connections:
            connection.close()
        async with publishing(server, "other"):
            assert await longest_gap_s(peer, 1) < 2


async def test_with_few_descriptors_left_new_clients_get_503_and_are_taken_again_afterwards(serve: Serve) -> None:
    server = serve(prologue=FEW_FILES)
    async with publishing(server) as peer:
        connections = flood(server, 85)
        await asyncio.sleep(0.5)
        refused = Peer()
        assert await offered(server, refused, "other") == 503
        status, body = await asyncio.to_thread(ask, server, "/v1/rooms/room/recordings", "POST")
        assert (status, b"too many connections and files open" in body) == (503, True)
        assert (await asyncio.to_thread(ask, server, "/healthz"))[0] == 200
        assert (await asyncio.to_thread(ask, server, "/"))[0] in (200, 503), "503: the page is not built"
        assert await longest_gap_s(peer, 1) < 2
        for connection in connections:
            connection.close()
        await refused.close()
        async with publishing(server, "other"):
            pass
