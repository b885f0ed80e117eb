"""Datagrams are taken as aiortc would take them, in fewer steps; those that are of no use cost next to nothing."""

import asyncio
import struct
from types import SimpleNamespace
from typing import Any

import pytest
from aioice import Connection, stun
from aioice.ice import StunProtocol
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.rtcdtlstransport import RTCDtlsTransport, RtpRouter
from OpenSSL import SSL

from mocast.webrtc.aiortc import datagrams_in, installation
from mocast.webrtc.aiortc.connectivity_checks import MAX_LEARNT
from mocast.webrtc.aiortc.datagrams_in import MAX_DATAGRAM_BYTES, MAX_SOURCES, MAX_STUN_BYTES, MAX_WAITING
from mocast.webrtc.offer import MAX_CANDIDATES


@pytest.fixture(autouse=True)
def installed() -> None:
    installation.install()


CLIENT, STRANGER = ("192.0.2.1", 1000), ("192.0.2.9", 1000)


class Ice:
    """A connection of aioice's with one known client; ``take`` is what its socket receives."""

    def __init__(self) -> None:
        self.connection: Any = Connection(ice_controlling=False)
        self.connection._remote_candidates.append(SimpleNamespace(_network_host=CLIENT[0], port=CLIENT[1]))
        self.sent: list[bytes] = []
        self.protocol: Any = StunProtocol(self.connection)
        self.protocol.local_candidate = SimpleNamespace(component=1)
        self.protocol.transport = SimpleNamespace(sendto=lambda data, _: self.sent.append(data))

    def take(self, *datagrams: bytes, source: tuple[str, int] = CLIENT) -> list[bytes]:
        """Receive datagrams; return what waits for the session."""
        for data in datagrams:
            self.protocol.datagram_received(data, source)
        waiting = self.connection._queue
        return [waiting.get_nowait()[0] for _ in range(waiting.qsize())]


async def test_only_what_can_be_of_use_waits_for_the_session() -> None:
    ice = Ice()
    longest = b"\x80" + bytes(MAX_DATAGRAM_BYTES - 1)
    useful = [b"\x80media", b"\x16dtls", longest]
    assert ice.take(*useful, b"", b"\x01broken", b"\x04", b"\x10", longest + b"x") == useful
    assert ice.sent == []


async def test_datagrams_of_strangers_do_not_wait_but_their_checks_are_answered() -> None:
    ice = Ice()
    assert ice.take(b"\x80media", b"\x16dtls", source=STRANGER) == []
    request = bytes(stun.Message(stun.Method.BINDING, stun.Class.REQUEST))
    assert ice.take(request, source=STRANGER) == []
    (answer,) = ice.sent
    assert stun.parse_message(answer).error_code == 400
    assert ice.take(b"\x80media", source=(*CLIENT, 0, 0)) == [b"\x80media"], "as IPv6 addresses come"  # type: ignore[arg-type]


async def test_nobody_makes_more_wait_than_there_is_room_for() -> None:
    ice = Ice()
    assert len(ice.take(*[b"\x80media"] * (2 * MAX_WAITING))) == MAX_WAITING


def broken_checks() -> list[bytes]:
    """Checks with each attribute cut short, and one that is too long."""
    broken = []
    for kind in stun.ATTRIBUTES_BY_TYPE:
        for length in (0, 1, 3, 5):
            body = struct.pack("!HH", kind, length) + b"\xff" * length + bytes(-length % 4)
            broken.append(struct.pack("!HHI12s", 1, len(body), stun.COOKIE, b"x" * 12) + body)
    return [*broken, struct.pack("!HHI12s", 1, 65_000, stun.COOKIE, b"x" * 12) + bytes(65_000)]


async def test_no_check_raises_into_the_loop() -> None:
    ice = Ice()
    assert ice.take(*broken_checks(), source=STRANGER) == []
    with pytest.raises(struct.error):
        stun.parse_message(struct.pack("!HHI12sHH", 1, 4, stun.COOKIE, b"x" * 12, 0x24, 0))


async def test_a_check_of_many_fingerprints_is_not_read() -> None:
    """Each of them is computed over all that comes before it."""
    ice = Ice()
    parsed: list[int] = []
    data = struct.pack("!HHI12s", 1, 0, stun.COOKIE, b"x" * 12)
    while len(data) < MAX_STUN_BYTES + 1:
        data += struct.pack("!HHI", 0x8028, 4, stun.message_fingerprint(data))
    data = stun.set_body_length(data, len(data) - stun.HEADER_LENGTH)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stun, "message_fingerprint", lambda data: parsed.append(len(data)) or 0)
        ice.take(data, source=STRANGER)
    assert parsed == []


async def test_a_client_is_known_by_a_bounded_number_of_addresses() -> None:
    ice = Ice()
    connection = ice.connection
    connection.remote_username, connection.remote_password = "there", "y" * 22
    connection._early_checks_done = True
    connection._local_candidates_end = True
    sorts = 0

    def sort() -> None:
        nonlocal sorts
        sorts += 1

    connection.sort_check_list = sort
    connection.check_start_task = lambda _: None
    for port in range(2_000, 3_000):
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{connection.local_username}:there"
        request.attributes["PRIORITY"] = 1
        request.add_message_integrity(connection.local_password.encode())
        ice.take(bytes(request), source=(CLIENT[0], port))
    assert len(connection._remote_candidates) == MAX_CANDIDATES + MAX_LEARNT
    assert sorts == len(connection._check_list) == MAX_CANDIDATES + MAX_LEARNT - 1
    assert len(ice.sent) == 1_000, "checks are answered all the same"
    assert ice.take(b"\x80media", source=(CLIENT[0], 2_000)) == [b"\x80media"]
    assert ice.take(b"\x80media", source=(CLIENT[0], 2_999)) == []


