"""The registry of recordings: starts, stops, keeps and deletes them, within the operator's limits."""

import asyncio
import contextlib
import functools
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeVar

import structlog

from mocast.errors import Conflict, Forbidden, NotFound, TooManyRequests, Unavailable
from mocast.model.made_id import new_id
from mocast.model.principal import EVERYBODY, Principal
from mocast.pipeline.fanout import HasStreams
from mocast.recordings.recorder import ENDED_BY_CLIENT, Recorder
from mocast.recordings.recording import ID, Recording, file_name
from mocast.recordings.recording_files import make_folder, recordings_in, recordings_of_others

T = TypeVar("T")

log = structlog.get_logger(__name__)

DISK_TIMEOUT_S: Final = 10.0
"""A client waits no longer for the disk, and nor does a stop of the server."""
DISK_HANGS: Final = "The disk does not answer; try again later."
MANY_RECORDINGS: Final = (
    "As many recordings are kept or running as may be, and none has to make way for this one; try again later."
)
LARGE_RECORDINGS: Final = (
    "Recordings take as much of the disk as they may, and none has to make way for this one; try again later."
)

RECORDING_LIMITS: Final = ("recordings_principal", "recordings_server", "recordings_bytes")
"""The limits' names, as the metric ``mocast_refused_total`` has them."""


class RecordedRooms(Protocol):
    """The part of ``Rooms`` that is needed here."""

    def lease(self, name: str, kind: Literal["recording"], /) -> contextlib.AbstractContextManager[HasStreams]:
        """Keep a room, created if necessary, while the context lasts. Raises ``Unavailable``."""


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


