"""STUN messages told apart before anything is made of them: kind, transaction, the session that a check is for."""

from struct import Struct
from typing import Any, Final

LAST_STUN_BYTE: Final = 3
"""First byte of a datagram, RFC 7983: up to 3 STUN, 20 to 63 DTLS, 128 to 191 RTP or RTCP."""

BINDING_REQUEST: Final = 0x0001
BINDING_ANSWERS: Final = frozenset((0x0101, 0x0111))
"""Success and error response (RFC 8489, section 5)."""

HEADER_BYTES: Final = 20
LONGEST_CHECK_BYTES: Final = 1_500
_HEADER: Final = Struct("!HHI")
_COOKIE: Final = 0x2112_A442
_ATTRIBUTE: Final = Struct("!HH")
_USERNAME: Final = 0x0006
_MOST_ATTRIBUTES: Final = 16
"""Attributes among which USERNAME is searched for. A check has about eight in all."""

SILENT_ERRORS: Final = frozenset((400, 401))
"""What a request without valid credentials is answered with; a shared port does not answer strangers at all."""


def kind_of(data: bytes) -> int:
    """Return the type of a STUN message; -1 where it is none."""
    if not HEADER_BYTES <= len(data) <= LONGEST_CHECK_BYTES:
        return -1
    kind, length, cookie = _HEADER.unpack_from(data)
    return kind if cookie == _COOKIE and length == len(data) - HEADER_BYTES else -1


def transaction_of(data: bytes) -> bytes:
    """Return the transaction's id of a STUN message."""
    return data[8:HEADER_BYTES]


def receiver_of(data: bytes) -> bytes:
    """Return whom a binding request is for: the first half of its user name, an ``ice-ufrag``. Empty: nobody."""
    at = HEADER_BYTES
    for _ in range(_MOST_ATTRIBUTES):
        if at + _ATTRIBUTE.size > len(data):
            break
        kind, length = _ATTRIBUTE.unpack_from(data, at)
        at += _ATTRIBUTE.size
        if kind == _USERNAME:
            return data[at : at + length].partition(b":")[0]
        at += length + -length % 4
    return b""


def is_silent(message: Any) -> bool:
    """Whether an aioice message is the refusal of a stranger's request."""
    return message.error_code in SILENT_ERRORS
