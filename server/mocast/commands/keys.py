"""``mocast keys``: on a person's own machine, presses keys for the gestures and expressions of a room elsewhere."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mocast.commands.room_link import (
    ADDRESS_HELP,
    Arguments,
    Changes,
    RoomAddress,
    RoomLink,
    Tell,
    add_room_flags,
    room_address,
    run_until_interrupted,
)
from mocast.keys.key_combination import parse_combination
from mocast.keys.keyboards import (
    KEYBOARD_NAMES,
    HeldKeys,
    Keyboard,
    KeyboardError,
    KeyboardName,
    open_keyboard,
    usual_keyboard,
)
from mocast.outputs.gesture_texts import GESTURE_STREAMS, GestureTexts
from mocast.outputs.mapping_file import having, read_mapping
from mocast.outputs.triggers import Trigger, Triggers
from mocast.token_bucket import TokenBucket
from mocast.wire import rig_json

TAP_S: Final = 0.05
"""How long a tapped key is down: games look at the keyboard once a frame."""
TICK_S: Final = 0.1
"""How often gestures are ended of which nothing is heard any more."""
MOST_A_SECOND: Final = 10.0
"""Presses, whatever the server says; more are left out."""

NO_MAPPING: Final = "mocast keys: no mapping is named (--mapping FILE), so no key is pressed."


@dataclass(frozen=True, slots=True)
class KeysArguments:
    """What the command line asks for."""

    address: RoomAddress
    triggers: tuple[Trigger, ...]
    "None: there is no mapping file."
    keyboard: KeyboardName
    dry_run: bool = False


def parse_arguments(words: Sequence[str]) -> KeysArguments:
    """Return what to do. Raises ``ValueError`` with a sentence; ``SystemExit`` after ``--help``."""
    parser = Arguments(
        "mocast keys",
        description="Presses keys on this machine for the gestures and expressions of a room, until Ctrl-C. Only the "
        "keys that the mapping file names are ever pressed; without one, none is.",
    )
    parser.add_argument("room", metavar="URL", help=ADDRESS_HELP)
    parser.add_argument("--mapping", metavar="FILE", help="which gestures and expressions press which keys")
    parser.add_argument(
        "--keyboard",
        choices=KEYBOARD_NAMES,
        help="what presses them; by itself x11, uinput in a Wayland session, or pynput on Windows and macOS",
    )
    parser.add_argument("--dry-run", action="store_true", help="press nothing, and say what would be pressed")
    add_room_flags(parser)
    given = parser.parse_args(words)
    address = room_address(given.room, given.token, given.cacert)
    triggers: tuple[Trigger, ...] = ()
    if given.mapping:
        triggers = having(read_mapping(Path(given.mapping)), "key")
        if not triggers:
            raise ValueError(f"{given.mapping}: no trigger has a key.")
        for trigger in triggers:
            parse_combination(trigger.key or "")
    return KeysArguments(address, triggers, given.keyboard or usual_keyboard(), given.dry_run)


class GestureKeys:
    """Presses and lets go of the keys of triggers. Used on the event loop."""

    def __init__(self, triggers: Sequence[Trigger], keyboard: Keyboard, tell: Tell) -> None:
        self.triggers = Triggers(triggers, self._changed)
        self._keys = HeldKeys(keyboard)
        self._tell = tell
        self._bucket = TokenBucket(MOST_A_SECOND, MOST_A_SECOND)
        self._down: set[Trigger] = set()
        "Whose keys are held."
        self._tapped: dict[Trigger, asyncio.TimerHandle] = {}
        "Whose keys are down for a moment, and what lets go of them."

    def close(self) -> None:
        """Let go of every key."""
        for ending in self._tapped.values():
            ending.cancel()
        self._keys.close()

    def _changed(self, trigger: Trigger, is_on: bool) -> None:
        names = parse_combination(trigger.key or "")
        try:
            if is_on and self._bucket.take():
                self._tell(trigger.condition, f"{trigger.key} pressed")
                if trigger.press == "hold":
                    self._keys.press(names)
                    self._down.add(trigger)
                else:
                    self._tap(trigger, names)
            elif is_on:
                self._tell(trigger.condition, f"{trigger.key} left out: more than {MOST_A_SECOND:g} a second")
            else:
                if trigger in self._down:
                    self._down.discard(trigger)
                    self._release(names)
                self._tell(trigger.condition, "over")
        except KeyboardError as error:
            self._tell("keyboard", str(error))

    def _tap(self, trigger: Trigger, names: Sequence[str]) -> None:
        """Press keys for a moment; where they are down from the last tap, that ends first."""
        if (ending := self._tapped.pop(trigger, None)) is not None:
            ending.cancel()
            self._keys.release(names)
        self._keys.press(names)
        self._tapped[trigger] = asyncio.get_running_loop().call_later(TAP_S, self._end_tap, trigger, names)

    def _end_tap(self, trigger: Trigger, names: Sequence[str]) -> None:
        del self._tapped[trigger]
        self._release(names)

    def _release(self, names: Sequence[str]) -> None:
        try:
            self._keys.release(names)
        except KeyboardError as error:
            self._tell("keyboard", str(error))


async def press_keys(arguments: KeysArguments, keyboard: Keyboard, tell: Tell) -> None:
    """Press keys until cancelled; then all are let go."""
    keys = GestureKeys(arguments.triggers, keyboard, tell)
    link = RoomLink(arguments.address, tell)

    def take_rig(text: str) -> bool:
        rig = rig_json.decode(text)
        if rig is not None:
            keys.triggers.see_rig(rig)
        return rig is not None

    try:
        async with link.connected() as client, asyncio.TaskGroup() as tasks:
            if keys.triggers.wants_analyses:
                texts = GestureTexts([keys.triggers])
                tasks.create_task(link.read(client, GESTURE_STREAMS, texts.take, each=True))
            if keys.triggers.wants_rigs:
                tasks.create_task(link.read(client, "rig", take_rig))
            tasks.create_task(_tick(keys.triggers))
    finally:
        keys.close()


async def _tick(triggers: Triggers) -> None:
    """Have what nothing is heard of end, such as a held key after a connection was lost."""
    while True:
        await asyncio.sleep(TICK_S)
        triggers.tick()


class _DryKeyboard:
    """Presses nothing."""

    def press(self, name: str) -> None:
        """Do nothing."""

    release = press

    def close(self) -> None:
        """Do nothing."""


def keys(words: Sequence[str]) -> int:
    """Run the command; return the process's exit status."""
    try:
        arguments = parse_arguments(words)
        if not arguments.triggers:
            print(NO_MAPPING)
            return 0
        names = {name for trigger in arguments.triggers for name in parse_combination(trigger.key or "")}
        keyboard = _DryKeyboard() if arguments.dry_run else open_keyboard(arguments.keyboard, names)
    except ValueError as error:
        print(f"mocast keys: {error}", file=sys.stderr)
        return 2
    except KeyboardError as error:
        print(f"mocast keys: {error}", file=sys.stderr)
        return 1
    run_until_interrupted(press_keys(arguments, keyboard, Changes()))
    return 0
