"""Who can reach a session's ports makes neither it nor the loop remember much."""

import struct
from random import Random

import pytest
from aioice.mdns import MDnsProtocol

from mocast.webrtc.aiortc import installation
from mocast.webrtc.aiortc.connectivity_checks import MAX_MDNS_BYTES


async def test_what_machines_of_the_local_network_say_raises_nothing_into_the_loop() -> None:
    installation.install()
    protocol = MDnsProtocol()
    parsed: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dns.message.from_wire", lambda data: parsed.append(len(data)))
        protocol.datagram_received(bytes(MAX_MDNS_BYTES + 1), ("192.0.2.1", 5353))
        assert parsed == []
    random = Random(0)
    for length in (0, 11, *range(12, 120)):
        header = struct.pack("!6H", 0, 0x8400, 0, random.randrange(4), 0, 0)
        protocol.datagram_received((header + random.randbytes(length))[:length], ("192.0.2.1", 5353))