class Recordings:
    """Owns every recording: starts, finds, stops and deletes them, and enforces their limits.

    When a limit is reached, a new recording replaces one that has ended: the oldest of the account with the most, if
    that is then left with no fewer than the newcomer has, else the newcomer's own oldest. Recordings by a link count as
    its maker's.
    """

    def __init__(  # noqa: PLR0917
        self,
        rooms: RecordedRooms,
        limits: RecordingLimits,
        folder: Path | None,
        disk: Executor,
        tag: str = "",
        shared: Path | None = None,
    ) -> None:
        """``folder``: of the files, for this server alone; ``None``: a temporary one, deleted when the server ends.

        ``disk``: for calls that block while a disk does; all its threads may hang. ``tag``: of this node.
        ``shared``: a folder below which other nodes keep theirs.
        """
        self._rooms = rooms
        self._limits = limits
        self._tag = tag
        self._shared = shared
        self._is_lasting = folder is not None
        self._folder = folder or Path(tempfile.gettempdir()) / f"mocast-recordings-{secrets.token_hex(8)}"
        self._disk = disk
        self._writers = ThreadPoolExecutor(max(limits.kept, 1), "mocast-recording")
        self._by_id: dict[str, Recording] = {}
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closing = False

    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Open and close, as a context of an application's life."""
        try:
            await self.open()
            yield
        finally:
            await self.close()

    async def open(self) -> None:
        """Load the recordings that an earlier run of the server left in the folder.

        Raises ``OSError`` where there are to be new ones, and nothing can be written into it.
        """
        loop = asyncio.get_running_loop()
        if self._is_lasting and self._limits.kept:
            await loop.run_in_executor(self._disk, make_folder, self._folder)
        found = await loop.run_in_executor(self._disk, recordings_in, self._folder) if self._is_lasting else []
        for recording, age_s in found:
            self._by_id[recording.id] = recording
            self._expire_in(recording, self._limits.keep_s - age_s)
        while len(self._by_id) > self._limits.kept or self._exceeds(0):
            self._evict(tuple(self._by_id.values()))

    async def start(self, room: str, streams: Sequence[str], principal: Principal = EVERYBODY) -> Recording:
        """Start to record a room, which may have no publisher yet.

        Raises ``Forbidden`` where none may be kept, ``Conflict`` where it is recorded already, ``TooManyRequests``
        where all that the principal may keep is running, ``Unavailable`` where no more can be recorded at present, or
        the disk fails.
        """
        if not self._limits.kept:
            raise Forbidden("This server records nothing.")
        if self._is_closing:
            raise Unavailable("This server is shutting down; try again in a moment.")
        if any(recording.room == room and not recording.ended.is_set() for recording in self._by_id.values()):
            raise Conflict(f'Room "{room}" is being recorded already; stop that first.')
        self._make_room(principal)
        path = self._folder / file_name(new_id(self._tag))
        recorder = self._recorder(path, room, streams, principal)
        recording = Recording(
            path,
            room=room,
            streams=streams,
            started_at=recorder.started_at,
            source=recorder,
            owner=principal.subject,
            account=principal.account,
        )
        holding = contextlib.ExitStack()
        held = holding.enter_context(self._rooms.lease(room, "recording"))
        self._by_id[recording.id] = recording
        self._do(self._live(recording, held, holding))
        try:
            await _in_time(recording.opened.wait())
        except (asyncio.CancelledError, Unavailable):
            self._delete(recording)  # nobody was told of it
            raise
        if recording.trailer is not None and not recording.size:
            self._delete(recording)
            raise Unavailable(f"Nothing can be recorded: {recording.trailer.reason}.", retry_after_s=60)
        return recording

    def _recorder(self, path: Path, room: str, streams: Sequence[str], principal: Principal) -> Recorder:
        return Recorder(
            path,
            room,
            streams,
            max_s=self._limits.max_s,
            max_bytes=self._limits.max_bytes,
            owner=principal.subject,
            account=principal.account,
        )

    async def recall(self, recording_id: str) -> None:
        """Take up a recording of a node that is no more, where its file is in the folder that they share.

        A request for it comes here only when that node does not live. Raises ``Unavailable`` where the disk hangs.
        """
        if self._shared is None or recording_id in self._by_id or not ID.fullmatch(recording_id):
            return
        find = functools.partial(recordings_of_others, self._shared, recording_id)
        for recording, age_s in await _in_time(asyncio.get_running_loop().run_in_executor(self._disk, find)):
            self._by_id[recording.id] = recording
            self._expire_in(recording, self._limits.keep_s - age_s)

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

    async def stop(self, recording_id: str, principal: Principal = EVERYBODY) -> Recording:
        """End a recording and wait until all of it is written.

        Raises as ``find``, and ``Unavailable`` where that hangs.
        """
        recording = self.find(recording_id, principal)
        recording.stop(ENDED_BY_CLIENT)
        await _in_time(recording.ended.wait())
        return recording

    def end_in(self, room: str) -> None:
        """End the recording of a room that another node has."""
        for recording in self._by_id.values():
            if recording.room == room:
                recording.stop("the room moved to another server")

    async def delete(self, recording_id: str, principal: Principal = EVERYBODY) -> None:
        """End a recording and delete it. Raises as ``find``, and ``Unavailable`` where that hangs."""
        await _in_time(asyncio.shield(self._delete(self.find(recording_id, principal))))

    async def close(self) -> None:
        """End every recording; those in a folder of the operator's stay."""
        self._is_closing = True
        for recording in tuple(self._by_id.values()):
            recording.stop("the server shut down")
        for expiry in self._expiries.values():
            expiry.cancel()
        try:
            async with asyncio.timeout(DISK_TIMEOUT_S / 2):
                while self._tasks:
                    await asyncio.wait(tuple(self._tasks))
                if not self._is_lasting:
                    delete = functools.partial(shutil.rmtree, self._folder, ignore_errors=True)
                    await asyncio.get_running_loop().run_in_executor(self._disk, delete)
        except TimeoutError:
            log.warning("recordings are left as they are: the disk does not answer")
        self._writers.shutdown(wait=False)

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def bytes(self) -> int:
        """What all of them take of the disk at most; a running one may become as large as it may be."""
        return sum(one.size if one.ended.is_set() else self._limits.max_bytes for one in self._by_id.values())

    async def _live(self, recording: Recording, room: HasStreams, holding: contextlib.ExitStack) -> None:
        log.info("recording", room=recording.room, recording=recording.id[:6])
        try:
            with holding:
                await recording.run(room, self._writers)
        finally:
            recording.ended.set()
            recording.opened.set()
        trailer = recording.trailer.to_json() if recording.trailer else {}
        log.info("recording ended", recording=recording.id[:6], size=recording.size, **trailer)
        if recording.id in self._by_id:
            self._expire_in(recording, self._limits.keep_s)

    def _expire_in(self, recording: Recording, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._expiries[recording.id] = loop.call_later(max(seconds, 0), self._delete, recording)

    def _make_room(self, principal: Principal) -> None:
        """Delete recordings that have ended until there is room for another of the principal's.

        Raises ``TooManyRequests`` or ``Unavailable`` where that does not do.
        """
        limits = self._limits
        while principal.account and limits.kept_per_principal:
            counted = [recording for recording in self._by_id.values() if recording.account == principal.account]
            if len(counted) < limits.kept_per_principal:
                break
            if not self._evict([one for one in counted if principal.subject in (one.owner, one.account)]):
                sentence = f"One principal may have {limits.kept_per_principal} recordings at a time."
                raise TooManyRequests(sentence, retry_after_s=30).reached("recordings_principal")
        while (is_many := len(self._by_id) >= limits.kept) or self._exceeds(limits.max_bytes):
            own = [
                one
                for one in self._by_id.values()
                if one.account == principal.subject or principal.owns(one.owner, one.room)
            ]
            if not self._evict_above_share(principal.account) and not self._evict(own):
                error = Unavailable(MANY_RECORDINGS if is_many else LARGE_RECORDINGS, retry_after_s=30)
                raise error.reached("recordings_server" if is_many else "recordings_bytes")

    def _evict_above_share(self, newcomer: str) -> bool:
        """Delete the oldest ended recording of the account that has the most; return whether there was one.

        Only where that account has no fewer than the newcomer afterwards: nobody loses one to somebody who has more.
        """
        counts = Counter(recording.account for recording in self._by_id.values())
        for account, count in counts.most_common():
            if count < counts[newcomer] + 2:
                break
            if self._evict([one for one in self._by_id.values() if one.account == account]):
                return True
        return False

    def _exceeds(self, more: int) -> bool:
        """Whether all and so many bytes more are too many."""
        return bool(self._limits.total_bytes) and self.bytes + more > self._limits.total_bytes

    def _evict(self, among: Sequence[Recording]) -> bool:
        """Delete the oldest of them that has ended; return whether there was one."""
        ended = [recording for recording in among if recording.ended.is_set()]
        if ended:
            self._delete(min(ended, key=lambda recording: recording.started_at))
        return bool(ended)

    def _delete(self, recording: Recording) -> asyncio.Task[None]:
        """Remove a recording from the list at once, and delete its file once it is closed."""
        self._by_id.pop(recording.id, None)
        expiry = self._expiries.pop(recording.id, None)
        if expiry is not None:
            expiry.cancel()
        recording.stop("it was deleted")
        return self._do(self._unlink(recording))

    async def _unlink(self, recording: Recording) -> None:
        await recording.ended.wait()
        try:
            unlink = functools.partial(recording.path.unlink, missing_ok=True)
            await asyncio.get_running_loop().run_in_executor(self._disk, unlink)
        except OSError as error:
            log.warning("recording cannot be deleted", path=str(recording.path), error=str(error))

    def _do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _in_time(disk: Awaitable[T]) -> T:
    """Return what is waited for. Raises ``Unavailable`` where the disk takes too long."""
    try:
        async with asyncio.timeout(DISK_TIMEOUT_S):
            return await disk
    except TimeoutError as error:
        raise Unavailable(DISK_HANGS, retry_after_s=30) from error
