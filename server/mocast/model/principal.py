"""Who sends a request, and what they may do."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal, get_args

Grant = Literal["publish", "subscribe", "record", "outputs", "images", "jobs", "metrics", "admin"]
"""What a principal may do. ``admin`` holds all others, and what belongs to somebody else."""

GRANTS: Final[frozenset[Grant]] = frozenset(get_args(Grant))

ROOM_GRANTS: Final[tuple[Grant, ...]] = ("publish", "subscribe", "record", "outputs", "admin")
"""Grants with which a principal has something to do in a room, so that it may know of the room."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a request is from, as their token says. Publishers, viewers, recordings and outputs keep its subject."""

    subject: str
    "Name of the owner of what this principal starts."
    grants: frozenset[Grant]
    rooms: tuple[str, ...]
    "Patterns of the names of the rooms that the grants are for: `*`, `?` and `[...]` as in file names."
    expires_at: float | None = None
    "Seconds since 1970, when its sessions end; ``None``: never."
    account: str = ""
    "Subject whose limits count: its own, if nothing is given, or that of the maker of its token."

    def __post_init__(self) -> None:
        if not self.account:
            object.__setattr__(self, "account", self.subject)

    def may(self, grant: Grant, room: str | None = None) -> bool:
        """Return whether it has a grant in a room; without a room: in any.

        For grants that have to do with no room, ``room`` does not matter: whoever is an admin of some rooms has none.
        """
        if grant not in ROOM_GRANTS:
            return grant in self.grants or self.administers_server
        if grant not in self.grants and "admin" not in self.grants:
            return False
        return room is None or self._covers(room)

    @property
    def administers_server(self) -> bool:
        """Whether it is an admin of all rooms, and so of what has to do with none."""
        return "admin" in self.grants and "*" in self.rooms

    def sees(self, room: str) -> bool:
        """Return whether it may know of a room, and who is in it."""
        return not self.grants.isdisjoint(ROOM_GRANTS) and self._covers(room)

    def owns(self, subject: str, room: str) -> bool:
        """Return whether it may do as it likes with what a subject has started in a room: its own, or as an admin."""
        return self.subject == subject or self.may("admin", room)

    def _covers(self, room: str) -> bool:
        return any(fnmatchcase(room, pattern) for pattern in self.rooms)


EVERYBODY: Final = Principal("", GRANTS, ("*",))
"""The one principal where authentication is off."""
