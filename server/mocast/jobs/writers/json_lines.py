"""The writer of JSON lines, in the form of a room's recording: landmarks, rig and analysis of each frame."""

from pathlib import Path
from typing import Any, Final

from mocast.jobs.file_task import FileTask, VideoInfo
from mocast.jobs.writers.result_writer import JoinedFrame
from mocast.model.options import DrawOptions
from mocast.wire import recording_json
from mocast.wire.recording_json import RecordingTrailer
from mocast.wire.stream_kinds import ANALYSIS, LANDMARKS, RIG, StreamKind

_NOT_MIRRORED: Final = DrawOptions()
_STREAMS: Final[tuple[StreamKind[Any], ...]] = (LANDMARKS, RIG, ANALYSIS)


class JsonLinesWriter:
    """Writes what ``recordings/recorder.py`` would have recorded of a room that showed the file."""

    def __init__(self, path: Path, task: FileTask, video: VideoInfo) -> None:
        self._file = path.open("wb")
        self._lines = {kind.counter: 0 for kind in _STREAMS}
        self._seconds = 0.0
        streams = [kind.name for kind in _STREAMS]
        self._file.write(recording_json.header(task.stem, video.made_at, streams))

    def write(self, frame: JoinedFrame) -> None:
        """Write a line of each person and stream that there is something of."""
        for results in frame.people:
            for kind, item in zip(_STREAMS, (results.tracked, results.rig, results.analysis), strict=True):
                if item is not None:
                    (text,) = kind.encoders["json"](item, _NOT_MIRRORED)
                    assert isinstance(text, str)
                    self._file.write(f"{text}\n".encode())
                    self._lines[kind.counter] += 1
        self._seconds = frame.time_s

    def finish(self) -> None:
        """Write the last line."""
        trailer = RecordingTrailer("stopped", "the file has ended", round(self._seconds, 3), self._lines, dropped=0)
        self._file.write(recording_json.trailer(trailer))
        self._file.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
