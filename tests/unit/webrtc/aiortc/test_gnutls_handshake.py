"""GnuTLS in place of OpenSSL, with a client that answers it as it should not."""

import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate
from OpenSSL import SSL

from mocast.webrtc.aiortc.gnutls_handshake import GnuTlsConnection, is_ffmpeg

Side = GnuTlsConnection | SSL.Connection


def meet(certificates: int = 1) -> tuple[GnuTlsConnection, SSL.Connection, list[bytes]]:
    """Our side, a client's that has read our first message, and the records of its answer."""
    ours, theirs = GnuTlsConnection(RTCCertificate.generateCertificate()), RTCCertificate.generateCertificate()
    context = theirs._create_ssl_context(SRTP_PROFILES)
    for _ in range(certificates - 1):
        context.add_extra_chain_cert(theirs._cert)
    client = SSL.Connection(context)
    client.set_accept_state()
    go_on(ours, client)
    return ours, client, list(records(go_on(client)))


def go_on(side: Side, other: Side | None = None) -> bytes:
    """Do the next step of the handshake; return what is sent, and hand it to the other side."""
    with suppress(SSL.WantReadError):
        side.do_handshake()
    sent = b""
    with suppress(SSL.WantReadError):
        while True:
            sent += (part := side.bio_read(1500))
            if other is not None:
                other.bio_write(part)
    return sent


def records(data: bytes) -> Iterator[bytes]:
    while data:
        length = 13 + int.from_bytes(data[11:13], "big")
        yield data[:length]
        data = data[length:]


def connect() -> tuple[GnuTlsConnection, SSL.Connection]:
    ours, client, answer = meet()
    ours.bio_write(b"".join(answer))
    go_on(ours, client)
    go_on(client, ours)
    ours.do_handshake()
    return ours, client


def test_the_rest_of_an_answer_may_be_late_and_is_not_asked_for_all_the_time() -> None:
    ours, client, (first, *rest) = meet()
    ours.bio_write(first)
    go_on(ours)
    time.sleep(0.15)
    go_on(ours)
    timeout_s = ours.DTLSv1_get_timeout()
    assert timeout_s is not None
    assert timeout_s >= 0.05
    for record in rest:
        ours.bio_write(record)
    go_on(ours, client)
    go_on(client, ours)
    ours.do_handshake()
    assert ours.DTLSv1_get_timeout() is None


def test_a_client_has_few_certificates() -> None:
    """Each takes time to read: 370, as many as GnuTLS lets be, 12 ms."""
    ours, _, answer = meet(certificates=40)
    for record in answer:
        ours.bio_write(record)
    with pytest.raises(SSL.Error, match="too large"):
        ours.do_handshake()


def test_what_comes_behind_broken_records_is_read_and_nothing_piles_up() -> None:
    ours, client = connect()
    client.send(b"message")
    broken = bytearray(client.bio_read(1500))
    broken[-1] ^= 1
    for _ in range(20):
        ours.bio_write(bytes(broken) * 3)
        with pytest.raises(SSL.WantReadError):
            ours.recv(1500)
        assert not ours._received
    client.send(b"another")
    ours.bio_write(bytes(broken) * 3 + client.bio_read(1500))
    assert ours.recv(1500) == b"another"


def test_ffmpeg_has_no_data_channels() -> None:
    """Whose messages GnuTLS would refuse, each with an error that nobody expects."""
    offer = "v=0\r\no=FFmpeg 1 2 IN IP4 127.0.0.1\r\ns=-\r\nm=video 9 UDP/TLS/RTP/SAVPF 106\r\n"
    assert is_ffmpeg(offer)
    assert not is_ffmpeg(offer + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n")
    assert not is_ffmpeg(offer.replace("FFmpeg", "-"))
