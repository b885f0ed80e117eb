"""A run over many files: all workers kept busy, frames joined as they are tracked, what fails reported and left."""

import contextlib
import hashlib
import shutil
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from queue import SimpleQueue
from typing import Final

import numpy as np
import orjson
import structlog

from mocast import __version__
from mocast.errors import ProcessingError
from mocast.jobs.file_join import FileJoin
from mocast.jobs.file_task import (
    FileTask,
    Numbers,
    SegmentExecutor,
    SegmentResult,
    SegmentTask,
    TrackerChoice,
    VideoInfo,
)
from mocast.jobs.inputs import STDIN, STDIN_KEPT, with_stdin_kept
from mocast.jobs.picture_sequence import probe_sequence
from mocast.jobs.progress import Reporter, State
from mocast.jobs.segment_plan import FADE, FilePlan, frames_beyond, wanted_frames
from mocast.jobs.spool import holds
from mocast.jobs.video_file import FrameTimes, probe
from mocast.jobs.whole_files import UNFINISHED, WholeFiles
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

SPOOL: Final = ".segments-"
"""Folder of a file's segments before they are joined, and the begin of its fingerprint. A run that is started again
takes those that are there."""


@dataclass(slots=True, eq=False)
class _Segment:
    """Frames in a row of a file."""

    spool: Path
    begin: int
    end: int | None
    "Places among the frames that are wanted. ``None``: all that there are."
    task: SegmentTask | None = None
    "Once it is submitted."
    there: int = 0
    "Frames in its spool, which can be read."
    noted: int = 0
    "Of these, those that a run after this one finds."
    joined: int = 0
    "Of these, those that were read."
    future: "Future[SegmentResult] | None" = None
    result: SegmentResult | None = None
    "Once all frames are there."

    @property
    def left(self) -> int:
        """How many frames are to be tracked yet, where that is known; those that were joined are nobody else's, also
        where they are tracked once more.
        """
        return 0 if self.end is None else self.end - self.begin - max(self.there, self.joined)

    @property
    def counted(self) -> int:
        """How many frames there are of it; it may have more, which are another segment's by now."""
        return self.there if self.end is None else min(self.there, self.end - self.begin)


@dataclass(slots=True, eq=False)
class _File:
    """A file that is worked on."""

    task: FileTask
    video: VideoInfo
    times: FrameTimes | None
    numbers: Numbers
    "(n,) of the frames that are wanted."
    plan: FilePlan | None
    "``None`` where it is not known which frames there are."
    spool: Path
    fingerprint: str
    segments: list[_Segment] = field(default_factory=list)
    "Those that are not joined yet, in order."
    began: float = field(default_factory=time.monotonic)
    join: FileJoin | None = None
    results: list[SegmentResult] = field(default_factory=list)
    "Of those that were joined."

    @property
    def can_be_cut(self) -> bool:
        """Whether segments can begin anywhere in it.

        Not where several people are tracked: a segment does not know who had which index in the one before.
        """
        return self.plan is not None and self.task.options.people == 1

    @property
    def wanted(self) -> int | None:
        """How many frames it has, as far as it says."""
        return None if self.plan is None else len(self.plan.wanted)

    @property
    def unjoined(self) -> int:
        """How many frames are to be joined yet, where that is known."""
        return sum(one.end - one.begin - one.joined for one in self.segments if one.end is not None)


