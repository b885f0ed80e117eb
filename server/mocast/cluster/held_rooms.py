"""The rooms that one node holds, and what it does where the directory says otherwise."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mocast.cluster.directory import PROVISIONAL


class HeldRooms:
    """Rooms with their fencing tokens; those that are empty go back to the directory with a heartbeat."""

    def __init__(self) -> None:
        self._held: dict[str, int] = {}
        "Tokens of the rooms here."
        self._empty: set[str] = set()
        "Of these, those that are given back with the next heartbeat."
        self._returning: Mapping[str, int] = {}
        "Those that are being given back."
        self._strays: dict[str, int] = {}
        "Rooms that the directory has as this node's, and that were not here at the last comparison."
        self._unused: dict[str, int] = {}
        "Of these, those that were not here at the comparison before, either: the next heartbeat gives them back."

    def __contains__(self, room: object) -> bool:
        return room in self._held

    def __len__(self) -> int:
        return len(self._held)

    def token(self, room: str) -> int:
        """Return a room's token; ``PROVISIONAL`` where it has none."""
        return self._held.get(room, PROVISIONAL)

    def hold(self, room: str, token: int) -> None:
        """Have a room here."""
        self._held[room] = token
        self._empty.discard(room)

    def release(self, room: str) -> None:
        """Give a room back with the next heartbeat, unless it is held again before."""
        if room in self._held:
            self._empty.add(room)

    def is_returning(self, room: str) -> bool:
        """Return whether a heartbeat that gives a room back is on its way."""
        return room in self._returning

    @property
    def has_any_to_return(self) -> bool:
        """Whether the next heartbeat gives any back."""
        return bool(self._empty or self._unused)

    @contextmanager
    def returning(self) -> Iterator[Mapping[str, int]]:
        """Hold what is empty no more; return it, with tokens, for a heartbeat that lasts as long as the context."""
        unused = {room: token for room, token in self._unused.items() if room not in self._held}
        self._returning = unused | {room: self._held.pop(room) for room in self._empty}
        self._empty, self._unused = set(), {}
        try:
            yield self._returning
        finally:
            self._returning = {}

    def claimed(self, *, with_provisional: bool) -> Mapping[str, int]:
        """Return the rooms that this node says are its own. ``with_provisional``: those, too, that have no token."""
        return {room: token for room, token in self._held.items() if token != PROVISIONAL or with_provisional}

    def compare(self, claimed: Mapping[str, int], owned: Mapping[str, int]) -> list[str]:
        """Compare the rooms that were claimed with those that the directory says are this node's (``owned``).

        Return the claimed rooms that are not: they are held no more. Rooms that are owned but were not here at two
        comparisons in a row are given back with the next heartbeat.
        """
        lost = [room for room in claimed if room not in owned]
        self._held |= {room: owned[room] for room in claimed if room in owned}
        for room in lost:
            del self._held[room]
            self._empty.discard(room)
        strays = {room: token for room, token in owned.items() if room not in self._held}
        self._unused = {room: token for room, token in strays.items() if room in self._strays}
        self._strays = strays
        return lost
