"""The writer of Apache Parquet: the columns of the CSV, and the face mesh as a column of lists. Needs pyarrow."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from mocast.jobs.file_task import FileTask, VideoInfo
from mocast.jobs.writers.result_writer import JoinedFrame
from mocast.jobs.writers.table import COLUMNS, Row, columns_of, rows

ROWS_AT_ONCE: Final = 512
"""Rows of a group: some 5 MB."""
FACE: Final = "face"
"""Column of 478 times x, y, z."""


class ParquetWriter:
    """Writes a table for pandas, Polars, DuckDB and others."""

    def __init__(self, path: Path, task: FileTask, video: VideoInfo) -> None:
        import pyarrow  # noqa: PLC0415 (an extra)
        import pyarrow.parquet  # noqa: PLC0415

        self._arrow: Any = pyarrow
        self._with_person = task.options.people > 1
        columns = columns_of(task)
        kinds = [pyarrow.int64(), pyarrow.float64(), *[pyarrow.float32()] * (len(COLUMNS) - 2), pyarrow.int64()]
        fields = [*zip(columns, kinds, strict=False), (FACE, pyarrow.list_(pyarrow.float32()))]
        self._schema = pyarrow.schema(fields)
        self._writer = pyarrow.parquet.ParquetWriter(str(path), self._schema, compression="zstd")
        self._rows: list[Row] = []
        self._faces: list[Any] = []

    def write(self, frame: JoinedFrame) -> None:
        """Add a frame's rows."""
        self._rows += rows(frame, with_person=self._with_person)
        for results in frame.people:
            face = results.tracked.face
            self._faces.append(None if face is None else face.image.ravel())
        if len(self._rows) >= ROWS_AT_ONCE:
            self._write_rows()

    def finish(self) -> None:
        """Write the last rows and close the file."""
        if self._rows:
            self._write_rows()
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._writer.close()

    def _write_rows(self) -> None:
        columns = np.array(self._rows).T
        arrays = [
            self._arrow.array(column, field.type, from_pandas=True)
            for column, field in zip(columns, self._schema, strict=False)
        ]
        arrays.append(self._arrow.array(self._faces, self._schema.field(FACE).type))
        self._writer.write_table(self._arrow.table(arrays, schema=self._schema))
        self._rows.clear()
        self._faces.clear()
