"""Viewers that stop reading: the publisher and the others do not notice, and they are dropped."""

import asyncio
import os
import signal
import socket
import subprocess
import sys

from tests.e2e.server import Server
from tests.long.faults.clients import asked, longest_gap_s, publishing
from tests.long.faults.conftest import Serve

VIEWER = """
import asyncio, sys, urllib.request
from tests.peers import Peer

async def main():
    peer = Peer(direction="recvonly", landmarks="binary", rig="binary")
    offer = (await peer.offer()).encode()
    request = urllib.request.Request(sys.argv[1], offer, {"Content-Type": "application/sdp"})
    await peer.accept(urllib.request.urlopen(request).read().decode())
    await peer.until(lambda: peer.frames and peer.landmark_messages)
    print("live", flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


def stuck_viewer(server: Server) -> "subprocess.Popen[bytes]":
    """A viewer in a process of its own that gets pictures, and is then stopped in the midst of it."""
    command = [sys.executable, "-c", VIEWER, f"{server.url}/v1/rooms/room/subscribe"]
    viewer = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert viewer.stdout is not None
    assert viewer.stdout.readline() == b"live\n"
    os.kill(viewer.pid, signal.SIGSTOP)
    return viewer


async def test_viewers_whose_processes_hang_cost_nobody_else_anything_and_are_dropped(serve: Serve) -> None:
    server = serve()
    async with publishing(server) as peer:
        viewers = [await asyncio.to_thread(stuck_viewer, server) for _ in range(2)]
        try:
            began = asyncio.get_running_loop().time()
            assert await longest_gap_s(peer, 3) < 2
            async with asyncio.timeout(60):
                while asked(server, "/v1/info")["viewers"]:  # noqa: ASYNC110 (no event tells)
                    await asyncio.sleep(0.1)
            assert asyncio.get_running_loop().time() - began < 15, "10 s, and some on a busy machine"
            assert await longest_gap_s(peer, 1) < 2
        finally:
            for viewer in viewers:
                viewer.kill()
                viewer.wait()


async def test_a_reader_whose_process_hangs_costs_nobody_else_anything(serve: Serve) -> None:
    server = serve()
    async with publishing(server) as peer:
        reader = socket.create_connection(("127.0.0.1", server.port))
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.sendall(
            b"GET /v1/rooms/room/landmarks HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert reader.recv(12) == b"HTTP/1.1 101"
        assert await longest_gap_s(peer, 3) < 2
        async with asyncio.timeout(120):
            while asked(server, "/v1/info")["viewers"]:  # noqa: ASYNC110 (no event tells)
                await asyncio.sleep(0.2)
        assert await longest_gap_s(peer, 1) < 2
        reader.close()
