"""Handing on: a token for somebody else covers no more than the caller's own, and for no longer."""

import time

import pytest

from mocast.auth.delegation import LONGEST_TTL_S, TokenRequest, delegated
from mocast.auth.signed_tokens import MAX_SUBJECT_CHARACTERS
from mocast.errors import Forbidden, Unprocessable
from mocast.model.principal import GRANTS, Grant, Principal
from mocast.validation import read_json

ANN = Principal("ann", frozenset({"publish", "subscribe"}), ("hall", "team-*"))
ADMIN = Principal("root", frozenset({"admin"}), ("*",))


def test_a_part_of_the_caller_s_grants_in_one_room_for_a_while() -> None:
    link = delegated(ANN, TokenRequest("team-1", ("subscribe",), 60))
    assert (link.grants, link.rooms) == ({"subscribe"}, ("team-1",))
    assert link.expires_at is not None
    assert 59 <= link.expires_at - time.time() <= 60


@pytest.mark.parametrize(
    ("room", "grants"), [("stage", ("subscribe",)), ("hall", ("record",)), ("hall", ("subscribe", "admin"))]
)
def test_what_the_caller_lacks_cannot_be_handed_on(room: str, grants: tuple[str, ...]) -> None:
    with pytest.raises(Forbidden):
        delegated(ANN, TokenRequest(room, grants, 60))  # type: ignore[arg-type]


@pytest.mark.parametrize("grant", ["images", "jobs", "metrics"])
def test_an_admin_of_a_room_hands_on_nothing_of_the_server_s(grant: Grant) -> None:
    with pytest.raises(Forbidden):
        delegated(Principal("root", frozenset({"admin"}), ("hall",)), TokenRequest("hall", (grant,)))


def test_a_token_ends_with_the_one_that_it_came_from() -> None:
    soon = time.time() + 10.5
    caller = Principal("ann", frozenset({"subscribe"}), ("hall",), soon)
    assert delegated(caller, TokenRequest("hall", ttl_s=3600)).expires_at == int(soon)


def test_every_token_has_an_owner_of_its_own_however_often_it_was_handed_on() -> None:
    link, subjects = ADMIN, {ADMIN.subject}
    for _ in range(50):
        link = delegated(link, TokenRequest("hall", ("admin",), 60))
        subjects.add(link.subject)
    assert len(subjects) == 51
    assert all(len(subject) <= MAX_SUBJECT_CHARACTERS for subject in subjects)
    assert not delegated(ANN, TokenRequest("hall")).owns("ann", "hall")


def test_tokens_count_as_their_maker_s_unless_that_is_an_admin() -> None:
    link = delegated(ANN, TokenRequest("hall"))
    assert (link.account, delegated(link, TokenRequest("hall")).account) == ("ann", "ann")
    assert delegated(ADMIN, TokenRequest("hall")).account.startswith("root/")


def test_an_admin_hands_on_any_grant() -> None:
    for grant in GRANTS:
        assert delegated(ADMIN, TokenRequest("hall", (grant,), 60)).grants == {grant}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"room": "*"},
        {"room": "a/b"},
        {"room": "a\n"},
        {"room": "hall", "grants": []},
        {"room": "hall", "grants": ["fly"]},
        {"room": "hall", "ttl_s": 0},
        {"room": "hall", "ttl_s": LONGEST_TTL_S + 1},
        {"room": "hall", "ttl_s": 1.5},
        {"room": "hall", "sub": "ann"},
    ],
    ids=str,
)
def test_what_is_asked_wrongly_is_refused(asked: object) -> None:
    with pytest.raises(Unprocessable):
        read_json(TokenRequest, asked)


def test_by_default_a_link_is_for_watching_for_an_hour() -> None:
    assert read_json(TokenRequest, {"room": "hall"}) == TokenRequest("hall", ("subscribe",), 3600)
