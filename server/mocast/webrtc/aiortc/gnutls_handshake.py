"""DTLS by GnuTLS with FFmpeg alone: FFmpeg 8 built with GnuTLS has a certificate that OpenSSL does not take.

Its key is on the curve P-224, as tls_gnutls.c asks for one of medium strength. RFC 8422 deprecates that curve in TLS,
and OpenSSL 4 is built without it: it breaks the handshake off with the alert illegal_parameter. GnuTLS knows the curve,
and PyAV brings GnuTLS along. All other clients are OpenSSL's.
"""

import ctypes
import errno
import functools
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import aiortc.rtcdtlstransport
import av
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from OpenSSL import SSL

from mocast.webrtc.aiortc.patch import patch

_CLIENT, _DATAGRAM, _NONBLOCK = 2, 4, 8
"""Flags of ``gnutls_init``."""
_CREDENTIALS_CERTIFICATE: Final = 1
_PEM: Final = 1
_PREMATURE_TERMINATION: Final = -110
_SHUT_WR: Final = 1

_PRIORITIES: Final = b"NORMAL:-VERS-ALL:+VERS-DTLS1.2:-KX-ALL:+ECDHE-ECDSA:+GROUP-SECP224R1"
_SRTP_PROFILE: Final = 1
"""``SRTP_AES128_CM_SHA1_80`` (RFC 5764, section 4.1.2), the one that WebRTC requires and FFmpeg asks for."""
_MTU: Final = 1200

_RETRY_MS, _HANDSHAKE_MS = 100, 60_000
"""The first message is often lost: FFmpeg does not listen before it has the answer to its own connectivity check."""

_MESSAGE_BYTES: Final = 8_192
"""Of a message of the handshake; FFmpeg's longest, its certificate, has some 300. In GnuTLS's own 128 KiB there is room
for 370 certificates, which take 12 ms to read."""
_RECORDS: Final = 256
"""More than there are in a datagram, of 13 bytes at least each."""

_Push = ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
_PullTimeout = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_uint)


class _Datum(ctypes.Structure):
    _fields_ = (("data", ctypes.c_char_p), ("size", ctypes.c_uint))


class _DatumOut(ctypes.Structure):
    _fields_ = (("data", ctypes.c_void_p), ("size", ctypes.c_uint))


def install() -> None:
    """Patch aiortc. Doing it again does nothing."""
    patch(aiortc.rtcdtlstransport.RTCDtlsTransport, "_do_handshake", _by_gnutls_where_wanted)


