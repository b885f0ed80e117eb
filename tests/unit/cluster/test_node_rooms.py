"""Which node answers: for rooms here, elsewhere or nowhere, for ids, and for the rooms of the operator's cameras."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mocast.cluster import known_nodes
from mocast.cluster import node_rooms as module
from mocast.cluster.directory import LEASE_S, DirectoryUnreachable, NodeState, Ownership, Renewal
from mocast.cluster.membership import Membership
from mocast.cluster.memory_directory import MemoryDirectory
from mocast.cluster.node_rooms import NodeRooms, Siblings
from mocast.errors import Unavailable
from mocast.rooms.elsewhere import Elsewhere

TAGS = ("AAAAAA", "BBBBBB")


def state(index: int) -> NodeState:
    return NodeState(f"process-{index}", TAGS[index], f"http://10.0.0.{index}:8080", 4)


@asynccontextmanager
async def two_nodes(directory: MemoryDirectory | None = None, **siblings: Siblings) -> AsyncIterator[list[NodeRooms]]:
    directory = directory or MemoryDirectory()
    members = [Membership(directory, lambda index=index: state(index), lambda _: None) for index in range(2)]  # type: ignore[misc]
    for member in (*members, *members):  # twice, so that each knows the other
        await member.renew()
    yield [NodeRooms(member, TAGS[index], **siblings) for index, member in enumerate(members)]


async def where(nodes: list[NodeRooms], room: str, *, opens: bool) -> list[Elsewhere | None]:
    return [await node.acquire(room, opens=opens, is_forwarded=False) for node in nodes]


async def test_a_room_that_is_opened_is_at_one_node_and_the_other_is_told_where() -> None:
    async with two_nodes() as nodes:
        assert await where(nodes, "hall", opens=False) == [None, None], "it is nowhere"
        found = await where(nodes, "hall", opens=True)
        owner = found.index(None)
        assert found[1 - owner] == Elsewhere(state(owner).address)
        assert await where(nodes, "hall", opens=False) == found


async def lost_room(nodes: list[NodeRooms]) -> tuple[NodeRooms, Elsewhere]:
    """Open the room "hall"; return the node that has it not, and where that one finds it."""
    found = await where(nodes, "hall", opens=True)
    owner = found.index(None)
    elsewhere = found[1 - owner]
    assert elsewhere is not None
    return nodes[1 - owner], elsewhere


async def test_who_waits_for_a_lost_nodes_room_has_it_when_the_lease_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEFT_EVERY_S", 0)
    now = [0.0]
    async with two_nodes(MemoryDirectory(clock=lambda: now[0])) as nodes:
        asked, elsewhere = await lost_room(nodes)
        waiting = asyncio.create_task(asked.has_left("hall", elsewhere, is_gone=False))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not waiting.done(), "its lease goes on"
        now[0] = LEASE_S - 1
        await asked._membership.renew()
        now[0] = LEASE_S + 0.1
        assert await waiting
        assert await asked.acquire("hall", opens=True, is_forwarded=False) is None, "it is here now"


async def test_a_node_that_is_gone_for_certain_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_nodes, "STARTED_S", 0)
    async with two_nodes() as nodes:
        asked, elsewhere = await lost_room(nodes)
        assert await asked.has_left("hall", elsewhere, is_gone=True)
        assert await asked.acquire("hall", opens=True, is_forwarded=False) is None
        assert not asked.is_alive(elsewhere.address)
        lost = [tag for tag in TAGS if asked.has_lost("x" * 18 + tag)]
        assert len(lost) == 1, "what it keeps is there again when it is"
        assert not asked.has_lost("x" * 18 + "CCCCCC")


async def test_all_who_wait_for_a_room_share_each_look_and_the_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two hundred, each would ask the directory a dozen times otherwise, while it has a node's end to deal with."""

    class Counting(MemoryDirectory):
        def __init__(self) -> None:
            super().__init__(clock=lambda: now[0])
            self.calls: Counter[str] = Counter()
            self.was_asked_often = asyncio.Event()

        async def find(self, room: str) -> Ownership | None:
            self.calls["find"] += 1
            if self.calls["find"] == 12:
                self.was_asked_often.set()
            return await super().find(room)

        async def claim(self, room: str, candidates: Sequence[str], **more: Any) -> Ownership | None:
            self.calls["claim"] += 1
            return await super().claim(room, candidates, **more)

    monkeypatch.setattr(module, "LEFT_EVERY_S", 0)
    now = [0.0]
    directory = Counting()
    async with two_nodes(directory) as nodes:
        asked, elsewhere = await lost_room(nodes)
        asked._clock = lambda: 0.0

        async def request() -> Elsewhere | None:
            assert await asked.has_left("hall", elsewhere, is_gone=False)
            return await asked.acquire("hall", opens=True, is_forwarded=False)

        directory.calls.clear()
        requests = [asyncio.create_task(request()) for _ in range(200)]
        await directory.was_asked_often.wait()
        now[0] = LEASE_S - 0.1
        await asked._membership.renew()
        now[0] = LEASE_S + 0.1
        assert set(await asyncio.gather(*requests)) == {None}, "it is here now"
    assert directory.calls["find"] <= 16
    assert directory.calls["claim"] == 1


