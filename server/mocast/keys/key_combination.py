"""Keys and combinations of them by name, as a mapping file has them: ``f13``, ``ctrl+shift+1``."""

from typing import Final, NamedTuple


class Key(NamedTuple):
    """What a key is called by the two libraries that press it."""

    pynput: str
    "A member of ``pynput.keyboard.Key``, or a character."
    evdev: str
    "A code of Linux's input events (linux/input-event-codes.h)."


KEYS: Final[dict[str, Key]] = {
    **{name: Key(name, f"KEY_{name.upper()}") for name in "abcdefghijklmnopqrstuvwxyz0123456789"},
    **{f"f{number}": Key(f"f{number}", f"KEY_F{number}") for number in range(1, 21)},
    **{name: Key(name, f"KEY_{name.upper()}") for name in ("space", "enter", "tab", "esc", "backspace", "delete")},
    **{name: Key(name, f"KEY_{name.upper()}") for name in ("insert", "home", "end", "up", "down", "left", "right")},
    "page_up": Key("page_up", "KEY_PAGEUP"),
    "page_down": Key("page_down", "KEY_PAGEDOWN"),
    "ctrl": Key("ctrl", "KEY_LEFTCTRL"),
    "shift": Key("shift", "KEY_LEFTSHIFT"),
    "alt": Key("alt", "KEY_LEFTALT"),
    "alt_gr": Key("alt_gr", "KEY_RIGHTALT"),
    "cmd": Key("cmd", "KEY_LEFTMETA"),
    "play_pause": Key("media_play_pause", "KEY_PLAYPAUSE"),
    "next_track": Key("media_next", "KEY_NEXTSONG"),
    "previous_track": Key("media_previous", "KEY_PREVIOUSSONG"),
    "volume_up": Key("media_volume_up", "KEY_VOLUMEUP"),
    "volume_down": Key("media_volume_down", "KEY_VOLUMEDOWN"),
    "mute": Key("media_volume_mute", "KEY_MUTE"),
}
"""Every key by its name in mapping files. ``cmd`` is Windows' or the Super key elsewhere."""


def parse_combination(text: str) -> tuple[str, ...]:
    """Return the names of the keys in a combination, in the order in which they are pressed. Raises ``ValueError``."""
    names = tuple(part.strip().lower() for part in text.split("+"))
    for name in names:
        if name not in KEYS:
            raise ValueError(f'There is no key "{name}"; there are {", ".join(KEYS)}, joined by +.')
    if len(set(names)) < len(names):
        raise ValueError(f"{text} has a key twice.")
    return names
