"""A run over many files: segments are submitted ahead, joined in order; what failed or is done is reported and left."""

import contextlib
import hashlib
import shutil
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson
import structlog

from mocast import __version__
from mocast.errors import ProcessingError
from mocast.jobs.file_join import FileJoin
from mocast.jobs.file_task import FileTask, SegmentExecutor, SegmentResult, SegmentTask, TrackerChoice, VideoInfo
from mocast.jobs.inputs import STDIN, STDIN_KEPT, with_stdin_kept
from mocast.jobs.picture_sequence import probe_sequence
from mocast.jobs.progress import Reporter, State
from mocast.jobs.segment_plan import FADE, frames_beyond, plan_segments, wanted_frames
from mocast.jobs.video_file import probe
from mocast.jobs.whole_files import UNFINISHED, WholeFiles
from mocast.jobs.writers.summary import NAME, Processing, is_done, summary
from mocast.memory import return_free
from mocast.pipeline.protocols import FrameAnalyser, Rigger
from mocast.tracking.engines import installed_engine
from mocast.validation import to_json

MOST_UNJOINED: Final = 4
"""Times as many segments as are submitted ahead may wait on disk to be joined."""

log = structlog.get_logger(__name__)

SPOOL: Final = ".segments-"
"""Folder of a file's segments before they are joined, and the begin of its fingerprint. A run that is started again
takes those that are there."""


@dataclass(slots=True, eq=False)
class _File:
    """A file that is worked on."""

    task: FileTask
    video: VideoInfo
    wanted: int | None
    left: deque[SegmentTask]
    "Segments that are not submitted yet."
    spool: Path
    fingerprint: str
    began: float = field(default_factory=time.monotonic)
    submitted: "deque[tuple[SegmentTask, Future[SegmentResult]]]" = field(default_factory=deque)
    "Those that are, up to the one that is joined next."
    join: FileJoin | None = None
    results: list[SegmentResult] = field(default_factory=list)
    "Of those that were joined."


class FilesRun:
    """Processes files in their order, with as many segments at a time as the executor takes."""

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
        self._bytes_left = 0
        "Of the files that are not begun."

    def run(self, tasks: Sequence[FileTask]) -> None:
        """Process the files. What is wrong with one of them is reported, and the others go on."""
        left = deque(tasks)
        self._bytes_left = sum(map(_bytes_of, tasks))
        files: list[_File] = []
        try:
            while left or files:
                self._submit_more(left, files)
                file = next((one for one in files if one.submitted[0][1].done()), None)
                if file is not None:
                    self._take(file)
                    files[:] = [one for one in files if one.submitted or one.left]
                elif files:
                    wait(_unfinished(files), return_when=FIRST_COMPLETED)
        finally:
            for file in files:
                if file.join is not None:
                    file.join.close()

    def _submit_more(self, left: deque[FileTask], files: list[_File]) -> None:
        """Keep two segments for each worker submitted, of the files in their order."""
        ahead = 2 * self._executor.at_a_time
        while len(_unfinished(files)) < ahead and sum(len(one.submitted) for one in files) < MOST_UNJOINED * ahead:
            file = next((one for one in files if one.left), None)
            if file is None:
                if not left:
                    return
                task = left.popleft()
                file = self._planned(task, self._pieces_at_a_time(task))
                if file is None:
                    continue
                files.append(file)
            segment = file.left.popleft()
            file.submitted.append((segment, self._submit(file, segment)))

    def _pieces_at_a_time(self, task: FileTask) -> int:
        """Return how many segments of the next file are tracked side by side; with one there are no seams.

        It is one where the files after it keep the other workers at work for as long, by their sizes, and where several
        people are tracked: a segment does not know who had which index in the one before.
        """
        size = _bytes_of(task)
        self._bytes_left -= size
        workers = self._executor.at_a_time
        return 1 if task.options.people > 1 or 0 < size * (workers - 1) <= self._bytes_left else workers

    def _take(self, file: _File) -> None:
        """Take the result of a file's next segment, which is there."""
        segment, future = file.submitted.popleft()
        try:
            self._add(file, segment, future.result())
            return_free()  # what the results took
        except ProcessingError as error:
            self._fail(file, str(error))
        except Exception as error:  # a fault of ours: the night's other files are worth more than this one
            log.exception("file failed unexpectedly", file=file.task.source.name)
            self._fail(file, f"It failed unexpectedly: {error!r}.")

    def _planned(self, task: FileTask, at_a_time: int) -> _File | None:
        """Return a file with its segments; ``None`` where it is done already, or cannot be."""
        try:
            if task.source.paths[0] == Path(STDIN):
                task = with_stdin_kept(task)
            fingerprint = _fingerprint(task, self._choice)
            outputs = None if self._again else is_done(task.folder, fingerprint)
            if outputs is not None:
                self._end(task, "skipped", outputs=outputs)
                return None
            file = _plan(task, fingerprint, at_a_time, installed_engine(self._choice.engine))
            _make_spool(file)
        except (ProcessingError, OSError) as error:
            reason = str(error) if isinstance(error, ProcessingError) else f"It cannot be read: {error.strerror}."
            self._end(task, "failed", reason)
            return None
        self._reporter.begins(task.source.name, file.wanted)
        return file

    def _submit(self, file: _File, segment: SegmentTask) -> "Future[SegmentResult]":
        """Have a segment processed, unless an earlier run has done it."""
        before = _known_result(segment.spool)
        if before is not None:
            future: Future[SegmentResult] = Future()
            future.set_result(before)
            self._reporter.frames(file.task.source.name, before.frames)
            return future
        future = self._executor.submit(segment)
        future.add_done_callback(lambda done: _keep_result(segment.spool, done))
        return future

    def _add(self, file: _File, segment: SegmentTask, result: SegmentResult) -> None:
        """Write what there is of the file's next segment; complete the file after its last one."""
        if file.join is None:
            file.join = FileJoin(file.task, file.video, *self._stages(file.task))
        file.join.add(segment.spool)
        file.results.append(result)
        if not file.left and not file.submitted:
            self._finish(file, file.join)

    def _finish(self, file: _File, join: FileJoin) -> None:
        if not any(result.frames for result in file.results):
            raise ProcessingError("None of its pictures can be decoded.")
        outputs = join.finish()
        seconds = time.monotonic() - file.began
        how = Processing(file.results, file.wanted, seconds, self._choice, file.fingerprint)
        try:
            with WholeFiles(file.task.folder) as files:
                files.add(NAME).write_bytes(summary(file.task, file.video, join.counts, how, outputs))
                outputs += files.commit()
        except OSError as error:
            raise ProcessingError(f"The summary cannot be written: {error.strerror}.") from error
        _clean(file)
        self._end(file.task, "done", outputs=outputs)

    def _fail(self, file: _File, reason: str) -> None:
        for _, future in file.submitted:
            future.cancel()  # those that are at work go on in vain
        file.submitted.clear()
        file.left.clear()
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