def _by_gnutls_where_wanted(by_openssl: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    async def do_handshake(self: Any) -> None:
        if self._role == "client" and getattr(self, "mocast_client_is_ffmpeg", False) and gnutls() is not None:
            self._ssl = GnuTlsConnection(self._RTCDtlsTransport__local_certificate)
        await by_openssl(self)

    return do_handshake


def is_ffmpeg(sdp: str) -> bool:
    """Return whether an offer is of FFmpeg's muxer, as its origin says (RFC 8866, section 5.2).

    One that has data channels is not, and gets none by GnuTLS: their messages are too long for its records.
    """
    return "\no=FFmpeg " in sdp and "\nm=application " not in sdp


@functools.cache
def gnutls() -> Any:
    """Return the library that PyAV has, or the system; ``None`` where there is none."""
    package = Path(av.__file__).parent
    found = [*package.parent.glob("av.libs/libgnutls*"), *package.glob(".dylibs/libgnutls*")]
    try:
        library = ctypes.CDLL(str(found[0]) if found else "libgnutls.so.30")
    except OSError:
        return None
    library.gnutls_certificate_get_peers.restype = ctypes.POINTER(_DatumOut)
    library.gnutls_record_recv.restype = library.gnutls_record_send.restype = ctypes.c_ssize_t
    library.gnutls_strerror.restype = ctypes.c_char_p
    return library


class GnuTlsConnection:
    """The client's side of DTLS, with those methods of pyOpenSSL's ``Connection`` that aiortc calls."""

    def __init__(self, certificate: aiortc.rtcdtlstransport.RTCCertificate) -> None:
        inside: Any = certificate
        self._tls = gnutls()
        self._received: deque[bytes] = deque()
        self._to_send: deque[bytes] = deque()
        self._is_connected = False
        self._is_read = False
        "Whether GnuTLS has asked for more than has come."
        self._session, self._credentials = ctypes.c_void_p(), ctypes.c_void_p()
        self._call("gnutls_certificate_allocate_credentials", ctypes.byref(self._credentials))
        self._call(
            "gnutls_certificate_set_x509_key_mem",
            self._credentials,
            ctypes.byref(_datum(inside._cert.public_bytes(Encoding.PEM))),
            ctypes.byref(_datum(inside._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))),
            _PEM,
        )
        self._call("gnutls_init", ctypes.byref(self._session), _CLIENT | _DATAGRAM | _NONBLOCK)
        self._call("gnutls_priority_set_direct", self._session, _PRIORITIES, None)
        self._call("gnutls_credentials_set", self._session, _CREDENTIALS_CERTIFICATE, self._credentials)
        self._call("gnutls_srtp_set_profile", self._session, _SRTP_PROFILE)
        self._tls.gnutls_dtls_set_mtu(self._session, _MTU)
        self._tls.gnutls_dtls_set_timeouts(self._session, _RETRY_MS, _HANDSHAKE_MS)
        self._tls.gnutls_handshake_set_max_packet_length(self._session, ctypes.c_size_t(_MESSAGE_BYTES))
        self._callbacks = (_Push(self._push), _Push(self._pull), _PullTimeout(self._wait))
        self._tls.gnutls_transport_set_push_function(self._session, self._callbacks[0])
        self._tls.gnutls_transport_set_pull_function(self._session, self._callbacks[1])
        self._tls.gnutls_transport_set_pull_timeout_function(self._session, self._callbacks[2])

    def __del__(self) -> None:
        if self._session:
            self._tls.gnutls_deinit(self._session)
        if self._credentials:
            self._tls.gnutls_certificate_free_credentials(self._credentials)

    def bio_write(self, data: bytes) -> None:
        """Take a datagram of the client's."""
        self._received.append(data)

    def bio_read(self, size: int) -> bytes:
        """Return what is to be sent: whole records. Raises ``WantReadError`` where there is nothing."""
        if not self._to_send:
            raise SSL.WantReadError
        data = self._to_send.popleft()
        while self._to_send and len(data) + len(self._to_send[0]) <= size:
            data += self._to_send.popleft()
        return data

    def do_handshake(self) -> None:
        """Go on with the handshake. Raises ``WantReadError`` while the client must answer, ``Error`` where it fails."""
        self._check(self._read_all(self._tls.gnutls_handshake))
        self._is_connected = True

    def DTLSv1_get_timeout(self) -> float | None:  # noqa: N802
        """Return after how many seconds ``do_handshake`` may send again; ``None`` after the handshake.

        GnuTLS goes on saying 0 once a part of the client's answer has come and the rest is late; aiortc would ask it
        all the time, and receive nothing meanwhile.
        """
        return None if self._is_connected else (self._tls.gnutls_dtls_get_timeout(self._session) or _RETRY_MS) / 1000

    def DTLSv1_handle_timeout(self) -> None:  # noqa: N802
        """Send again: ``do_handshake``, which follows, does."""

    def recv(self, size: int) -> bytes:
        """Return a message of the client's. Raises ``WantReadError``, ``Error``, or ``ZeroReturnError`` at the end."""
        if not self._is_connected:
            raise SSL.WantReadError
        buffer = ctypes.create_string_buffer(size)
        length = self._read_all(self._tls.gnutls_record_recv, buffer, ctypes.c_size_t(size))
        if length in (0, _PREMATURE_TERMINATION):
            raise SSL.ZeroReturnError
        self._check(length)
        return buffer.raw[:length]

    def send(self, data: bytes) -> int:
        """Send a message."""
        return self._check(self._tls.gnutls_record_send(self._session, data, ctypes.c_size_t(len(data))))

    def shutdown(self) -> None:
        """Tell the client that nothing more will come."""
        if self._is_connected:
            self._check(self._tls.gnutls_bye(self._session, _SHUT_WR))

    def get_peer_certificate(self, *, as_cryptography: bool) -> x509.Certificate:
        """Return the client's certificate. Raises ``Error`` where it has none."""
        count = ctypes.c_uint()
        peers = self._tls.gnutls_certificate_get_peers(self._session, ctypes.byref(count))
        if not as_cryptography or not count.value:
            raise SSL.Error
        return x509.load_der_x509_certificate(ctypes.string_at(peers[0].data, peers[0].size))

    def get_selected_srtp_profile(self) -> bytes:
        """Return OpenSSL's name of the profile; empty where none is agreed upon."""
        profile = ctypes.c_int()
        result = self._tls.gnutls_srtp_get_selected_profile(self._session, ctypes.byref(profile))
        return b"SRTP_AES128_CM_SHA1_80" if result == 0 and profile.value == _SRTP_PROFILE else b""

    def export_keying_material(self, label: bytes, size: int) -> bytes:
        """Return keys that both sides know (RFC 5705). Raises ``Error``."""
        out = ctypes.create_string_buffer(size)
        none, length = ctypes.c_size_t(0), ctypes.c_size_t(size)
        label_size = ctypes.c_size_t(len(label))
        self._call("gnutls_prf_rfc5705", self._session, label_size, label, none, None, length, out)
        return out.raw

    def _read_all(self, function: Any, *arguments: Any) -> int:
        """Call a function of the session until it succeeds or fails, or has read all that has come.

        It returns at records that are broken, or of another kind; what is behind them would pile up.
        """
        result, self._is_read = -1, False
        for _ in range(_RECORDS):
            result = function(self._session, *arguments)
            if result >= 0 or self._is_read or self._tls.gnutls_error_is_fatal(result):
                break
        return result

    def _call(self, function: str, *arguments: Any) -> int:
        return self._check(getattr(self._tls, function)(*arguments))

    def _check(self, result: int) -> int:
        """Return what a function has returned. Raises ``WantReadError`` or ``Error`` where it is negative."""
        if result >= 0:
            return result
        if not self._tls.gnutls_error_is_fatal(result):
            raise SSL.WantReadError
        raise SSL.Error(self._tls.gnutls_strerror(result).decode())

    def _push(self, _: int | None, data: int, size: int) -> int:
        self._to_send.append(ctypes.string_at(data, size))
        return size

    def _pull(self, _: int | None, buffer: int, size: int) -> int:
        if not self._received:
            self._is_read = True
            self._tls.gnutls_transport_set_errno(self._session, errno.EAGAIN)
            return -1
        data = self._received.popleft()[:size]
        ctypes.memmove(buffer, data, len(data))
        return len(data)

    def _wait(self, _: int | None, milliseconds: int) -> int:
        """Whether there is something to pull; nothing is waited for."""
        self._is_read |= not self._received
        return len(self._received)


def _datum(data: bytes) -> _Datum:
    return _Datum(data, len(data))
