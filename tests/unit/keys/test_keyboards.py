"""Which keyboard is taken, what is said where there is none, and keys that several hold."""

import sys

import pytest
from tests.fakes import FakeKeyboard

from mocast.keys.keyboards import HeldKeys, KeyboardError, open_keyboard, usual_keyboard


@pytest.mark.parametrize(("session", "keyboard"), [("wayland", "uinput"), ("x11", "pynput"), ("", "pynput")])
def test_wayland_needs_a_device(session: str, keyboard: str) -> None:
    assert usual_keyboard({"XDG_SESSION_TYPE": session}) == keyboard


@pytest.mark.parametrize(("name", "library"), [("pynput", "pynput"), ("uinput", "evdev")])
def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, name: str, library: str) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(KeyboardError, match=rf'needs {library}: pip install "mocast\[keys\]"'):
        open_keyboard(name)  # type: ignore[arg-type]


def test_a_key_that_two_hold_is_let_go_when_both_do() -> None:
    keyboard = FakeKeyboard()
    keys = HeldKeys(keyboard)
    keys.press(["ctrl", "a"])
    keys.press(["ctrl", "b"])
    keys.release(["ctrl", "a"])
    keys.release(["ctrl", "b"])
    assert keyboard.did == ["+ctrl", "+a", "+b", "-a", "-b", "-ctrl"]


def test_the_end_lets_go_of_everything() -> None:
    keyboard = FakeKeyboard()
    keys = HeldKeys(keyboard)
    keys.press(["shift", "f13"])
    keys.close()
    assert keyboard.did == ["+shift", "+f13", "-shift", "-f13"]
    assert keyboard.is_closed
