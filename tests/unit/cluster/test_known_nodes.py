"""What one node knows of the others, and for how long it believes a directory that may have lost its data."""

from tests.directories import node
from tests.fakes import SettableClock

from mocast.cluster.directory import LEASE_S, NodeState, Renewal
from mocast.cluster.known_nodes import STARTED_S, KnownNodes


def answer(*nodes: NodeState, version: int = 1, had_lapsed: bool = False, is_whole: bool = False) -> Renewal:
    return Renewal(had_lapsed, version, nodes, is_whole)


def names(known: KnownNodes) -> set[str]:
    return {each.id for each in known}


def test_a_directory_that_lost_its_data_is_believed_when_all_have_had_time_to_come_back() -> None:
    clock = SettableClock()
    known = KnownNodes(node("a"), clock.monotonic)
    known.take(answer(node("a"), node("b"), had_lapsed=True, is_whole=True), was_known=False)
    assert not known.needs_all_nodes, "it is new, and has lost nothing"
    known.take(answer(node("a"), version=9, had_lapsed=True, is_whole=True), was_known=True)
    assert names(known) == {"a", "b"}
    assert known.is_recovering
    assert known.since() == 9
    clock.now += LEASE_S
    assert (known.is_recovering, known.needs_all_nodes, known.since()) == (False, True, 0)
    known.take(answer(node("a"), version=10, is_whole=True), was_known=True)
    assert names(known) == {"a"}
    assert (known.needs_all_nodes, known.since()) == (False, 10)


def test_nodes_count_as_gone_from_where_nothing_listens_once_they_have_had_time_to_start() -> None:
    clock = SettableClock()
    known = KnownNodes(node("a"), clock.monotonic)
    known.take(answer(node("a"), node("b")), was_known=True)
    assert known.gone_from(node("b").address) == []
    clock.now += STARTED_S
    known.take(answer(node("b", load=1)), was_known=True)
    assert [each.id for each in known.gone_from(node("b").address)] == ["b"]
    assert known.gone_from(node("a").address) == [], "nobody gives itself up"
    known.take(Renewal(False, 2, (), False, gone=("b",)), was_known=True)
    known.take(answer(node("b")), was_known=True)
    assert known.gone_from(node("b").address) == [], "it has come anew"
