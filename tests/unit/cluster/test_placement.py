"""Which nodes are asked to take a room."""

from collections import Counter
from dataclasses import replace

import pytest
from tests.directories import node

from mocast.cluster import placement
from mocast.cluster.placement import NodeTable


def table(*nodes_: object) -> NodeTable:
    made = NodeTable()
    made.replace(nodes_)  # type: ignore[arg-type]
    return made


def test_every_node_names_the_same_candidates() -> None:
    nodes = [node(f"n{i}", capacity=10, load=i % 7) for i in range(50)]
    other = NodeTable()
    for known in reversed(nodes):
        other.update(known)
    assert all(table(*nodes).candidates(f"r{i}") == other.candidates(f"r{i}") for i in range(20))


def test_rooms_are_shared_out_by_free_capacity() -> None:
    known = table(node("small", 10), node("large", 30), node("half", 20, load=10), node("full", 5, load=5))
    taken = Counter(known.candidates(f"room-{i}")[0] for i in range(5000))
    assert taken["full"] == 0
    assert taken["small"] == pytest.approx(1000, rel=0.1)
    assert taken["large"] == pytest.approx(3000, rel=0.1)
    assert taken["half"] == pytest.approx(1000, rel=0.1)


def test_a_node_that_goes_moves_its_own_rooms_alone() -> None:
    nodes = [node(f"n{i}") for i in range(10)]
    before, after = table(*nodes), table(*nodes[1:])
    for i in range(200):
        first = before.candidates(f"r{i}")[0]
        assert first == "n0" or after.candidates(f"r{i}")[0] == first


def test_a_node_that_drains_is_no_candidate() -> None:
    known = table(node("a"), node("b"))
    known.update(node("a", draining=True))
    assert known.candidates("r") == ["b"]
    assert known.utilisation == 0


def test_a_tag_is_of_the_process_that_came_last() -> None:
    known = table(node("a"))
    assert known.by_tag("tag-a") == node("a")
    assert known.by_tag("another") is None
    known.update(replace(node("b"), tag="tag-a"))
    assert known.by_tag("tag-a") == replace(node("b"), tag="tag-a")
    known.remove("a")
    assert known.by_tag("tag-a") is not None
    known.remove("b")
    assert known.by_tag("tag-a") is None
    assert known.candidates("r") == []


def test_nobody_is_named_where_all_are_full() -> None:
    assert table(node("a", 2, load=2)).candidates("r") == []
    assert table().candidates("r") == []
    assert table().utilisation == 0


def test_a_process_that_came_back_is_found_when_the_one_that_died_is_gone() -> None:
    """A node that is told of both at once does not know which came last."""
    living, dead = replace(node("b"), tag="tag-a"), node("a")
    known = table(living, dead)
    known.remove("a")
    assert known.by_tag("tag-a") == living
    known.update(dead)  # a second node of the same name
    for gone in ("a", "b"):
        known.remove(gone)
    assert known.by_tag("tag-a") is None


def test_tags_of_nodes_that_went_are_known_until_they_come_back() -> None:
    known = table(node("a"), node("b"))
    assert not known.has_lost("tag-a")
    known.remove("a")
    known.replace([node("c")])
    assert [known.has_lost(f"tag-{name}") for name in "abcx"] == [True, True, False, False]
    known.update(node("a"))
    assert not known.has_lost("tag-a")


def test_tags_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "MOST_FORMER", 2)
    known = table(*(node(name) for name in "abc"))
    for name in "abc":
        known.remove(name)
    assert [known.has_lost(f"tag-{name}") for name in "abc"] == [False, True, True]
