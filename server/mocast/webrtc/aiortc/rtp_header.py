"""The header of an RTP packet (RFC 3550, section 5.1), and of its extensions."""

from struct import Struct
from typing import Final

HEADER: Final = Struct("!BBHLL")
"""Version and flags, marker and payload type, sequence number, timestamp, source."""
EXTENSION: Final = Struct("!HH")
"""Profile, and length in words of 4 bytes."""

PLAIN: Final = 0x80
"""First byte, but for the extension's flag, of RTP version 2 without padding and without contributing sources."""
HAS_EXTENSION: Final = 0x10
"""In the first byte."""
MARKER: Final = 0x80
"""In the second byte."""
