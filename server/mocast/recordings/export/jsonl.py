"""The reader of a recording's JSON lines, version 1 of ``docs/wire-format.md``."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from mocast.errors import Unprocessable
from mocast.model.rig import Rig
from mocast.model.wrapping import ahead
from mocast.wire import recording_json, rig_json


def read_rigs(path: Path) -> list[Rig]:
    """Return the rigs of a recording's file, as ``rigs_of`` does. Raises ``OSError``, too."""
    with path.open("rb") as file:
        return rigs_of(file)


def rigs_of(lines: Iterable[bytes]) -> list[Rig]:
    """Return the rigs among a recording's lines, their ``pts`` unwrapped, each later than the one before.

    A rig that is not later is left out, and so is a last line that was cut short. Raises ``Unprocessable`` where this
    is no recording, holds no rig, or one that cannot be read.
    """
    following = iter(lines)
    try:
        recording_json.read_header(next(following, b""))
    except ValueError as error:
        raise Unprocessable(f"This is no recording of Mocast in version {recording_json.VERSION}.") from error
    rigs = list(_in_order(_rigs(following)))
    if not rigs:
        raise Unprocessable("Nothing in this recording moves an avatar: it holds no rig.")
    return rigs


def _rigs(lines: Iterator[bytes]) -> Iterator[Rig]:
    for line in lines:
        if recording_json.stream_of(line) != "rig":
            continue
        rig = rig_json.decode(line)
        if rig is not None:
            yield rig
        elif line.endswith(b"\n"):
            raise Unprocessable("A rig in this recording cannot be read.")


def _in_order(rigs: Iterator[Rig]) -> Iterator[Rig]:
    last: int | None = None
    for rig in rigs:
        if last is None or ahead(rig.pts, last) > 0:
            last = rig.pts if last is None else last + ahead(rig.pts, last)
            yield replace(rig, pts=last)
