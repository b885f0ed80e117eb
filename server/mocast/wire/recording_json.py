"""The first and the last line of a recording's file, version 1 of ``docs/wire-format.md``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import orjson

from mocast import __version__

VERSION: Final = 1
TYPE: Final = "recording"

Outcome = Literal["stopped", "failed"]

_UNTYPED: Final = "landmarks"
"""Lines without a type are landmarks: most lines are, and files from before there were other types have none."""
_TYPE_OF_LINE: Final = re.compile(rb'\{"type":"(\w+)"')


@dataclass(frozen=True, slots=True)
class RecordingTrailer:
    """The last line of a recording: its result."""

    state: Outcome
    "``failed``: the file could not be written on; what was written until then is there."
    reason: str
    "Why it ended, in words."
    seconds: float
    lines: Mapping[str, int]
    "Lines of each stream, by ``StreamKind.counter``."
    dropped: int
    "Lines that were not written, as the disk was too slow."

    def to_json(self) -> dict[str, Any]:
        """Return it flat, as the file's last line and the API have it."""
        return {
            "state": self.state,
            "reason": self.reason,
            "seconds": self.seconds,
            **self.lines,
            "dropped": self.dropped,
        }


def header(room: str, started_at: datetime, streams: Sequence[str], owner: str = "", account: str = "") -> bytes:
    """Return the first line. It has no flag for mirrored landmarks: recorded ones never are.

    ``owner``: the subject of whoever records; not in the line where authentication is off. ``account``: the subject
    whose limits count; not in the line where it is the owner's.
    """
    return _line(
        {
            "type": TYPE,
            "version": VERSION,
            "server": f"mocast {__version__}",
            "room": room,
            "started_at": started_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "record": list(streams),
            **({"owner": owner} if owner else {}),
            **({"account": account} if account not in ("", owner) else {}),
        }
    )


def trailer(trailer: RecordingTrailer) -> bytes:
    """Return the last line."""
    return _line({"type": "end", **trailer.to_json()})


def stream_of(line: bytes) -> str:
    """Return the name of the stream that a line between the first and the last is of."""
    match = _TYPE_OF_LINE.match(line)
    return match.group(1).decode() if match else _UNTYPED


def read_header(line: bytes) -> dict[str, Any]:
    """Parse a file's first line. Raises ``ValueError`` where it is not one of ``header``."""
    fields = orjson.loads(line)
    if not isinstance(fields, dict) or fields.get("type") != TYPE or fields.get("version") != VERSION:
        raise ValueError("no recording of a version that can be read")
    return fields


def read_trailer(line: bytes) -> RecordingTrailer:
    """Parse a file's last line. Raises ``ValueError`` where it is not one of ``trailer``."""
    fields = orjson.loads(line)
    if not isinstance(fields, dict) or fields.pop("type", None) != "end":
        raise ValueError("no trailer")
    try:
        state, reason, seconds, dropped = (fields.pop(name) for name in ("state", "reason", "seconds", "dropped"))
    except KeyError as error:
        raise ValueError("no trailer that can be read") from error
    return RecordingTrailer(state, reason, seconds, fields, dropped)


def _line(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
