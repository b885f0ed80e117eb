"""Ports of loopback for servers under test."""

import random
import socket
from contextlib import suppress


def free_port() -> int:
    """Return one that is free for UDP and TCP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            with suppress(OSError):
                udp.bind(tcp.getsockname())
                return int(tcp.getsockname()[1])


def lasting_port() -> int:
    """Return one below those of outgoing connections, which could take it while its server is down."""
    while True:
        port = random.randrange(20_000, 30_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
