"""``mocast keys`` presses real keys: those of an X server's window, and of a device, by uinput.

Skipped where they are not to be had: Xvfb and xev; evdev and ``/dev/uinput``.
"""

import asyncio
import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from mocast.keys.key_combination import KEYS
from mocast.keys.keyboards import DEVICE_NAME, open_keyboard
from tests.integration.remote_room import RemoteRoom
from tests.peers import HANG_S

KEY_EVENT = re.compile(r"(KeyPress|KeyRelease) event.*?keysym 0x[0-9a-f]+, (\w+)\)", re.DOTALL)
MAPPING = """
[[trigger]]
gesture = "victory"
hold = 0
key = "ctrl+shift+f13"

[[trigger]]
gesture = "open"
hold = 0
release = 0
key = "a"
press = "hold"
"""

has_x = all(map(shutil.which, ("Xvfb", "xev")))


@contextmanager
def x_server() -> Iterator[str]:
    """An X server without a screen; yields its name."""
    ready, says = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(says), "-nolisten", "tcp", "-screen", "0", "640x480x24"],
        pass_fds=[says],
        stderr=subprocess.DEVNULL,
    )
    os.close(says)
    try:
        with os.fdopen(ready) as number:
            yield f":{number.readline().strip()}"
    finally:
        process.kill()
        process.wait()


class Window:
    """A window that says which keys it is given, as xev does."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._text = ""

    async def until(self, pattern: str) -> str:
        """Read on until what was said has this in it; return all of it."""
        assert self._process.stdout is not None
        async with asyncio.timeout(HANG_S):
            while pattern not in self._text:
                self._text += (await self._process.stdout.readline()).decode()
        return self._text

    async def keys(self, count: int) -> list[str]:
        """Return the keys that were pressed (``+``) and let go (``-``), as soon as there are so many."""
        assert self._process.stdout is not None
        async with asyncio.timeout(HANG_S):
            while len(found := KEY_EVENT.findall(self._text)) < count:
                self._text += (await self._process.stdout.readline()).decode()
        return [f"{'+' if kind == 'KeyPress' else '-'}{name}" for kind, name in found]


@asynccontextmanager
async def window(display: str) -> AsyncIterator[Window]:
    command = ["xev", "-display", display, "-geometry", "640x480+0+0", "-event", "keyboard", "-event", "structure"]
    process = await asyncio.create_subprocess_exec(
        "stdbuf", "-oL", *command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        opened = Window(process)
        await opened.until("MapNotify")
        yield opened
    finally:
        process.kill()
        await process.wait()


@pytest.mark.skipif(not has_x, reason="Xvfb or xev is not to be had")
async def test_gestures_of_a_room_press_the_keys_of_a_window(tmp_path: Path) -> None:
    (tmp_path / "keys.toml").write_text(MAPPING)
    room = RemoteRoom()
    await room.start()
    with x_server() as display:
        async with window(display) as xev:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "mocast", "keys", f"http://127.0.0.1:{room.port}/?room=stage"),
                *("--mapping", str(tmp_path / "keys.toml")),
                stdout=subprocess.PIPE,
                env={**os.environ, "DISPLAY": display, "XDG_SESSION_TYPE": "x11"},
            )
            try:
                await room.wait_for_readers(1)
                await room.send(hands("victory"))
                tapped = await xev.keys(6)
                await room.send(hands("open"))
                held = (await xev.keys(7))[6:]
                await room.send(hands(None))
                ended = (await xev.keys(8))[7:]
                process.send_signal(signal.SIGINT)
                output, _ = await asyncio.wait_for(process.communicate(), HANG_S)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
    await room.stop()
    assert tapped == ["+Control_L", "+Shift_L", "+F13", "-F13", "-Shift_L", "-Control_L"]
    assert (held, ended) == (["+a"], ["-a"])
    assert output.decode().splitlines()[-1] == "ended"


def hands(left: str | None) -> str:
    hand = f'{{"gesture": "{left}"}}' if left else "null"
    return f'{{"type": "analysis", "version": 1, "left_hand": {hand}, "right_hand": null}}'


@pytest.mark.skipif(not has_x, reason="Xvfb or xev is not to be had")
async def test_a_window_is_given_every_key_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with x_server() as display:
        async with window(display) as xev:
            monkeypatch.setenv("DISPLAY", display)
            keyboard = open_keyboard("x11", KEYS)
            for name in KEYS:
                keyboard.press(name)
                keyboard.release(name)
            given = await xev.keys(2 * len(KEYS))
            keyboard.close()
    wanted = [key.keysym.replace("XF86_", "XF86") for key in KEYS.values()]
    assert given == [f"{sign}{keysym}" for keysym in wanted for sign in "+-"]


@pytest.mark.skipif(not has_x, reason="Xvfb or xev is not to be had")
def test_a_borrowed_key_code_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with x_server() as name:
        monkeypatch.setenv("DISPLAY", name)
        with keeping_the_server_on(name):
            assert codes_of("F13") == 0, "the layout has none"
            keyboard = open_keyboard("x11", ["f13"])
            assert codes_of("F13") == 1
            keyboard.close()
            assert codes_of("F13") == 0


@contextmanager
def keeping_the_server_on(display: str) -> Iterator[None]:
    """An X server resets itself when its last client leaves."""
    from Xlib.display import Display

    client = Display(display)
    yield
    client.close()


def codes_of(keysym: str) -> int:
    """How many key codes mean a keysym, as a client that has just connected sees it."""
    from Xlib import XK
    from Xlib.display import Display

    display = Display()
    codes = {code for code, _ in display.keysym_to_keycodes(XK.string_to_keysym(keysym))}
    display.close()
    return len(codes)


@pytest.mark.skipif(importlib.util.find_spec("evdev") is None, reason="evdev is not to be had")
def test_every_key_has_a_code_of_linux_s() -> None:
    from evdev import ecodes

    assert [key.evdev for key in KEYS.values() if key.evdev not in ecodes.ecodes] == []


@pytest.mark.skipif(
    importlib.util.find_spec("evdev") is None or not os.access("/dev/uinput", os.W_OK),
    reason="evdev or /dev/uinput is not to be had",
)
def test_a_device_of_its_own_presses_keys() -> None:
    import evdev

    keyboard = open_keyboard("uinput", ["f13"])
    (device,) = (found for path in evdev.list_devices() if (found := evdev.InputDevice(path)).name == DEVICE_NAME)
    keyboard.press("f13")
    assert evdev.ecodes.KEY_F13 in device.active_keys()
    keyboard.release("f13")
    assert evdev.ecodes.KEY_F13 not in device.active_keys()
    keyboard.close()
