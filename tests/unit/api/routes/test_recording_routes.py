"""Recordings over HTTP, and the animations that are made of them."""

import asyncio
import io
import json
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from aiohttp import ClientPayloadError, ClientResponse, ServerDisconnectedError, web
from aiohttp.test_utils import TestClient, TestServer
from bvh import Bvh
from tests import motions
from tests.fakes import HeldRooms, make_limiter
from tests.golden import make
from tests.polling import until
from yarl import URL

from mocast.api.authentication import authentication
from mocast.api.problems import problems
from mocast.api.routes import animations
from mocast.api.routes.animations import animation_routes
from mocast.api.routes.recordings import recording_routes
from mocast.auth.authenticator import NoAuthentication
from mocast.recordings.export import bvh
from mocast.recordings.export.motion import motion_of
from mocast.recordings.exporter import Exporter
from mocast.recordings.recording_list import RecordingLimits
from mocast.recordings.registry import Recordings

Client = TestClient[web.Request, web.Application]
FRAMES = 20


@pytest.fixture
def rooms() -> HeldRooms:
    return HeldRooms()


@pytest.fixture
async def exports() -> Exporter:
    return Exporter(make_limiter(exports=2))


@pytest.fixture
async def client(tmp_path: Path, rooms: HeldRooms, exports: Exporter) -> AsyncIterator[Client]:
    with ThreadPoolExecutor(2) as workers:
        recordings = Recordings(rooms, RecordingLimits(kept=2), tmp_path, workers)
        app = web.Application(middlewares=[problems, authentication(NoAuthentication())])
        app.add_routes(recording_routes(recordings, make_limiter(downloads=2)))
        app.add_routes(animation_routes(recordings, exports))
        app.cleanup_ctx.append(recordings.running)
        async with TestClient(TestServer(app)) as client:
            yield client


async def recorded(client: Client, rooms: HeldRooms, room: str = "hall", query: str = "") -> str:
    """The path of a recording of ``FRAMES`` frames that was stopped."""
    async with client.post(f"/v1/rooms/{room}/recordings{query}") as answer:
        assert answer.status == 201, await answer.text()
        path = answer.url.join(URL(answer.headers["Location"])).path
    for frame in range(FRAMES):
        rooms.by_name[room].streams["landmarks"].fanout.send(make.frame(frame, pose=make.pose(frame)))
        rooms.by_name[room].streams["rig"].fanout.send(motions.rig(frame))
    async with client.post(f"{path}/stop") as answer:
        assert answer.status == 200
    return path


async def is_problem(answer: ClientResponse, status: int) -> bool:
    problem = await answer.json(content_type="application/problem+json")
    return answer.status == status == problem["status"] and bool(problem["detail"])


async def test_recording_from_start_to_deletion(client: Client, rooms: HeldRooms) -> None:
    async with client.post("/v1/rooms/hall/recordings") as answer:
        assert answer.status == 201
        path = answer.url.join(URL(answer.headers["Location"])).path
        started = await answer.json()
    assert re.fullmatch(r"/v1/recordings/[A-Za-z0-9_-]{24}", path)
    assert (started["id"], started["state"], started["room"]) == (path[-24:], "recording", "hall")
    rooms.by_name["hall"].streams["rig"].fanout.send(motions.rig())
    async with client.post(f"{path}/stop") as answer:
        stopped = await answer.json()
    assert (stopped["state"], stopped["frames"], stopped["rigs"], stopped["landmarks"]) == ("stopped", 1, 1, 0)
    async with client.get(path) as answer:
        assert await answer.json() == stopped
    async with client.delete(path) as answer:
        assert (answer.status, await answer.read()) == (204, b"")
    for address in (path, f"{path}.jsonl", f"{path}.bvh", f"{path}.vrma"):
        async with client.get(address) as answer:
            assert await is_problem(answer, 404)


async def test_json_lines_are_the_file(client: Client, rooms: HeldRooms, tmp_path: Path) -> None:
    path = await recorded(client, rooms)
    async with client.get(f"{path}.jsonl") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/jsonl"
        assert re.fullmatch(r'attachment; filename="hall-\d{8}-\d{6}\.jsonl"', answer.headers["Content-Disposition"])
        body = await answer.read()
    (file,) = tmp_path.iterdir()  # noqa: ASYNC240 (a test may)
    assert body == file.read_bytes()
    assert len(body.splitlines()) == 2 * FRAMES + 2


async def test_bvh_is_smoothed_unless_asked_otherwise(client: Client, rooms: HeldRooms) -> None:
    path = await recorded(client, rooms)
    async with client.get(f"{path}.bvh") as answer:
        assert answer.headers["Content-Disposition"].endswith('.bvh"')
        smooth = Bvh(await answer.text())
    async with client.get(f"{path}.bvh?smooth=false") as answer:
        raw = Bvh(await answer.text())
    file = io.BytesIO()
    bvh.write(motion_of([motions.rig(frame) for frame in range(FRAMES)]), file)
    truth = Bvh(file.getvalue().decode())
    assert raw.nframes == smooth.nframes == truth.nframes == FRAMES
    # The tolerance is what the recording's decimals leave.
    np.testing.assert_allclose(np.array(raw.frames, float), np.array(truth.frames, float), atol=0.02)
    assert smooth.frames[5] != raw.frames[5]


