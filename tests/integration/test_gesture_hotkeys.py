"""The example gesture-hotkeys as its README runs it: a hand in a room, and what two commands make of it elsewhere."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession

from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from tests.fakes import CentreTracker
from tests.hands import GESTURE_POSES, hand
from tests.integration.http_server import running
from tests.peers import HANG_S, Peer
from tests.vtube_studio import VTubeStudio

MAPPING = Path(__file__).resolve().parents[2] / "examples" / "gesture-hotkeys" / "hotkeys.toml"
COURSE = (("fist", False), ("victory", False), ("fist", False), ("open", True), ("fist", True))
"""What the hands show one after the other, ``FRAMES`` each, for ever; whether it is the left one."""
FRAMES = 30
HANDS = [(is_left, hand(GESTURE_POSES[name], left=is_left)) for name, is_left in COURSE]  # type: ignore[index]


class Command:
    """One of ours, in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[str] = []

    async def says(self, text: str) -> None:
        """Read on until a line has this in it."""
        assert self._process.stdout is not None
        async with asyncio.timeout(HANG_S):
            while not any(text in line for line in self.lines):
                line = await self._process.stdout.readline()
                assert line, self.lines
                self.lines.append(line.decode().strip())


@asynccontextmanager
async def command(folder: Path, *words: str) -> AsyncIterator[Command]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mocast", *words),
        stdout=asyncio.subprocess.PIPE,
        env={"XDG_CONFIG_HOME": str(folder), "PATH": ""},
    )
    try:
        yield Command(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


@pytest.fixture(autouse=True)
def _hands(monkeypatch: pytest.MonkeyPatch) -> None:
    find = CentreTracker.track

    def track(self: CentreTracker, frame: Frame) -> Tracked:
        is_left, shown = HANDS[frame.number // FRAMES % len(HANDS)]
        tracked = find(self, frame)
        return replace(tracked, left_hand=shown) if is_left else replace(tracked, right_hand=shown)

    monkeypatch.setattr(CentreTracker, "track", track)


async def test_a_hand_triggers_hotkeys_and_keys(tmp_path: Path) -> None:
    with running() as server:
        url = f"http://127.0.0.1:{server.port}/?room=main"
        async with VTubeStudio() as studio:
            studio.hotkeys = {"a": "Peace Sign", "b": "Heart eyes", "c": "Yes"}
            async with (
                command(
                    tmp_path, "bridge", url, "--vts", f"127.0.0.1:{studio.port}", "--mapping", str(MAPPING)
                ) as bridge,
                command(tmp_path, "keys", url, "--mapping", str(MAPPING), "--dry-run") as keys,
            ):
                await studio.wait_for(lambda it: it.is_asking)
                studio.answer(allow=True)
                await bridge.says("VTube Studio 127.0.0.1:" + f"{studio.port}: connected")
                await keys.says("room main at 127.0.0.1: connected")
                peer = Peer(landmarks=None, control=False)
                async with ClientSession(f"http://127.0.0.1:{server.port}") as http:
                    headers = {"Content-Type": "application/sdp"}
                    path = "/v1/rooms/main/publish?return=none"
                    async with http.post(path, data=await peer.offer(), headers=headers) as answer:
                        await peer.accept(await answer.text())
                try:
                    await studio.wait_for(lambda it: it.triggered, HANG_S)
                    await keys.says("gesture open (left hand): f14 pressed")
                    await keys.says("gesture open (left hand): over")
                finally:
                    await peer.close()
    assert set(studio.triggered) == {"a"}
    assert studio.refusals == []
