"""Which container a video's first bytes are of."""

from typing import Final

HEAD_BYTES: Final = 1_024
"""As many first bytes as are looked at: five packets of MPEG-TS."""

TS_PACKET: Final = 188
"""Bytes of a packet of MPEG-TS, each of which begins with ``TS_SYNC`` (ISO/IEC 13818-1, section 2.4.3.2)."""
TS_SYNC: Final = 0x47
_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"})
"""What files of ISO BMFF and QuickTime begin with (ISO/IEC 14496-12; QuickTime File Format), behind a length."""
_MAGIC: Final = {
    b"OggS": ".ogv",
    b"\x00\x00\x01\xba": ".mpg",
    b"GIF8": ".gif",
    b"FLV\x01": ".flv",
}


def container_of(head: bytes) -> str | None:
    """Return the ending of the container's files, or ``None`` where it is none of those that are taken.

    Text is not taken: playlists (HLS, DASH, concat) name other files and addresses, which their reader would open.
    """
    ending = _MAGIC.get(head[:4])
    if head[4:8] in _BOXES:
        ending = ".mov" if head[8:12] == b"qt  " else ".mp4"
    elif head[:4] == b"\x1a\x45\xdf\xa3":  # EBML, RFC 8794
        ending = ".webm" if b"webm" in head[:64] else ".mkv"
    elif head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        ending = ".avi"
    elif len(head) > TS_PACKET and set(head[: 5 * TS_PACKET : TS_PACKET]) == {TS_SYNC}:
        ending = ".ts"
    return ending
