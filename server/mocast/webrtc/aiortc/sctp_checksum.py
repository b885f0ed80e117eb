"""The checksum of SCTP's packets (RFC 9260, section 6.8 and appendix A): CRC32c, in little-endian order."""

from typing import Final

from google_crc32c import value as crc32c

_BEGIN: Final = 8
_END: Final = 12


def with_checksum(packet: bytes) -> bytes:
    """Return a packet whose checksum is 0 with the right one."""
    checksum: int = crc32c(packet)
    return packet[:_BEGIN] + checksum.to_bytes(4, "little") + packet[_END:]


def is_intact(packet: bytes) -> bool:
    """Return whether a packet that has a header has the right checksum."""
    checksum: int = crc32c(packet[:_BEGIN] + bytes(4) + packet[_END:])
    return checksum.to_bytes(4, "little") == packet[_BEGIN:_END]
