"""OSC bundles whose numbers change and whose text does not: built once, then only the numbers are written anew.

Building each message anew takes python-osc a hundred times as long. Source of the format:
https://opensoundcontrol.stanford.edu/spec-1_0.html
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

MAX_BUNDLE_BYTES: Final = 1452
"""With the headers of IPv6 and UDP so much fits one Ethernet frame, so that none is split."""

_BUNDLE_HEAD_BYTES: Final = 16
_LENGTH_BYTES: Final = 4

Argument = str | int | float | bool


class OscPackets:
    """Ready bundles in one buffer, and their numbers as arrays of words of four bytes."""

    def __init__(self, bundles: Sequence[bytes]) -> None:
        buffer = bytearray(b"".join(bundles))
        self.floats = np.frombuffer(buffer, ">f4")
        self.integers = np.frombuffer(buffer, ">i4")
        self.packets: list[memoryview] = []
        "Each bundle, a part of the buffer: writing numbers changes them."
        view, start = memoryview(buffer), 0
        for bundle in bundles:
            self.packets.append(view[start : start + len(bundle)])
            start += len(bundle)

    def write(self, word: int, values: ArrayLike) -> None:
        """Write floats from this word on."""
        row = np.asarray(values, np.float32)
        self.floats[word : word + len(row)] = row


class OscLayout:
    """Packs messages into bundles, in order, and returns the words of their numbers."""

    def __init__(self, most: Mapping[str, int] | None = None) -> None:
        """``most``: how many messages of an address a bundle holds at most."""
        self._most = most or {}
        self._bundles: list[bytes] = []
        self._open: list[OscMessage] = []
        self._open_bytes = _BUNDLE_HEAD_BYTES
        self._closed_bytes = 0

    def add(self, address: str, *arguments: Argument) -> int:
        """Add a message; return the index, in words of four bytes, of its first number. Numbers come after text."""
        message = osc_message(address, arguments)
        length = _LENGTH_BYTES + message.size
        if self._open_bytes + length > MAX_BUNDLE_BYTES or self._holds_most(address):
            self._close()
        self._open.append(message)
        self._open_bytes += length
        numbers = sum(not isinstance(argument, str) for argument in arguments)
        return (self._closed_bytes + self._open_bytes) // 4 - numbers

    def finish(self) -> OscPackets:
        """Return all bundles."""
        if self._open:
            self._close()
        return OscPackets(self._bundles)

    def _holds_most(self, address: str) -> bool:
        most = self._most.get(address)
        return most is not None and sum(message.address == address for message in self._open) >= most

    def _close(self) -> None:
        bundle = osc_bundle(self._open)
        self._bundles.append(bundle)
        self._closed_bytes += len(bundle)
        self._open, self._open_bytes = [], _BUNDLE_HEAD_BYTES


def osc_message(address: str, arguments: Iterable[Argument]) -> OscMessage:
    """Return a message: texts as ``s``, whole numbers as ``i``, others as ``f``, truth values as ``T`` and ``F``."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build()


def osc_bundle(messages: Iterable[OscMessage]) -> bytes:
    """Return a bundle to be taken at once."""
    builder = OscBundleBuilder(IMMEDIATELY)
    for message in messages:
        builder.add_content(message)
    return bytes(builder.build().dgram)
