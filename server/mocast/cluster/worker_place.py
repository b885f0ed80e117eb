"""The place of one of several processes that serve one port: what its parent tells it at its start."""

import socket
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import orjson

from mocast.cluster.node_signature import NodeSignature

_TAGS: Final = NodeSignature("the workers of one machine")
"""Of a server that is no cluster: ids end the same after a restart, so that what is kept in files is found again."""


@dataclass(frozen=True)
class WorkerPlace:
    """One of the workers of one machine."""

    index: int
    count: int
    secret: str
    "Which the workers share, and nobody else has."
    folder: str
    "Of their sockets, for this user alone."
    listening: tuple[int, ...]
    "File descriptors of the sockets that listen on the port, which all of them accept from."
    fed_rooms: tuple[str, ...] = ()
    "Rooms of the operator's cameras, inputs and outputs, which the first worker has."

    @classmethod
    def from_json(cls, text: bytes) -> "WorkerPlace":
        """Return what ``to_json`` wrote."""
        told: dict[str, Any] = orjson.loads(text)
        return cls(**{**told, "listening": tuple(told["listening"]), "fed_rooms": tuple(told["fed_rooms"])})

    def to_json(self) -> bytes:
        """Return it in one line."""
        return orjson.dumps(asdict(self)) + b"\n"

    @property
    def directory_path(self) -> str:
        """Socket of the parent's directory of rooms."""
        return str(Path(self.folder) / "directory")

    @property
    def counts_path(self) -> Path:
        """The table of what clients hold."""
        return Path(self.folder) / "counts"

    @property
    def path(self) -> str:
        """Socket at which this worker answers the others."""
        return self.path_of(self.index)

    @property
    def tag(self) -> str:
        """What ids end with that are made here, where the server is no node of a cluster."""
        return self.tag_of(self.index)

    @staticmethod
    def tag_of(index: int) -> str:
        """Return the tag of a worker."""
        return _TAGS.tag(str(index))

    def path_of(self, index: int) -> str:
        """Return the socket of a worker."""
        return str(Path(self.folder) / f"worker-{index}")

    def share(self, amount: int) -> int:
        """Return this worker's part of what the server may have in all: 0 of 0, else 1 at least."""
        return -(-amount // self.count)

    @cached_property
    def sockets(self) -> Sequence[socket.socket]:
        """The sockets that listen on the port."""
        return tuple(socket.socket(fileno=descriptor) for descriptor in self.listening)

    def own_socket(self) -> socket.socket:
        """Return a socket that listens at ``path``. Raises ``OSError``."""
        Path(self.path).unlink(missing_ok=True)  # of the process whose place this one has taken
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(self.path)
        listening.listen()
        return listening

    @property
    def others(self) -> Mapping[int, str]:
        """The other workers' sockets."""
        return {index: self.path_of(index) for index in range(self.count) if index != self.index}
