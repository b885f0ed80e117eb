"""The wall clock jumps, as when a machine sets it after the start: frames, statistics and recordings do not notice."""

import asyncio
from pathlib import Path

import pytest

from tests.long.faults.clients import asked, longest_gap_s, publishing
from tests.long.faults.conftest import Serve

DAY_S = 86_400


@pytest.mark.parametrize("jump_s", [400 * DAY_S, -400 * DAY_S], ids=["ahead", "back"])
async def test_a_jump_of_the_wall_clock_is_noticed_by_nobody(
    serve: Serve, tmp_path: Path, system_faults: str, jump_s: int
) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0")
    server = serve(environment={"LD_PRELOAD": system_faults, "CLOCK_FILE": str(clock)})
    async with publishing(server) as peer:
        began = asked(server, "/v1/rooms/room/recordings", "POST")
        await asyncio.sleep(2)
        clock.write_text(str(jump_s))
        assert await longest_gap_s(peer, 5) < 2
        notices = [message for message in peer.control_messages if message["type"] == "notice"]
        assert notices == [], "nothing ended or was restarted"
        statistics = peer.control_messages[-1]["statistics"]
        assert statistics["fps_tracked"] > 5
        assert 0 < statistics["delay_ms"] < 2000
        pts = [frame.pts for frame in peer.frames]
        assert pts == sorted(pts)
        async with publishing(server, "other"):
            pass
        ended = asked(server, f"/v1/recordings/{began['id']}/stop", "POST")
        assert 6 < ended["seconds"] < 60
        assert ended["state"] == "stopped"