async def test_a_room_whose_node_lives_out_of_reach_is_waited_for_no_longer_than_a_lease(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LEFT_EVERY_S", 0)
    monkeypatch.setattr(module, "LEASE_S", 0)
    async with two_nodes() as nodes:
        asked, elsewhere = await lost_room(nodes)
        assert not await asked.has_left("hall", elsewhere, is_gone=False)


async def test_a_directory_that_does_not_answer_for_a_moment_does_not_say_that_a_room_is_free(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Failing(MemoryDirectory):
        fails = False

        async def find(self, room: str) -> Ownership | None:
            if self.fails:
                raise DirectoryUnreachable("busy")
            return await super().find(room)

    monkeypatch.setattr(module, "LEFT_EVERY_S", 0)
    directory, now = Failing(), [0.0]
    async with two_nodes(directory) as nodes:
        asked, elsewhere = await lost_room(nodes)
        asked._clock = lambda: now[0]
        directory.fails = True
        waiting = asyncio.create_task(asked.has_left("hall", elsewhere, is_gone=False))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not waiting.done(), "its node may live"
        directory.fails = False
        await asked._membership.renew()
        now[0] = LEASE_S
        assert not await waiting, "it does"


async def test_an_id_leads_to_the_node_that_made_it() -> None:
    async with two_nodes() as nodes:
        assert await nodes[0].owner_of_id("x" * 18 + TAGS[1]) == Elsewhere(state(1).address)
        assert await nodes[1].owner_of_id("x" * 18 + TAGS[1]) is None
        assert await nodes[0].owner_of_id("x" * 18 + "CCCCCC") is None, "nobody's that lives"
        assert await nodes[0].owner_of_id("") is None
        assert nodes[0].is_alive(state(1).address)
        assert not nodes[0].is_alive("http://10.0.0.9:8080")


async def test_a_room_for_which_no_node_has_a_place_is_where_it_was_asked_for() -> None:
    async with two_nodes() as nodes:
        for number in range(8):
            await nodes[0].acquire(f"room-{number}", opens=True, is_forwarded=False)
        assert await nodes[0].acquire("one-more", opens=True, is_forwarded=False) is None


async def test_rooms_of_the_operators_cameras_are_the_first_workers() -> None:
    others = {TAGS[0]: ("0", "unix:/run/0"), TAGS[1]: ("1", "unix:/run/1")}
    siblings = Siblings("0", others, first=TAGS[0], fed_rooms=frozenset({"fed"}))
    async with two_nodes(siblings=siblings) as nodes:
        assert await where(nodes, "fed", opens=False) == [None, Elsewhere("unix:/run/0")]
        assert nodes[1].is_sibling(Elsewhere("unix:/run/0"))
    gone = Siblings("1", {}, first="CCCCCC", fed_rooms=frozenset({"fed"}))
    async with two_nodes(siblings=gone) as nodes:
        with pytest.raises(Unavailable, match="starting again"):
            await nodes[1].acquire("fed", opens=True, is_forwarded=False)


async def test_an_id_of_a_worker_of_this_machine_leads_to_it_before_it_has_announced_itself() -> None:
    """Workers that begin together are asked for each other's ids before they know of each other."""
    directory = MemoryDirectory()
    first, second = (Membership(directory, lambda index=index: state(index), lambda _: None) for index in range(2))  # type: ignore[misc]
    await first.renew()
    rooms = NodeRooms(first, TAGS[0], siblings=Siblings("0", {TAGS[1]: ("1", "unix:/run/1")}))
    for _ in range(2):
        assert await rooms.owner_of_id("x" * 18 + TAGS[1]) == Elsewhere("unix:/run/1")
    await second.renew()
    await first.renew()
    await directory.leave(state(1).id)
    await first.renew()
    assert await rooms.owner_of_id("x" * 18 + TAGS[1]) is None, "it has gone, and its files may be read here"


async def test_an_id_of_a_node_that_has_only_come_is_looked_for_once_a_second() -> None:
    directory, now = MemoryDirectory(), [0.0]
    old, new = (Membership(directory, lambda index=index: state(index), lambda _: None) for index in range(2))  # type: ignore[misc]
    await old.renew()
    rooms = NodeRooms(old, TAGS[0], clock=lambda: now[0])
    assert await rooms.owner_of_id("x" * 18 + TAGS[1]) is None, "it is not there yet"
    await new.renew()
    assert await rooms.owner_of_id("x" * 18 + TAGS[1]) is None, "it was looked for a moment ago"
    now[0] += 1
    assert await rooms.owner_of_id("x" * 18 + TAGS[1]) == Elsewhere(state(1).address)


async def test_all_who_ask_at_a_time_for_ids_of_a_node_that_has_only_come_are_led_to_it() -> None:
    class Distant(MemoryDirectory):
        async def renew(self, node: NodeState, **more: Any) -> Renewal:
            await asyncio.sleep(0)
            return await super().renew(node, **more)

    directory = Distant()
    old, new = (Membership(directory, lambda index=index: state(index), lambda _: None) for index in range(2))  # type: ignore[misc]
    await old.renew()
    await new.renew()
    rooms = NodeRooms(old, TAGS[0])
    asked = [rooms.owner_of_id(f"{number:018}{TAGS[1]}") for number in range(3)]
    assert await asyncio.gather(*asked) == 3 * [Elsewhere(state(1).address)]


async def test_a_node_that_has_only_come_is_among_those_that_are_asked_for_a_list() -> None:
    directory, now = MemoryDirectory(), [0.0]
    members = [
        Membership(directory, lambda index=index: state(index), lambda _: None, clock=lambda: now[0])  # type: ignore[misc]
        for index in range(2)
    ]
    for member in members:
        await member.renew()
    rooms = NodeRooms(members[0], TAGS[0])
    assert await rooms.others() == [], "it was told of the others a moment ago"
    now[0] = module.LIST_EVERY_S
    assert await rooms.others() == [(TAGS[1], state(1).address)]


async def test_whose_an_id_is_that_no_known_node_made_is_not_said_while_the_directory_is_away() -> None:
    """Its node may live, and its recording be written at that moment: it is not to be taken up here."""
    rooms = NodeRooms(Membership(Away(), lambda: state(0), lambda _: None), TAGS[0])  # type: ignore[arg-type]
    assert await rooms.owner_of_id("x" * 18 + TAGS[0]) is None, "it is this one's"
    with pytest.raises(Unavailable):
        await rooms.owner_of_id("x" * 18 + TAGS[1])


class Away:
    """A directory that does not answer."""

    async def renew(self, *_: object, **__: object) -> None:
        raise DirectoryUnreachable("away")
