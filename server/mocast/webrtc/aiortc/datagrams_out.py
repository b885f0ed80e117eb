"""Sends a picture's packets, many in one call where the system can segment them (UDP GSO)."""

import socket
import sys
from collections.abc import Sequence
from typing import Any, Final

_UDP_SEGMENT: Final = 103  # linux/udp.h
_MAX_SEGMENTS = 64
"""Of one call: Linux's ``UDP_MAX_SEGMENTS``."""
_MAX_BYTES = 65_000
"""Of one call: a little less than the longest UDP datagram, which they are until the system segments them."""


class Datagrams:
    """Sends packets on the nominated pair of an ICE connection. On the loop only."""

    def __init__(self, ice: Any) -> None:
        """``ice``: aiortc's transport."""
        self._connection = ice._connection
        self._has_gso = sys.platform == "linux"
        "Whether the system segments: on Linux, but not on every interface."
        self._transport: Any = None
        self._is_socket = False
        "Whether the transport that was used last is a UDP socket: not a TURN relay's or a stream."

    def send(self, packets: Sequence[bytes]) -> None:
        """Send packets in their order. Raises ``ConnectionError`` where there is no connection."""
        pair = self._connection._nominated.get(1)
        if pair is None:
            raise ConnectionError("Cannot send data, not connected")
        transport, address = pair.protocol.transport, pair.remote_addr
        if len(packets) > 1 and self._has_gso and self._is_free_socket(transport):
            packets = self._send_together(transport, address, packets)
        for packet in packets:
            transport.sendto(packet, address)

    def _is_free_socket(self, transport: Any) -> bool:
        if transport is not self._transport:
            self._transport, self._is_socket = transport, transport.get_extra_info("socket") is not None
        return self._is_socket and not transport.get_write_buffer_size()

    def _send_together(self, transport: Any, address: Any, packets: Sequence[bytes]) -> Sequence[bytes]:
        """Send equally long packets in one call each time; return those that are left to send singly."""
        pseudo = transport.get_extra_info("socket")
        udp = socket.socket(pseudo.family, socket.SOCK_DGRAM, 0, pseudo.fileno())
        sent = 0
        try:
            for many in _equally_long(packets):
                size = len(packets[sent])
                udp.sendmsg(
                    packets[sent : sent + many],
                    [(socket.IPPROTO_UDP, _UDP_SEGMENT, size.to_bytes(2, "little"))] if many > 1 else [],
                    0,
                    address,
                )
                sent += many
        except BlockingIOError:
            pass
        except OSError:
            self._has_gso = False
        finally:
            udp.detach()
        return packets[sent:]


def _equally_long(packets: Sequence[bytes]) -> list[int]:
    """Return how many packets go into each call: all of one length, but for the last, which may be shorter."""
    lengths = [*map(len, packets)]
    of_first = lengths.count(lengths[0]) + (lengths[-1] < lengths[0])
    if of_first == len(lengths) <= _most(lengths[0]):
        return [len(lengths)]  # a picture's, nearly always
    runs: list[int] = []
    size, is_open = 0, False
    for packet in packets:
        if is_open and len(packet) <= size and runs[-1] < _most(size):
            runs[-1] += 1
            is_open = len(packet) == size
        else:
            runs.append(1)
            size, is_open = len(packet), True
    return runs


def _most(size: int) -> int:
    return max(1, min(_MAX_SEGMENTS, _MAX_BYTES // size))


def count_sent(dtls: Any, packets: Sequence[bytes]) -> None:
    """Count packets in what aiortc's DTLS transport reports."""
    dtls._RTCDtlsTransport__tx_bytes += sum(map(len, packets))
    dtls._RTCDtlsTransport__tx_packets += len(packets)