class FilesRun:
    """Processes files in their order, with as many segments at a time as the executor takes.

    Each file is begun as one segment. Whenever there is a worker for whom nothing is left, the segment that has most
    left is cut. Frames are joined in this thread as soon as they and all before them are tracked.
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
        self._files: list[_File] = []
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
                joined = [self._join_some(file) for file in self._files.copy()]
                if not any(joined):
                    self._news.get()()
                while not self._news.empty():
                    self._news.get()()
        finally:
            for file in self._files:
                if file.join is not None:
                    file.join.close()

    def _submit_more(self, left: deque[FileTask]) -> None:
        """Keep two segments for each worker submitted, of the files in their order; cut some where there are fewer than
        workers.
        """
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
        """Cut the segment that has most left for so many workers; return whether that is worth it."""
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
            file.segments[place:place] = [_segment(file, *part) for part in parts]
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
            file = _planned(task, fingerprint)
            _make_spool(file)
        except (ProcessingError, OSError) as error:
            reason = str(error) if isinstance(error, ProcessingError) else f"It cannot be read: {error.strerror}."
            self._end(task, "failed", reason)
            return
        self._reporter.begins(task.source.name, file.wanted)
        file.segments = _segments(file)
        for segment in file.segments:
            self._reporter.frames(task.source.name, segment.there)
        self._files.append(file)

    def _submit(self, file: _File, segment: _Segment) -> None:
        """Have a segment processed."""
        segment.task = _segment_task(file, segment)
        _marker(segment.spool).unlink(missing_ok=True)

        def on_frames(frames: int) -> None:
            self._news.put(lambda: self._are_there(file, segment, frames))

        segment.future = self._executor.submit(segment.task, on_frames)
        segment.future.add_done_callback(lambda done: self._news.put(lambda: self._is_done(file, segment, done)))

    def _are_there(self, file: _File, segment: _Segment, frames: int) -> None:
        """Note that so many more frames of a segment can be read."""
        if file not in self._files:
            return  # it failed meanwhile
        before = segment.counted
        segment.there += frames
        if frames < 0 and file.join is not None and segment is file.segments[0]:
            file.join.begin_again()
        if frames < 0:
            _marker(segment.spool).unlink(missing_ok=True)
            segment.noted = 0
        elif file.can_be_cut and segment.there - segment.noted >= KEPT_EVERY:
            segment.noted = segment.there
            _note(segment, SegmentResult(segment.there))
        self._reporter.frames(file.task.source.name, segment.counted - before)

    def _is_done(self, file: _File, segment: _Segment, done: "Future[SegmentResult]") -> None:
        """Note what became of a segment."""
        if file not in self._files:
            return
        try:
            segment.result = done.result()
            _note(segment, segment.result)
        except ProcessingError as error:
            self._fail(file, str(error))

    def _join(self, file: _File, segment: _Segment) -> bool:
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
        self._untrimmed += joined
        if self._untrimmed >= TRIMMED_EVERY:
            self._untrimmed = 0
            return_free()
        return joined > 0

    def _join_some(self, file: _File) -> bool:
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

    def _finish(self, file: _File) -> None:
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

    def _fail(self, file: _File, reason: str) -> None:
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


def _planned(task: FileTask, fingerprint: str) -> _File:
    """Return a file without its segments. Raises ``ProcessingError`` where it cannot be read or nothing is wanted."""
    source, options = task.source, task.options
    video, times = probe_sequence(source.paths, options.fps) if source.is_pictures else probe(source.paths[0])
    spool = task.folder / f"{SPOOL}{fingerprint[:16]}"
    if times is None:
        return _File(task, video, None, np.arange(0), None, spool, fingerprint)
    numbers = wanted_frames(times.pts, video.time_base, video.start, options)
    if not len(numbers):
        raise ProcessingError("There is no frame between the given times.")
    plan = FilePlan(times.pts[numbers], times.key_pts, options.every, options.tracker)
    return _File(task, video, times, numbers, plan, spool, fingerprint)


def _segment(file: _File, begin: int, end: int | None) -> _Segment:
    return _Segment(file.spool / str(begin), begin, end)


def _segments(file: _File) -> list[_Segment]:
    """Return a file's segments: those that an earlier run has left, and all before, between and after them."""
    if not file.can_be_cut:
        return [_known(file, 0) or _segment(file, 0, file.wanted)]
    segments: list[_Segment] = []
    place, count = 0, file.wanted or 0
    for begin in sorted(int(marker.stem) for marker in file.spool.glob("*.json")):
        known = _known(file, begin)
        if known is None or known.end is None or begin < place:
            continue
        if begin > place:
            segments.append(_segment(file, place, begin))
        segments.append(known)
        place = known.end
    return segments if place == count else [*segments, _segment(file, place, count)]


def _segment_task(file: _File, segment: _Segment) -> SegmentTask:
    task, video, plan, times = file.task, file.video, file.plan, file.times
    if plan is None or times is None or segment.end is None:
        return SegmentTask(task, video, segment.spool, pts=None, numbers=None, seek_to=None)
    planned = plan.segment(segment.begin, segment.end)
    beyond = frames_beyond(plan.wanted, segment.end, video.time_base) if task.options.smooth else 0
    tracked = planned.tracked(beyond)
    return SegmentTask(
        task,
        video,
        segment.spool,
        pts=plan.wanted[tracked],
        numbers=file.numbers[tracked],
        seek_to=int(times.key_dts[planned.key]) if planned.first else None,
        warm_up=len(planned.far) + planned.begin - planned.warm_up,
        far=len(planned.far),
        beyond=beyond,
        lead_in=min(FADE, planned.begin - planned.warm_up),
    )


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


def _note(segment: _Segment, result: SegmentResult) -> None:
    """Leave what there is of a segment beside its spool, for a run after this one."""
    end = segment.end
    if segment.result is None:
        end = segment.begin + segment.counted
    with contextlib.suppress(OSError):  # without it the segment is tracked again
        marker = _marker(segment.spool)
        unfinished = marker.with_suffix(".unfinished")
        unfinished.write_bytes(orjson.dumps({"end": end, "result": result}))
        unfinished.replace(marker)


def _known(file: _File, begin: int) -> _Segment | None:
    """Return a segment that an earlier run has processed, as far as it came."""
    spool = file.spool / str(begin)
    try:
        known = orjson.loads(_marker(spool).read_bytes())
        result = SegmentResult(**known["result"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if not holds(spool, result.frames):
        return None
    return _Segment(spool, begin, known["end"], there=result.frames, result=result)
