"""What every directory does, whatever keeps it: a model, and random calls whose answers have to be the model's."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mocast.cluster.directory import LEASE_S, PROVISIONAL, Directory, NodeState, Ownership
from tests.fakes import SettableClock

T = TypeVar("T")
NODES = ("a", "b", "c")
ROOMS = ("studio", "Bühne", "x y")
nodes, rooms = st.sampled_from(NODES), st.sampled_from(ROOMS)
candidates = st.permutations(NODES).flatmap(lambda ranked: st.integers(0, 3).map(lambda most: ranked[:most]))


def node(node_id: str, capacity: float = 4, load: float = 0, *, draining: bool = False) -> NodeState:
    return NodeState(node_id, f"tag-{node_id}", f"http://{node_id}:8080", capacity, load, draining)


class DirectoryMachine(RuleBasedStateMachine):
    """Random calls to a directory, each beside the model."""

    def __init__(self, made: Callable[[Callable[[], float]], Awaitable[Directory]]) -> None:
        """``made``: an empty directory, by a clock."""
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = SettableClock()
        self.directory = self.run(made(self.clock.monotonic))
        self.alive: dict[str, tuple[NodeState, float]] = {}
        "What each node announced last as a change, and when its lease ends."
        self.placed: dict[str, int] = {}
        self.owners: dict[str, tuple[str, int]] = {}
        self.newest_token = 0
        self.tables: dict[str, tuple[int, dict[str, NodeState]]] = {}
        "Of each node: what it knows of all, and the version of that."

    def run(self, awaitable: Awaitable[T]) -> T:
        async def awaited() -> T:
            return await awaitable

        return self.runner.run(awaited())

    def teardown(self) -> None:
        self.run(self.directory.close())
        self.runner.close()

    def forget(self, *gone: str) -> None:
        for node_id in gone:
            self.alive.pop(node_id, None)
            self.placed.pop(node_id, None)
        self.owners = {room: owned for room, owned in self.owners.items() if owned[0] in self.alive}

    def owner(self, room: str) -> Ownership | None:
        if room not in self.owners:
            return None
        node_id, token = self.owners[room]
        announced = self.alive[node_id][0]
        return Ownership(room, replace(announced, load=announced.load + self.placed[node_id]), token)

    def own(self, room: str, node_id: str, token: int) -> None:
        assert token > self.newest_token, "a change of owner has a token above all before"
        self.newest_token = token
        self.owners[room] = (node_id, token)

    @initialize()
    def all_announce_themselves(self) -> None:
        for node_id in NODES:
            self.announce(node(node_id), changed=True, released={}, knows_nothing=False)

    @rule(seconds=st.sampled_from((0.5, 0.5, 1.0, LEASE_S - 0.5, LEASE_S)))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds
        self.forget(*(node_id for node_id, (_, ends_at) in self.alive.items() if ends_at <= self.clock.now))

    @rule(
        node_id=nodes,
        capacity=st.sampled_from((1.0, 2.0, 4.5)),
        load=st.sampled_from((0.0, 1.0, 1.5, 4.0)),
        draining=st.booleans(),
        changed=st.booleans(),
        released=st.dictionaries(rooms, st.booleans()),
        knows_nothing=st.booleans(),
    )
    def a_node_announces_itself(
        self,
        *,
        node_id: str,
        capacity: float,
        load: float,
        draining: bool,
        changed: bool,
        released: dict[str, bool],
        knows_nothing: bool,
    ) -> None:
        state = node(node_id, capacity, load, draining=draining)
        self.announce(state, changed=changed, released=released, knows_nothing=knows_nothing)

    def announce(self, state: NodeState, *, changed: bool, released: dict[str, bool], knows_nothing: bool) -> None:
        node_id = state.id
        since, known = (0, {}) if knows_nothing else self.tables.get(node_id, (0, {}))
        tokens = {
            room: self.owners[room][1] if is_right and room in self.owners else PROVISIONAL
            for room, is_right in released.items()
        }
        answer = self.run(self.directory.renew(state, changed=changed, since=since, released=tokens))
        assert answer.had_lapsed == (node_id not in self.alive)
        announced = state if changed or answer.had_lapsed else self.alive[node_id][0]
        if changed or answer.had_lapsed:
            self.placed[node_id] = 0
        self.alive[node_id] = (announced, self.clock.now + LEASE_S)
        self.owners = {room: owned for room, owned in self.owners.items() if owned != (node_id, tokens.get(room))}
        known = {} if answer.is_whole else dict(known)
        known |= {other.id: other for other in answer.nodes}
        known = {other: announced for other, announced in known.items() if other not in answer.gone}
        assert known == {other: announced for other, (announced, _) in self.alive.items()}
        self.tables[node_id] = (answer.version, known)

    @rule(node_id=nodes)
    def a_node_extends_its_lease(self, *, node_id: str) -> None:
        if self.run(self.directory.extend(node_id)):
            assert node_id in self.alive
            self.alive[node_id] = (self.alive[node_id][0], self.clock.now + LEASE_S)

    @rule(room=rooms, asked=candidates, utilisation=st.sampled_from((0.0, 0.5, 0.8, 5.0)), move=st.booleans())
    def a_room_is_claimed(self, room: str, asked: list[str], utilisation: float, move: bool) -> None:
        before = self.owner(room)
        answer = self.run(self.directory.claim(room, asked, utilisation=utilisation, move=move))
        if before is not None and not (move and before.node.draining):
            assert answer == before
            return
        chosen = self.chosen(asked, utilisation)
        if chosen is None:
            assert answer is None
            return
        assert answer is not None
        self.own(room, chosen, answer.token)
        self.placed[chosen] += 1
        assert answer == self.owner(room)

    def chosen(self, asked: list[str], utilisation: float) -> str | None:
        """The candidate that has to be chosen: the first that fits, else the one with the least that has room."""
        loads = {}
        for node_id in asked:
            state, _ = self.alive.get(node_id, (None, 0))
            if state is not None and not state.draining and state.load + self.placed[node_id] + 1 <= state.capacity:
                loads[node_id] = (state.load + self.placed[node_id] + 1, state.capacity)
        for node_id, (load, capacity) in loads.items():
            if load <= max(1, utilisation * capacity):
                return node_id
        return min(loads, key=lambda node_id: loads[node_id][0] / loads[node_id][1]) if loads else None

    @rule(node_id=nodes, asked=st.sets(rooms))
    def a_node_claims_what_it_holds(self, node_id: str, asked: set[str]) -> None:
        answer = self.run(self.directory.reclaim(node_id, dict.fromkeys(sorted(asked), PROVISIONAL)))
        if node_id not in self.alive:
            assert answer is None
            return
        assert answer is not None
        for room, token in sorted(answer.items(), key=lambda item: item[1]):
            if room not in self.owners and room in asked:
                self.own(room, node_id, token)
        assert dict(answer) == {room: token for room, (owner, token) in self.owners.items() if owner == node_id}
        assert not asked - self.owners.keys(), "a room that nobody has is taken"

    @rule(node_id=nodes)
    def a_node_leaves(self, node_id: str) -> None:
        self.run(self.directory.leave(node_id))
        self.forget(node_id)

    @invariant()
    def every_room_is_where_it_should_be(self) -> None:
        for room in ROOMS:
            assert self.run(self.directory.find(room)) == self.owner(room)
