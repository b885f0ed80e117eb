"""An event of a room."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

import orjson

VERSION: Final = 1
"""Of the JSON of ``docs/wire-format.md``."""
MOST_WAITING: Final = 256
"""Events that wait for a program that is busy; then the oldest is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomEvent:
    """What happened to the person in a room, such as ``event.type == "gesture"`` and ``event.data["name"]``."""

    type: str
    "``gesture``, ``rep``, ``fall`` and others; later servers may have more."
    room: str
    pts: int
    "The time of the frame in which it was noticed, 90 kHz, modulo 2³²."
    at: datetime
    "When, by the server's clock, UTC."
    person: int
    "Index of the person, which stays theirs: 0 where one is tracked."
    data: Mapping[str, str | float | bool]
    "What is special to its type."
    missed: int
    "How many events before it were lost on the way, as this connection was too slow."

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the event in a message of a room's WebSocket; ``None`` where it is of another type or version."""
        message = orjson.loads(text)
        if message.get("type") != "event" or message.get("version") != VERSION:
            return None
        event = message["event"]
        return cls(
            type=event["type"],
            room=message["room"],
            pts=event["pts"],
            at=datetime.fromisoformat(event["at"]),
            person=event["person"],
            data=event["data"],
            missed=message["missed"],
        )
