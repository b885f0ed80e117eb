import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocast.api.accept import MAX_CHARACTERS, choose

OFFERS = ("application/json", "image/jpeg", "image/png")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("image/*", "image/jpeg"),
        ("image/png", "image/png"),
        ("IMAGE/PNG", "image/png"),
        ("image/jpeg;q=0.5, image/png", "image/png"),
        ("image/jpeg;q=0.5, */*;q=0.1", "image/jpeg"),
        ("image/png, image/*;q=0.9, */*;q=0.1", "image/png"),
        ("*/*, application/json;q=0", "image/jpeg"),
        ("image/*, image/jpeg;q=0", "image/png"),
        ("application/json;charset=utf-8", "application/json"),
        ("text/html", None),
        ("image/png;q=0", None),
        ("text/html, image/avif, */*;q=0.8", "application/json"),
        ("image/png;q=high, image/jpeg", "image/jpeg"),
        ("image/png;q=nan, image/jpeg;q=0.1", "image/jpeg"),
        ("nonsense", None),
    ],
)
def test_the_best_liked_type_is_chosen(accept: str, chosen: str | None) -> None:
    assert choose(accept, OFFERS) == chosen


@given(st.text(alphabet="aimgejpn/*;,q=01. ", max_size=40) | st.text(max_size=40))
def test_any_header_is_understood_or_matches_nothing(accept: str) -> None:
    assert choose(accept, OFFERS) in (*OFFERS, None)


def test_no_more_is_read_of_it_than_browsers_send() -> None:
    assert choose("a/b," * (MAX_CHARACTERS // 4) + "image/png", OFFERS) is None
    assert choose("image/png," + "/," * MAX_CHARACTERS, OFFERS) == "image/png"
