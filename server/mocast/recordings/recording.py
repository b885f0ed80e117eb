"""A recording: what writes it or wrote it, and how it is."""

import asyncio
import functools
import re
from collections.abc import Sequence
from concurrent.futures import Executor
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mocast.pipeline.fanout import HasStreams
from mocast.recordings.recorder import Recorder
from mocast.wire.recording_json import RecordingTrailer

ID: Final = re.compile(r"[A-Za-z0-9_-]{24}")
FILE_NAME: Final = re.compile(rf"mocast-({ID.pattern})\.jsonl")
"""Only files of this name in a folder are ours: others are neither listed nor deleted."""


def file_name(recording_id: str) -> str:
    """Return the name of a recording's file."""
    return f"mocast-{recording_id}.jsonl"


class Recording:
    """One recording, from its first line until it is deleted."""

    def __init__(
        self,
        path: Path,
        *,
        room: str,
        streams: Sequence[str],
        started_at: datetime,
        source: Recorder | RecordingTrailer,
        size: int = 0,
        owner: str = "",
        account: str = "",
    ) -> None:
        """``source``: what writes it, or how it ended in an earlier run of the server, with ``size`` bytes."""
        match = FILE_NAME.fullmatch(path.name)
        assert match is not None
        self.id = match.group(1)
        self.path = path
        self.room = room
        self.owner = owner
        "Subject of whoever started it; empty where authentication was off."
        self.account = account
        "Subject whose share of the recordings it is in."
        self.streams = tuple(streams)
        self.started_at = started_at
        self._source = source
        self._size = size
        self.opened = asyncio.Event()
        "Set when its file is there, or could not be made."
        self.ended = asyncio.Event()
        if isinstance(source, RecordingTrailer):
            self.opened.set()
            self.ended.set()

    @property
    def trailer(self) -> RecordingTrailer | None:
        """How it ended; ``None`` while it runs."""
        if isinstance(self._source, RecordingTrailer):
            return self._source
        return self._source.trailer if self.ended.is_set() else None

    @property
    def size(self) -> int:
        """Bytes in its file."""
        return self._size if isinstance(self._source, RecordingTrailer) else self._source.size

    def stop(self, reason: str) -> None:
        """Ask it to end; may be called again."""
        if isinstance(self._source, Recorder):
            self._source.stop(reason)

    async def run(self, room: HasStreams, writers: Executor) -> None:
        """Record until it is stopped or reaches a bound."""
        assert isinstance(self._source, Recorder)
        recorder, loop = self._source, asyncio.get_running_loop()
        tell_open = functools.partial(loop.call_soon_threadsafe, self.opened.set)
        hung = asyncio.Event()
        tell_hung = functools.partial(loop.call_soon_threadsafe, hung.set)
        writing = loop.run_in_executor(writers, recorder.run, tell_open, tell_hung)
        waiting = asyncio.create_task(hung.wait())
        for name, sink in recorder.sinks.items():
            room.streams[name].fanout.add(sink)
        try:
            either: list[asyncio.Future[Any]] = [writing, waiting]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            for name, sink in recorder.sinks.items():
                room.streams[name].fanout.remove(sink)

    def snapshot(self) -> dict[str, Any]:
        """Return its state, as the API shows it."""
        trailer = self.trailer
        so_far = trailer or (self._source if isinstance(self._source, RecordingTrailer) else self._source.so_far())
        return {
            "id": self.id,
            "room": self.room,
            "record": list(self.streams),
            "started_at": self.started_at.isoformat(timespec="milliseconds"),
            **so_far.to_json(),
            "state": trailer.state if trailer else "recording",
            "frames": max(so_far.lines.values()),
            "size": self.size,
        }
