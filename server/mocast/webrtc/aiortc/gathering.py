"""Gathers the server's candidates for each connection, in place of aioice, which knows neither ranges nor NAT."""

import asyncio
import errno
import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, Protocol

import aioice.ice
import ifaddr
import structlog
from aioice import Candidate, Connection, TransportPolicy
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.stun import TransactionError
from aiortc import RTCPeerConnection

from mocast.errors import Unavailable
from mocast.webrtc.aiortc.consent import Consent
from mocast.webrtc.aiortc.ice_tcp import TcpListeners
from mocast.webrtc.aiortc.own_ports import OwnPorts
from mocast.webrtc.aiortc.udp_mux import UdpMux
from mocast.webrtc.ice import IceOptions, PublicAddress, TurnServer, is_chosen, may_be_checked

log = structlog.get_logger(__name__)

COMPONENT: Final = 1
"""RTP and RTCP share it (RFC 5761)."""

RELAY_TIMEOUT_S = 5.0
"""Seconds that a TURN server has to hand out an address; as many as aioice gives it."""


class Sockets(Protocol):
    """Where a connection's host candidates come from."""

    async def open(self, connection: Connection, address: str) -> aioice.ice.StunProtocol:
        """Return what a connection sends and receives by at an address of this machine."""


class Gathering:
    """The server's side of ICE, for all its connections. ``start`` opens shared ports, ``close`` closes them."""

    def __init__(self, options: IceOptions | None = None) -> None:
        self._options = options = options or IceOptions()
        self._mux = UdpMux(options.udp_port) if options.udp_port else None
        self._tcp = TcpListeners(options.udp_port) if options.udp_port and options.tcp else None
        self._udp: Sockets = self._mux or OwnPorts(options.udp_ports)

    async def start(self) -> None:
        """Open the shared port. Raises ``OSError``, with the port as its ``filename``, where it is taken."""
        for address in self.addresses():
            if self._mux is not None:
                await self._listen("UDP", self._mux.listen, address)
            if self._tcp is not None:
                await self._listen("TCP", self._tcp.listen, address)

    def close(self) -> None:
        """Close the shared port."""
        for shared in (self._mux, self._tcp):
            if shared is not None:
                shared.close()

    @property
    def strangers(self) -> int:
        """Datagrams at the shared port that belonged to no session."""
        return self._mux.strangers if self._mux is not None else 0

    def addresses(self) -> list[str]:
        """Return the addresses of this machine that clients are offered."""
        return [] if self._options.relay_only else host_addresses(self._options.interfaces)

    async def relayed_address(self) -> str:
        """Return an address that the TURN server relays at, given back at once. Raises ``Unavailable``."""
        assert self._options.relay is not None
        connection: Any = Connection(ice_controlling=False)
        try:
            candidate, protocol = await self._relayed(connection, self._options.relay)
            connection._protocols.append(protocol)
        finally:
            await connection.close()
        return candidate.host

    def attach(self, pc: RTCPeerConnection) -> None:
        """Gather the candidates of a connection, whose offer is applied and which has no answer yet."""
        inside: Any = pc
        dtls = {} if _sends(pc) else {one.transport: one for one in dtls_transports(pc)}
        for transport in inside._RTCPeerConnection__iceTransports:
            connection: Any = transport._connection
            # aiortc gives the parts of an offer without BUNDLE one name; a shared port must tell them apart.
            connection._local_username = secrets.token_hex(8)
            if self._options.relay_only:
                connection._transport_policy = TransportPolicy.RELAY
            connection.gather_candidates = partial(self._gather, connection)
            self._bound_checks(connection)
            Consent(connection, partial(getattr, dtls.get(transport), "_RTCDtlsTransport__rx_packets", 0))

    def _bound_checks(self, connection: Any) -> None:
        """Ignore candidates of the client that no check may go to: those of its offer, and those that come later."""
        loopback = any(ipaddress.ip_address(address).is_loopback for address in self.addresses())
        may = partial(may_be_checked, self._options, loopback=loopback)
        offered = connection._remote_candidates
        connection._remote_candidates = [one for one in offered if may(one._network_host, one.port)]
        add = connection._add_remote_candidate

        def add_allowed(candidate: Candidate, address: str) -> None:
            """``address``: of the host, also where the candidate has an mDNS name."""
            if _is_address(address) and may(address, candidate.port):
                add(candidate, address)

        connection._add_remote_candidate = add_allowed

    async def _listen(self, protocol: str, listen: Callable[[str], Awaitable[object]], address: str) -> None:
        try:
            await listen(address)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                where = f"{protocol} port {self._options.udp_port} at {address}"
                raise OSError(error.errno, error.strerror, where) from error
            log.info("address not used", address=address, error=error.strerror)

    async def _gather(self, connection: Any) -> None:
        """Open a connection's sockets. Raises ``Unavailable`` where it gets no candidate."""
        if connection._local_candidates_start:
            return
        connection._local_candidates_start = True
        for address in self.addresses():
            await self._gather_host(connection, address)
        if self._options.relay is not None:
            await self._gather_relay(connection, self._options.relay)
        connection._local_candidates_end = True
        if not connection._local_candidates:
            raise Unavailable("The server has no address at which it could be reached.")

    async def _gather_host(self, connection: Any, address: str) -> None:
        try:
            protocol = await self._udp.open(connection, address)
        except OSError as error:
            log.info("address not used", address=address, error=error.strerror)
            return
        host, port = protocol.transport.get_extra_info("sockname")[:2]
        protocol.local_candidate = _candidate("host", host, port)
        connection._protocols.append(protocol)
        found = [protocol.local_candidate]
        if self._tcp is not None:
            streams = await self._tcp.open(connection, address)
            connection._protocols.append(streams)
            found.append(streams.local_candidate)
        for candidate in found:
            connection._local_candidates.append(candidate)
            connection._local_candidates += _as_seen_from_outside(candidate, self._options.public_addresses)

    async def _gather_relay(self, connection: Any, server: TurnServer) -> None:
        try:
            candidate, protocol = await self._relayed(connection, server)
        except Unavailable:
            if self._options.relay_only:
                raise
            return
        connection._protocols.append(protocol)
        connection._local_candidates.append(candidate)

    async def _relayed(self, connection: Connection, server: TurnServer) -> tuple[Candidate, aioice.ice.StunProtocol]:
        """Have the TURN server hand out an address. Raises ``Unavailable`` where it does not."""
        username, password = self._options.relay_credentials()
        try:
            async with asyncio.timeout(RELAY_TIMEOUT_S):
                return await aioice.ice.relayed_candidate(
                    component=COMPONENT,
                    hide_related_address=self._options.relay_only,
                    protocol_factory=lambda: aioice.ice.StunProtocol(connection),
                    turn_server=(server.host, server.port),
                    turn_username=username,
                    turn_password=password,
                    turn_ssl=server.tls,
                    turn_transport=server.transport,
                )
        except (OSError, TransactionError) as error:  # a timeout is an OSError
            log.warning("no relayed address", host=server.host, port=server.port, error=repr(error))
            raise Unavailable(f"The TURN server {server.host} gives no address.") from error


