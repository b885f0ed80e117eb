"""Keyboards: what presses keys on this machine, by X11, by Linux's uinput, or by pynput on Windows and macOS."""

import contextlib
import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, Protocol

from mocast.keys.key_combination import KEYS

KeyboardName = Literal["x11", "uinput", "pynput"]
KEYBOARD_NAMES: Final[tuple[KeyboardName, ...]] = ("x11", "uinput", "pynput")
DEVICE_NAME: Final = "Mocast gestures"
NEEDS: Final = "it needs {}: pip install {}"
EXTRA: Final = '"mocast[keys]"'


class KeyboardError(Exception):
    """No key can be pressed on this machine, for the reason that the text says in a sentence."""


class Keyboard(Protocol):
    """Presses single keys, by the names of ``KEYS``."""

    def press(self, name: str) -> None:
        """Press a key. Raises ``KeyboardError``."""

    def release(self, name: str) -> None:
        """Let go of a key. Raises ``KeyboardError``."""

    def close(self) -> None:
        """Give the device back."""


def usual_keyboard(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> KeyboardName:
    """Return the keyboard for a session: Wayland lets no program press keys in another but by a device."""
    if not platform.startswith("linux"):
        return "pynput"
    return "uinput" if environment.get("XDG_SESSION_TYPE") == "wayland" else "x11"


def open_keyboard(name: KeyboardName, keys: Iterable[str]) -> Keyboard:
    """Return a keyboard that is ready for these keys. Raises ``KeyboardError``."""
    match name:
        case "x11":
            return X11Keyboard(keys)
        case "uinput":
            return UinputKeyboard(keys)
        case "pynput":
            return PynputKeyboard()


class X11Keyboard:
    """Keys of an X server, as if typed: by its extension XTEST, which every program takes for the real keyboard.

    A key that the layout lacks, such as ``f13`` in most, borrows a key code that means nothing until it is closed.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        try:
            from Xlib import XK, X, display, error  # noqa: PLC0415 (an extra)
            from Xlib.ext import xtest  # noqa: PLC0415
        except ImportError as missing:
            raise KeyboardError(NEEDS.format("python-xlib", EXTRA)) from missing
        try:
            self._display = display.Display()
        except (error.DisplayError, OSError) as none:
            raise KeyboardError(f"there is no X server here: {none}") from none
        for group in ("xf86", "xkb"):
            XK.load_keysym_group(group)
        self._fake_input, self._press, self._release = xtest.fake_input, X.KeyPress, X.KeyRelease
        self._codes: dict[str, int] = {}
        self._borrowed: list[int] = []
        for name in keys:
            keysym = XK.string_to_keysym(KEYS[name].keysym)
            self._codes[name] = self._display.keysym_to_keycode(keysym) or self._borrow(keysym)
        self._display.sync()

    def press(self, name: str) -> None:
        """Press a key."""
        self._do(self._press, name)

    def release(self, name: str) -> None:
        """Let go of a key."""
        self._do(self._release, name)

    def close(self) -> None:
        """Give borrowed key codes back, and disconnect."""
        for code in self._borrowed:
            self._display.change_keyboard_mapping(code, [(0, 0)])
        self._display.sync()
        self._display.close()

    def _do(self, what: int, name: str) -> None:
        try:
            self._fake_input(self._display, what, self._codes[name])
            self._display.sync()
        except Exception as error:  # the server's own errors have many classes
            raise KeyboardError(f'the X server does not take the key "{name}": {error}') from error

    def _borrow(self, keysym: int) -> int:
        first, last = self._display.display.info.min_keycode, self._display.display.info.max_keycode
        meanings = self._display.get_keyboard_mapping(first, last - first + 1)
        for code in range(last, first - 1, -1):
            if not any(meanings[code - first]) and code not in self._borrowed:
                self._display.change_keyboard_mapping(code, [(keysym, keysym)])
                self._borrowed.append(code)
                return code
        raise KeyboardError("the X server has no key code to spare for a key that its layout lacks")


class PynputKeyboard:
    """Keys of the desktop session, by pynput."""

    def __init__(self) -> None:
        try:
            from pynput import keyboard  # noqa: PLC0415 (an extra)
        except ModuleNotFoundError as error:
            raise KeyboardError(NEEDS.format("pynput", "pynput")) from error
        except ImportError as error:  # of its part for this system: no display
            raise KeyboardError(f"pynput finds no desktop here: {' '.join(str(error).split())}") from error
        self._keyboard = keyboard
        self._controller = keyboard.Controller()

    def press(self, name: str) -> None:
        """Press a key."""
        self._do("press", name)

    def release(self, name: str) -> None:
        """Let go of a key."""
        self._do("release", name)

    def close(self) -> None:
        """Do nothing: there is no device."""

    def _do(self, what: str, name: str) -> None:
        word = KEYS[name].pynput
        key: Any = word if len(word) == 1 else getattr(self._keyboard.Key, word, None)
        if key is None:
            raise KeyboardError(f'this system has no key "{name}"')
        try:
            getattr(self._controller, what)(key)
        except Exception as error:  # of the desktop: X has errors of its own, macOS refuses without the permission
            raise KeyboardError(f'the desktop does not take the key "{name}": {error}') from error


class UinputKeyboard:
    """A keyboard of its own, by Linux's uinput: works below every desktop, and needs write access to the device."""

    def __init__(self, keys: Iterable[str]) -> None:
        try:
            from evdev import UInput, ecodes  # noqa: PLC0415 (an extra)
            from evdev.uinput import UInputError  # noqa: PLC0415
        except ImportError as error:
            raise KeyboardError(NEEDS.format("evdev", "evdev")) from error
        self._codes = {name: ecodes.ecodes[KEYS[name].evdev] for name in keys}
        self._kind = ecodes.EV_KEY
        try:
            self._device = UInput({ecodes.EV_KEY: list(self._codes.values())}, name=DEVICE_NAME)
        except (OSError, UInputError) as error:
            raise KeyboardError(f"/dev/uinput cannot be used: {error}") from error

    def press(self, name: str) -> None:
        """Press a key."""
        self._write(name, 1)

    def release(self, name: str) -> None:
        """Let go of a key."""
        self._write(name, 0)

    def close(self) -> None:
        """Remove the device."""
        self._device.close()

    def _write(self, name: str, value: int) -> None:
        try:
            self._device.write(self._kind, self._codes[name], value)
            self._device.syn()
        except OSError as error:
            raise KeyboardError(f"/dev/uinput does not take the key: {error}") from error


class HeldKeys:
    """Presses combinations, also ones that share keys: a key is let go when nobody holds it any more."""

    def __init__(self, keyboard: Keyboard) -> None:
        self._keyboard = keyboard
        self._held: Counter[str] = Counter()

    def press(self, names: Sequence[str]) -> None:
        """Press the keys of a combination, in order. Raises ``KeyboardError``; then none of them is held."""
        for index, name in enumerate(names):
            self._held[name] += 1
            if self._held[name] == 1:
                try:
                    self._keyboard.press(name)
                except KeyboardError:
                    with contextlib.suppress(KeyboardError):
                        self.release(names[: index + 1])
                    raise

    def release(self, names: Sequence[str]) -> None:
        """Let go of them, the last one first. Raises ``KeyboardError``."""
        for name in reversed(names):
            self._held[name] -= 1
            if self._held[name] == 0:
                del self._held[name]
                self._keyboard.release(name)

    def close(self) -> None:
        """Let go of everything, and of the keyboard."""
        for name in tuple(self._held):
            with contextlib.suppress(KeyboardError):
                self._keyboard.release(name)
        self._held.clear()
        self._keyboard.close()
