"""The rooms of one node: what is given back, and what a comparison with the directory changes."""

from mocast.cluster.directory import PROVISIONAL
from mocast.cluster.held_rooms import HeldRooms


def rooms(**tokens: int) -> HeldRooms:
    made = HeldRooms()
    for room, token in tokens.items():
        made.hold(room, token)
    return made


def test_what_is_empty_goes_back_once_unless_somebody_comes() -> None:
    held = rooms(a=1, b=2, c=3)
    for room in ("a", "b", "unknown"):
        held.release(room)
    held.hold("b", held.token("b"))
    with held.returning() as returned:
        assert returned == {"a": 1}
        assert held.is_returning("a")
        assert "a" not in held
    assert not held.is_returning("a")
    assert not held.has_any_to_return
    assert len(held) == 2


def test_what_is_anothers_is_lost_and_what_is_owned_has_its_token() -> None:
    held = rooms(kept=1, lost=2, new=PROVISIONAL, waits=PROVISIONAL)
    held.release("lost")
    assert held.claimed(with_provisional=False) == {"kept": 1, "lost": 2}
    claimed = {room: token for room, token in held.claimed(with_provisional=True).items() if room != "waits"}
    assert held.compare(claimed, {"kept": 1, "new": 7}) == ["lost"]
    assert [held.token(room) for room in ("kept", "new", "waits", "lost")] == [1, 7, PROVISIONAL, PROVISIONAL]
    assert "lost" not in held
    assert not held.has_any_to_return


def test_what_is_owned_and_was_not_here_twice_in_a_row_is_given_back() -> None:
    held = rooms()
    held.compare({}, {"stray": 4, "opened": 5})
    assert not held.has_any_to_return, "it may be about to be opened"
    held.hold("opened", 5)
    held.compare({"opened": 5}, {"stray": 4, "opened": 5})
    with held.returning() as returned:
        assert returned == {"stray": 4}
