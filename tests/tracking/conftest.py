"""The trackers' networks, which all tests of a run share: building them takes seconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mocast.tracking.engines import EngineOptions
from mocast.tracking.pool import TrackerPool
from tests.variants import KINDS, Pools, Variant


@pytest.fixture(scope="session")
def pools(network_cache: Path) -> Iterator[Pools]:
    """The pool of an engine, made when it is first asked for."""
    made: dict[str, TrackerPool] = {}

    def pool(engine: str) -> TrackerPool:
        if engine not in made:
            # The precision and the number of threads are named, so that landmarks do not depend on the machine.
            made[engine] = TrackerPool(engine, EngineOptions(threads=2, cache_folder=network_cache, precision="f32"))
        return made[engine]

    yield pool
    for one in made.values():
        one.close()


@pytest.fixture(scope="session", params=KINDS, ids=lambda kind: f"{kind[0]}-{kind[1]}")
def variant(request: pytest.FixtureRequest, pools: Pools) -> Variant:
    """Each engine with each quality that differs."""
    engine, quality = request.param
    return Variant(engine, quality, pools(engine))