def dtls_transports(pc: RTCPeerConnection) -> set[Any]:
    """Return those of a connection's lines; one of a malformed offer may have none."""
    transports: set[Any] = {line.receiver.transport for line in pc.getTransceivers()}
    if pc.sctp is not None:
        transports.add(pc.sctp.transport)
    return transports - {None}


def _sends(pc: RTCPeerConnection) -> bool:
    """Whether a connection sends its client more than reports, so that the client's address has to consent."""
    return pc.sctp is not None or any(line.direction in ("sendonly", "sendrecv") for line in pc.getTransceivers())


def host_addresses(interfaces: Sequence[str] = ()) -> list[str]:
    """Return this machine's addresses on the chosen interfaces and networks; by default all but loopback.

    Without any other address it is loopback's.
    """
    if not interfaces:
        found: list[str] = aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
        return found
    chosen = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            # IPv6: address, flow and scope. A link's own addresses mean nothing to a browser without the scope.
            address = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            is_of_link = not isinstance(ip.ip, str) and ip.ip[2] != 0
            if not is_of_link and is_chosen(interfaces, adapter.name, address):
                chosen.append(address)
    return chosen


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _candidate(kind: str, host: str, port: int, base: tuple[str | None, int | None] = (None, None)) -> Candidate:
    foundation = candidate_foundation(kind, "udp", base[0] or host)
    priority = candidate_priority(COMPONENT, kind)
    return Candidate(foundation, COMPONENT, "udp", priority, host, port, kind, base[0], base[1])


def _as_seen_from_outside(candidate: Candidate, addresses: Sequence[PublicAddress]) -> list[Candidate]:
    """Return what NAT shows of a host candidate: the same port at each public address of it."""
    seen = []
    for address in addresses:
        if address.is_of(candidate.host):
            outside = _candidate("srflx", address.public, candidate.port, (candidate.host, candidate.port))
            if candidate.tcptype is not None:
                outside.transport, outside.tcptype = candidate.transport, candidate.tcptype
                outside.priority, outside.foundation = candidate.priority - (1 << 24), f"{outside.foundation}t"
            seen.append(outside)
    return seen
