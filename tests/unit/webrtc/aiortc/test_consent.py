"""A client that is gone is noticed in time, and one that has moved is followed."""

import asyncio
from typing import Any

import aioice.ice
import pytest
from aioice import Candidate, Connection, stun
from tests.peers import HANG_S
from tests.polling import until

from mocast.webrtc.aiortc import consent
from mocast.webrtc.aiortc.consent import CONSENT_FAILURES, CONSENT_INTERVAL_S, Consent


async def connected() -> tuple[Connection, Connection]:
    """A client that nominates nothing more, and the server's side, whose consent checks are ours."""
    client, server = Connection(ice_controlling=True), Connection(ice_controlling=False)
    Consent(server)
    for connection, remote in ((client, server), (server, client)):
        await remote.gather_candidates()
        for candidate in remote.local_candidates:
            await connection.add_remote_candidate(Candidate.from_sdp(candidate.to_sdp()))
        await connection.add_remote_candidate(None)
        connection.remote_username, connection.remote_password = remote.local_username, remote.local_password
    await asyncio.gather(client.connect(), server.connect())
    client.check_incoming = lambda *_: None  # type: ignore[method-assign]
    return client, server


async def test_consent_is_checked_so_often_that_a_silent_peer_is_dropped_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, server = await connected()
    assert server._query_consent_task is not None
    server._query_consent_task.cancel()
    waited, sends = [], 0

    async def until_next(self: Consent) -> None:
        waited.append(1.2 * CONSENT_INTERVAL_S)

    class Unanswered(stun.Transaction):
        async def run(self) -> Any:
            nonlocal sends
            tries = self._Transaction__tries_max  # type: ignore[attr-defined]
            sends += tries
            waited.append(sum(stun.RETRY_RTO * 2**n for n in range(tries)))
            raise stun.TransactionTimeout

    monkeypatch.setattr(aioice.ice.stun, "Transaction", Unanswered)
    monkeypatch.setattr(Consent, "_until_next", until_next)
    await server.query_consent()
    assert server._closed
    assert sum(waited) == pytest.approx(CONSENT_FAILURES * (1.2 * CONSENT_INTERVAL_S + 1.5))
    assert sum(waited) < 9
    assert sends == 2 * CONSENT_FAILURES, "each check is resent once"
    await client.close()


@pytest.mark.parametrize("has_answered", [False, True], ids=["never answered", "answered before"])
async def test_packets_show_that_a_client_is_there_that_never_answers_checks(
    monkeypatch: pytest.MonkeyPatch, has_answered: bool
) -> None:
    client, server = await connected()
    assert server._query_consent_task is not None
    server._query_consent_task.cancel()
    packets, checks = 0, 0

    async def until_next(self: Consent) -> None:
        nonlocal packets, checks
        checks += 1
        packets += checks <= 20

    async def answers(self: Consent, pair: object) -> bool:
        return False

    monkeypatch.setattr(Consent, "_until_next", until_next)
    monkeypatch.setattr(Consent, "_answers", answers)
    its_consent = Consent(server, lambda: packets)
    its_consent._answers_checks = has_answered
    await its_consent.query()
    assert server._closed
    assert checks == (0 if has_answered else 20) + CONSENT_FAILURES
    await client.close()


async def test_a_connection_closed_while_it_connects_starts_no_consent_checks() -> None:
    client, server = await connected()
    await server.close()
    await client.close()
    await asyncio.wait_for(server.query_consent(), HANG_S)


async def moved(client: Connection, server: Connection) -> tuple[str, int]:
    """Have a client go on from another port, as behind a NAT that forgot it; return its new address.

    Its checks come from there, and nominate nothing.
    """
    pair = client._nominated[1]
    old, loop = pair.protocol, asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: aioice.ice.StunProtocol(client), local_addr=(pair.local_addr[0], 0)
    )
    protocol.local_candidate = old.local_candidate
    client._protocols.append(protocol)
    pair.protocol = protocol
    old.transport.abort()
    request = client.build_request(pair, nominate=False)
    assert client.remote_password is not None
    await protocol.request(request, pair.remote_addr, integrity_key=client.remote_password.encode())
    return transport.get_extra_info("sockname")


async def test_a_client_whose_address_changes_is_followed() -> None:
    client, server = await connected()
    address = await moved(client, server)
    await until(lambda: server._nominated[1].remote_addr == address)
    await server.send(b"\x80 to where it is now")
    assert await asyncio.wait_for(client.recv(), HANG_S) == b"\x80 to where it is now"
    await client.close()
    await server.close()


async def test_a_client_that_also_checks_from_elsewhere_stays_where_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "CONSENT_INTERVAL_S", 0.1)
    client, server = await connected()
    pair, checks = server._nominated[1], 0
    _, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: aioice.ice.StunProtocol(client), local_addr=(client._nominated[1].local_addr[0], 0)
    )
    build = server.build_request

    def counted(*args: Any, **more: Any) -> Any:
        nonlocal checks
        checks += 1
        return build(*args, **more)

    server.build_request = counted  # type: ignore[method-assign]
    protocol.local_candidate = client._nominated[1].local_candidate
    client._protocols.append(protocol)
    assert client.remote_password is not None
    for _round in range(3):
        request = client.build_request(client._nominated[1], nominate=False)
        address = client._nominated[1].remote_addr
        await protocol.request(request, address, integrity_key=client.remote_password.encode())
    await until(lambda: checks >= 4)
    assert server._nominated[1] is pair
    await client.close()
    await server.close()
