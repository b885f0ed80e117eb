"""What a writer of one format is, and the table of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

from mocast.errors import Unprocessable
from mocast.jobs.file_task import FileTask, VideoInfo
from mocast.model.options import FileFormat
from mocast.pipeline.job_driver import FrameResults


@dataclass(frozen=True, slots=True)
class JoinedFrame:
    """A frame of the joined file, with all that there is of it."""

    results: FrameResults
    "Of the first person in it."
    time_s: float
    "When the file shows it, in seconds from its beginning."
    source_pts: int
    "The same in the video's own time base."
    packet: bytes | None = None
    "The encoded annotated picture, where one is wanted."
    is_key_frame: bool = False
    others: tuple[FrameResults, ...] = ()
    "Of the other people in the frame."

    @property
    def people(self) -> tuple[FrameResults, ...]:
        """The results of all people in the frame, by index."""
        return (self.results, *self.others)


class ResultWriter(Protocol):
    """Writes one output of one file. Raises ``OSError``, and ``ProcessingError`` where it cannot be written at all."""

    def write(self, frame: JoinedFrame) -> None:
        """Add the next frame."""

    def finish(self) -> None:
        """Complete the file and close it; called once, and not where anything failed."""

    def close(self) -> None:
        """Close the file as it is. Calling it again, or after ``finish``, does nothing."""


WriterFactory = Callable[[Path, FileTask, VideoInfo], ResultWriter]

WRITERS: Final[dict[FileFormat, str]] = {
    "mp4": "mocast.jobs.writers.annotated_video:AnnotatedVideoWriter",
    "jsonl": "mocast.jobs.writers.json_lines:JsonLinesWriter",
    "csv": "mocast.jobs.writers.csv_table:CsvWriter",
    "parquet": "mocast.jobs.writers.parquet_table:ParquetWriter",
    "bvh": "mocast.jobs.writers.animation:BvhWriter",
    "vrma": "mocast.jobs.writers.animation:VrmaWriter",
    "vmd": "mocast.jobs.writers.animation:VmdWriter",
    "trc": "mocast.jobs.writers.marker_file:TrcWriter",
    "c3d": "mocast.jobs.writers.marker_file:C3dWriter",
}
"""Format, which is the output's suffix → ``module:Class``, imported when it is asked for."""

OF_ONE_PERSON: Final[frozenset[FileFormat]] = frozenset({"bvh", "vrma", "vmd", "trc", "c3d"})
"""Formats of which each person has a file of their own."""

NEEDS: Final[dict[FileFormat, str]] = {"parquet": "pyarrow"}
"""Packages that the formats need which are not in each installation; an extra is called as its format."""


def require_formats(formats: Iterable[FileFormat]) -> None:
    """Raise ``Unprocessable`` where one of the formats needs a package that is not installed."""
    for name in formats:
        if name in NEEDS and find_spec(NEEDS[name]) is None:
            raise Unprocessable(f'The format {name} needs {NEEDS[name]}: install it by pip install "mocast[{name}]".')


def open_writer(name: FileFormat, path: Path, task: FileTask, video: VideoInfo) -> ResultWriter:
    """Return the writer of a format, for which all that it needs is installed."""
    module, _, attribute = WRITERS[name].partition(":")
    make: WriterFactory = getattr(import_module(module), attribute)
    return make(path, task, video)
