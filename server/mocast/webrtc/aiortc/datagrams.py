"""Datagrams out: a picture's packets in one call where the system can do that."""

import socket
import sys
from collections.abc import Sequence
from typing import Any, Final

_UDP_SEGMENT: Final = 103  # linux/udp.h
_MAX_SEGMENTS = 64
"""As many as every Linux that can do it takes in one call (``UDP_MAX_SEGMENTS``)."""
_MAX_BYTES = 65_000
"""A little less than the longest UDP datagram, which is what they are to the system until it cuts them."""


class Datagrams:
    """The way of packets to the client that an ICE connection has found. On the loop only."""

    def __init__(self, ice: Any) -> None:
        """``ice``: aiortc's transport."""
        self._connection = ice._connection
        self._cuts = sys.platform == "linux"
        "Whether the system can be given many packets as one, to be cut: on Linux, but not on every line."

    def send(self, packets: Sequence[bytes]) -> None:
        """Send packets in their order. Raises ``ConnectionError`` where there is no connection."""
        pair = self._connection._nominated.get(1)
        if pair is None:
            raise ConnectionError("Cannot send data, not connected")
        transport, address = pair.protocol.transport, pair.remote_addr
        if len(packets) > 1 and self._cuts and not transport.get_write_buffer_size():
            packets = self._send_together(transport, address, packets)
        for packet in packets:
            transport.sendto(packet, address)

    def _send_together(self, transport: Any, address: Any, packets: Sequence[bytes]) -> Sequence[bytes]:
        """Send packets with one call for as many as are equally long; return those that are left to send singly."""
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
            self._cuts = False
        finally:
            udp.detach()
        return packets[sent:]


def _equally_long(packets: Sequence[bytes]) -> list[int]:
    """Return how many packets go into each call: all of one length, but for the last, which may be shorter."""
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
