"""The list of recordings: who may see which, how much of the disk they may take, and which make way for another."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mocast.errors import Conflict, Forbidden, NotFound, TooManyRequests, Unavailable
from mocast.model.principal import EVERYBODY, Principal
from mocast.recordings.recording import Recording

MANY_RECORDINGS: Final = (
    "As many recordings are kept or running as may be, and none has to make way for this one; try again later."
)
LARGE_RECORDINGS: Final = (
    "Recordings take as much of the disk as they may, and none has to make way for this one; try again later."
)

RECORDING_LIMITS: Final = ("recordings_principal", "recordings_server", "recordings_bytes")
"""The limits' names, as the metric ``mocast_refused_total`` has them."""


@dataclass(frozen=True, slots=True)
class RecordingLimits:
    """The operator's limits of recordings."""

    max_s: float = 600
    "Of each."
    max_bytes: int = 512 * 2**20
    "Of each."
    kept: int = 8
    "At a time, the running ones among them; 0: none may be."
    keep_s: float = 86_400
    "After its end."
    kept_per_principal: int = 0
    "Of one principal; 0: as many as there may be."
    total_bytes: int = 0
    "Of all, each running one counted with as much as it may become; 0: no limit but those above."


class RecordingList:
    """All recordings, within the operator's limits.

    Where a limit is reached, a new one replaces one that has ended: the oldest of the account with the most, if that is
    then left with no fewer than the newcomer has, else the newcomer's own oldest. Those by a link count as its maker's.
    """

    def __init__(self, limits: RecordingLimits) -> None:
        self.limits = limits
        self._by_id: dict[str, Recording] = {}

    def add(self, recording: Recording) -> None:
        """Add a recording."""
        self._by_id[recording.id] = recording

    def remove(self, recording: Recording) -> None:
        """Forget a recording, if it is there."""
        self._by_id.pop(recording.id, None)

    def __contains__(self, recording_id: str) -> bool:
        return recording_id in self._by_id

    def __iter__(self) -> Iterator[Recording]:
        return iter(tuple(self._by_id.values()))

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def bytes(self) -> int:
        """What all of them take of the disk at most; a running one may become as large as it may be."""
        return sum(map(self._bytes_of, self))

    def find(self, recording_id: str, principal: Principal = EVERYBODY) -> Recording:
        """Return a recording.

        Raises ``NotFound``, also where it is another's, and ``Forbidden`` where its owner may not record in its room.
        """
        recording = self._by_id.get(recording_id)
        if recording is None or not principal.owns(recording.owner, recording.room):
            raise NotFound("There is no such recording; it may have been deleted.")
        if not principal.may("record", recording.room):
            raise Forbidden('The token does not grant "record" in the recording\'s room.')
        return recording

    def find_ended(self, recording_id: str, principal: Principal = EVERYBODY) -> Recording:
        """Return a recording that can be downloaded. Raises as ``find``, and ``Conflict`` while it runs."""
        recording = self.find(recording_id, principal)
        if not recording.ended.is_set():
            raise Conflict("This recording is running; stop it before you download it.")
        return recording

    def above_limits(self) -> list[Recording]:
        """Return the oldest that have ended, as many as there are too many of, or too large ones."""
        left = list(self)
        while (len(left) > self.limits.kept or self._exceeds(left)) and _drop_oldest(left, left):
            pass
        return self._without(left)

    def making_way(self, newcomer: Principal) -> list[Recording]:
        """Return those that have to make way for another of a principal's.

        Raises ``TooManyRequests`` where all that the principal may keep are running, ``Unavailable`` where none has to
        make way.
        """
        limits, account, left = self.limits, newcomer.account, list(self)
        if account and limits.kept_per_principal:
            while len(counted := [one for one in left if one.account == account]) >= limits.kept_per_principal:
                if not _drop_oldest(left, [one for one in counted if newcomer.subject in (one.owner, one.account)]):
                    sentence = f"One principal may have {limits.kept_per_principal} recordings at a time."
                    raise TooManyRequests(sentence, retry_after_s=30).reached("recordings_principal")
        while (is_many := len(left) >= limits.kept) or self._exceeds(left, limits.max_bytes):
            own = [one for one in left if one.account == newcomer.subject or newcomer.owns(one.owner, one.room)]
            if not _drop_above_share(left, account) and not _drop_oldest(left, own):
                error = Unavailable(MANY_RECORDINGS if is_many else LARGE_RECORDINGS, retry_after_s=30)
                raise error.reached("recordings_server" if is_many else "recordings_bytes")
        return self._without(left)

    def _bytes_of(self, recording: Recording) -> int:
        return recording.size if recording.ended.is_set() else self.limits.max_bytes

    def _exceeds(self, recordings: list[Recording], more: int = 0) -> bool:
        """Whether these and so many bytes more are too many."""
        total_bytes = self.limits.total_bytes
        return bool(total_bytes) and sum(map(self._bytes_of, recordings)) + more > total_bytes

    def _without(self, left: list[Recording]) -> list[Recording]:
        return [recording for recording in self if recording not in left]


def _drop_above_share(left: list[Recording], newcomer: str) -> bool:
    """Drop the oldest ended recording of the account that has the most; return whether there was one.

    Only where that account has no fewer than the newcomer afterwards: nobody loses one to somebody who has more.
    """
    counts = Counter(recording.account for recording in left)
    return any(
        _drop_oldest(left, [one for one in left if one.account == account])
        for account, count in counts.most_common()
        if count >= counts[newcomer] + 2
    )


def _drop_oldest(left: list[Recording], among: list[Recording]) -> bool:
    """Drop the oldest of some that has ended; return whether there was one."""
    ended = [recording for recording in among if recording.ended.is_set()]
    if ended:
        left.remove(min(ended, key=lambda recording: recording.started_at))
    return bool(ended)