async def test_rate_is_as_asked(client: Client, rooms: HeldRooms) -> None:
    path = await recorded(client, rooms)
    async with client.get(f"{path}.bvh?fps=60") as answer:
        parsed = Bvh(await answer.text())
    assert parsed.frame_time == pytest.approx(1 / 60, abs=1e-7)
    assert parsed.nframes == 2 * FRAMES - 1


async def test_vrma_is_a_gltf_binary(client: Client, rooms: HeldRooms) -> None:
    path = await recorded(client, rooms)
    async with client.get(f"{path}.vrma") as answer:
        assert answer.content_type == "model/gltf-binary"
        body = await answer.read()
    assert int(answer.headers["Content-Length"]) == len(body)
    assert body[:4] == b"glTF"
    document = json.loads(body[20 : 20 + int.from_bytes(body[12:16], "little")])
    assert document["accessors"][0]["max"] == [pytest.approx((FRAMES - 1) / 30)]


async def test_part_of_the_lines_can_be_asked_for(client: Client, rooms: HeldRooms) -> None:
    path = await recorded(client, rooms)
    async with client.get(f"{path}.jsonl", headers={"Range": "bytes=0-18"}) as answer:
        assert (answer.status, await answer.read()) == (206, b'{"type":"recording"')


async def test_animation_is_not_made_for_its_headers_alone(client: Client, rooms: HeldRooms) -> None:
    path = await recorded(client, rooms)
    async with client.head(f"{path}.vrma") as answer:
        assert answer.status == 405


async def test_nothing_is_downloaded_while_it_runs(client: Client) -> None:
    async with client.post("/v1/rooms/hall/recordings") as answer:
        path = answer.url.join(URL(answer.headers["Location"])).path
    for ending in ("jsonl", "bvh", "vrma"):
        async with client.get(f"{path}.{ending}") as answer:
            assert await is_problem(answer, 409)


async def test_recording_without_rigs_has_no_animation(client: Client, rooms: HeldRooms) -> None:
    path = await recorded(client, rooms, query="?record=landmarks")
    async with client.get(f"{path}.jsonl") as answer:
        assert answer.status == 200
    async with client.get(f"{path}.vrma") as answer:
        assert await is_problem(answer, 422)


@pytest.mark.parametrize(
    "call",
    [
        "POST /v1/rooms/hall/recordings?record=video",
        "POST /v1/rooms/hall/recordings?record=",
        "POST /v1/rooms/hall/recordings?what=rig",
        "GET /v1/recordings/none.bvh?fps=14",
        "GET /v1/recordings/none.bvh?fps=nan",
        "GET /v1/recordings/none.vrma?fps=121",
        "GET /v1/recordings/none.vrma?smooth=perhaps",
        "GET /v1/recordings/none.vrma?mirror=true",
    ],
)
async def test_wrong_queries_are_told(client: Client, rooms: HeldRooms, call: str) -> None:
    method, path = call.split()
    async with client.request(method, path) as answer:
        assert await is_problem(answer, 422)
    assert rooms.by_name == {}


@pytest.mark.parametrize(
    "call", ["GET /v1/recordings/none", "DELETE /v1/recordings/none", "POST /v1/recordings/none/stop"]
)
async def test_unknown_recording_is_told(client: Client, call: str) -> None:
    method, path = call.split()
    async with client.request(method, path) as answer:
        assert await is_problem(answer, 404)


async def test_names_of_rooms_are_checked(client: Client, rooms: HeldRooms) -> None:
    async with client.post("/v1/rooms/a%20b/recordings") as answer:
        assert await is_problem(answer, 400)
    assert rooms.by_name == {}


async def test_room_that_is_recorded_already_is_told(client: Client, rooms: HeldRooms) -> None:
    await recorded(client, rooms)
    async with client.post("/v1/rooms/hall/recordings") as answer:
        assert answer.status == 201
    async with client.post("/v1/rooms/hall/recordings") as answer:
        assert await is_problem(answer, 409)
    async with client.post("/v1/rooms/stage/recordings") as answer:
        assert answer.status == 201
    async with client.post("/v1/rooms/third/recordings") as answer:
        assert await is_problem(answer, 503)
        assert int(answer.headers["Retry-After"]) > 0


async def test_exports_beyond_the_bound_are_refused_and_others_go_on(
    client: Client, rooms: HeldRooms, exports: Exporter
) -> None:
    path = await recorded(client, rooms)
    async with exports._turn:
        waiting = [asyncio.ensure_future(client.get(f"{path}.bvh").__aenter__()) for _ in range(2)]
        await until(lambda: exports._limiter.held("exports") == 2)
        async with client.get(f"{path}.bvh") as answer:
            assert await is_problem(answer, 503)
        async with client.get(f"{path}.jsonl") as answer:
            assert answer.status == 200
    for answer in await asyncio.gather(*waiting):
        assert len(Bvh(await answer.text()).frames) == FRAMES
    async with client.get(f"{path}.bvh") as answer:
        assert answer.status == 200


async def test_client_that_does_not_fetch_its_export_loses_it(
    client: Client, rooms: HeldRooms, exports: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(animations, "DOWNLOAD_TIMEOUT_S", 0)
    path = await recorded(client, rooms)
    with pytest.raises((ClientPayloadError, ServerDisconnectedError, ConnectionResetError)):
        async with client.get(f"{path}.vrma") as answer:
            await answer.read()
    assert exports._limiter.held("exports") == 0
