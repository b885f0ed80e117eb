"""Which keyboard is taken, what is said where there is none, and keys that several hold."""

import sys
from typing import Any

import pytest
from tests.fakes import FakeKeyboard

from mocast.keys.keyboards import HeldKeys, KeyboardError, open_keyboard, usual_keyboard


@pytest.mark.parametrize(
    ("platform", "session", "keyboard"),
    [("linux", "wayland", "uinput"), ("linux", "x11", "x11"), ("linux", "", "x11"), ("win32", "", "pynput")],
)
def test_each_desktop_has_its_own(platform: str, session: str, keyboard: str) -> None:
    assert usual_keyboard({"XDG_SESSION_TYPE": session}, platform) == keyboard


@pytest.mark.parametrize(
    ("name", "module", "said"),
    [
        ("x11", "Xlib", r'needs python-xlib: pip install "mocast\[keys\]"'),
        ("uinput", "evdev", "needs evdev: pip install evdev"),
        ("pynput", "pynput", "needs pynput: pip install pynput"),
    ],
)
def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, name: Any, module: str, said: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(KeyboardError, match=said):
        open_keyboard(name, ["a"])


def test_no_x_server_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":4711")
    with pytest.raises(KeyboardError, match="there is no X server here"):
        open_keyboard("x11", ["a"])


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


def test_a_combination_that_fails_leaves_no_key_down(monkeypatch: pytest.MonkeyPatch) -> None:
    keyboard = FakeKeyboard()
    keys = HeldKeys(keyboard)

    def press(name: str) -> None:
        if name == "f13":
            raise KeyboardError("no such key here")
        keyboard.did.append(f"+{name}")

    monkeypatch.setattr(keyboard, "press", press)
    with pytest.raises(KeyboardError):
        keys.press(["ctrl", "shift", "f13"])
    assert keyboard.did == ["+ctrl", "+shift", "-f13", "-shift", "-ctrl"]
