"""Handshakes with certificates of other programs, and what they may cost."""

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc.rtcdtlstransport import SRTP_PROFILES, RTCCertificate, generate_certificate
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from OpenSSL import SSL

from mocast.webrtc.aiortc import handshakes
from mocast.webrtc.aiortc.handshakes import _is_quick


@pytest.fixture(autouse=True)
def installed() -> None:
    handshakes.install()


def context(key: Any) -> SSL.Context:
    return RTCCertificate(key, generate_certificate(key))._create_ssl_context(SRTP_PROFILES)


def shake_hands(client: SSL.Context, server: SSL.Context) -> None:
    """Raises ``SSL.Error`` where they do not agree."""
    sides = [SSL.Connection(client), SSL.Connection(server)]
    sides[0].set_connect_state()
    sides[1].set_accept_state()
    pending = set(sides)
    while pending:
        for side, other in (sides, sides[::-1]):
            try:
                side.do_handshake()
                pending.discard(side)
            except SSL.WantReadError:
                pass
            with suppress(SSL.WantReadError):
                other.bio_write(side.bio_read(4096))


@pytest.mark.parametrize(
    "theirs",
    [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65_537, 2_048)],
    ids=["elliptic", "RSA"],
)
def test_both_kinds_of_certificates_are_taken_from_a_server_and_from_a_client(theirs: Any) -> None:
    ours = ec.generate_private_key(ec.SECP256R1())
    shake_hands(context(ours), context(theirs))
    shake_hands(context(theirs), context(ours))


def test_a_certificate_whose_signatures_take_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshakes, "MAX_RSA_BITS", 1_024)
    ours, theirs = ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65_537, 2_048)
    with pytest.raises(SSL.Error):
        shake_hands(context(ours), context(theirs))


@pytest.mark.parametrize(
    ("bits", "exponent", "is_quick"),
    [(2_048, 65_537, True), (4_096, 65_537, True), (4_352, 3, False), (2_048, 2**31 + 1, False)],
)
def test_quick_are_usual_sizes_of_rsa(bits: int, exponent: int, is_quick: bool) -> None:
    key = rsa.RSAPublicNumbers(exponent, 2 ** (bits - 1) + 1).public_key()
    certificate: Any = SimpleNamespace(to_cryptography=lambda: SimpleNamespace(public_key=lambda: key))
    connection: Any = None
    assert _is_quick(connection, certificate, 0, 0, 1) == is_quick


async def test_a_client_can_neither_begin_another_handshake_nor_have_a_chain_of_certificates_verified() -> None:
    made = context(ec.generate_private_key(ec.SECP256R1()))
    assert made.set_options(0) & SSL.OP_NO_RENEGOTIATION
    assert made.get_verify_depth() == 0
