"""The short form of ``make fuzz`` over HTTP: a few hundred requests of all kinds."""

import asyncio
from pathlib import Path

import pytest

from tests.fuzzing.http_campaign import run_campaign
from tests.integration.http_server import running
from tests.peers import Peer

CASES = 100


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # aiortc's tasks do, meanwhile
async def test_every_answer_is_as_documented_and_nothing_is_left(tmp_path: Path) -> None:
    with running(max_sessions=4, jobs_folder=tmp_path) as server:
        peer = Peer()
        answer = await asyncio.to_thread(server.publish, "live", await peer.offer())
        assert answer.status == 201
        await peer.accept(answer.body.decode())
        await peer.until(lambda: peer.frames)
        session = answer.location.rsplit("/", 1)[1]
        campaign = await asyncio.to_thread(run_campaign, f"http://127.0.0.1:{server.port}", session, CASES)
        assert campaign.faults == []
        assert campaign.cases >= CASES
        # A request may have ended the returned picture.
        back = '{"return": "video"}', {"Content-Type": "application/json"}
        assert (await asyncio.to_thread(server.ask, "PATCH", answer.location, *back)).status == 200
        seen = len(peer.frames)
        await peer.until(lambda: len(peer.frames) > seen + 5)
        await asyncio.to_thread(server.ask, "DELETE", answer.location)
        await peer.close()
