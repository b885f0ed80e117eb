"""What clients hold at several workers of one machine."""

import os
from pathlib import Path

import pytest

from mocast.cluster.worker_counts import ROW_BYTES, WorkerCounts, clear_row, make_table
from mocast.errors import TooManyRequests
from mocast.limiter import Client, Limit, Limiter


def limiters(path: Path) -> list[Limiter]:
    make_table(path, 2)
    limits = {"sockets": Limit(server=100, address=3), "viewers": Limit(server=100, address=3)}
    return [Limiter(limits, counts=WorkerCounts(path, index, "secret")) for index in range(2)]  # type: ignore[arg-type]


def test_a_share_is_of_all_workers_together(tmp_path: Path) -> None:
    one, two = limiters(tmp_path / "counts")
    client, other = Client("192.0.2.1"), Client("192.0.2.2")
    one.take("sockets", client, 2)
    two.take("sockets", client)
    for limiter in (one, two):
        with pytest.raises(TooManyRequests):
            limiter.take("sockets", client)
        limiter.require("viewers", client)
        limiter.require("sockets", other, 3)
    one.release("sockets", client)
    two.take("sockets", client)
    assert (one.held("sockets"), two.held("sockets")) == (1, 2)


def test_what_was_held_at_a_worker_that_has_ended_is_free(tmp_path: Path) -> None:
    one, two = limiters(tmp_path / "counts")
    client = Client("192.0.2.1")
    one.take("sockets", client, 2)
    two.take("sockets", client)
    clear_row(tmp_path / "counts", 0)
    two.take("sockets", client, 2)
    with pytest.raises(TooManyRequests):
        two.take("sockets", client)


def test_no_part_of_the_table_is_missing_on_a_disk_that_becomes_full(tmp_path: Path) -> None:
    make_table(tmp_path / "counts", 3)
    assert (tmp_path / "counts").stat().st_size == 3 * ROW_BYTES
    with (tmp_path / "counts").open("rb") as file:
        assert os.lseek(file.fileno(), 0, os.SEEK_HOLE) == 3 * ROW_BYTES
