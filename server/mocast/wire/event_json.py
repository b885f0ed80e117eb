"""An event's message, one JSON text, for the channel ``control``, WebSockets and MQTT: ``docs/wire-format.md``."""

from datetime import datetime
from typing import Any, Final, get_args

import orjson

from mocast.model.analysis import Event, EventType
from mocast.wire import analysis_json

VERSION: Final = 1
EVENT_TYPES: Final[tuple[EventType, ...]] = get_args(EventType)


def message(event: Event, room: str, missed: int = 0) -> dict[str, Any]:
    """Return the message as an object. ``missed``: events that this reader lost since the last one, being too slow."""
    return {
        "type": "event",
        "version": VERSION,
        "room": room,
        "missed": missed,
        "event": analysis_json.event(event),
    }


def encode(event: Event, room: str, missed: int = 0) -> str:
    """Return the message as a text."""
    return orjson.dumps(message(event, room, missed)).decode()


def decode(text: str) -> Event | None:
    """Return the event in a text; ``None`` where there is none, or one of a type that is not known."""
    try:
        said = orjson.loads(text)
        if said["type"] != "event" or said["version"] != VERSION or said["event"]["type"] not in EVENT_TYPES:
            return None
        event = said["event"]
        at_ns = round(datetime.fromisoformat(event["at"]).timestamp() * 1e3) * 1_000_000
        return Event(event["type"], int(event["pts"]), at_ns, int(event["person"]), dict(event["data"]))
    except (LookupError, TypeError, ValueError):
        return None
