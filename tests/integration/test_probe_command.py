"""``mocast probe`` against a server: the delays of pictures that went there, and of their rigs to a port of an app."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.commands import motion_delays
from mocast.commands import probe as probe_command
from mocast.commands.probe import measured, parse_arguments, probe
from tests.integration.http_server import Running, running
from tests.polling import HANG_S, wait_until


async def pattern(server: Running) -> AsyncIterator[NDArray[np.uint8]]:
    """Pictures of which the first waits for who takes rigs, and each other one until another was tracked."""

    def is_ready() -> bool:
        rooms = server.ask("GET", "/v1/rooms").json["rooms"]
        return any(room["readers"] and room["publisher"] for room in rooms)

    await asyncio.to_thread(wait_until, is_ready)
    frames = server.pool.out[0].frames
    while True:
        seen = len(frames)
        yield np.full((240, 320, 3), 96 + seen % 2, np.uint8)
        async with asyncio.timeout(HANG_S):
            while len(frames) == seen:  # noqa: ASYNC110 (no event tells)
                await asyncio.sleep(1 / 30)


async def test_every_picture_s_rig_is_found_at_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion_delays, "WARM_UP_S", 0.2)
    with running() as server:
        monkeypatch.setattr(probe_command, "_pattern", lambda: pattern(server))
        words = ["--server", f"http://127.0.0.1:{server.port}", "--seconds", "1", "--tracker", "pose"]
        delays = await measured(parse_arguments(words))
    assert delays.pictures >= delays.rigs > 20
    assert len(delays.rig_to_app) > 10
    assert (delays.camera_to_rig > 0).all()
    assert (delays.rig_to_app > 0).all()


def test_a_server_that_is_not_there_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert probe(["--server", "http://127.0.0.1:9", "--json"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith("mocast probe: The server cannot be reached")
