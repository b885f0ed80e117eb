"""What the tests of many nodes share: a Redis of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_server import RedisServer, find_redis


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that keeps what it has over a restart."""
    program = find_redis()
    if program is None:
        pytest.skip("redis-server is not to be had")
    with RedisServer(program, tmp_path, keeps_data=True) as server:
        yield server