def _unfinished(files: Sequence[_File]) -> "set[Future[SegmentResult]]":
    return {future for file in files for _, future in file.submitted if not future.done()}


def _bytes_of(task: FileTask) -> int:
    """Return the size of a file, or of all of a sequence's; 0 where it is not known."""
    try:
        return sum(path.stat().st_size for path in task.source.paths)
    except OSError:
        return 0


def _plan(task: FileTask, fingerprint: str, at_a_time: int, engine: str) -> _File:
    """Return a file with its segments. Raises ``ProcessingError`` where it cannot be read or nothing is wanted."""
    source, options = task.source, task.options
    video, times = probe_sequence(source.paths, options.fps) if source.is_pictures else probe(source.paths[0])
    spool = task.folder / f"{SPOOL}{fingerprint[:16]}"
    if times is None:
        whole = SegmentTask(task, video, spool / "whole", pts=None, numbers=None, seek_to=None)
        return _File(task, video, None, deque([whole]), spool, fingerprint)
    numbers = wanted_frames(times.pts, video.time_base, video.start, options)
    if not len(numbers):
        raise ProcessingError("There is no frame between the given times.")
    wanted = times.pts[numbers]
    segments = deque(
        SegmentTask(
            task,
            video,
            spool / f"{segment.begin}-{segment.end}",
            pts=wanted[tracked],
            numbers=numbers[tracked],
            seek_to=int(times.key_dts[segment.key]) if segment.first else None,
            warm_up=len(segment.far) + segment.begin - segment.warm_up,
            far=len(segment.far),
            beyond=beyond,
            lead_in=min(FADE, segment.begin - segment.warm_up),
        )
        for segment in plan_segments(
            wanted, times.key_pts, at_a_time, options.every, tracker=options.tracker, engine=engine
        )
        for beyond in [frames_beyond(wanted, segment.end, video.time_base) if options.smooth else 0]
        for tracked in [segment.tracked(beyond)]
    )
    return _File(task, video, len(wanted), segments, spool, fingerprint)


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


def _make_spool(file: _File) -> None:
    """Make the folder of a file's segments; delete those of other options, and what a killed run left half-written.

    Raises ``ProcessingError``.
    """
    try:
        for unfinished in file.task.folder.glob(f"{UNFINISHED}*"):
            unfinished.unlink()
        for other in file.task.folder.glob(f"{SPOOL}*"):
            if other != file.spool:
                shutil.rmtree(other, ignore_errors=True)
        file.spool.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProcessingError(f"The folder of its outputs cannot be written: {error.strerror}.") from error


def _clean(file: _File) -> None:
    """Delete what was kept of a file that is done or failed, and its folder where nothing is in it."""
    shutil.rmtree(file.spool, ignore_errors=True)
    (file.task.folder / STDIN_KEPT).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        file.task.folder.rmdir()


def _marker(spool: Path) -> Path:
    return spool.with_name(f"{spool.name}.json")


def _keep_result(spool: Path, done: "Future[SegmentResult]") -> None:
    """Leave a segment's result beside its spool, for a run after this one."""
    if done.cancelled() or done.exception() is not None:
        return
    with contextlib.suppress(OSError):  # the file failed meanwhile; without it the segment is tracked again
        marker = _marker(spool)
        unfinished = marker.with_suffix(".unfinished")
        unfinished.write_bytes(orjson.dumps(done.result()))
        unfinished.replace(marker)


def _known_result(spool: Path) -> SegmentResult | None:
    """Return the result of a segment that an earlier run has processed."""
    try:
        return SegmentResult(**orjson.loads(_marker(spool).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
