"""Requests that name some of a room's streams."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Final

from annotated_types import Interval, Len, doc
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from mocast.model.options import MAX_PEOPLE, PEOPLE_SENT
from mocast.wire.stream_kinds import DEFAULT_STREAMS, STREAMS

EVENTS: Final = "events"
"""What a WebSocket calls the room's events; they are no stream, as each of them counts and not the newest alone."""


def _stream_or(*others: str) -> Any:
    """A name that is validated at request time, so that a new stream is added to ``STREAMS`` alone."""

    def known(name: str) -> str:
        names = (*STREAMS, *others)
        if name not in names:
            raise PydanticCustomError("stream", "Input should be one of {names}", {"names": ", ".join(names)})
        return name

    return Annotated[str, AfterValidator(known), WithJsonSchema({"type": "string", "enum": [*STREAMS, *others]})]


if TYPE_CHECKING:
    StreamName = str
    SentName = str
else:
    StreamName = _stream_or()
    SentName = _stream_or(EVENTS)


@dataclass(frozen=True, slots=True)
class SocketRequest:
    """What the reader of a WebSocket asks for."""

    send: Annotated[tuple[SentName, ...], Len(1), doc("What is sent, comma-separated.")] = field(
        default_factory=lambda: DEFAULT_STREAMS
    )
    people: Annotated[int, Interval(ge=1, le=MAX_PEOPLE), PEOPLE_SENT] = 1
    mirror: Annotated[bool, doc("Whether the rig is that of a mirror. Landmarks never are.")] = False


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """What is recorded."""

    record: Annotated[tuple[StreamName, ...], Len(1), doc("Comma-separated. Animations are made of rigs.")] = field(
        default_factory=lambda: DEFAULT_STREAMS
    )
