"""Progress for programs."""

import errno
import io
import os
import sys

import pytest

from mocast.jobs.progress import JsonReporter


class WindowsPipe(io.FileIO):
    """Says of a pipe that nobody reads what Windows says."""

    def write(self, data: bytes) -> int | None:  # type: ignore[override]
        try:
            return super().write(data)
        except BrokenPipeError as error:
            raise OSError(errno.EINVAL, "Invalid argument") from error


@pytest.mark.parametrize("pipe", [io.FileIO, WindowsPipe])
def test_work_goes_on_where_nobody_reads_its_progress_any_more(
    pipe: type[io.FileIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_end, write_end = os.pipe()
    with io.TextIOWrapper(io.BufferedWriter(pipe(write_end, "w"))) as out:
        monkeypatch.setattr(sys, "stdout", out)
        reporter = JsonReporter()
        reporter.begins("clip.mp4", 900)
        assert b'"of":900' in os.read(read_end, 1000)
        os.close(read_end)
        reporter.ended("clip.mp4", "done", "", [])
        reporter.close(1, 0)
