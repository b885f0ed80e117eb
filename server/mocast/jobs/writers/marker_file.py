"""The writers of markers: a file's landmarks in metres at a constant rate, as a recording's export has them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import IO, Final

from mocast.errors import ProcessingError, Unprocessable
from mocast.jobs.file_task import FileTask, VideoInfo
from mocast.jobs.writers.result_writer import JoinedFrame
from mocast.model.tracked import Tracked
from mocast.recordings.export import c3d, trc
from mocast.recordings.export.markers import Markers, markers_of, resampled
from mocast.recordings.export.motion import clamped_fps


class MarkerWriter:
    """Collects a file's landmarks and writes them at the end: 3 KB a frame in memory."""

    def __init__(
        self, path: Path, task: FileTask, video: VideoInfo, *, write: Callable[[Markers, IO[bytes]], None]
    ) -> None:
        self._file = path.open("wb")
        self._write = write
        self._frames: list[Tracked] = []

    def write(self, frame: JoinedFrame) -> None:
        """Keep what has a place in metres: a face has none."""
        tracked = frame.results.tracked
        if not self._frames or tracked.pts > self._frames[-1].pts:
            self._frames.append(replace(tracked, face=None))

    def finish(self) -> None:
        """Write the markers and close the file."""
        frames, self._frames = self._frames, []
        try:
            markers = markers_of(frames)
            markers = resampled(markers, clamped_fps(markers.fps))
        except Unprocessable as error:
            raise ProcessingError(str(error)) from error
        self._write(markers, self._file)
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


TrcWriter: Final = partial(MarkerWriter, write=trc.write)
C3dWriter: Final = partial(MarkerWriter, write=c3d.write)
