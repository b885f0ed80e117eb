"""The TURN server that is open to the world: it takes our clients and relays to Mocast, nowhere else."""

import asyncio
import re
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aioice import stun
from aioice.stun import TransactionFailed
from aioice.turn import UDP_TRANSPORT, TurnClientTcpProtocol, TurnClientUdpProtocol

from tests.containers.conftest import Deployment

CHANNEL = 0x4000
"""The first number that a client may bind (RFC 8656, section 12)."""

IPV6 = 0x02000000
"""The value of REQUESTED-ADDRESS-FAMILY for an IPv6 allocation (RFC 8656, section 18.6)."""

FORBIDDEN = 403
UNSUPPORTED_FAMILY = 440
OTHER_FAMILY = 443
"""The peer's address is not of the allocation's family (RFC 8656, section 19)."""

IPV4_PEERS = ["127.0.0.1", "0.0.0.0", "169.254.169.254", "8.8.8.8", "192.168.1.1", "224.0.0.1"]

IPV6_PEERS = ["::1", "::", "fe80::1", "fd00::1", "2001:db8::1", "ff02::1"]

IPV4_IN_IPV6 = ["::ffff:{}", "::{}", "64:ff9b::{}"]
"""IPv4-mapped (CVE-2026-27624) and IPv4-compatible (RFC 4291, section 2.5.5), NAT64 (RFC 6052)."""

REQUESTS = [stun.Method.CHANNEL_BIND, stun.Method.CREATE_PERMISSION]
"""The two ways to name a peer."""

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


async def error_of(turn: Client, request: stun.Message) -> int:
    """Return the code of the error that the relay answers with; 0 for none."""
    try:
        await turn.request_with_retry(request)
    except TransactionFailed as failure:
        return int(failure.response.error_code)
    return 0


def request_for(peer: str, method: stun.Method) -> stun.Message:
    """Return what a client asks for that wants to reach this address."""
    request = stun.Message(method, stun.Class.REQUEST)
    if method is stun.Method.CHANNEL_BIND:
        request.attributes["CHANNEL-NUMBER"] = CHANNEL
    request.attributes["XOR-PEER-ADDRESS"] = (peer, 8080)
    return request


def ipv6_allocation() -> stun.Message:
    """Return the request for an IPv6 address of the relay's. aioice does not know its attribute."""
    family = (0x0017, "REQUESTED-ADDRESS-FAMILY", stun.pack_unsigned, stun.unpack_unsigned)
    stun.ATTRIBUTES_BY_NAME.setdefault("REQUESTED-ADDRESS-FAMILY", family)
    request = stun.Message(stun.Method.ALLOCATE, stun.Class.REQUEST)
    request.attributes |= {"REQUESTED-TRANSPORT": UDP_TRANSPORT, "REQUESTED-ADDRESS-FAMILY": IPV6}
    return request


def ipv6_peers(ipv4: list[str]) -> list[str]:
    return IPV6_PEERS + [form.format(peer) for form in IPV4_IN_IPV6 for peer in ipv4]


@pytest.mark.parametrize("method", REQUESTS)
async def test_nobody_else_is_relayed_to(deployment: Deployment, method: stun.Method) -> None:
    async with client(deployment, *credentials(deployment)) as turn:
        relayed_host, _ = await turn.connect()
        gateway = relayed_host.rsplit(".", 1)[0] + ".1"  # where Docker and Podman put the host in a bridge network
        for peer in [*IPV4_PEERS, relayed_host, gateway]:
            assert await error_of(turn, request_for(peer, method)) == FORBIDDEN, peer
        await turn.delete()


@pytest.mark.parametrize("method", REQUESTS)
async def test_ipv6_is_no_way_around_it(deployment: Deployment, method: stun.Method) -> None:
    async with client(deployment, *credentials(deployment)) as turn:
        relayed_host, _ = await turn.connect()
        for peer in ipv6_peers([*IPV4_PEERS, relayed_host]):
            assert await error_of(turn, request_for(peer, method)) in (FORBIDDEN, OTHER_FAMILY), peer
        await turn.delete()


@pytest.mark.parametrize("method", REQUESTS)
async def test_an_ipv6_allocation_reaches_nobody(deployment: Deployment, method: stun.Method) -> None:
    """As far as there is one: the network that Compose makes has no IPv6."""
    async with client(deployment, *credentials(deployment)) as turn:
        allocated = await error_of(turn, ipv6_allocation())
        assert allocated in (0, UNSUPPORTED_FAMILY)
        for peer in ipv6_peers(IPV4_PEERS) if allocated == 0 else []:
            assert await error_of(turn, request_for(peer, method)) == FORBIDDEN, peer


async def test_a_made_up_password_is_refused(deployment: Deployment) -> None:
    username, _ = credentials(deployment)
    assert await refused(deployment, username, "guess") == 401


async def test_changed_expiry_is_refused(deployment: Deployment) -> None:
    username, password = credentials(deployment)
    expiry, _, user = username.partition(":")
    assert await refused(deployment, f"{int(expiry) + 86_400}:{user}", password) == 401
