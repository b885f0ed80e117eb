"""Rooms over real HTTP: their state, the WebSocket, viewers as sessions, calibration."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest

from tests.integration.http_server import Running, running
from tests.peers import Peer


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(max_viewers=6) as served:
        yield served


@asynccontextmanager
async def joined(server: Running, peer: Peer, call: str) -> AsyncIterator[str]:
    """Publish to a room, or watch it, while the context lasts; yields the session's address."""
    answer = await asyncio.to_thread(
        server.ask, "POST", f"/v1/rooms/{call}", await peer.offer(), {"Content-Type": "application/sdp"}
    )
    assert answer.status == 201, answer.body
    await peer.accept(answer.body.decode())
    try:
        yield answer.location
    finally:
        await asyncio.to_thread(server.ask, "DELETE", answer.location)
        await peer.close()


async def ask(server: Running, method: str, path: str, body: object = None) -> tuple[int, Any]:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    answer = await asyncio.to_thread(
        server.ask, method, path, orjson.dumps(body) if body is not None else None, headers
    )
    return answer.status, answer.json if answer.body else None


def url(server: Running, path: str) -> str:
    return f"http://127.0.0.1:{server.port}{path}"


async def texts(reader: aiohttp.ClientWebSocketResponse, count: int) -> list[dict[str, Any]]:
    return [orjson.loads(await reader.receive_str(timeout=60)) for _ in range(count)]


async def test_a_room_is_listed_with_its_publisher_and_its_viewers_and_no_session_id(server: Running) -> None:
    publisher, viewer = Peer(), Peer(video=False, landmarks=None, rig="")
    async with (
        joined(server, publisher, "hall/publish") as session,
        joined(server, viewer, "hall/subscribe") as watching,
    ):
        await publisher.until(lambda: publisher.frames)
        await viewer.until(lambda: viewer.rig_messages)
        status, room = await ask(server, "GET", "/v1/rooms/hall")
        assert (status, room["viewers"], room["publisher"]["state"]) == (200, 1, "live")
        assert room["statistics"]["frames_in"] > 0
        _, listed = await ask(server, "GET", "/v1/rooms")
        assert [entry["room"] for entry in listed["rooms"]] == ["hall"]
        told = orjson.dumps(listed).decode()
        assert session.rsplit("/", 1)[1] not in told
        assert watching.rsplit("/", 1)[1] not in told
    assert (await ask(server, "GET", "/v1/rooms/hall"))[0] == 404


async def test_a_viewer_is_a_session_that_can_be_looked_at_and_ended_but_not_changed(server: Running) -> None:
    async with joined(server, Peer(direction="recvonly", tuned=True), "hall/subscribe") as watching:
        status, viewer = await ask(server, "GET", watching)
        assert (status, viewer["role"], viewer["video"]) == (200, "viewer", True)
        assert (await ask(server, "PATCH", watching, {"mirror": True}))[0] == 409
        assert (await ask(server, "GET", f"{watching}/calibration"))[0] == 409
        assert (await ask(server, "DELETE", watching))[0] == 200
        assert (await ask(server, "GET", watching))[0] == 404


async def test_the_websocket_sends_landmarks_and_rigs_told_apart_by_type(server: Running) -> None:
    publisher = Peer()
    async with joined(server, publisher, "hall/publish"), aiohttp.ClientSession() as http:
        times: dict[str, dict[int, int]] = {"landmarks": {}, "rig": {}}
        async with http.ws_connect(url(server, "/v1/rooms/hall/landmarks")) as reader:
            while not (both := times["landmarks"].keys() & times["rig"].keys()):
                for text in await texts(reader, 2):
                    assert text["version"] == 1
                    times[text["type"]][text["frame"]] = text["pts"]
        assert all(times["landmarks"][frame] == times["rig"][frame] for frame in both)
        async with http.ws_connect(url(server, "/v1/rooms/hall/landmarks?send=rig&mirror=true")) as reader:
            assert {text["type"] for text in await texts(reader, 4)} == {"rig"}
            _, room = await ask(server, "GET", "/v1/rooms/hall")
            assert room["readers"] == 1


