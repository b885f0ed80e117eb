"""OSC 1.0, read: the messages of a datagram, of bundles too.

A reader of our own: python-osc's makes objects of everything, takes ten times as long, and follows bundles within
bundles as deep as they go. Source: https://opensoundcontrol.stanford.edu/spec-1_0.html
"""

import struct
from collections.abc import Iterator
from typing import Final

Argument = str | int | float | bool | None
Message = tuple[str, tuple[Argument, ...]]

MOST_DEPTH: Final = 4
"""Of bundles within bundles; VMC has one."""
MOST_ARGUMENTS: Final = 32

_BUNDLE: Final = b"#bundle\0"
_NUMBERS: Final = {
    "f": struct.Struct(">f"),
    "i": struct.Struct(">i"),
    "d": struct.Struct(">d"),
    "h": struct.Struct(">q"),
}
_WORDS: Final[dict[str, bool | None]] = {"T": True, "F": False, "N": None}
_LENGTH: Final = struct.Struct(">I")


def messages(data: bytes, depth: int = 0) -> Iterator[Message]:
    """Yield a datagram's messages. Raises ``ValueError`` where it is no OSC, perhaps after some of them."""
    if not data.startswith(_BUNDLE):
        yield _message(data)
        return
    if depth >= MOST_DEPTH:
        raise ValueError("bundles are nested too deeply")
    at = 16
    while at < len(data):
        try:
            (length,) = _LENGTH.unpack_from(data, at)
        except struct.error as error:
            raise ValueError("a bundle ends early") from error
        at += 4
        if length == 0 or at + length > len(data):
            raise ValueError("a bundle ends early")
        yield from messages(data[at : at + length], depth + 1)
        at += length


def _message(data: bytes) -> Message:
    address, at = _text(data, 0)
    if not address.startswith("/"):
        raise ValueError("an OSC address begins with /")
    if at >= len(data):
        return address, ()
    tags, at = _text(data, at)
    if not tags.startswith(",") or len(tags) > MOST_ARGUMENTS + 1:
        raise ValueError("the arguments' types are missing")
    arguments: list[Argument] = []
    for tag in tags[1:]:
        if tag in _NUMBERS:
            number = _NUMBERS[tag]
            try:
                arguments += number.unpack_from(data, at)
            except struct.error as error:
                raise ValueError("a message ends early") from error
            at += number.size
        elif tag == "s":
            text, at = _text(data, at)
            arguments.append(text)
        elif tag in _WORDS:
            arguments.append(_WORDS[tag])
        else:
            raise ValueError("an argument's type is not known")
    return address, tuple(arguments)


def _text(data: bytes, at: int) -> tuple[str, int]:
    """Return a text, which zeros fill up to whole words of four bytes, and where what follows it begins."""
    end = data.find(b"\0", at)
    if end < 0:
        raise ValueError("a text has no end")
    try:
        text = data[at:end].decode()
    except UnicodeDecodeError as error:
        raise ValueError("a text is no UTF-8") from error
    return text, at + (end - at) // 4 * 4 + 4
