"""Requests that name some of a room's streams."""

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Len, doc
from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from mocast.wire.stream_kinds import DEFAULT_STREAMS, STREAMS


def _known(name: str) -> str:
    """Validate a stream's name at request time, so that a new stream is added to ``STREAMS`` alone."""
    if name not in STREAMS:
        raise PydanticCustomError("stream", "Input should be one of {names}", {"names": ", ".join(STREAMS)})
    return name


StreamName = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(STREAMS)})]


@dataclass(frozen=True, slots=True)
class SocketRequest:
    """What the reader of a WebSocket asks for."""

    send: Annotated[tuple[StreamName, ...], Len(1), doc("What is sent, comma-separated.")] = field(
        default_factory=lambda: DEFAULT_STREAMS
    )
    mirror: Annotated[bool, doc("Whether the rig is that of a mirror. Landmarks never are.")] = False


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """What is recorded."""

    record: Annotated[tuple[StreamName, ...], Len(1), doc("Comma-separated. Animations are made of rigs.")] = field(
        default_factory=lambda: DEFAULT_STREAMS
    )
