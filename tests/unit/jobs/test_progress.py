"""Progress for programs."""

import os
import sys

import pytest

from mocast.jobs.progress import JsonReporter


def test_work_goes_on_where_nobody_reads_its_progress_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    read_end, write_end = os.pipe()
    with os.fdopen(write_end, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        reporter = JsonReporter()
        reporter.begins("clip.mp4", 900)
        assert b'"of":900' in os.read(read_end, 1000)
        os.close(read_end)
        reporter.ended("clip.mp4", "done", "", [])
        reporter.close(1, 0)
