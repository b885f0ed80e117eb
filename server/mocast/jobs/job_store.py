"""The list of jobs in a database, so that it outlasts the server's process."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson

from mocast.jobs.job import Job, JobResult

T = TypeVar("T")

VERSION: Final = 1
"""``user_version`` of the database. One of another version is refused, never changed."""

LOCK_TIMEOUT_S: Final = 5.0
"""For an earlier run of the server that is about to end."""

_COLUMNS: Final = (
    *("id", "owner", "account", "name", "options", "length", "metadata", "created_at", "touched_at", "state", "reason"),
    *("received", "started_at", "ended_at", "attempts", "results"),
)
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, options TEXT NOT NULL,
    length INTEGER, metadata TEXT NOT NULL, created_at REAL NOT NULL, touched_at REAL NOT NULL, state TEXT NOT NULL,
    reason TEXT NOT NULL, received INTEGER NOT NULL, started_at REAL, ended_at REAL, attempts INTEGER NOT NULL,
    results TEXT NOT NULL
) STRICT
"""


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the database holds it, which another thread may read while the job changes."""

    values: tuple[Any, ...]
    "In the order of the columns."

    @classmethod
    def of(cls, job: Job) -> "JobRow":
        """Return a job's row."""
        values = {name: getattr(job, name) for name in _COLUMNS}
        values["options"] = orjson.dumps(job.options).decode()
        values["results"] = orjson.dumps([[result.name, result.size] for result in job.results]).decode()
        return cls(tuple(values[name] for name in _COLUMNS))

    def job(self) -> Job:
        """Return the row's job."""
        values = dict(zip(_COLUMNS, self.values, strict=True))
        values["options"] = orjson.loads(values["options"])
        values["results"] = tuple(JobResult(name, size) for name, size in orjson.loads(values["results"]))
        return Job(**values)


class JobStore:
    """A database of SQLite, in a thread of its own: calls are done in the order in which they are made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, "mocast-jobs-list")
        self._database: sqlite3.Connection | None = None

    async def open(self) -> list[Job]:
        """Open it, made where it is missing; return all jobs, the oldest first.

        Raises ``OSError`` where it cannot be read, is of another version or another server's that runs.
        """
        try:
            return [row.job() for row in await self._call(self._open)]
        except (sqlite3.Error, ValueError) as error:
            in_use = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
            reason = "another server uses it" if in_use else f"it cannot be read: {error}"
            raise OSError(-1, reason, str(self._path)) from error

    async def save(self, job: Job) -> None:
        """Add a job as it is now, or replace what is there of it. Raises ``sqlite3.Error``."""
        marks = ", ".join("?" * len(_COLUMNS))
        statement = f"INSERT OR REPLACE INTO jobs ({', '.join(_COLUMNS)}) VALUES ({marks})"
        await self._call(self._execute, statement, JobRow.of(job).values)

    async def delete(self, job_id: str) -> None:
        """Forget a job. Raises ``sqlite3.Error``."""
        await self._call(self._execute, "DELETE FROM jobs WHERE id = ?", (job_id,))

    async def close(self) -> None:
        """Close it, after all that was asked for."""
        await self._call(self._close)
        self._thread.shutdown(wait=False)

    def _call(self, call: Callable[..., T], *arguments: Any) -> Awaitable[T]:
        """Ask for a call at once, so that calls keep their order, and return what waits for it."""
        return asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    def _open(self) -> list[JobRow]:
        database = sqlite3.connect(self._path, LOCK_TIMEOUT_S, isolation_level=None)
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            database.close()
            raise OSError(-1, f"it is of version {version}, which this server does not read", str(self._path))
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute(_TABLE)
        database.execute(f"PRAGMA user_version = {VERSION}")
        self._database = database
        return [JobRow(row) for row in database.execute(f"SELECT {', '.join(_COLUMNS)} FROM jobs ORDER BY created_at")]

    def _execute(self, statement: str, values: tuple[Any, ...]) -> None:
        if self._database is not None:
            self._database.execute(statement, values)

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