async def test_texts_are_not_compressed_on_the_event_loop(server: Running) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url(server, "/v1/rooms/hall/landmarks"), compress=15) as reader,
    ):
        assert reader.compress == 0


async def test_a_reader_may_wait_for_the_publisher(server: Running) -> None:
    async with aiohttp.ClientSession() as http, http.ws_connect(url(server, "/v1/rooms/late/landmarks")) as reader:
        publisher = Peer(landmarks=None)
        async with joined(server, publisher, "late/publish?return=none"):
            assert len(await texts(reader, 4)) == 4


async def test_a_reader_that_does_not_read_loses_its_own_texts_only(server: Running) -> None:
    def dropped() -> float:
        metrics = server.ask("GET", "/metrics").body.decode()
        found = re.search(r"^mocast_viewer_landmarks_dropped_total (\S+)", metrics, re.MULTILINE)
        assert found
        return float(found[1])

    publisher = Peer()
    async with joined(server, publisher, "hall/publish"), aiohttp.ClientSession() as http:
        before = await asyncio.to_thread(dropped)
        with socket.create_connection(("127.0.0.1", server.port)) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            deaf.sendall(
                b"GET /v1/rooms/hall/landmarks HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\n"
                b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            )
            async with http.ws_connect(url(server, "/v1/rooms/hall/landmarks")) as reader:
                async with asyncio.timeout(300):
                    while await asyncio.to_thread(dropped) < before + 10:
                        await texts(reader, 10)
                numbers = [text["frame"] for text in await texts(reader, 40) if text["type"] == "landmarks"]
        assert numbers == sorted(set(numbers))
        pictures = len(publisher.frames)
        await publisher.until(lambda: len(publisher.frames) >= pictures + 10)


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
async def test_pages_of_other_origins_cannot_read(server: Running, origin: str) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(url(server, "/v1/rooms/hall/landmarks"), headers={"Origin": origin})
        assert refused.value.status == 403


async def test_a_page_of_our_own_can_read(server: Running) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(url(server, "/v1/rooms/hall/landmarks"), headers={"Origin": url(server, "")}) as reader,
    ):
        assert not reader.closed


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/rooms/hall/landmarks", 400),
        ("/v1/rooms/hall/landmarks?send=pictures", 422),
        ("/v1/rooms/hall/landmarks?send=", 422),
        ("/v1/rooms/hall/landmarks?speed=1", 422),
        ("/v1/rooms/not%20a%20room/landmarks", 400),
        ("/v1/rooms/nobody", 404),
    ],
)
async def test_what_cannot_be_read_is_refused_in_words(server: Running, path: str, status: int) -> None:
    answered, problem = await ask(server, "GET", path)
    assert (answered, problem["status"]) == (status, status)


async def test_calibration_is_measured_given_back_and_forgotten(server: Running) -> None:
    async with joined(server, Peer(), "hall/publish") as session:
        path = f"{session}/calibration"
        assert await ask(server, "GET", path) == (200, {"calibration": None})
        status, problem = await ask(server, "POST", path, {"seconds": 0.5})
        assert (status, problem["status"]) == (409, 409), "no face is in the picture"
        kept = {"version": 1, "face": None, "body": None}
        assert await ask(server, "PUT", path, kept) == (200, {"calibration": kept})
        assert await ask(server, "GET", path) == (200, {"calibration": kept})
        assert (await ask(server, "PUT", path, {"version": 99}))[0] == 422
        assert (await ask(server, "POST", path, {"seconds": 1000}))[0] == 422
        assert await ask(server, "GET", path) == (200, {"calibration": kept}), "what was refused changed nothing"
        assert await ask(server, "DELETE", path) == (200, {"calibration": None})


