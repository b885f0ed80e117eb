"""A job: a video on its way to the server, its place in the queue, how far it is, and what was made of it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from mocast.limiter import NOBODY, Client

JobState = Literal["uploading", "waiting", "running", "done", "failed"]

ENDED: Final[frozenset[JobState]] = frozenset({"done", "failed"})


@dataclass(frozen=True, slots=True)
class JobResult:
    """A file that was made of the video."""

    name: str
    "Path below the job's folder of results, with ``/``."
    size: int
    "Bytes."


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far the worker is."""

    frames: int
    of: int | None
    "Frames of the whole video; ``None``: not known."
    fps: float
    "Frames a second, at present."
    left_s: float | None
    "Seconds that it will take; ``None``: not known."


@dataclass(slots=True, eq=False)
class Job:
    """One job. The event loop alone changes it; ``Jobs`` says when."""

    id: str
    owner: str
    "Subject of whoever made it; empty where authentication was off."
    account: str
    "Subject whose share of the jobs it is in."
    name: str
    "What its maker calls the video."
    options: Mapping[str, Any]
    "As the API shows them."
    length: int | None
    "Bytes of the whole video; ``None``: not known before all of it has come."
    metadata: str
    "``Upload-Metadata`` as it was sent (tus 1.0)."
    created_at: float
    "Seconds since 1970, as all times here."
    touched_at: float
    "When the last byte of it came."
    state: JobState = "uploading"
    reason: str = ""
    "Why it failed, in a sentence."
    received: int = 0
    "Bytes of the video that are there."
    started_at: float | None = None
    ended_at: float | None = None
    attempts: int = 0
    "How often a worker began with it."
    results: tuple[JobResult, ...] = ()
    progress: JobProgress | None = None
    client: Client = NOBODY
    "Who holds its place among the jobs that have not ended."
    revision: int = 0
    "Grows with every change."
    is_deleted: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in ENDED

    @property
    def result_bytes(self) -> int:
        """What its results take of the disk."""
        return sum(result.size for result in self.results)

    def change(self) -> None:
        """Wake those who wait in ``changed``: the job has changed."""
        self.revision += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed(self, since: int) -> None:
        """Return when its revision is another than ``since``."""
        while self.revision == since:
            await self._changed.wait()

    def snapshot(self, keep_s: float, upload_keep_s: float, ahead: int | None = None) -> dict[str, Any]:
        """Return it as the API shows it.

        ``keep_s``, ``upload_keep_s``: how long it is kept after its end, and after the last byte of an upload that is
        not whole. ``ahead``: how many jobs come first, of one that waits.
        """
        expires_at = None
        if self.ended_at is not None:
            expires_at = self.ended_at + keep_s
        elif self.state == "uploading":
            expires_at = self.touched_at + upload_keep_s
        progress = self.progress
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "reason": self.reason,
            "size": self.length,
            "received": self.received,
            "ahead": ahead,
            "progress": progress
            and {"frames": progress.frames, "of": progress.of, "fps": progress.fps, "left_s": progress.left_s},
            "options": dict(self.options),
            "results": [{"name": result.name, "size": result.size} for result in self.results],
            "created_at": _iso(self.created_at),
            "started_at": _iso(self.started_at),
            "ended_at": _iso(self.ended_at),
            "expires_at": _iso(expires_at),
        }


def _iso(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
