"""Combinations of keys by name."""

import pytest

from mocast.keys.key_combination import KEYS, parse_combination


def test_keys_are_joined_by_plus_in_either_case() -> None:
    assert parse_combination("Ctrl + shift+F13") == ("ctrl", "shift", "f13")
    assert parse_combination("a") == ("a",)


@pytest.mark.parametrize(("text", "said"), [("ctrl+hyper", '"hyper"'), ("", '""'), ("a+", '""'), ("a+A", "twice")])
def test_a_mistake_is_told_with_what_there_is(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_combination(text)


def test_every_key_has_a_code_of_its_own() -> None:
    assert len({key.evdev for key in KEYS.values()}) == len(KEYS)
    assert len({key.pynput for key in KEYS.values()}) == len(KEYS)
