"""One node's part in a directory: what it holds, what it gives back, and what it does when the directory is away."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.directories import node
from tests.fakes import SettableClock
from tests.peers import HANG_S

from mocast import retry_delays
from mocast.cluster import membership as module
from mocast.cluster.directory import LEASE_S, PROVISIONAL, DirectoryUnreachable, NodeState, Renewal
from mocast.cluster.known_nodes import STARTED_S
from mocast.cluster.membership import COMPARE_S, RENEW_S, Membership
from mocast.cluster.memory_directory import MemoryDirectory
from mocast.errors import Unavailable


class Reach:
    """The way of one node to a directory, which may be cut."""

    def __init__(self, directory: MemoryDirectory) -> None:
        self._directory = directory
        self.is_cut = False
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        async def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            if self.is_cut:
                raise DirectoryUnreachable("cut")
            return await getattr(self._directory, name)(*arguments, **named)

        return call


@dataclass
class Node:
    reach: Reach
    state: NodeState
    clock: SettableClock
    lost: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.membership = Membership(
            self.reach,  # type: ignore[arg-type]
            lambda: self.state,
            self.lost.append,
            self.clock.monotonic,
        )


class Cluster:
    """Nodes a, b, ... that know each other, by one clock."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.directory = MemoryDirectory(clock=self.clock.monotonic)

    async def nodes(self, *names: str, capacity: float = 4) -> list[Node]:
        made = [Node(Reach(self.directory), node(name, capacity), self.clock) for name in names]
        for _ in range(2):
            await renewed(*made)
        return made


async def renewed(*nodes: Node) -> None:
    for each in nodes:
        await each.membership.renew()


async def test_all_nodes_find_a_room_at_the_same_one() -> None:
    nodes = await Cluster().nodes("a", "b", "c")
    placed = [await each.membership.acquire("studio") for each in nodes]
    assert {where.node.id for where in placed} == {placed[0].node.id}
    assert [where.is_local for where in placed].count(True) == 1
    assert len({where.token for where in placed}) == 1
    assert await nodes[0].membership.find("studio") is not None
    assert await nodes[0].membership.find("nowhere") is None


async def test_a_room_that_is_here_needs_no_call() -> None:
    (only,) = await Cluster().nodes("a")
    await only.membership.acquire("studio")
    calls = only.reach.calls
    assert (await only.membership.acquire("studio")).is_local
    assert await only.membership.find("studio") == only.state
    assert only.reach.calls == calls


async def test_an_empty_room_is_given_back_with_the_next_heartbeat() -> None:
    a, b = await Cluster().nodes("a", "b")
    token = (await a.membership.acquire("studio", here=True)).token
    a.membership.release("studio")
    assert (await a.membership.acquire("studio")).token == token, "somebody came back in time"
    await renewed(a)
    assert await b.membership.find("studio") is not None
    a.membership.release("studio")
    await renewed(a)
    assert await b.membership.find("studio") is None
    assert (await b.membership.acquire("studio", here=True)).token > token


async def test_a_room_that_was_placed_here_is_not_placed_again_elsewhere() -> None:
    a, b = await Cluster().nodes("a", "b")
    where = await a.membership.acquire("studio", here=True)
    again = await b.membership.acquire("studio", here=True)
    assert (where.is_local, again.is_local) == (True, False)
    assert again.node.id == "a"


async def test_full_nodes_take_no_room() -> None:
    a, b = await Cluster().nodes("a", "b", capacity=1)
    for name in ("one", "two"):
        await a.membership.acquire(name)
    with pytest.raises(Unavailable, match="full"):
        await b.membership.acquire("three")


async def test_a_node_that_dies_leaves_its_rooms_free_at_its_leases_end() -> None:
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    token = (await a.membership.acquire("studio", here=True)).token
    cluster.clock.now += LEASE_S / 2
    await renewed(b)
    assert not (await b.membership.acquire("studio")).is_local
    cluster.clock.now += LEASE_S / 2
    await renewed(b)
    where = await b.membership.acquire("studio")
    assert where.is_local
    assert where.token > token
    assert b.membership.nodes == (b.state,)


async def test_who_was_stopped_gives_up_what_another_has_now() -> None:
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    for name in ("studio", "kept"):
        await a.membership.acquire(name, here=True)
    cluster.clock.now += LEASE_S
    await renewed(b)
    assert (await b.membership.acquire("studio", here=True)).is_local
    await renewed(a)
    assert a.lost == ["studio"]
    assert not (await a.membership.acquire("studio")).is_local
    assert (await b.membership.acquire("kept")).node.id == "a", "nobody took it meanwhile"


async def test_who_was_stopped_asks_before_it_opens_a_room() -> None:
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    cluster.clock.now += LEASE_S
    await renewed(b)
    await b.membership.acquire("studio", here=True)
    assert (await a.membership.acquire("studio")).node.id == "b"


