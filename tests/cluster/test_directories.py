"""Every directory against one model: in memory, in Redis and on a Unix socket."""

import shutil
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from redis.asyncio import Redis

from mocast.cluster import redis_directory, socket_directory
from mocast.cluster.directory import LEASE_S, PROVISIONAL, Directory
from mocast.cluster.directory_server import serve_directory
from mocast.cluster.memory_directory import MemoryDirectory
from mocast.cluster.redis_directory import RedisDirectory
from mocast.cluster.socket_directory import SocketDirectory
from tests.directories import DirectoryMachine, node
from tests.fakes import SettableClock
from tests.redis_server import RedisServer

Made = Callable[[Callable[[], float]], Awaitable[Directory]]


@pytest.fixture(autouse=True)
def no_answer_is_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is."""
    for module in (redis_directory, socket_directory):
        monkeypatch.setattr(module, "TIMEOUT_S", 60.0)


def run_like_the_model(made: Made) -> None:
    many = settings(max_examples=150, stateful_step_count=40, deadline=None)
    run_state_machine_as_test(lambda: DirectoryMachine(made), settings=many)


@pytest.mark.parametrize("most_gone", [1000, 1])
def test_redis_does_what_the_model_does(
    redis_server: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most_gone: int
) -> None:
    scripts = shutil.copytree(redis_directory.SCRIPTS, tmp_path / "scripts")
    shared = (scripts / "shared.lua").read_text()
    (scripts / "shared.lua").write_text(shared.replace("most_gone = 1000", f"most_gone = {most_gone}"))
    monkeypatch.setattr(redis_directory, "SCRIPTS", scripts)

    async def made(clock: Callable[[], float]) -> Directory:
        async with Redis.from_url(redis_server.url) as client:
            await client.flushall()
        return RedisDirectory(redis_server.url, clock=clock)

    run_like_the_model(made)


def test_memory_does_what_the_model_does() -> None:
    async def made(clock: Callable[[], float]) -> Directory:
        return MemoryDirectory(clock=clock)

    run_like_the_model(made)


def test_a_unix_socket_does_what_the_model_does(tmp_path: Path) -> None:
    class ServedDirectory(SocketDirectory):
        def __init__(self, clock: Callable[[], float]) -> None:
            super().__init__(tmp_path / "directory")
            self.directory = MemoryDirectory(clock=clock)
            self.serving = AsyncExitStack()

        async def close(self) -> None:
            await super().close()
            await self.serving.aclose()

    async def made(clock: Callable[[], float]) -> Directory:
        served = ServedDirectory(clock)
        await served.serving.enter_async_context(serve_directory(served.directory, tmp_path / "directory"))
        return served

    run_like_the_model(made)


async def test_a_room_of_a_node_that_redis_has_forgotten_is_free(redis_server: RedisServer) -> None:
    directory = RedisDirectory(redis_server.url)
    for name in ("a", "b"):
        await directory.renew(node(name), changed=True, since=0, released={})
        assert await directory.reclaim(name, {f"of {name}": PROVISIONAL})
    async with Redis.from_url(redis_server.url) as client:
        await client.hdel(f"{redis_directory.PREFIX}:nodes", "a")
    assert await directory.find("of a") is None
    assert await directory.reclaim("b", {"of a": PROVISIONAL, "of b": PROVISIONAL}) is not None
    found = await directory.claim("of a", ["b"], utilisation=1, move=False)
    assert found is not None
    assert found.node.id == "b"
    await directory.close()


async def test_a_lease_that_is_there_is_extended_by_one_command(redis_server: RedisServer) -> None:
    clock = SettableClock()
    directory = RedisDirectory(redis_server.url, clock=clock.monotonic)
    assert not await directory.extend("a"), "it was never renewed"
    await directory.renew(node("a"), changed=True, since=0, released={})
    assert await directory.claim("studio", ["a"], utilisation=1, move=False)
    async with Redis.from_url(redis_server.url) as client:
        await client.config_resetstat()
        for _ in range(3):
            clock.now += LEASE_S - 1
            assert await directory.extend("a")
        told = await client.info("commandstats")
        assert {name: stats["calls"] for name, stats in told.items() if name != "cmdstat_config|resetstat"} == {
            "cmdstat_zadd": 3
        }
        assert await directory.find("studio") is not None
        clock.now += LEASE_S
        assert not await directory.extend("a"), "whether another took its rooms is not known here"
        await directory.renew(node("a"), changed=True, since=0, released={})
        await client.flushall()
    clock.now += 1
    assert not await directory.extend("a"), "Redis has lost it"
    await directory.close()


@pytest.mark.parametrize("evicted", ["leases", "nodes", "rooms", "rooms:a", "token", "changes"])
async def test_whatever_key_redis_evicts_nodes_and_rooms_are_there_again(
    redis_server: RedisServer, evicted: str
) -> None:
    directory = RedisDirectory(redis_server.url)
    version = (await directory.renew(node("a"), changed=True, since=0, released={})).version
    assert await directory.claim("studio", ["a"], utilisation=1, move=False)
    async with Redis.from_url(redis_server.url) as client:
        assert await client.delete(f"{redis_directory.PREFIX}:{evicted}")
    version = (await directory.renew(node("a"), changed=False, since=version, released={})).version
    owned = await directory.reclaim("a", {"studio": PROVISIONAL})
    assert owned is not None
    assert list(owned) in ([], ["studio"])
    await directory.renew(node("a"), changed=False, since=version, released={})
    for room in ("studio", "another"):
        found = await directory.claim(room, ["a"], utilisation=1, move=False)
        assert found is not None
        assert found.node.id == "a"
    assert await directory.reclaim("a", {}) is not None
    await directory.close()
