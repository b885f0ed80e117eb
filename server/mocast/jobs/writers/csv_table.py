"""The writer of CSV (RFC 4180): a header, then one row for each frame and person; what was not found is empty."""

from pathlib import Path

import numpy as np
import orjson

from mocast.jobs.file_task import FileTask, VideoInfo
from mocast.jobs.writers.result_writer import JoinedFrame
from mocast.jobs.writers.table import COLUMNS, columns_of, rows


class CsvWriter:
    """Writes a table that any spreadsheet reads."""

    def __init__(self, path: Path, task: FileTask, video: VideoInfo) -> None:
        self._file = path.open("wb")
        self._with_person = task.options.people > 1
        self._file.write(",".join(columns_of(task)).encode() + b"\r\n")

    def write(self, frame: JoinedFrame) -> None:
        """Write a frame's rows."""
        for values in rows(frame, with_person=self._with_person):
            person = b",%d" % values[-1] if self._with_person else b""
            numbers = orjson.dumps(np.ascontiguousarray(values[1 : len(COLUMNS)]), option=orjson.OPT_SERIALIZE_NUMPY)
            # orjson writes what is not a number as null; all else is written as CSV has it.
            self._file.write(b"%d,%s%s\r\n" % (values[0], numbers[1:-1].replace(b"null", b""), person))

    def finish(self) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()
