"""A client's poses for a room's mixer, as texts come on a data channel or a WebSocket."""

from collections.abc import Callable
from typing import Final, get_args

from mocast.errors import BodyTooLarge
from mocast.model.mixed_parts import SourceName
from mocast.model.options import ClientSource
from mocast.model.source_pose import SourcePose
from mocast.wire import pose_json

CLIENT_SOURCES: Final[tuple[SourceName, ...]] = get_args(ClientSource)
"""The sources that clients feed, each by a data channel of its name. Cameras publish."""

MOST_BYTES: Final = 16_384
"""Of a pose: one of all bones, shapes and expressions has 5 KB."""


def take_text(message: str | bytes, take: Callable[[SourcePose], None]) -> None:
    """Feed the pose of a message. Raises ``BodyTooLarge`` and ``Unprocessable``."""
    if len(message) > MOST_BYTES:
        raise BodyTooLarge(f"A pose has at most {MOST_BYTES} bytes.")
    take(pose_json.decode(message))
