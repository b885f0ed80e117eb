"""Keyboards: what presses keys on this machine, by pynput (X11, Windows, macOS) or by Linux's uinput (Wayland, too)."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, Protocol

from mocast.keys.key_combination import KEYS

KeyboardName = Literal["pynput", "uinput"]
KEYBOARD_NAMES: Final[tuple[KeyboardName, ...]] = ("pynput", "uinput")
DEVICE_NAME: Final = "Mocast gestures"
NEEDS_EXTRA: Final = 'it needs {}: pip install "mocast[keys]"'


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


def usual_keyboard(environment: Mapping[str, str] = os.environ) -> KeyboardName:
    """Return the keyboard for a session: Wayland lets no program press keys in another but by a device."""
    return "uinput" if environment.get("XDG_SESSION_TYPE") == "wayland" else "pynput"


def open_keyboard(name: KeyboardName) -> Keyboard:
    """Return a keyboard that is ready. Raises ``KeyboardError``."""
    return PynputKeyboard() if name == "pynput" else UinputKeyboard()


class PynputKeyboard:
    """Keys of the desktop session, by pynput."""

    def __init__(self) -> None:
        try:
            from pynput import keyboard  # noqa: PLC0415 (an extra)
        except ModuleNotFoundError as error:
            raise KeyboardError(NEEDS_EXTRA.format("pynput")) from error
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

    def __init__(self) -> None:
        try:
            from evdev import UInput, ecodes  # noqa: PLC0415 (an extra)
            from evdev.uinput import UInputError  # noqa: PLC0415
        except ImportError as error:
            raise KeyboardError(NEEDS_EXTRA.format("evdev")) from error
        self._codes = {name: ecodes.ecodes[key.evdev] for name, key in KEYS.items()}
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

    def press(self, names: Iterable[str]) -> None:
        """Press the keys of a combination, in order. Raises ``KeyboardError``."""
        for name in names:
            self._held[name] += 1
            if self._held[name] == 1:
                self._keyboard.press(name)

    def release(self, names: Iterable[str]) -> None:
        """Let go of them, the last one first. Raises ``KeyboardError``."""
        for name in reversed(tuple(names)):
            self._held[name] -= 1
            if self._held[name] == 0:
                del self._held[name]
                self._keyboard.release(name)

    def close(self) -> None:
        """Let go of everything, and of the keyboard."""
        for name in tuple(self._held):
            self._keyboard.release(name)
        self._held.clear()
        self._keyboard.close()
