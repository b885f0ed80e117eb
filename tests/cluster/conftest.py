"""What the tests of many nodes share: a Redis of their own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.cluster.node_starter import NodeStarter
from tests.cluster.nodes import Cluster, Front, cluster_of
from tests.redis_server import RedisServer, find_redis


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis that keeps what it has over a restart."""
    program = find_redis()
    if program is None:
        pytest.skip("redis-server is not to be had")
    with RedisServer(program, tmp_path, keeps_data=True) as server:
        yield server


@pytest.fixture(scope="session")
def starter() -> Iterator[NodeStarter]:
    """What starts nodes."""
    starter = NodeStarter()
    yield starter
    starter.close()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, starter: NodeStarter) -> Iterator[Cluster]:
    """Three nodes that run; what a test stops it starts again."""
    with cluster_of(tmp_path_factory.mktemp("cluster"), starter) as cluster:
        yield cluster


@pytest.fixture
async def front(cluster: Cluster) -> AsyncIterator[Front]:
    """An address by which a living node is reached, another one with each connection."""
    async with Front(cluster.nodes).running() as front:
        yield front
