"""A run over many files: all workers kept busy, frames joined as they are tracked, what fails reported and left."""

import contextlib
import hashlib
import shutil
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import orjson
import structlog

from mocast import __version__
from mocast.errors import ProcessingError
from mocast.jobs.file_join import FileJoin
from mocast.jobs.file_task import FileTask, SegmentExecutor, SegmentResult, TrackerChoice
from mocast.jobs.inputs import STDIN, STDIN_KEPT, with_stdin_kept
from mocast.jobs.progress import Reporter, State
from mocast.jobs.segmented_file import (
    FileSegment,
    SegmentedFile,
    forget,
    found_segments,
    make_spool,
    new_segment,
    note,
    planned_file,
    segment_task,
)
from mocast.jobs.whole_files import WholeFiles
from mocast.jobs.writers.summary import NAME, Processing, is_done, summary
from mocast.memory import return_free
from mocast.pipeline.protocols import FrameAnalyser, Rigger
from mocast.validation import to_json

JOINED_AT_ONCE: Final = 16
"""Frames, some 40 ms: then it is seen whether workers need something to do."""
MOST_FILES: Final = 4
"""For each worker, of files whose frames wait on disk to be joined."""
KEPT_EVERY: Final = 512
"""Frames of a segment after which it is noted that they are there, for a run after this one."""
TRIMMED_EVERY: Final = 512
"""Joined frames after which this process gives back what is free of its heap."""

log = structlog.get_logger(__name__)


