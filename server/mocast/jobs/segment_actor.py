"""A worker of a Ray cluster, on any of its machines. What it makes is sent back: it leaves no file behind."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO, Final

from mocast.errors import ProcessingError
from mocast.jobs.file_task import SegmentTask, TrackerChoice
from mocast.jobs.segment_work import SegmentWorker
from mocast.jobs.spool import spool_files
from mocast.model.options import OfflineQuality, TrackerName

CHUNK_BYTES: Final = 4 << 20


class SegmentActor:
    """A worker of the cluster: its networks, and the work on one segment at a time."""

    def __init__(self, choice: TrackerChoice, tracker: TrackerName, quality: OfflineQuality) -> None:
        self._frames: dict[Path, int | None] = {}
        "By the spool of a task: how many are to be done, where it was shortened."
        try:
            self._worker = SegmentWorker(choice, tracker, quality)
        except ProcessingError as error:
            self._answer = ("failed", str(error))
        else:
            self._answer = ("ready", self._worker.precision)

    def ready(self) -> tuple[str, str]:
        """Return ``ready`` and the precision, or ``failed`` and why."""
        return self._answer

    def process(self, task: SegmentTask, frames: int | None) -> Iterator[tuple[str, Any]]:
        """Yield chunks of the spool's files by their names, ``frames`` with how many more are in these, then ``done``
        or ``failed``. ``frames``: how many are to be done, where the task was shortened.
        """
        with (
            tempfile.TemporaryDirectory(prefix="mocast-") as folder,
            ThreadPoolExecutor(1) as thread,
            ExitStack() as resources,
        ):
            here = replace(task, spool=Path(folder) / task.spool.name)
            told: SimpleQueue[int | None] = SimpleQueue()
            self._frames.setdefault(task.spool, frames)

            def on_frames(frames: int) -> int | None:
                told.put(frames)
                return self._frames[task.spool]

            work = thread.submit(self._worker.process, here, on_frames)
            work.add_done_callback(lambda _: told.put(None))
            files: dict[Path, BinaryIO] = {}
            while (more := told.get()) is not None:
                for path in spool_files(here.spool):
                    if path not in files:
                        files[path] = resources.enter_context(path.open("rb"))
                    while chunk := files[path].read(CHUNK_BYTES):
                        yield path.name, chunk
                yield "frames", more
            del self._frames[task.spool]
            try:
                yield "done", work.result()
            except ProcessingError as error:
                yield "failed", str(error)

    def shorten(self, spool: Path, frames: int) -> None:
        """Have a task end after so many frames; it may not have come yet."""
        self._frames[spool] = frames
