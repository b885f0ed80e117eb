"""The reader of a recording's JSON lines, version 1 of ``docs/wire-format.md``."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from mocast.errors import Unprocessable
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.model.wrapping import ahead
from mocast.wire import landmarks_json, recording_json, rig_json

Timed = TypeVar("Timed", Rig, Tracked)


def read_rigs(path: Path, person: int = 0) -> list[Rig]:
    """Return the rigs of a recording's file, as ``rigs_of`` does. Raises ``OSError``, too."""
    with path.open("rb") as file:
        return rigs_of(file, person)


def rigs_of(lines: Iterable[bytes], person: int = 0) -> list[Rig]:
    """Return a person's rigs among a recording's lines, their ``pts`` unwrapped, each later than the one before.

    A rig that is not later is left out, and so is a last line that was cut short. Raises ``Unprocessable`` where this
    is no recording, holds no rig, or one that cannot be read.
    """
    rigs = list(_in_order(rig for rig in _items(lines, "rig", rig_json.decode, "A rig") if rig.person == person))
    if not rigs and person:
        raise Unprocessable(f"Nothing in this recording moves an avatar of person {person}: it holds no rig of theirs.")
    if not rigs:
        raise Unprocessable("Nothing in this recording moves an avatar: it holds no rig.")
    return rigs


def read_tracked(path: Path, person: int = 0) -> list[Tracked]:
    """Return a person's landmarks of a recording's file, in order as ``rigs_of`` has the rigs.

    Raises ``Unprocessable`` where there are none, and ``OSError``.
    """
    with path.open("rb") as file:
        found = _items(file, "landmarks", landmarks_json.decode, "A frame's landmarks")
        frames = list(_in_order(tracked for tracked in found if tracked.person == person))
    if not frames:
        raise Unprocessable(f"This recording holds no landmarks{f' of person {person}' if person else ''}.")
    return frames


def _items(lines: Iterable[bytes], stream: str, decode: Callable[[bytes], Timed | None], name: str) -> Iterator[Timed]:
    """Yield what a stream's lines hold. Raises ``Unprocessable``; a last line that was cut short is left out."""
    following = iter(lines)
    try:
        recording_json.read_header(next(following, b""))
    except ValueError as error:
        raise Unprocessable(f"This is no recording of Mocast in version {recording_json.VERSION}.") from error
    for line in following:
        if recording_json.stream_of(line) != stream:
            continue
        item = decode(line)
        if item is not None:
            yield item
        elif line.endswith(b"\n"):
            raise Unprocessable(f"{name} in this recording cannot be read.")


def _in_order(items: Iterable[Timed]) -> Iterator[Timed]:
    last: int | None = None
    for item in items:
        if last is None or ahead(item.pts, last) > 0:
            last = item.pts if last is None else last + ahead(item.pts, last)
            yield replace(item, pts=last)
