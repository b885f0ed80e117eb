"""Redis that dies, restarts or stops to answer: what goes on meanwhile, and what is the same afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

import pytest

from mocast.cluster.directory import PROVISIONAL
from mocast.cluster.membership import Membership
from mocast.cluster.redis_directory import RedisDirectory
from tests.directories import node
from tests.polling import HANG_S, until
from tests.redis_server import RedisServer


class Node:
    def __init__(self, url: str, name: str) -> None:
        self.lost: list[str] = []
        self.has_lost = asyncio.Event()
        self.membership = Membership(RedisDirectory(url), lambda: node(name, 100), self._on_lost)

    def _on_lost(self, room: str) -> None:
        self.lost.append(room)
        self.has_lost.set()

    async def where(self, room: str, *, here: bool = False) -> tuple[str, int]:
        found = await self.membership.acquire(room, here=here)
        return found.node.id, found.token


@asynccontextmanager
async def running(url: str, *names: str) -> AsyncIterator[list[Node]]:
    async with AsyncExitStack() as stack:
        nodes = [Node(url, name) for name in names]
        for each in nodes:
            await anext(await stack.enter_async_context(aclosing(each.membership.running())))
        await until(lambda: all(len(each.membership.nodes) >= len(nodes) for each in nodes))
        yield nodes


@pytest.mark.parametrize("keeps_data", [True, False])
async def test_rooms_are_where_they_were_when_redis_is_back(redis_server: RedisServer, keeps_data: bool) -> None:
    async with running(redis_server.url, "a", "b") as (a, b):
        rooms = {f"room-{i}": "a" if i % 2 else "b" for i in range(10)}
        for room, owner in rooms.items():
            assert (await (a if owner == "a" else b).where(room, here=True))[0] == owner
        newest = max([(await a.where(room))[1] for room in rooms])
        redis_server.kill()
        assert await a.where("new") == ("a", PROVISIONAL)
        assert (await a.where("room-1"))[0] == "a"
        assert await b.where("room-1") == ("b", PROVISIONAL), "nobody can say that it is elsewhere"
        if not keeps_data:
            redis_server.forget()
        redis_server.start()
        async with asyncio.timeout(HANG_S):
            await b.has_lost.wait()
        assert b.lost == ["room-1"], "who has had it for longer keeps it"
        assert a.lost == []
        for room, owner in rooms.items():
            assert {(await each.where(room))[0] for each in (a, b)} == {owner}
        await until(lambda: a.membership._rooms.token("new") > PROVISIONAL)  # it may have found Redis after b
        assert {(await each.where("new"))[0] for each in (a, b)} == {"a"}
        assert (await a.where("new"))[1] > newest, "tokens grow, whatever Redis has lost"


async def test_nobody_waits_for_a_redis_that_does_not_answer(redis_server: RedisServer) -> None:
    async with running(redis_server.url, "a", "b") as (a, b):
        redis_server.pause()
        assert await a.where("studio") == ("a", PROVISIONAL)
        assert not a.membership.is_connected
        redis_server.resume()
        await until(lambda: a.membership.is_connected and b.membership.is_connected)
        await until(lambda: a.membership._rooms.token("studio") > PROVISIONAL)
        assert await b.where("studio") == await a.where("studio")


async def test_a_node_may_start_before_redis(redis_server: RedisServer) -> None:
    redis_server.kill()
    only = Node(redis_server.url, "a")
    async with aclosing(only.membership.running()) as life:
        await anext(life)
        assert await only.where("studio") == ("a", PROVISIONAL)
        redis_server.start()
        await until(lambda: only.membership._rooms.token("studio") > PROVISIONAL)


async def test_a_node_that_ends_leaves_its_rooms_at_once(redis_server: RedisServer) -> None:
    async with running(redis_server.url, "b") as (b,):
        async with running(redis_server.url, "a", "c") as (a, _):
            assert (await a.where("studio", here=True))[0] == "a"
            assert (await b.where("studio"))[0] == "a"
        assert (await b.where("studio"))[0] == "b"
