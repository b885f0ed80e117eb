"""DTLS handshakes by OpenSSL: with every certificate that clients have, and within bounds of what they cost."""

from collections.abc import Callable
from typing import Any, Final

import aiortc.rtcdtlstransport
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from OpenSSL import SSL, crypto

from mocast.webrtc.aiortc.patch import patch

CIPHERS: Final = b":".join(
    b"ECDHE-%s-%s" % (key, cipher)
    for key in (b"ECDSA", b"RSA")
    for cipher in (b"AES128-GCM-SHA256", b"CHACHA20-POLY1305", b"AES128-SHA", b"AES256-SHA")
)
"""aiortc's, and the same for certificates with RSA keys, which GStreamer has. Ours has an elliptic one."""

MAX_RSA_BITS: Final = 4096
MAX_RSA_EXPONENT_BITS: Final = 17
"""GStreamer has 2,048, and everybody 65,537. A signature of 16,384 bits takes 11 ms to verify, one whose exponent is as
long as its modulus 36 ms."""


def install() -> None:
    """Patch aiortc. Doing it again does nothing."""
    patch(aiortc.rtcdtlstransport.RTCCertificate, "_create_ssl_context", _bounded)


def _bounded(create: Callable[..., SSL.Context]) -> Callable[..., SSL.Context]:
    """Let no client begin a handshake within a connection, nor have its certificate's issuers verified.

    Both cost signatures, and WebRTC has no use for them: a certificate is known by its fingerprint (RFC 8827).
    """

    def create_ssl_context(self: Any, *args: Any, **options: Any) -> SSL.Context:
        context = create(self, *args, **options)
        context.set_cipher_list(CIPHERS)
        context.set_options(SSL.OP_NO_RENEGOTIATION)
        context.set_verify_depth(0)
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _is_quick)
        return context

    return create_ssl_context


def _is_quick(connection: SSL.Connection, certificate: crypto.X509, error: int, depth: int, ok: int) -> bool:
    """Whether signatures by a client's key are verified quickly; who it belongs to is told by the fingerprint."""
    key = certificate.to_cryptography().public_key()
    if not isinstance(key, RSAPublicKey):
        return True
    return key.key_size <= MAX_RSA_BITS and key.public_numbers().e.bit_length() <= MAX_RSA_EXPONENT_BITS
