"""Ports of loopback for servers under test."""

import itertools
import os
import random
import socket
from contextlib import suppress

PORTS = range(20_000, 30_000)
"""Below those that systems give to outgoing connections and to sockets that ask for any: nothing else takes one between
this and its server's start, or while its server is down."""
SHARES = 8
"""Of processes of pytest-xdist, which each have ports of their own."""

_share = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % SHARES
_ports = itertools.cycle(random.sample(PORTS[_share::SHARES], len(PORTS) // SHARES))


def free_port() -> int:
    """Return one that is free for UDP and TCP, and that this process has not had before."""
    for port in _ports:
        with suppress(OSError), socket.create_server(("127.0.0.1", port)), socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", port))
            return port
    raise AssertionError("ports never end")