async def test_custom_gestures_are_replaced_whole(server: Running) -> None:
    async with joined(server, Peer(), "hall/publish") as session:
        path = f"{session}/gestures"
        assert await ask(server, "GET", path) == (200, {"gestures": []})
        spider = {"name": "spider", "features": [0.5] * 26, "radius": 0.4, "hand": "left", "oriented": True}
        assert await ask(server, "PUT", path, {"gestures": [spider]}) == (200, {"gestures": [spider]})
        for wrong in ({"gestures": [spider | {"features": [0.5] * 25}]}, {"gestures": [{"name": "x"}]}, [spider]):
            assert (await ask(server, "PUT", path, wrong))[0] == 422
        assert await ask(server, "GET", path) == (200, {"gestures": [spider]}), "what was refused changed nothing"
        assert await ask(server, "PUT", path, {"gestures": []}) == (200, {"gestures": []})


async def test_a_reference_is_set_shown_and_forgotten(server: Running) -> None:
    async with joined(server, Peer(), "hall/publish") as session:
        path = f"{session}/reference"
        assert await ask(server, "GET", path) == (200, {"reference": None})
        pose = {"world": [[0.1, -0.5, 0.25]] * 33, "visibility": [0.5] * 33, "mirrored": True}
        assert await ask(server, "PUT", path, pose) == (200, {"reference": pose})
        for wrong in (pose | {"world": [[0, 0]] * 33}, pose | {"visibility": [1] * 32}, {"recording": "x"}, [pose]):
            assert (await ask(server, "PUT", path, wrong))[0] == 422
        assert await ask(server, "GET", path) == (200, {"reference": pose}), "what was refused changed nothing"
        moves = [{"at": 7 + 0.1 * n, "world": [[0.1, -0.5, 0.25]] * 33, "visibility": [0.5] * 33} for n in range(50)]
        in_use = {"motion": {"poses": 50, "seconds": 4.9}, "mirrored": False}
        assert await ask(server, "PUT", path, {"motion": moves}) == (200, {"reference": in_use})
        assert (await ask(server, "PUT", path, {"motion": moves[::-1]}))[0] == 422
        longest = [{"at": 0.1 * n, "world": [[0.1, -0.5, 0.25]] * 33, "visibility": [0.5] * 33} for n in range(300)]
        assert (await ask(server, "PUT", path, {"motion": longest}))[0] == 200
        assert (await ask(server, "PUT", path, {"motion": [{}] * 30_000}))[0] == 413, "so much is not even parsed"
        assert (await ask(server, "PUT", path, {"motion": moves}))[0] == 200
        assert await ask(server, "GET", path) == (200, {"reference": in_use})
        assert await ask(server, "DELETE", path) == (200, {"reference": None})


async def test_readers_are_told_when_the_server_stops() -> None:
    with running() as server:
        async with aiohttp.ClientSession() as http, http.ws_connect(url(server, "/v1/rooms/hall/landmarks")) as reader:
            server.stop()
            message = await reader.receive(timeout=60)
            assert message.type is aiohttp.WSMsgType.CLOSE
            assert (message.data, message.extra) == (1001, "the server is shutting down")


async def test_readers_are_told_when_the_server_drains_and_go_on() -> None:
    with running() as server:
        async with (
            joined(server, Peer(), "hall/publish"),
            aiohttp.ClientSession() as http,
            http.ws_connect(url(server, "/v1/rooms/hall/landmarks")) as reader,
        ):
            await texts(reader, 1)
            server.drain()
            while (message := (await texts(reader, 1))[0])["type"] != "notice":
                pass
            assert (message["notice"], message["detail"]) == ("draining", "the server is shutting down")
            assert (await texts(reader, 1))[0]["type"] in ("landmarks", "rig")


async def test_an_offer_that_does_not_come_in_time_is_a_408(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mocast.api.bodies.TIMEOUT_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(
        b"POST /v1/rooms/hall/publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/sdp\r\n"
        b"Content-Length: 100\r\n\r\nv=0"
    )
    async with asyncio.timeout(60):
        assert b" 408 " in await reader.readline()
    writer.close()
