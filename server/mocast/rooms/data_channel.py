"""The interface of a client's data channels, and their limits."""

from collections.abc import Iterable
from typing import Final, Protocol

CONTROL: Final = "control"
"""The label of the channel for commands; other channels are labelled as the stream that they carry."""

MAX_CHANNELS: Final = 16
"""Open channels of one client, at most."""

MAX_BUFFERED_BYTES: Final = 16_384
"""Bytes that may be buffered in a channel before a message is dropped: about one frame as JSON, three as binary. More
would only add delay."""


class DataChannel(Protocol):
    """An ``RTCDataChannel``, as far as messages are sent on it."""

    @property
    def readyState(self) -> str:  # noqa: N802 (W3C's name)
        """Whether it is open."""

    @property
    def bufferedAmount(self) -> int:  # noqa: N802
        """Bytes that have not left."""

    def send(self, data: bytes | str, /) -> None:
        """Send one message. Raises ``ValueError`` where the client does not take messages of its length."""

    def close(self) -> None:
        """Tell the client that nothing more will come."""


def has_room(channel: DataChannel) -> bool:
    """Return whether the channel's buffer is below ``MAX_BUFFERED_BYTES``."""
    return channel.readyState == "open" and channel.bufferedAmount < MAX_BUFFERED_BYTES


def send_all(channel: DataChannel, messages: Iterable[bytes | str]) -> bool:
    """Send messages on an open channel; return whether all are on their way.

    How long a message may be is for the client to say (``a=max-message-size``, RFC 8841); a longer one is dropped.
    """
    try:
        for message in messages:
            channel.send(message)
    except ValueError:
        return False
    return True
