import re

import pytest
from tests.fakes import SettableClock

from mocast import limiter as module
from mocast.errors import MocastError, TooManyRequests, Unavailable
from mocast.limiter import LIMIT_NAMES, NOBODY, Client, Limit, Limiter, Rates

ANNA = Client("192.0.2.1", "anna")
ANNA_ELSEWHERE = Client("192.0.2.2", "anna")
BERT_BESIDE_ANNA = Client("192.0.2.1", "bert")
GUEST = Client("192.0.2.1")
FARAWAY = Client("192.0.2.9")


def limiter(**limits: int) -> Limiter:
    return Limiter({"sessions": Limit(**{"server": 100, **limits}, refusal="Full.", retry_after_s=7)})


def refused(limiter: Limiter, client: Client) -> MocastError:
    with pytest.raises((TooManyRequests, Unavailable)) as caught:
        limiter.take("sessions", client)
    assert caught.value.limit in LIMIT_NAMES
    return caught.value


def test_more_than_the_server_has_is_refused_and_comes_free_again() -> None:
    places = limiter(server=3)
    places.take("sessions", amount=2)
    with places.lease("sessions"):
        error = refused(places, NOBODY)
        assert (error.status, str(error), error.retry_after_s) == (503, "Full.", 7)
        with pytest.raises(Unavailable):
            places.require("sessions")
    places.require("sessions", amount=1)
    places.release("sessions", amount=2)
    assert places.held("sessions") == 0


@pytest.mark.parametrize(
    ("share", "others", "free"),
    [
        ("principal", [ANNA, ANNA_ELSEWHERE], [BERT_BESIDE_ANNA, GUEST]),
        ("address", [ANNA, BERT_BESIDE_ANNA, GUEST], [ANNA_ELSEWHERE, FARAWAY]),
    ],
)
def test_a_share_is_refused_by_what_it_counts_by_and_leaves_the_others_theirs(
    share: str, others: list[Client], free: list[Client]
) -> None:
    places = limiter(**{share: 2})
    places.take("sessions", ANNA)
    places.take("sessions", ANNA)
    for client in others:
        error = refused(places, client)
        assert (error.status, error.limit) == (429, f"sessions_{share}")
        assert str(error) == f"One {share} may have 2 sessions at a time."
    for client in (*free, NOBODY):
        places.take("sessions", client)
    places.release("sessions", ANNA)
    places.take("sessions", ANNA)


def test_a_client_with_too_much_of_a_full_server_is_told_of_its_share() -> None:
    places = limiter(server=1, address=1)
    places.take("sessions", GUEST)
    assert refused(places, GUEST).status == 429
    assert refused(places, FARAWAY).status == 503


def test_one_that_takes_anothers_place_may_be_above_the_limit() -> None:
    places = limiter(server=1, address=1)
    places.take("sessions", GUEST)
    places.add("sessions", GUEST)
    places.release("sessions", GUEST)
    assert refused(places, GUEST).status == 429
    assert places.held("sessions") == 1


def test_a_lease_ends_with_its_context_however_that_ends() -> None:
    places = limiter(server=1, address=1)
    with pytest.raises(KeyError), places.lease("sessions", GUEST):
        raise KeyError
    assert (places.held("sessions"), len(places)) == (0, 0)


def test_requests_come_in_bursts_and_then_at_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BURST_S", 2)
    clock = SettableClock()
    asked = Limiter({}, Rates(address=3, principal=1), clock.monotonic)
    for _ in range(6):
        asked.ask(GUEST)
    with pytest.raises(TooManyRequests, match=re.escape("one address may make 3 a second.")) as caught:
        asked.ask(GUEST)
    assert (caught.value.limit, caught.value.retry_after_s) == ("requests_address", 1)
    asked.ask(FARAWAY)
    asked.ask(NOBODY)
    clock.now += 1
    for _ in range(3):
        asked.ask(GUEST)
    with pytest.raises(TooManyRequests):
        asked.ask(GUEST)
    for client in (ANNA_ELSEWHERE, ANNA_ELSEWHERE):
        asked.ask(client)
    with pytest.raises(TooManyRequests, match="one principal") as caught:
        asked.ask(ANNA_ELSEWHERE)
    assert caught.value.limit == "requests_principal"


def test_who_holds_nothing_and_is_idle_is_forgotten() -> None:
    clock = SettableClock()
    asked = Limiter({}, Rates(address=3), clock.monotonic)
    for number in range(1_000):
        asked.ask(Client(f"198.51.100.{number}"))
    assert len(asked) == 1_000
    clock.now += 60
    for number in range(500):
        asked.ask(Client(f"203.0.113.{number}"))
    assert len(asked) == 500


def test_however_many_addresses_ask_few_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BUCKETS", 100)
    clock = SettableClock()
    asked = Limiter({}, Rates(address=1), clock.monotonic)
    for number in range(5_000):
        asked.ask(Client(f"2001:db8:0:{number:x}::/64"))
    assert len(asked) <= 100


def test_one_that_goes_on_asking_is_not_forgotten_for_the_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BUCKETS", 100)
    asked = Limiter({}, Rates(address=1), SettableClock().monotonic)
    for number in range(10):
        asked.ask(GUEST)
        for other in range(50):
            asked.ask(Client(f"10.0.{number}.{other}"))
    with pytest.raises(TooManyRequests):
        asked.ask(GUEST)
