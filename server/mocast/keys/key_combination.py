"""Keys and combinations of them by name, as a mapping file has them: ``f13``, ``ctrl+shift+1``."""

from typing import Final, NamedTuple


class Key(NamedTuple):
    """What a key is called by the libraries that press it."""

    pynput: str
    "A member of ``pynput.keyboard.Key``, or a character."
    evdev: str
    "A code of Linux's input events (linux/input-event-codes.h)."
    keysym: str
    "X11's (X11/keysymdef.h, X11/XF86keysym.h)."


_SAME: Final = {"space": "space", "enter": "Return", "tab": "Tab", "esc": "Escape", "backspace": "BackSpace"} | {
    name: name.capitalize() for name in ("delete", "insert", "home", "end", "up", "down", "left", "right")
}

KEYS: Final[dict[str, Key]] = {
    **{name: Key(name, f"KEY_{name.upper()}", name) for name in "abcdefghijklmnopqrstuvwxyz0123456789"},
    **{f"f{number}": Key(f"f{number}", f"KEY_F{number}", f"F{number}") for number in range(1, 21)},
    **{name: Key(name, f"KEY_{name.upper()}", keysym) for name, keysym in _SAME.items()},
    "page_up": Key("page_up", "KEY_PAGEUP", "Prior"),
    "page_down": Key("page_down", "KEY_PAGEDOWN", "Next"),
    "ctrl": Key("ctrl", "KEY_LEFTCTRL", "Control_L"),
    "shift": Key("shift", "KEY_LEFTSHIFT", "Shift_L"),
    "alt": Key("alt", "KEY_LEFTALT", "Alt_L"),
    "alt_gr": Key("alt_gr", "KEY_RIGHTALT", "ISO_Level3_Shift"),
    "cmd": Key("cmd", "KEY_LEFTMETA", "Super_L"),
    "play_pause": Key("media_play_pause", "KEY_PLAYPAUSE", "XF86_AudioPlay"),
    "next_track": Key("media_next", "KEY_NEXTSONG", "XF86_AudioNext"),
    "previous_track": Key("media_previous", "KEY_PREVIOUSSONG", "XF86_AudioPrev"),
    "volume_up": Key("media_volume_up", "KEY_VOLUMEUP", "XF86_AudioRaiseVolume"),
    "volume_down": Key("media_volume_down", "KEY_VOLUMEDOWN", "XF86_AudioLowerVolume"),
    "mute": Key("media_volume_mute", "KEY_MUTE", "XF86_AudioMute"),
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
