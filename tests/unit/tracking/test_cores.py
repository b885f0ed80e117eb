"""Cores that count: those that the process may run on, as far as its container's share of the processors goes."""

import os
from pathlib import Path

import pytest

from mocast.tracking.cores import usable_cores

CORES = usable_cores(Path("/nothing"))


@pytest.mark.parametrize(
    ("limit", "cores"),
    [
        ("max 100000", CORES),
        ("10000000 100000", CORES),
        ("100000 100000", 1),
        ("50000 100000", 1),
        ("150000 100000", min(2, CORES)),
        ("", CORES),
    ],
)
def test_a_containers_share_bounds_them(tmp_path: Path, limit: str, cores: int) -> None:
    file = tmp_path / "cpu.max"
    file.write_text(limit + "\n")
    assert usable_cores(file) == cores


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux's")
def test_only_those_that_the_process_may_run_on_count() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert usable_cores(Path("/nothing")) == 1
    finally:
        os.sched_setaffinity(0, allowed)
