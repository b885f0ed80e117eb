"""A file that is worked on: its segments, and how a later run finds those that are done."""

import contextlib
import shutil
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import orjson

from mocast.errors import ProcessingError
from mocast.jobs.file_join import FileJoin
from mocast.jobs.file_task import FileTask, Numbers, SegmentResult, SegmentTask, VideoInfo
from mocast.jobs.picture_sequence import probe_sequence
from mocast.jobs.segment_plan import FADE, FilePlan, frames_beyond, wanted_frames
from mocast.jobs.spool import holds
from mocast.jobs.video_file import FrameTimes, probe
from mocast.jobs.whole_files import UNFINISHED

SPOOL: Final = ".segments-"
"""Folder of a file's segments before they are joined, and the begin of its fingerprint. A run that is started again
takes those that are there."""


@dataclass(slots=True, eq=False)
class FileSegment:
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
    "Of these, those that a later run finds."
    joined: int = 0
    "Of these, those that were joined."
    joined_to: int = 0
    """The place after the last frame that was joined: beyond ``begin + joined`` where frames cannot be decoded. No
    other segment may begin before it, even where this one is tracked once more."""
    future: "Future[SegmentResult] | None" = None
    result: SegmentResult | None = None
    "Once all frames are there."

    @property
    def left(self) -> int:
        """How many frames are to be tracked yet, where that is known."""
        return 0 if self.end is None else self.end - max(self.begin + self.there, self.joined_to)

    @property
    def counted(self) -> int:
        """How many of its frames are there, without those that are another segment's since it was cut."""
        return self.there if self.end is None else min(self.there, self.end - self.begin)


@dataclass(slots=True, eq=False)
class SegmentedFile:
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
    segments: list[FileSegment] = field(default_factory=list)
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
        return sum(one.end - max(one.begin, one.joined_to) for one in self.segments if one.end is not None)


def planned_file(task: FileTask, fingerprint: str) -> SegmentedFile:
    """Return a file without its segments. Raises ``ProcessingError`` where it cannot be read or nothing is wanted."""
    source, options = task.source, task.options
    video, times = probe_sequence(source.paths, options.fps) if source.is_pictures else probe(source.paths[0])
    spool = task.folder / f"{SPOOL}{fingerprint[:16]}"
    if times is None:
        return SegmentedFile(task, video, None, np.arange(0), None, spool, fingerprint)
    numbers = wanted_frames(times.pts, video.time_base, video.start, options)
    if not len(numbers):
        raise ProcessingError("There is no frame between the given times.")
    plan = FilePlan(times.pts[numbers], times.key_pts, options.every, options.tracker)
    return SegmentedFile(task, video, times, numbers, plan, spool, fingerprint)


def new_segment(file: SegmentedFile, begin: int, end: int | None) -> FileSegment:
    """Return a segment of which nothing is there."""
    return FileSegment(file.spool / str(begin), begin, end)


def found_segments(file: SegmentedFile) -> list[FileSegment]:
    """Return a file's segments: those that an earlier run has left, and all before, between and after them."""
    if not file.can_be_cut:
        return [_known(file, 0) or new_segment(file, 0, file.wanted)]
    segments: list[FileSegment] = []
    place, count = 0, file.wanted or 0
    for begin in sorted(int(marker.stem) for marker in file.spool.glob("*.json")):
        known = _known(file, begin)
        if known is None or known.end is None or begin < place:
            continue
        if begin > place:
            segments.append(new_segment(file, place, begin))
        segments.append(known)
        place = known.end
    return segments if place == count else [*segments, new_segment(file, place, count)]


def segment_task(file: SegmentedFile, segment: FileSegment) -> SegmentTask:
    """Return what a worker is to do."""
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


def make_spool(file: SegmentedFile) -> None:
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


def forget(segment: FileSegment) -> None:
    """Have a later run find nothing of a segment."""
    _marker(segment.spool).unlink(missing_ok=True)


def note(segment: FileSegment, result: SegmentResult) -> None:
    """Note beside a segment's spool how far it is, for a later run."""
    end = segment.end
    if segment.result is None:
        end = segment.begin + segment.counted
    with contextlib.suppress(OSError):  # without it the segment is tracked again
        marker = _marker(segment.spool)
        unfinished = marker.with_suffix(".unfinished")
        unfinished.write_bytes(orjson.dumps({"end": end, "result": result}))
        unfinished.replace(marker)


def _known(file: SegmentedFile, begin: int) -> FileSegment | None:
    """Return a segment that an earlier run has processed, as far as it came."""
    spool = file.spool / str(begin)
    try:
        known = orjson.loads(_marker(spool).read_bytes())
        result = SegmentResult(**known["result"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    if not holds(spool, result.frames):
        return None
    return FileSegment(spool, begin, known["end"], there=result.frames, result=result)


def _marker(spool: Path) -> Path:
    return spool.with_name(f"{spool.name}.json")
