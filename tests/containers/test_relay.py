"""The TURN server that is open to the world: it takes our clients and relays to Mocast, nowhere else."""

import asyncio
import re
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aioice.stun import TransactionFailed
from aioice.turn import TurnClientTcpProtocol, TurnClientUdpProtocol

from tests.containers.conftest import Deployment

CHANNEL = 0x4000
"""The first number that a client may bind (RFC 8656, section 12)."""

Client = TurnClientUdpProtocol | TurnClientTcpProtocol


def credentials(deployment: Deployment) -> tuple[str, str]:
    """What the server tells every page."""
    request = urllib.request.Request(f"{deployment.url()}/v1/rooms/check/publish", method="OPTIONS")
    with urllib.request.urlopen(request) as answer:
        link = answer.headers["Link"]
    found = re.search(r'username="([^"]+)"; credential="([^"]+)"', link)
    assert found, link
    return found[1], found[2]


@asynccontextmanager
async def client(deployment: Deployment, username: str, password: str, *, tcp: bool = False) -> AsyncIterator[Client]:
    server = ("127.0.0.1", deployment.turn_port)

    def udp_protocol() -> TurnClientUdpProtocol:
        return TurnClientUdpProtocol(server, username, password, lifetime=600, channel_refresh_time=500)

    def tcp_protocol() -> TurnClientTcpProtocol:
        return TurnClientTcpProtocol(server, username, password, lifetime=600, channel_refresh_time=500)

    loop = asyncio.get_running_loop()
    if tcp:
        transport, protocol = await loop.create_connection(tcp_protocol, *server)
    else:
        transport, protocol = await loop.create_datagram_endpoint(udp_protocol, remote_addr=server)
    try:
        yield protocol
    finally:
        transport.close()


async def refused(deployment: Deployment, username: str, password: str) -> int:
    async with client(deployment, username, password) as turn:
        with pytest.raises(TransactionFailed) as failure:
            await turn.connect()
        return int(failure.value.response.error_code)


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_credentials_of_the_server_are_taken(deployment: Deployment, tcp: bool) -> None:
    async with client(deployment, *credentials(deployment), tcp=tcp) as turn:
        relayed_host, relayed_port = await turn.connect()
        assert relayed_host
        assert 49152 <= relayed_port <= 49999
        await turn.delete()


@pytest.mark.parametrize(
    "peer",
    ["127.0.0.1", "0.0.0.0", "the relay", "the host", "169.254.169.254", "8.8.8.8", "192.168.1.1", "224.0.0.1"],
)
async def test_nobody_else_is_relayed_to(deployment: Deployment, peer: str) -> None:
    async with client(deployment, *credentials(deployment)) as turn:
        relayed_host, _ = await turn.connect()
        gateway = relayed_host.rsplit(".", 1)[0] + ".1"  # where Docker and Podman put the host in a bridge network
        address = {"the relay": relayed_host, "the host": gateway}.get(peer, peer)
        with pytest.raises(TransactionFailed) as failure:
            await turn.channel_bind(CHANNEL, (address, 8080))
        assert failure.value.response.error_code == 403
        await turn.delete()


async def test_a_made_up_password_is_refused(deployment: Deployment) -> None:
    username, _ = credentials(deployment)
    assert await refused(deployment, username, "guess") == 401


async def test_changed_expiry_is_refused(deployment: Deployment) -> None:
    username, password = credentials(deployment)
    expiry, _, user = username.partition(":")
    assert await refused(deployment, f"{int(expiry) + 86_400}:{user}", password) == 401
