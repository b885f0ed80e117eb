"""``mocast keys``: from a room's gestures to keys, once each time, and none without a mapping file."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mocast.commands import keys as keys_command
from mocast.commands.keys import NO_MAPPING, parse_arguments, press_keys
from mocast.model.analysis import Event
from mocast.outputs import triggers
from mocast.wire import event_json
from tests.fakes import FakeKeyboard
from tests.integration.remote_room import RemoteRoom, Told, remote_room, retry_at_once

MAPPING = """
[[trigger]]
gesture = "victory"
hold = 0
release = 0
key = "ctrl+f13"

[[trigger]]
gesture = "open"
hand = "left"
hold = 0
release = 0
key = "f14"
press = "hold"

[[trigger]]
event = "rep"
key = "space"
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    retry_at_once(monkeypatch)
    monkeypatch.setattr(keys_command, "TAP_S", 0.001)
    monkeypatch.setattr(keys_command, "TICK_S", 0.01)
    monkeypatch.setattr(triggers, "STALE_S", 3600.0)


@pytest.fixture
async def room() -> AsyncIterator[RemoteRoom]:
    async with remote_room() as room:
        yield room


@asynccontextmanager
async def pressing(room: RemoteRoom, folder: Path, mapping: str = MAPPING) -> AsyncIterator[tuple[FakeKeyboard, Told]]:
    (folder / "keys.toml").write_text(mapping)
    words = [f"http://127.0.0.1:{room.port}/?room=stage", "--mapping", str(folder / "keys.toml")]
    keyboard, told = FakeKeyboard(), Told()
    task = asyncio.create_task(press_keys(parse_arguments(words), keyboard, told))
    try:
        await room.wait_for_readers(1)
        yield keyboard, told
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert keyboard.is_closed


def hands(left: str | None = None, right: str | None = None) -> str:
    shown = [f'{{"gesture": "{gesture}"}}' if gesture else "null" for gesture in (left, right)]
    return f'{{"type": "analysis", "version": 1, "left_hand": {shown[0]}, "right_hand": {shown[1]}}}'


async def test_a_gesture_taps_its_keys_once_however_long_it_is_shown(room: RemoteRoom, tmp_path: Path) -> None:
    async with pressing(room, tmp_path) as (keyboard, told):
        for _ in range(30):
            await room.send(hands(right="victory"))
        await keyboard.until(4)
        await told.says("gesture victory: ctrl+f13 pressed")
        await room.send(hands())
        await told.says("gesture victory: over")
        await room.send(hands(left="victory"))
        await keyboard.until(8)
    assert keyboard.did == ["+ctrl", "+f13", "-f13", "-ctrl"] * 2
    assert room.asked == ["/v1/rooms/stage/landmarks?send=analysis,events"]


async def test_a_held_key_is_down_until_the_gesture_is_over(room: RemoteRoom, tmp_path: Path) -> None:
    async with pressing(room, tmp_path) as (keyboard, told):
        await room.send(hands(left="open"))
        await told.says("gesture open (left hand): f14 pressed")
        assert keyboard.did == ["+f14"]
        await room.send(hands(right="open"))
        await told.says("over")
        assert keyboard.did == ["+f14", "-f14"]


async def test_a_held_key_is_let_go_when_the_server_is_gone(
    room: RemoteRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triggers, "STALE_S", 0.05)
    async with pressing(room, tmp_path) as (keyboard, told):
        await room.send(hands(left="open"))
        await keyboard.until(1)
        await room.stop()
        await keyboard.until(2)
        await told.says("over")
    assert keyboard.did == ["+f14", "-f14"]


async def test_a_held_key_is_let_go_at_the_end(room: RemoteRoom, tmp_path: Path) -> None:
    async with pressing(room, tmp_path) as (keyboard, _):
        await room.send(hands(left="open"))
        await keyboard.until(1)
    assert keyboard.did == ["+f14", "-f14"]


async def test_each_event_taps_its_key_but_not_without_end(room: RemoteRoom, tmp_path: Path) -> None:
    async with pressing(room, tmp_path) as (keyboard, told):
        for number in range(200):
            await room.send(event_json.encode(Event("rep", number, 0, 0, {"exercise": "squat"}), "stage"))
        await told.says("space left out: more than 10 a second")
    assert 10 <= keyboard.did.count("+space") < 200
    assert keyboard.did.count("+space") == keyboard.did.count("-space")


async def test_expressions_press_keys_too_and_then_rigs_are_asked_for(room: RemoteRoom, tmp_path: Path) -> None:
    mapping = "[[trigger]]\nexpression = 'happy'\nkey = 'a'\n"
    async with pressing(room, tmp_path, mapping):
        pass
    assert room.asked == ["/v1/rooms/stage/landmarks?send=rig"]


def test_without_a_mapping_it_does_nothing_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert keys_command.keys(["http://h/?room=x"]) == 0
    assert capsys.readouterr().out.strip() == NO_MAPPING


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("[[trigger]]\ngesture = 'fist'\nhotkey = 'a'", "no trigger has a key"),
        ("[[trigger]]\ngesture = 'fist'\nkey = 'hyper'", 'no key "hyper"'),
        ("[[trigger]]\ngesture = 'fist'\nkey = 'a'\npress = 'long'", "'tap' or 'hold'"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, mapping: str, said: str
) -> None:
    (tmp_path / "keys.toml").write_text(mapping)
    assert keys_command.keys(["http://h/?room=x", "--mapping", str(tmp_path / "keys.toml")]) == 2
    told = capsys.readouterr().err
    assert told.startswith("mocast keys: ")
    assert said in told
