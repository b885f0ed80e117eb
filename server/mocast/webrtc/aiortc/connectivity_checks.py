"""Connectivity checks (ICE) and mDNS answers that come in: how many candidates and how long packets they may make."""

from typing import Any, Final

import aioice.ice
import aioice.mdns
import dns.exception

from mocast.webrtc.offer import MAX_CANDIDATES

MAX_LEARNT: Final = 32
"""Candidates of a client that were in no signaling: a new address of its NAT, a network that it changes to.

Each makes pairs that are sorted and checked for half a minute.
"""

MAX_MDNS_BYTES: Final = 1500
"""Of an answer with one address; any machine of the local network may send one."""


def install() -> None:
    """Patch aioice. Doing it again does nothing."""
    _bound_learnt_candidates()
    _bound_mdns_packets()


def _bound_learnt_candidates() -> None:
    connection: Any = aioice.ice.Connection
    check = connection.check_incoming
    if getattr(check, "is_ours", False):
        return

    def check_incoming(self: Any, message: Any, address: tuple[str, int], protocol: Any) -> None:
        candidates = self._remote_candidates
        if len(candidates) >= MAX_CANDIDATES + MAX_LEARNT and not any(
            (one._network_host, one.port) == address for one in candidates
        ):
            return
        check(self, message, address, protocol)

    check_incoming.is_ours = True  # type: ignore[attr-defined]
    connection.check_incoming = check_incoming


def _bound_mdns_packets() -> None:
    protocol: Any = aioice.mdns.MDnsProtocol
    parse = protocol.datagram_received
    if getattr(parse, "is_ours", False):
        return

    def datagram_received(self: Any, data: bytes, address: Any) -> None:
        if len(data) <= MAX_MDNS_BYTES:
            try:
                parse(self, data, address)
            except (dns.exception.DNSException, ValueError, OSError):
                return

    datagram_received.is_ours = True  # type: ignore[attr-defined]
    protocol.datagram_received = datagram_received
