"""Connectivity checks (ICE) and mDNS answers that come in: how many candidates and how long packets they may make."""

from collections.abc import Callable
from typing import Any, Final

import aioice.ice
import aioice.mdns
import dns.exception

from mocast.webrtc.aiortc.patch import patch
from mocast.webrtc.offer import MAX_CANDIDATES

MAX_LEARNT: Final = 32
"""Candidates of a client that were in no signaling: a new address of its NAT, a network that it changes to.

Each makes pairs that are sorted and checked for half a minute.
"""

MAX_MDNS_BYTES: Final = 1500
"""Of an answer with one address; any machine of the local network may send one."""


def install() -> None:
    """Patch aioice. Doing it again does nothing."""
    patch(aioice.ice.Connection, "check_incoming", _bound_learnt_candidates)
    patch(aioice.mdns.MDnsProtocol, "datagram_received", _bound_mdns_packets)


def _bound_learnt_candidates(check: Callable[..., None]) -> Callable[..., None]:
    def check_incoming(self: Any, message: Any, address: tuple[str, int], protocol: Any) -> None:
        candidates = self._remote_candidates
        if len(candidates) >= MAX_CANDIDATES + MAX_LEARNT and not any(
            (one._network_host, one.port) == address for one in candidates
        ):
            return
        check(self, message, address, protocol)

    return check_incoming


def _bound_mdns_packets(parse: Callable[..., None]) -> Callable[..., None]:
    def datagram_received(self: Any, data: bytes, address: Any) -> None:
        if len(data) <= MAX_MDNS_BYTES:
            try:
                parse(self, data, address)
            except (dns.exception.DNSException, ValueError, OSError):
                return

    return datagram_received
