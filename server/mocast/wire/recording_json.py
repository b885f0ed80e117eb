"""The first and the last line of a recording's file, version 1 of ``docs/wire-format.md``."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import orjson

from mocast import __version__

VERSION: Final = 1
TYPE: Final = "recording"

Part = Literal["landmarks", "rig"]
PARTS: Final[tuple[Part, ...]] = ("landmarks", "rig")
Outcome = Literal["stopped", "failed"]


@dataclass(frozen=True, slots=True)
class End:
    """How a recording went."""

    state: Outcome
    "``failed``: the file could not be written on; what was written until then is there."
    reason: str
    "Why it ended, in words."
    seconds: float
    landmarks: int
    "Lines with landmarks."
    rigs: int
    dropped: int
    "Lines that were not written, as the disk was too slow."


def header(room: str, started_at: datetime, parts: Sequence[Part]) -> bytes:
    """Return the first line. It says whether landmarks are mirrored by leaving it out: they never are."""
    return _line(
        {
            "type": TYPE,
            "version": VERSION,
            "server": f"mocast {__version__}",
            "room": room,
            "started_at": started_at.astimezone(UTC).isoformat(timespec="milliseconds"),
            "record": list(parts),
        }
    )


def end(end: End) -> bytes:
    """Return the last line."""
    return _line({"type": "end", **asdict(end)})


def is_rig(line: bytes) -> bool:
    """Whether a line of a recording holds a rig, by its first characters: most of a file is landmarks."""
    return b'"rig"' in line[:24]


def read_header(line: bytes) -> dict[str, Any]:
    """Return what a file's first line says. Raises ``ValueError`` where it is not one of ``header``."""
    fields = orjson.loads(line)
    if not isinstance(fields, dict) or fields.get("type") != TYPE or fields.get("version") != VERSION:
        raise ValueError("no recording of a version that can be read")
    return fields


def read_end(line: bytes) -> End:
    """Return what a file's last line says. Raises ``ValueError`` where it is not one of ``end``."""
    fields = orjson.loads(line)
    if not isinstance(fields, dict) or fields.pop("type", None) != "end":
        raise ValueError("no end")
    try:
        return End(**fields)
    except TypeError as error:
        raise ValueError("no end that can be read") from error


def _line(fields: dict[str, Any]) -> bytes:
    return orjson.dumps(fields, option=orjson.OPT_APPEND_NEWLINE)