class FilesRun:
    """Processes files in their order, with as many segments at a time as the executor takes.

    Each file is begun as one segment. Whenever there is a worker for whom nothing is left, the segment that has most
    left is cut. Frames are joined in this thread as soon as they and all before them are tracked, those of the first
    file that has some: so no more files are open than are worked on.
    """

    def __init__(
        self,
        executor: SegmentExecutor,
        reporter: Reporter,
        stages: Callable[[FileTask], tuple[Rigger, FrameAnalyser]],
        choice: TrackerChoice,
        *,
        again: bool = False,
    ) -> None:
        """``stages`` makes a rigger and an analyser for each file. ``again``: what is done already is done anew."""
        self.done = 0
        "Files that are done, now or before."
        self.failed = 0
        self._executor = executor
        self._reporter = reporter
        self._stages = stages
        self._choice = choice
        self._again = again
        self._files: list[SegmentedFile] = []
        "Those that are worked on."
        self._news: SimpleQueue[Callable[[], None]] = SimpleQueue()
        "What workers have done, from their threads."
        self._untrimmed = 0

    def run(self, tasks: Sequence[FileTask]) -> None:
        """Process the files. What is wrong with one of them is reported, and the others go on."""
        left = deque(tasks)
        try:
            while True:
                self._submit_more(left)
                if not self._files:
                    return
                if not any(self._join_some(file) for file in self._files.copy()):
                    self._news.get()()
                while not self._news.empty():
                    self._news.get()()
        finally:
            for file in self._files:
                if file.join is not None:
                    file.join.close()

    def _submit_more(self, left: deque[FileTask]) -> None:
        """Keep two segments submitted for each worker, in the files' order; cut some where too few are left."""
        workers = self._executor.at_a_time
        while (unfinished := self._unfinished()) < 2 * workers and len(self._files) <= MOST_FILES * workers:
            waiting = [(file, one) for file in self._files for one in file.segments if not one.task and not one.result]
            if waiting:
                self._submit(*waiting[0])
            elif left:
                self._begin(left.popleft())
            elif unfinished >= workers or not self._cut(workers - unfinished + 1):
                return

    def _unfinished(self) -> int:
        return sum(one.task is not None and one.result is None for file in self._files for one in file.segments)

    def _cut(self, workers: int) -> bool:
        """Cut the segment that has most left into parts for this many workers; return whether that was worth it."""
        at_work = [
            (one.left, file, one)
            for file in self._files
            for one in file.segments
            if file.can_be_cut and one.result is None
        ]
        left, file, segment = max(at_work, key=itemgetter(0), default=(0, None, None))
        if file is None or segment is None or file.plan is None or segment.end is None or segment.task is None:
            return False
        unjoined = sum(one.unjoined for one in self._files)
        cuts = file.plan.cuts(segment.end - left, segment.end, workers, unjoined)
        if cuts:
            parts = zip(cuts, [*cuts[1:], segment.end], strict=True)
            place = file.segments.index(segment) + 1
            file.segments[place:place] = [new_segment(file, *part) for part in parts]
            segment.end = cuts[0]
            self._executor.shorten(segment.task, segment.end - segment.begin)
        return bool(cuts)

    def _begin(self, task: FileTask) -> None:
        """Begin with a file, unless it is done already, or cannot be."""
        try:
            if task.source.paths[0] == Path(STDIN):
                task = with_stdin_kept(task)
            fingerprint = _fingerprint(task, self._choice)
            outputs = None if self._again else is_done(task.folder, fingerprint)
            if outputs is not None:
                self._end(task, "skipped", outputs=outputs)
                return
            file = planned_file(task, fingerprint)
            make_spool(file)
        except (ProcessingError, OSError) as error:
            reason = str(error) if isinstance(error, ProcessingError) else f"It cannot be read: {error.strerror}."
            self._end(task, "failed", reason)
            return
        self._reporter.begins(task.source.name, file.wanted)
        file.segments = found_segments(file)
        for segment in file.segments:
            self._reporter.frames(task.source.name, segment.counted)
        self._files.append(file)

    def _submit(self, file: SegmentedFile, segment: FileSegment) -> None:
        """Have a segment processed."""
        segment.task = segment_task(file, segment)
        forget(segment)

        def on_frames(frames: int) -> None:
            self._news.put(lambda: self._on_frames(file, segment, frames))

        segment.future = self._executor.submit(segment.task, on_frames)
        segment.future.add_done_callback(lambda done: self._news.put(lambda: self._on_result(file, segment, done)))

    def _on_frames(self, file: SegmentedFile, segment: FileSegment, frames: int) -> None:
        """Note that this many more frames of a segment can be read; below 0: fewer, as its worker was lost."""
        if file not in self._files:
            return  # it failed meanwhile
        before = segment.counted
        segment.there += frames
        if frames < 0 and file.join is not None and segment is file.segments[0]:
            file.join.begin_again()
        if frames < 0:
            forget(segment)
            segment.noted = 0
        elif file.can_be_cut and segment.there - segment.noted >= KEPT_EVERY:
            segment.noted = segment.there
            note(segment, SegmentResult(segment.there))
        self._reporter.frames(file.task.source.name, segment.counted - before)

    def _on_result(self, file: SegmentedFile, segment: FileSegment, done: "Future[SegmentResult]") -> None:
        """Note what became of a segment."""
        if file not in self._files:
            return
        try:
            segment.result = done.result()
            note(segment, segment.result)
        except ProcessingError as error:
            self._fail(file, str(error))

    def _join(self, file: SegmentedFile, segment: FileSegment) -> bool:
        """Join some frames of a segment, whichever are there; return whether any were."""
        if file.join is None:
            file.join = FileJoin(file.task, file.video, *self._stages(file.task))
        if not segment.joined:
            file.join.begin(segment.spool)
        end_pts = None
        if file.plan is not None and segment.end is not None and segment.end < len(file.plan.wanted):
            end_pts = int(file.plan.wanted[segment.end])
        joined = file.join.add(min(segment.there - segment.joined, JOINED_AT_ONCE), end_pts)
        if not joined and segment.result is not None:
            raise ProcessingError("What was tracked cannot be joined: it is cut short.")
        segment.joined += joined
        if file.plan is not None and file.join.last_pts is not None:
            segment.joined_to = file.plan.place_after(file.join.last_pts)
        self._untrimmed += joined
        if self._untrimmed >= TRIMMED_EVERY:
            self._untrimmed = 0
            return_free()
        return joined > 0

    def _join_some(self, file: SegmentedFile) -> bool:
        """Join some frames of the file's next segment, if there are; return whether anything was done."""
        segment = file.segments[0]
        try:
            if segment.joined < segment.there:
                return self._join(file, segment)
            if segment.result is None:
                return False
            file.results.append(replace(segment.result, frames=segment.counted))
            del file.segments[0]
            if not file.segments:
                self._finish(file)
        except ProcessingError as error:
            self._fail(file, str(error))
        except Exception as error:  # a fault of ours: the night's other files are worth more than this one
            log.exception("file failed unexpectedly", file=file.task.source.name)
            self._fail(file, f"It failed unexpectedly: {error!r}.")
        return True

    def _finish(self, file: SegmentedFile) -> None:
        if file.join is None:
            raise ProcessingError("None of its pictures can be decoded.")
        outputs = file.join.finish()
        seconds = time.monotonic() - file.began
        how = Processing(file.results, file.wanted, seconds, self._choice, file.fingerprint)
        try:
            with WholeFiles(file.task.folder) as files:
                files.add(NAME).write_bytes(summary(file.task, file.video, file.join.counts, how, outputs))
                outputs += files.commit()
        except OSError as error:
            raise ProcessingError(f"The summary cannot be written: {error.strerror}.") from error
        _clean(file)
        self._files.remove(file)
        self._end(file.task, "done", outputs=outputs)

    def _fail(self, file: SegmentedFile, reason: str) -> None:
        self._files.remove(file)
        for segment in file.segments:
            if segment.task is not None and segment.future is not None and not segment.future.cancel():
                self._executor.shorten(segment.task, 0)
        if file.join is not None:
            file.join.close()
        _clean(file)
        self._end(file.task, "failed", reason)

    def _end(self, task: FileTask, state: State, reason: str = "", outputs: Sequence[Path] = ()) -> None:
        if state == "failed":
            self.failed += 1
        else:
            self.done += 1
        self._reporter.ended(task.source.name, state, reason, outputs)


def _fingerprint(task: FileTask, choice: TrackerChoice) -> str:
    """Return a hash of all that decides what comes out. Raises ``OSError`` where the file is not there."""
    facts = [(str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in task.source.paths]
    what = [
        __version__,
        facts,
        to_json(task.options),
        choice.engine,
        choice.precision,
        choice.device,
        choice.face_shapes,
        str(choice.face_task),
    ]
    return hashlib.sha256(orjson.dumps(what)).hexdigest()


def _clean(file: SegmentedFile) -> None:
    """Delete what was kept of a file that is done or failed, and its folder where nothing is in it."""
    shutil.rmtree(file.spool, ignore_errors=True)
    (file.task.folder / STDIN_KEPT).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        file.task.folder.rmdir()
