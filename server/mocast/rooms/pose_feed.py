"""A client's poses for a room's mixer, as texts come on data channels or a WebSocket."""

import contextlib
from collections.abc import Callable
from typing import Final, get_args

from mocast.errors import BodyTooLarge, MocastError
from mocast.model.mixed_parts import SourceName
from mocast.model.options import ClientSource
from mocast.model.source_pose import SourcePose
from mocast.rooms.room_mixer import RoomMixer
from mocast.wire import pose_json

CLIENT_SOURCES: Final[tuple[SourceName, ...]] = get_args(ClientSource)
"""The sources that clients feed, each by a data channel of its name. Cameras publish."""

MOST_BYTES: Final = 16_384
"""Longest text of a pose; one of all bones, shapes and expressions has 5 KB."""


def take_text(message: str | bytes, take: Callable[[SourcePose], None]) -> None:
    """Feed the pose of a message. Raises ``BodyTooLarge`` and ``Unprocessable``."""
    if len(message) > MOST_BYTES:
        raise BodyTooLarge(f"A pose has at most {MOST_BYTES} bytes.")
    take(pose_json.decode(message))


class PoseChannels:
    """A publisher's data channels that are sources of a room's mixer, from their first messages on."""

    def __init__(self, mixer: RoomMixer, on_refused: Callable[[str], None]) -> None:
        """``on_refused``: called with what is wrong with the first broken pose of a source."""
        self._mixer = mixer
        self._on_refused = on_refused
        self._feeding = contextlib.ExitStack()
        self._feeds: dict[SourceName, Callable[[SourcePose], None]] = {}
        self._refused: set[SourceName] = set()

    def take(self, label: str, message: str | bytes) -> None:
        """Feed the mixer with a message on a channel with this label, if that is a source's name."""
        source = next((source for source in CLIENT_SOURCES if source == label), None)
        if source is None:
            return
        if source not in self._feeds:
            self._feeds[source] = self._feeding.enter_context(self._mixer.feed(source))
        try:
            take_text(message, self._feeds[source])
        except MocastError as error:
            if source not in self._refused:
                self._refused.add(source)
                self._on_refused(str(error))

    def close(self) -> None:
        """Feed nothing more."""
        self._feeding.close()
