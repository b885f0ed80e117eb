"""What a principal may do, and where."""

import pytest

from mocast.model.principal import EVERYBODY, GRANTS, ROOM_GRANTS, Grant, Principal


def principal(*grants: Grant, rooms: tuple[str, ...] = ("hall", "team-*")) -> Principal:
    return Principal("ann", frozenset(grants), rooms)


@pytest.mark.parametrize(
    ("room", "may"), [("hall", True), ("team-1", True), ("team-", True), ("Hall", False), ("halls", False), ("", False)]
)
def test_a_grant_is_for_the_rooms_that_its_patterns_match(room: str, may: bool) -> None:
    assert principal("publish").may("publish", room) is may


def test_only_what_was_granted_may_be_done() -> None:
    for grant in GRANTS - {"publish"}:
        assert not principal("publish").may(grant, "hall")
        assert not principal("publish").may(grant)
    assert not Principal("ann", frozenset(), ("*",)).may("subscribe", "hall")
    assert not principal("publish", rooms=()).may("publish", "hall")


def test_an_admin_may_do_everything_in_its_rooms() -> None:
    assert all(principal("admin").may(grant, "hall") for grant in ROOM_GRANTS)
    assert not any(principal("admin").may(grant, "stage") for grant in GRANTS)


def test_an_admin_of_some_rooms_is_none_of_the_server() -> None:
    for grant in GRANTS.difference(ROOM_GRANTS):
        assert not principal("admin").may(grant)
        assert not principal("admin").may(grant, "hall")
        assert principal("admin", rooms=("*",)).may(grant)
    assert principal("metrics", rooms=()).may("metrics")


def test_a_principal_sees_the_rooms_in_which_it_may_do_something() -> None:
    assert principal("subscribe").sees("hall")
    assert not principal("subscribe").sees("stage")
    assert not principal("images", "metrics").sees("hall")


def test_a_principal_owns_its_own_and_an_admin_what_is_in_its_rooms() -> None:
    assert principal("publish").owns("ann", "stage")
    assert not principal("publish").owns("bob", "hall")
    assert not principal("publish").owns("", "hall")
    assert principal("admin").owns("bob", "hall")
    assert not principal("admin").owns("bob", "stage")


def test_everybody_may_do_everything_where_nobody_is_asked() -> None:
    assert all(EVERYBODY.may(grant, "hall") and EVERYBODY.may(grant) for grant in GRANTS)
    assert EVERYBODY.owns("", "hall")
    assert EVERYBODY.owns("ann", "hall")
