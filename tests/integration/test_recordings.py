"""A room is recorded by the whole server while a camera is in it, and what is downloaded fits what was sent."""

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from bvh import Bvh

from mocast.recordings.export.jsonl import rigs_of
from mocast.wire import rig_binary
from tests.golden.make_arm_fitting import BODIES
from tests.integration.http_server import Answer, Running, running
from tests.peers import Peer

JSON = {"Content-Type": "application/json"}
SMALL = BODIES["small"]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running(recordings_folder=tmp_path) as server:
        yield server


async def asked(server: Running, method: str, path: str, body: object = None) -> Answer:
    if body is None:
        return await asyncio.to_thread(server.ask, method, path)
    return await asyncio.to_thread(server.ask, method, path, orjson.dumps(body), JSON)


async def joined(server: Running, peer: Peer, query: str = "?return=none") -> str:
    answer = await asyncio.to_thread(server.publish, "hall", await peer.offer(), query)
    assert answer.status == 201, answer.body
    await peer.accept(answer.body.decode())
    return answer.location


def frames_of(lines: list[Any], kind: str | None) -> dict[int, Any]:
    return {line["frame"]: line for line in lines[1:-1] if line.get("type") == kind}


async def test_recording_holds_what_the_publisher_was_sent(server: Running) -> None:
    peer = Peer(rig="")
    session = await joined(server, peer)
    await peer.until(lambda: len(peer.rigs()) >= 2)
    recording = (await asked(server, "POST", "/v1/rooms/hall/recordings")).location
    first = len(peer.rigs())
    await peer.until(lambda: len(peer.rigs()) >= first + 30)
    assert (await asked(server, "GET", "/v1/rooms/hall")).json["recording"] is True
    stopped = (await asked(server, "POST", f"{recording}/stop")).json
    assert (stopped["state"], stopped["dropped"]) == ("stopped", 0)
    assert stopped["rigs"] >= 25
    assert (await asked(server, "GET", "/v1/rooms/hall")).json["recording"] is False

    body = (await asked(server, "GET", f"{recording}.jsonl")).body
    lines = [json.loads(line) for line in body.splitlines()]
    landmarks, rigs = frames_of(lines, None), frames_of(lines, "rig")
    assert (len(landmarks), len(rigs)) == (stopped["landmarks"], stopped["rigs"])
    assert len(set(landmarks) & set(rigs)) >= 25
    assert all(landmarks[number]["pts"] == rigs[number]["pts"] for number in set(landmarks) & set(rigs))
    sent: dict[int, rig_binary.DecodedRig] = {rig.frame: rig for rig in peer.rigs()}
    recorded = {rig.frame: rig for rig in rigs_of(io.BytesIO(body))}
    both = set(sent) & set(recorded)
    assert len(both) >= 20
    for number in both:
        np.testing.assert_allclose(recorded[number].hips, sent[number].hips, atol=2e-4)
        same = np.abs(np.einsum("ij,ij->i", recorded[number].rotations, sent[number].rotations))
        np.testing.assert_allclose(same, 1, atol=1e-5)

    parsed = Bvh((await asked(server, "GET", f"{recording}.bvh")).body.decode())
    times = [rig.pts for rig in rigs_of(io.BytesIO(body))]
    assert parsed.nframes * parsed.frame_time == pytest.approx((times[-1] - times[0]) / 90_000, abs=0.1)
    assert (await asked(server, "GET", f"{recording}.vrma")).body[:4] == b"glTF"
    avatar = {"offsets": SMALL.offsets, "middles": SMALL.middles, "sizes": SMALL.sizes, "hand": SMALL.hand_m}
    fitted = Bvh((await asked(server, "POST", f"{recording}.bvh", avatar)).body.decode())
    assert [float(x) for x in fitted.joint_offset("leftLowerArm")] == pytest.approx([26 * 0.75, 0, 0], abs=0.01)
    wrong = await asked(server, "POST", f"{recording}.bvh", avatar | {"hand": -1})
    assert wrong.status == 422
    await asked(server, "DELETE", session)
    await peer.close()


async def test_recording_waits_for_a_publisher_and_outlives_it(server: Running) -> None:
    recording = (await asked(server, "POST", "/v1/rooms/hall/recordings?record=landmarks")).location
    rooms = (await asked(server, "GET", "/v1/rooms")).json["rooms"]
    assert [(room["room"], room["publisher"], room["recording"]) for room in rooms] == [("hall", None, True)]
    for _ in range(2):
        peer = Peer()
        session = await joined(server, peer)
        await peer.until(lambda peer=peer: len(peer.landmark_messages) >= 5)
        assert (await asked(server, "DELETE", session)).status == 200
        await peer.close()
    stopped = (await asked(server, "POST", f"{recording}/stop")).json
    lines = [json.loads(line) for line in (await asked(server, "GET", f"{recording}.jsonl")).body.splitlines()]
    times = [line["pts"] for line in lines[1:-1]]
    assert len(times) == stopped["landmarks"] >= 10
    assert (np.diff(times) > 0).all(), "time goes on when another publisher comes"
    assert (await asked(server, "GET", "/v1/rooms")).json["rooms"] == []


async def test_server_that_stops_keeps_what_it_recorded(tmp_path: Path) -> None:
    with running(recordings_folder=tmp_path) as server:
        recording = (await asked(server, "POST", "/v1/rooms/hall/recordings")).location
        peer = Peer()
        await joined(server, peer)
        await peer.until(lambda: len(peer.landmark_messages) >= 5)
        await peer.close()
    with running(recordings_folder=tmp_path) as server:
        shown = (await asked(server, "GET", recording)).json
        assert (shown["state"], shown["reason"]) == ("stopped", "the server shut down")
        assert shown["landmarks"] >= 1
        assert (await asked(server, "GET", f"{recording}.jsonl")).status == 200
        assert (await asked(server, "DELETE", recording)).status == 204
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 (a test may)


async def test_where_recording_is_switched_off_it_is_refused() -> None:
    with running(recordings_kept=0) as server:
        assert (await asked(server, "POST", "/v1/rooms/hall/recordings")).status == 403


async def test_pages_of_other_origins_may_not_record(server: Running) -> None:
    answer = await asyncio.to_thread(
        server.ask, "POST", "/v1/rooms/hall/recordings", None, {"Origin": "https://elsewhere.example"}
    )
    assert answer.status == 403