async def test_all_datagrams_that_wait_are_taken_in_order_and_the_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bytes] = []

    async def take(_: Any, data: bytes) -> None:
        taken.append(data)

    monkeypatch.setattr(datagrams_in, "_take", take)
    waiting: asyncio.Queue[tuple[bytes, int] | None] = asyncio.Queue()
    connection = SimpleNamespace(_queue=waiting)
    dtls: Any = SimpleNamespace(
        _RTCDtlsTransport__handshake_done=True, _rx_srtp=object(), transport=SimpleNamespace(_connection=connection)
    )
    for number in range(3):
        waiting.put_nowait((bytes([number]), 1))
    await RTCDtlsTransport._recv_next(dtls)
    assert taken == [b"\0", b"\1", b"\2"]
    waiting.put_nowait((b"last", 1))
    waiting.put_nowait(None)
    with pytest.raises(ConnectionError):
        await RTCDtlsTransport._recv_next(dtls)
    assert taken[-1] == b"last"


class Srtp:
    """Lets everything through, and notes what it was given."""

    def __init__(self) -> None:
        self.unprotected: list[bytes] = []

    def unprotect(self, data: bytes) -> bytes:
        self.unprotected.append(data)
        return data

    unprotect_rtcp = unprotect


def dtls_with(**more: Any) -> Any:
    return SimpleNamespace(
        _RTCDtlsTransport__rx_bytes=0, _RTCDtlsTransport__rx_packets=0, _rx_srtp=Srtp(), _rtp_router=RtpRouter(), **more
    )


async def test_sources_are_bounded_before_libsrtp_keeps_them() -> None:
    known: list[bytes] = []

    async def handle_rtp(data: bytes, _: int) -> None:
        dtls._rtp_router.ssrc_table[int.from_bytes(data[8:12], "big")] = None
        known.append(data)

    async def handle_rtcp(data: bytes) -> None:
        known.append(data)

    dtls = dtls_with(_handle_rtp_data=handle_rtp, _handle_rtcp_data=handle_rtcp)
    for source in range(100):
        await datagrams_in._take(dtls, struct.pack("!BBHLL", 0x80, 97, 0, 0, source))
        await datagrams_in._take(dtls, struct.pack("!BBHL", 0x80, 201, 1, source))
    assert len(known) == len(dtls._rx_srtp.unprotected) == 2 * MAX_SOURCES
    await datagrams_in._take(dtls, struct.pack("!BBHL", 0x80, 201, 1, 0))
    assert len(known) == 2 * MAX_SOURCES + 1, "those that are known are still read"


@pytest.mark.parametrize("error", [struct.error("short"), AssertionError(), KeyError(1), UnicodeError()], ids=repr)
async def test_a_packet_that_aiortc_fails_on_is_dropped(error: Exception) -> None:
    async def fail(*_: Any) -> None:
        raise error

    dtls = dtls_with(_handle_rtcp_data=fail)
    await datagrams_in._take(dtls, struct.pack("!BBHL", 0x80, 201, 1, 0))
    assert dtls._RTCDtlsTransport__rx_packets == 1


async def test_the_end_of_the_connection_is_told() -> None:
    async def fail(*_: Any) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await datagrams_in._take(dtls_with(_handle_rtcp_data=fail), struct.pack("!BBHL", 0x80, 201, 1, 0))


async def test_all_records_of_a_datagram_are_read() -> None:
    """What is left would pile up in OpenSSL, a datagram's worth for each datagram."""
    pair = [RTCPeerConnection(RTCConfiguration(iceServers=[])) for _ in range(2)]
    channel = pair[0].createDataChannel("c")
    opened = asyncio.Event()
    channel.on("open", opened.set)
    await pair[0].setLocalDescription(await pair[0].createOffer())
    await pair[1].setRemoteDescription(pair[0].localDescription)
    await pair[1].setLocalDescription(await pair[1].createAnswer())
    await pair[0].setRemoteDescription(pair[1].localDescription)
    async with asyncio.timeout(60):
        await opened.wait()
    sender, receiver = (pc.sctp.transport for pc in pair)  # type: ignore[union-attr]
    taken: list[bytes] = []

    async def handle(data: bytes) -> None:
        taken.append(data)

    receiver._data_receiver = SimpleNamespace(_handle_data=handle)  # type: ignore[assignment]
    records = []
    for number in range(20):
        sender._ssl.send(b"record %d" % number)  # type: ignore[union-attr]
        records.append(sender._ssl.bio_read(1500))  # type: ignore[union-attr]
    await datagrams_in._take(receiver, records[0])
    await datagrams_in._take(receiver, b"".join(records[1:]))
    assert taken == [b"record %d" % number for number in range(20)]
    for pc in pair:
        await pc.close()


async def test_a_connection_that_is_broken_ends_and_nothing_more_is_given_to_it() -> None:
    """After an alert OpenSSL reads no more: what is written to it would pile up."""

    def broken(_: int) -> bytes:
        raise SSL.Error

    async def write() -> None:
        pass

    dtls = dtls_with(_ssl=SimpleNamespace(bio_write=lambda _: None, recv=broken), _write_ssl=write)
    with pytest.raises(ConnectionError):
        await datagrams_in._take(dtls, b"\x17" + bytes(40))


def test_installing_twice_changes_nothing_more() -> None:
    before = (StunProtocol.datagram_received, RTCDtlsTransport._recv_next, Connection.check_incoming)
    installation.install()
    assert (StunProtocol.datagram_received, RTCDtlsTransport._recv_next, Connection.check_incoming) == before
