"""The registry of recordings: starts, stops, keeps and deletes them."""

import asyncio
import contextlib
import functools
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeVar

import structlog

from mocast.errors import Conflict, Forbidden, Unavailable
from mocast.model.made_id import new_id
from mocast.model.principal import EVERYBODY, Principal
from mocast.pipeline.fanout import HasStreams
from mocast.recordings.recorder import ENDED_BY_CLIENT, Recorder
from mocast.recordings.recording import ID, Recording, file_name
from mocast.recordings.recording_files import make_folder, recordings_in, recordings_of_others
from mocast.recordings.recording_list import RecordingLimits, RecordingList

T = TypeVar("T")

log = structlog.get_logger(__name__)

DISK_TIMEOUT_S: Final = 10.0
"""A client waits no longer for the disk, and nor does a stop of the server."""
DISK_HANGS: Final = "The disk does not answer; try again later."


class RecordedRooms(Protocol):
    """The part of ``Rooms`` that is needed here."""

    def lease(self, name: str, kind: Literal["recording"], /) -> contextlib.AbstractContextManager[HasStreams]:
        """Keep a room, created if necessary, while the context lasts. Raises ``Unavailable``."""


class Recordings:
    """Owns every recording: starts, stops and deletes them."""

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
        self.list = RecordingList(limits)
        self._rooms = rooms
        self._limits = limits
        self._tag = tag
        self._shared = shared
        self._is_lasting = folder is not None
        self._folder = folder or Path(tempfile.gettempdir()) / f"mocast-recordings-{secrets.token_hex(8)}"
        self._disk = disk
        self._writers = ThreadPoolExecutor(max(limits.kept, 1), "mocast-recording")
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
            self._take_up(recording, age_s)
        for recording in self.list.above_limits():
            self._delete(recording)

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
        if any(recording.room == room and not recording.ended.is_set() for recording in self.list):
            raise Conflict(f'Room "{room}" is being recorded already; stop that first.')
        with contextlib.ExitStack() as leaving:
            held = leaving.enter_context(self._rooms.lease(room, "recording"))
            for old in self.list.making_way(principal):
                self._delete(old)
            recording = self._recording(room, streams, principal)
            self.list.add(recording)
            self._do(self._live(recording, held, leaving.pop_all()))
        try:
            await _in_time(recording.opened.wait())
        except (asyncio.CancelledError, Unavailable):
            self._delete(recording)  # nobody was told of it
            raise
        if recording.trailer is not None and not recording.size:
            self._delete(recording)
            raise Unavailable(f"Nothing can be recorded: {recording.trailer.reason}.", retry_after_s=60)
        return recording

    def _recording(self, room: str, streams: Sequence[str], principal: Principal) -> Recording:
        path = self._folder / file_name(new_id(self._tag))
        owner, account = principal.subject, principal.account
        max_s, max_bytes = self._limits.max_s, self._limits.max_bytes
        recorder = Recorder(path, room, streams, max_s=max_s, max_bytes=max_bytes, owner=owner, account=account)
        return Recording(
            path,
            room=room,
            streams=streams,
            started_at=recorder.started_at,
            source=recorder,
            owner=owner,
            account=account,
        )

    async def recall(self, recording_id: str) -> None:
        """Take up a recording of a node that is no more, where its file is in the folder that they share.

        A request for it comes here only when that node does not live. Raises ``Unavailable`` where the disk hangs.
        """
        if self._shared is None or recording_id in self.list or not ID.fullmatch(recording_id):
            return
        find = functools.partial(recordings_of_others, self._shared, recording_id)
        for recording, age_s in await _in_time(asyncio.get_running_loop().run_in_executor(self._disk, find)):
            self._take_up(recording, age_s)

    async def stop(self, recording_id: str, principal: Principal = EVERYBODY) -> Recording:
        """End a recording and wait until all of it is written.

        Raises as ``RecordingList.find``, and ``Unavailable`` where that hangs.
        """
        recording = self.list.find(recording_id, principal)
        recording.stop(ENDED_BY_CLIENT)
        await _in_time(recording.ended.wait())
        return recording

    def end_in(self, room: str) -> None:
        """End the recording of a room that another node has."""
        for recording in self.list:
            if recording.room == room:
                recording.stop("the room moved to another server")

    async def delete(self, recording_id: str, principal: Principal = EVERYBODY) -> None:
        """End a recording and delete it. Raises as ``RecordingList.find``, and ``Unavailable`` where that hangs."""
        await _in_time(asyncio.shield(self._delete(self.list.find(recording_id, principal))))

    async def close(self) -> None:
        """End every recording; those in a folder of the operator's stay."""
        self._is_closing = True
        for recording in self.list:
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

    async def _live(self, recording: Recording, room: HasStreams, leaving: contextlib.ExitStack) -> None:
        log.info("recording", room=recording.room, recording=recording.id[:6])
        try:
            with leaving:
                await recording.run(room, self._writers)
        finally:
            recording.ended.set()
            recording.opened.set()
        trailer = recording.trailer.to_json() if recording.trailer else {}
        log.info("recording ended", recording=recording.id[:6], size=recording.size, **trailer)
        if recording.id in self.list:
            self._expire_in(recording, self._limits.keep_s)

    def _take_up(self, recording: Recording, age_s: float) -> None:
        self.list.add(recording)
        self._expire_in(recording, self._limits.keep_s - age_s)

    def _expire_in(self, recording: Recording, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._expiries[recording.id] = loop.call_later(max(seconds, 0), self._delete, recording)

    def _delete(self, recording: Recording) -> asyncio.Task[None]:
        """Remove a recording from the list at once, and delete its file once it is closed."""
        self.list.remove(recording)
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