async def test_rooms_are_opened_here_while_the_directory_is_away_and_claimed_afterwards() -> None:
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    await a.membership.acquire("studio", here=True)
    b.reach.is_cut = True
    where = await b.membership.acquire("studio")
    assert (where.is_local, where.token) == (True, PROVISIONAL)
    assert (await b.membership.acquire("new")).is_local
    assert not b.membership.is_connected
    calls = b.reach.calls
    await b.membership.acquire("another")
    assert b.reach.calls == calls, "nobody waits for a directory that is known to be away"
    b.reach.is_cut = False
    await renewed(b)
    assert b.lost == [], "who held a room before comes first"
    cluster.clock.now += LEASE_S / 2
    await renewed(a, b)
    cluster.clock.now += LEASE_S / 2
    await renewed(a, b)
    assert b.lost == ["studio"]
    assert (await a.membership.acquire("new")).node.id == "b"
    assert a.lost == []


async def test_a_directory_that_lost_everything_is_told_again() -> None:
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    await a.membership.acquire("studio", here=True)
    a.reach._directory = b.reach._directory = MemoryDirectory(clock=cluster.clock.monotonic)
    await renewed(a, b, a)
    assert (await b.membership.acquire("studio")).node.id == "a"
    assert {known.id for known in a.membership.nodes} == {"a", "b"}
    assert a.lost == b.lost == []


@pytest.mark.parametrize("is_cut", [True, False])
async def test_a_room_that_lives_is_not_placed_anew_before_its_node_has_come_back_to_a_directory_that_lost_it(
    is_cut: bool,
) -> None:
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    assert (await b.membership.acquire("room", here=True)).is_local
    cluster.clock.now += LEASE_S
    await renewed(a, b)
    for each in (a, b) if is_cut else ():
        each.reach.is_cut = True
        assert (await each.membership.acquire(f"new at {each.state.id}")).is_local
    await cluster.directory.leave("a")
    await cluster.directory.leave("b")
    a.reach.is_cut = False
    await renewed(a)
    assert (await a.membership.acquire("room")).token == PROVISIONAL, "b may have it, and is not back yet"
    b.reach.is_cut = False
    await renewed(b)
    assert (await a.membership.acquire("other")).token == PROVISIONAL
    for _ in range(4):
        cluster.clock.now += LEASE_S / 3
        await renewed(a, b)
    assert (a.lost, b.lost) == (["room"], [])
    assert (await a.membership.acquire("room")).node.id == "b"


async def test_a_room_that_the_directory_forgot_is_claimed_again() -> None:
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    where = await a.membership.acquire("studio", here=True)
    await cluster.directory.renew(a.state, changed=False, since=0, released={"studio": where.token})
    for _ in range(int(COMPARE_S)):
        cluster.clock.now += 1
        await renewed(a, b)
    assert (await b.membership.acquire("studio")).node.id == "a"


async def test_a_room_that_was_placed_here_and_never_opened_is_given_back() -> None:
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    await cluster.directory.claim("studio", ["a"], utilisation=1, move=False)
    for _ in range(int(2 * COMPARE_S) + 2):
        cluster.clock.now += 1
        await renewed(a, b)
    assert await b.membership.find("studio") is None


async def test_a_new_publisher_moves_a_room_from_a_node_that_drains() -> None:
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    await a.membership.acquire("studio", here=True)
    a.state = replace(a.state, draining=True)
    await renewed(a, b)
    assert (await b.membership.acquire("studio")).node.id == "a", "who only watches goes where the room is"
    assert (await b.membership.acquire("studio", move=True)).is_local
    await renewed(a)
    assert a.lost == ["studio"]


async def test_a_new_publisher_at_a_node_that_drains_is_sent_elsewhere() -> None:
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    await a.membership.acquire("studio", here=True)
    a.state = replace(a.state, draining=True)
    await renewed(a, b)
    assert (await a.membership.acquire("studio", move=True)).node.id == "b"


async def test_a_process_takes_the_place_of_one_of_its_name_that_died() -> None:
    cluster = Cluster()
    (old,) = await cluster.nodes("a")
    await old.membership.acquire("studio", here=True)
    new = Node(Reach(cluster.directory), replace(node("new"), tag=old.state.tag), cluster.clock)
    running = new.membership.running()
    await anext(running)
    await renewed(new)
    assert new.membership.by_tag(old.state.tag) == new.state
    assert (await new.membership.acquire("studio")).is_local
    await running.aclose()
    assert await cluster.directory.find("studio") is None, "who leaves gives all back at once"


@pytest.mark.parametrize("is_alive", [True, False])
async def test_two_living_nodes_of_one_name_are_told_of(is_alive: bool) -> None:
    cluster = Cluster()
    (old,) = await cluster.nodes("a")
    new = Node(Reach(cluster.directory), replace(node("new"), tag=old.state.tag), cluster.clock)
    with capture_logs() as lines:
        running = new.membership.running()
        await anext(running)
        for _ in range(3):
            await renewed(new, *([old] if is_alive else []))
        await running.aclose()
    errors = [line for line in lines if line["log_level"] == "error"]
    assert len(errors) == 2 * is_alive, "each says so, once"


