"""The second half of a file's way: its segments' frames in order, rigged in one pass and written to every output."""

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from av import FFmpegError

from mocast.errors import ProcessingError
from mocast.jobs.file_task import FileTask, VideoInfo
from mocast.jobs.seam import faded
from mocast.jobs.segment_plan import FADE
from mocast.jobs.spool import SpooledFrame, SpoolReader, read_lead_in
from mocast.jobs.whole_files import WholeFiles
from mocast.jobs.writers.result_writer import OF_ONE_PERSON, JoinedFrame, ResultWriter, open_writer
from mocast.jobs.writers.summary import FileCounts
from mocast.model.options import FileFormat
from mocast.pipeline.job_driver import FrameResults, Replay
from mocast.pipeline.protocols import FrameAnalyser, Rigger

SKIPPED_AT_ONCE: Final = 32
"""Frames: a quarter of a megabyte, and what is drawn."""

T = TypeVar("T")


class FileJoin:
    """Joins the segments of one file. Rig filters have one state from its first frame to its last."""

    def __init__(self, task: FileTask, video: VideoInfo, rigger: Rigger, analyser: FrameAnalyser) -> None:
        """Open the outputs. Raises ``ProcessingError``."""
        self.counts = FileCounts()
        "Of the frames that were joined."
        self.last_pts: int | None = None
        "Display time of the last frame that was added, in the video's own time base."
        self._task = task
        self._video = video
        self._replay = Replay(rigger, analyser)
        self._tail: deque[SpooledFrame] = deque()
        self._spool = Path()
        self._reader: SpoolReader | None = None
        self._added = 0
        "Frames of this segment that were read."
        self._skipped = 0
        "How many of these the present reader has passed: fewer where the segment is tracked once more."
        self._resources = ExitStack()
        self._writers: list[ResultWriter] = []
        self._of_person: dict[int, list[ResultWriter]] = {}
        "Those of ``OF_ONE_PERSON``, by the index of the person."
        with self._resources:
            self._files = self._resources.enter_context(_written(lambda: WholeFiles(task.folder)))
            self._writers = _written(
                lambda: [
                    self._opened(name, f"{task.stem}.{name}")
                    for name in task.options.formats
                    if name not in OF_ONE_PERSON
                ]
            )
            _written(lambda: self._writers_of(0))
            self._resources.callback(self._close_reader)
            self._resources = self._resources.pop_all()

    def begin(self, spool: Path) -> None:
        """Go on with the next segment, of which at least a frame is in its spool. Raises ``ProcessingError``."""
        _written(lambda: self._begin(spool))

    def add(self, count: int, end_pts: int | None) -> int:
        """Add the segment's next ``count`` frames, which are in its spool, but none from ``end_pts`` on.

        Return how many were read. The last ``FADE`` wait for the segment after it. Raises ``ProcessingError``.
        """
        return _written(lambda: self._add(count, end_pts))

    def begin_again(self) -> None:
        """Read the segment from its begin, as it is tracked once more, and leave out what was added before."""
        self._close_reader()

    def finish(self) -> list[Path]:
        """Complete the outputs and give them their names; return these. Raises ``ProcessingError``."""
        return _written(self._finish)

    def close(self) -> None:
        """Delete outputs that are not complete."""
        self._resources.close()

    def _begin(self, spool: Path) -> None:
        self._write(faded(self._tail, read_lead_in(spool)))
        self._tail.clear()
        self._close_reader()
        self._spool, self._added = spool, 0

    def _add(self, count: int, end_pts: int | None) -> int:
        if self._reader is None:
            try:
                self._reader = SpoolReader(self._spool, with_packets="mp4" in self._task.options.formats)
            except FileNotFoundError:  # it is tracked once more, which is not known here yet
                return 0
            self._skipped = 0
        while self._skipped < self._added:
            skipped = len(self._reader.read(min(self._added - self._skipped, SKIPPED_AT_ONCE)))
            if not skipped:
                return 0
            self._skipped += skipped
        frames = self._reader.read(count)
        for spooled in frames:
            if end_pts is not None and spooled.source_pts >= end_pts:
                break
            self.last_pts = spooled.source_pts
            self._tail.append(spooled)
            if len(self._tail) > FADE:
                self._write([self._tail.popleft()])
        self._added += len(frames)
        self._skipped = self._added
        return len(frames)

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _write(self, frames: Iterable[SpooledFrame]) -> None:
        video = self._video
        for spooled in frames:
            time_s = float((spooled.source_pts - video.start) * video.time_base)
            at_s = video.made_at.timestamp() + time_s
            results, *others = (_dated(one, at_s) for one in self._replay.results(spooled.tracked))
            frame = JoinedFrame(
                results, time_s, spooled.source_pts, spooled.packet, spooled.is_key_frame, tuple(others)
            )
            self.counts.add(frame)
            for writer in self._writers:
                writer.write(frame)
            for person in frame.people:
                for own in self._writers_of(person.tracked.person):
                    own.write(replace(frame, results=person, others=()))

    def _writers_of(self, person: int) -> list[ResultWriter]:
        """Return the writers of a person's own files, which are opened when the person first comes."""
        if person not in self._of_person:
            stem = self._task.stem if person == 0 else f"{self._task.stem}.person{person}"
            self._of_person[person] = [
                self._opened(name, f"{stem}.{name}") for name in self._task.options.formats if name in OF_ONE_PERSON
            ]
        return self._of_person[person]

    def _opened(self, name: FileFormat, file_name: str) -> ResultWriter:
        writer = open_writer(name, self._files.add(file_name), self._task, self._video)
        self._resources.callback(writer.close)
        return writer

    def _finish(self) -> list[Path]:
        self._close_reader()
        self._write(self._tail)
        for own in self._of_person.values():
            self._writers += own
        for writer in self._writers:
            writer.finish()
        return self._files.commit()


def _dated(results: FrameResults, at_s: float) -> FrameResults:
    """Return a frame's results with its events at the time when it was recorded, in seconds since 1970."""
    analysis = results.analysis
    if analysis is None or not analysis.events:
        return results
    events = tuple(replace(event, at_ns=round(at_s * 1e9)) for event in analysis.events)
    return replace(results, analysis=replace(analysis, events=events))


def _written(act: Callable[[], T]) -> T:
    """Return what a step returns; what the disk or FFmpeg has against it is raised as ``ProcessingError``."""
    try:
        return act()
    except (OSError, FFmpegError) as error:
        reason = error.strerror or type(error).__name__
        raise ProcessingError(f"The outputs cannot be written: {reason[0].lower()}{reason[1:]}.") from error
    except ValueError as error:
        raise ProcessingError(f"What was tracked cannot be joined: {error}.") from error
