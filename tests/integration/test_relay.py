"""Sessions by a real TURN server, the client's or the server's, over UDP, TCP and TLS."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiortc import RTCConfiguration, RTCIceServer, RTCIceTransportPolicy

from mocast.api.ice_servers import IceServers
from mocast.webrtc.aiortc.gathering import Gathering
from mocast.webrtc.ice import IceOptions, parse_turn_url
from tests.coturn import TURNSERVER, Coturn, coturn
from tests.integration.test_networks import is_live, local_candidate
from tests.network import candidates
from tests.peers import Peer
from tests.ports import free_port
from tests.rooms import open_rooms, publish

pytestmark = pytest.mark.skipif(TURNSERVER is None, reason="coturn is not installed; TURNSERVER=/path names it")


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coturn]:
    with coturn("127.0.0.1", free_port(), free_port(), tmp_path_factory.mktemp("coturn")) as running:
        yield running


@pytest.fixture(autouse=True)
def trusted(relay: Coturn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its certificate is one that this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(relay.certificate))


def credentials(relay: Coturn) -> tuple[str, str]:
    return IceServers(turn_secret=relay.secret).credentials()


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_the_server_is_reached_by_its_relay_alone(relay: Coturn, transport: str) -> None:
    gathering = Gathering(
        IceOptions(
            interfaces=("127.0.0.0/8",),
            relay_only=True,
            relay=parse_turn_url(relay.url(transport)),
            relay_credentials=lambda: credentials(relay),
        )
    )
    assert await gathering.relayed_address() == "127.0.0.1"
    async with open_rooms(gathering=gathering) as rooms:
        peer = Peer(tuned=True)
        session = await publish(rooms, peer)
        told = candidates(peer.pc.remoteDescription.sdp)
        assert [(words[4], words[7], words[9], words[11]) for words in told] == [("127.0.0.1", "relay", "0.0.0.0", "9")]
        await is_live(peer, more=10)
        assert local_candidate(session).type == "relay"
        await peer.close()


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_a_client_that_has_nothing_but_its_relay_gets_through(relay: Coturn, transport: str) -> None:
    username, password = credentials(relay)
    servers = [RTCIceServer(relay.url(transport), username, password)]
    async with open_rooms(gathering=Gathering(IceOptions(interfaces=("127.0.0.0/8",)))) as rooms:
        peer = Peer(tuned=True, configuration=RTCConfiguration(servers, RTCIceTransportPolicy.RELAY))
        session = await publish(rooms, peer)
        await is_live(peer, more=10)
        connection: Any = peer.sender.transport.transport._connection
        assert connection._nominated[1].local_candidate.type == "relay"
        assert session.state == "live"
        await peer.close()