class ExtendingDirectory(MemoryDirectory):
    """One where a lease can be extended alone, as in Redis; it counts the calls."""

    def __init__(self, clock: SettableClock) -> None:
        super().__init__(clock=clock.monotonic)
        self.calls: list[str] = []

    async def renew(self, state: NodeState, **more: Any) -> Renewal:
        self.calls.append("renew")
        return await super().renew(state, **more)

    async def extend(self, node_id: str) -> bool:
        self.calls.append("extend")
        if node_id in self._expires_at:
            self._expires_at[node_id] = self._clock() + LEASE_S
        return node_id in self._expires_at


async def test_a_heartbeat_that_has_nothing_to_tell_only_extends_the_lease() -> None:
    cluster = Cluster()
    directory = cluster.directory = ExtendingDirectory(cluster.clock)
    a, b = await cluster.nodes("a", "b")

    async def calls() -> list[str]:
        directory.calls.clear()
        cluster.clock.now += 1
        for each in (a, b):
            await each.membership.beat()
        return directory.calls

    assert await calls() == ["extend", "extend"]
    assert (await b.membership.acquire("studio", here=True)).is_local
    assert await calls() == ["extend", "renew"], "a room that is new"
    b.membership.release("studio")
    assert await calls() == ["extend", "renew"], "a room that is given back"
    b.state = replace(b.state, load=1)
    assert await calls() == ["extend", "renew"], "another load"
    assert await calls() == ["extend", "extend"]
    assert {known.load for known in a.membership.nodes} == {0}
    assert await calls() == ["renew", "extend"], "somebody asked"
    assert a.membership.by_tag("tag-b") == b.state
    assert await calls() == ["renew", "extend"]
    told = [call for _ in range(int(COMPARE_S)) for call in await calls()]
    assert told.count("renew") == 2, "each learns of the others now and then"
    await directory.leave("b")
    assert "renew" in (await calls())[-2:], "its lease is gone"


async def test_a_room_is_placed_at_nodes_that_came_since_where_those_that_are_known_are_gone() -> None:
    cluster = Cluster()
    cluster.directory = ExtendingDirectory(cluster.clock)
    a, b = await cluster.nodes("a", "b")
    a.state = replace(a.state, draining=True)
    await renewed(a, b, a)
    await cluster.directory.leave("b")
    await cluster.nodes("new")
    cluster.clock.now += RENEW_S
    assert (await a.membership.acquire("studio", move=True)).node.id == "new"


async def test_a_heartbeat_that_fails_in_a_way_nobody_thought_of_is_not_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Odd(MemoryDirectory):
        beats = 0
        done = asyncio.Event()

        async def renew(self, state: NodeState, **more: Any) -> Renewal:
            self.beats += 1
            if self.beats == 2:
                raise KeyError(state.id)
            if self.beats == 3:
                self.done.set()
            return await super().renew(state, **more)

    monkeypatch.setattr(module, "RENEW_S", 0)
    monkeypatch.setattr(module, "LONGEST_DELAY_S", 0)
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 0)
    directory = Odd()
    running = Membership(directory, lambda: node("a"), print).running()
    await anext(running)
    async with asyncio.timeout(HANG_S):
        await directory.done.wait()
    await running.aclose()


async def test_nodes_that_the_directory_has_lost_are_known_until_they_have_had_time_to_come_back() -> None:
    """Or requests and sockets for them would end with each restart of Redis."""
    cluster = Cluster()
    a, b = await cluster.nodes("a", "b")
    await cluster.directory.leave("a")
    await cluster.directory.leave("b")  # as one that comes back with nothing
    await renewed(a)
    assert a.membership.by_tag("tag-b") == b.state
    await renewed(b, a)
    for _ in range(4):
        cluster.clock.now += LEASE_S / 2
        await renewed(a)
    assert a.membership.by_tag("tag-b") is None, "it has not come"


async def test_a_node_that_was_given_up_by_mistake_has_its_rooms_again() -> None:
    cluster = Cluster()
    a, b, c = await cluster.nodes("a", "b", "c")
    await b.membership.acquire("kept", here=True)
    await b.membership.acquire("taken", here=True)
    await a.membership.evict(b.state.address)
    assert (await a.membership.find("kept")) == b.state, "it may be about to listen"
    for _ in range(round(STARTED_S)):
        cluster.clock.now += 1
        await renewed(a, b, c)
    await a.membership.evict(b.state.address)
    assert b.state.id not in {node.id for node in a.membership.nodes}
    moved = await a.membership.acquire("taken", here=True)
    assert moved.is_local
    await renewed(b, a, c)
    assert b.lost == ["taken"]
    assert (await a.membership.find("kept")) is not None
    await a.membership.evict(a.state.address)
    await renewed(a)
    assert await a.membership.find("taken") == a.state, "nobody gives itself up"
