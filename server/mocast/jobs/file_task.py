"""What an executor is handed and gives back: plain data that can be pickled, and sent to another machine."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mocast.model.options import JobOptions
from mocast.tracking.engines import AUTO, DeviceSetting, Precision
from mocast.tracking.face_task import FaceShapesChoice

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TrackerChoice:
    """What tracks in a worker, the arguments of its ``TrackerPool``, and what makes the shapes of faces."""

    engine: str = AUTO
    precision: Precision = "auto"
    device: DeviceSetting = "cpu"
    cache_folder: Path | None = None
    face_shapes: FaceShapesChoice = "auto"
    face_task: Path | None = None
    "The operator's own network of blend shapes."
    timeout_s: float = 60.0
    "A tracker that takes longer for a frame counts as hung. Longer than live: nothing waits, and machines are full."


@dataclass(frozen=True, slots=True)
class FileSource:
    """What a task reads: a video file, or pictures that follow each other."""

    name: str
    "Its name in reports: a path as it was given, or ``stdin``."
    paths: tuple[Path, ...]
    "One video, or the pictures in their order."
    is_pictures: bool = False


@dataclass(frozen=True, slots=True)
class FileTask:
    """A file that is to be processed, and where to."""

    number: int
    "Its place among the files of one run."
    source: FileSource
    folder: Path
    "Of its outputs: its own."
    stem: str
    "Of its outputs' names."
    options: JobOptions


@dataclass(frozen=True, slots=True)
class Colours:
    """How a video's numbers are meant, as FFmpeg numbers it (ITU-T H.273)."""

    primaries: int
    transfer: int
    matrix: int


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a video is."""

    codec: str
    time_base: Fraction
    "Seconds in one step of its frames' times."
    fps: Fraction
    "On average."
    size_wh: tuple[int, int]
    "Of its pictures as a player shows them, upright, in pixels."
    made_at: datetime
    "When it was recorded."
    rotation: int = 0
    "Degrees, counterclockwise, by which players turn what is stored: 0, 90, 180 or 270."
    start: int = 0
    "When the file begins, in steps of the time base: its earliest sound or picture."
    audio: tuple[str, ...] = ()
    "The codec of each sound."
    colours: Colours | None = None
    "``None`` where its pictures are converted on the way."
    pixel_aspect: Fraction | None = None
    "Width of a pixel over its height, upright; ``None``: 1."


@dataclass(frozen=True, slots=True, eq=False)
class SegmentTask:
    """Some frames of a file in a row, which one worker tracks and draws."""

    file: FileTask
    video: VideoInfo
    spool: Path
    "The file without suffix that the segment's landmarks and packets are written to."
    pts: Numbers | None
    """(n,) display times of the frames that are wanted, in the video's own time base, those to warm up with included.
    ``None``: every frame there is, in which case the segment is the whole video."""
    numbers: Numbers | None
    "(n,) the numbers of these frames in the video."
    seek_to: int | None
    "Where decoding begins: at or before a key frame that is not after the first of them. ``None``: at the beginning."
    warm_up: int = 0
    "How many of the first frames are tracked, but are another segment's."
    far: int = 0
    "In how many of these, the first ones, only the body need be tracked."
    beyond: int = 0
    "How many of the last frames are tracked, but are another segment's: this one's last frames are smoothed with them."
    lead_in: int = 0
    "Of the ``warm_up`` frames, how many of the last ones have their landmarks kept, too."


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """What became of a segment. Its landmarks and packets are in its spool."""

    frames: int
    "Written to the spool, without those of the lead-in."
    unreadable: int = 0
    "Packets that could not be decoded."
    failures: int = 0
    "Frames that the tracker failed on, which are empty."
    seconds: float = 0.0
    "How long it took."
    worker: str = field(default="", compare=False)
    "Which process, and on which machine."


OnFrames = Callable[[int], object]
"""Called on any thread with how many more of a task's frames are done; with a negative number where they were lost with
their worker, and will be done once more."""


class SegmentExecutor(Protocol):
    """Where segments are processed: here, or on other machines."""

    @property
    def at_a_time(self) -> int:
        """How many segments are processed at a time; about twice as many should be submitted."""

    def submit(self, task: SegmentTask, on_frames: OnFrames) -> "Future[SegmentResult]":
        """Have a segment processed. Its failure is a ``ProcessingError``; it is tracked exactly once or not at all.

        The frames that ``on_frames`` is told of are in the spool, and can be read.
        """

    def shorten(self, task: SegmentTask, frames: int) -> None:
        """Have a task end after so many frames, as others do the rest; it may be further by now, or go on further."""

    def close(self) -> None:
        """End all workers at once, whatever they are at."""
