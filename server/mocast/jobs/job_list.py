"""The list of jobs: who may see which, how much of the disk they may take, and which one comes next."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from mocast.errors import BodyTooLarge, InsufficientStorage, NotFound, TooManyRequests
from mocast.jobs.job import Job, JobState
from mocast.model.principal import EVERYBODY, Principal

JOB_LIMITS: Final = ("jobs_bytes", "jobs_bytes_principal", "job_bytes")
"""The limits' names, as the metric ``mocast_refused_total`` has them, beside those of the limiter."""

NO_SUCH_JOB: Final = "There is no such job; it may have been deleted."
SPOOL_FULL: Final = "Jobs take as much of the disk as they may; try again when some have been deleted."


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLimits:
    """The operator's limits of jobs, beside how many there may be, which the limiter counts."""

    running: int = 1
    "At a time."
    kept: int = 128
    "At a time, those that have not ended among them. A list of 256 holds the event loop for 5 ms."
    upload_bytes: int = 4 * 2**30
    "Of one video."
    total_bytes: int = 32 * 2**30
    "Of all videos and results."
    principal_bytes: int = 0
    "The same of one principal; 0: as much as there may be."
    keep_s: float = 86_400
    "After its end."
    upload_keep_s: float = 86_400
    "After the last byte of an upload that is not whole."
    live_bytes_s: float = 0
    "At which all uploads together may come while somebody is live; 0: any rate."


class JobList:
    """All jobs, the oldest first, within the operator's limits.

    One account's jobs run in their order; of several accounts, that comes first whose last job began the longest ago.
    """

    def __init__(self, limits: JobLimits) -> None:
        self.limits = limits
        self._by_id: dict[str, Job] = {}
        self._began: Counter[str] = Counter()
        "By account: the number of the job that began last."

    def add(self, job: Job) -> None:
        """Add a job, which is the newest."""
        self._by_id[job.id] = job

    def remove(self, job: Job) -> None:
        """Forget a job, if it is there."""
        self._by_id.pop(job.id, None)

    def __iter__(self) -> Iterator[Job]:
        return iter(self._by_id.values())

    def find(self, job_id: str, principal: Principal = EVERYBODY) -> Job:
        """Return a job. Raises ``NotFound``, also where it is another's."""
        job = self._by_id.get(job_id)
        if job is None or not _may_see(job, principal):
            raise NotFound(NO_SUCH_JOB)
        return job

    def visible_to(self, principal: Principal = EVERYBODY) -> list[Job]:
        """Return the jobs that a principal may see, the newest first."""
        return [job for job in reversed(self._by_id.values()) if _may_see(job, principal)]

    def snapshot(self, job: Job) -> dict[str, Any]:
        """Return a job as the API shows it."""
        return self.snapshots([job])[0]

    def snapshots(self, jobs: Iterable[Job]) -> list[dict[str, Any]]:
        """Return jobs as the API shows them."""
        waiting = sorted(job.created_at for job in self._waiting())

        def shown(job: Job) -> dict[str, Any]:
            ahead = bisect_left(waiting, job.created_at) if job.state == "waiting" else None
            return job.snapshot(self.limits.keep_s, self.limits.upload_keep_s, ahead)

        return [shown(job) for job in jobs]

    def expires_at(self, job: Job) -> float:
        """Return when an upload that is not whole is deleted, in seconds since 1970, if no more comes."""
        return job.touched_at + self.limits.upload_keep_s

    @property
    def disk_bytes(self) -> int:
        """What all of them take of the disk at most: uploads as much as they may become."""
        return sum(map(self._bytes_of, self))

    def counts(self) -> Mapping[JobState, int]:
        """Return how many there are of each state."""
        found = Counter(job.state for job in self)
        return {state: found[state] for state in get_args(JobState)}

    def require_room(self, length: int | None, account: str) -> None:
        """Raise unless a video of ``length`` bytes or, ``None``, of any length may come from an account.

        ``BodyTooLarge``, ``TooManyRequests`` above the account's share, ``InsufficientStorage`` above that of all.
        """
        limits = self.limits
        if length is not None and length > limits.upload_bytes:
            raise BodyTooLarge(f"A video has at most {limits.upload_bytes} bytes.").reached("job_bytes")
        more = limits.upload_bytes if length is None else length
        if account and limits.principal_bytes:
            own = sum(self._bytes_of(job) for job in self if job.account == account)
            if own + more > limits.principal_bytes:
                sentence = f"One principal's jobs may take {limits.principal_bytes} bytes; delete some."
                raise TooManyRequests(sentence, retry_after_s=60).reached("jobs_bytes_principal")
        if self.disk_bytes + more > limits.total_bytes:
            raise InsufficientStorage(SPOOL_FULL).reached("jobs_bytes")

    def to_drop(self) -> Job | None:
        """Return the job that has to go where more than ``kept`` are there, else ``None``.

        It is the oldest ended job of the account that has the most ended ones.
        """
        ended = [job for job in self if job.has_ended]
        if len(self._by_id) <= self.limits.kept or not ended:
            return None
        ((account, _),) = Counter(job.account for job in ended).most_common(1)
        return next(job for job in ended if job.account == account)

    def take_next(self) -> Job | None:
        """Return the job that begins now, and end its account's turn; ``None`` where no job waits."""
        job = min(self._waiting(), key=lambda job: (self._began[job.account], job.created_at), default=None)
        if job is not None:
            self._began[job.account] = max(self._began.values(), default=0) + 1
        return job

    def _bytes_of(self, job: Job) -> int:
        if job.has_ended:
            return job.result_bytes
        return self.limits.upload_bytes if job.length is None else job.length

    def _waiting(self) -> list[Job]:
        return [job for job in self if job.state == "waiting"]


def _may_see(job: Job, principal: Principal) -> bool:
    return principal.subject == job.owner or principal.administers_server
