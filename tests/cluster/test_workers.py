"""``mocast serve --workers 2``: one port, rooms that keep to one process, and a process that dies."""

import asyncio
import os
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import orjson
import pytest

from mocast.client import MocastClient
from tests.cluster.nodes import asking, camera, faked, wait_until
from tests.e2e.server import Server
from tests.peers import HANG_S

ROOMS = tuple(f"room-{number}" for number in range(6))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("workers")
    settings = {"workers": "2", "max_sessions": "16", "recordings_folder": str(folder / "recordings"), "auth": "token"}
    secret = {"token": "a-secret-of-the-operator", "jobs_folder": str(folder / "jobs"), "log_format": "json"}
    server = faked(Server(folder / "log", **settings, **secret))
    server.start()
    wait_until(lambda: 'worker="0"' in metrics(server) and 'worker="1"' in metrics(server))
    yield server
    if server.runs:
        server.stop()
        log = server.log_tail(100_000)
        assert "Traceback" not in log, log
        assert not workers(server)


HEADERS = {"Authorization": "Bearer a-secret-of-the-operator"}


def client_of(server: Server) -> MocastClient:
    return MocastClient(server.url, token="a-secret-of-the-operator", on_connection=lambda _: None)


def workers(server: Server) -> list[int]:
    """Numbers of the processes that serve."""
    if not server.runs:
        return []
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return [int(child) for child in children if b"mocast.worker" in Path(f"/proc/{child}/cmdline").read_bytes()]


def metrics(server: Server) -> str:
    request = urllib.request.Request(f"{server.url}/metrics", headers=HEADERS)
    with urllib.request.urlopen(request, timeout=HANG_S) as answer:
        body: bytes = answer.read()
    return body.decode()


def rooms_of(server: Server, worker: int) -> float:
    (line,) = (one for one in metrics(server).splitlines() if one.startswith(f'mocast_rooms{{worker="{worker}"}} '))
    return float(line.split()[-1])


async def test_rooms_are_shared_out_and_every_connection_reaches_each_of_them(server: Server) -> None:
    async with asking() as http:
        sockets = [await http.ws_connect(f"{server.url}/v1/rooms/{room}/landmarks", headers=HEADERS) for room in ROOMS]
        for _ in range(4):  # by connections that either worker may have accepted
            async with http.get(f"{server.url}/v1/rooms", headers=HEADERS) as answer:
                assert sorted(room["room"] for room in (await answer.json())["rooms"]) == sorted(ROOMS)
        assert 0 < rooms_of(server, 0) < len(ROOMS)
        assert rooms_of(server, 0) + rooms_of(server, 1) == len(ROOMS)
        async with http.get(f"{server.url}/v1/info") as answer:
            info = await answer.json()
            assert (info["max_sessions"], info["max_sockets"]) == (16, 64)
        for socket in sockets:
            await socket.close()


async def test_a_camera_and_its_readers_meet_whichever_worker_takes_their_connections(server: Server) -> None:
    async with asyncio.timeout(HANG_S), client_of(server) as client:
        for room in ROOMS[:3]:
            async with client.publish(camera(), room, tracker="pose") as publication:
                await publication.change(quality="fast")
                for _ in range(3):
                    async with aclosing(client.landmarks(room)) as frames:
                        assert (await anext(frames)).pose is not None


async def test_a_worker_that_dies_is_started_again_and_its_rooms_come_back(server: Server) -> None:
    async with (
        asyncio.timeout(HANG_S),
        client_of(server) as client,
        client.publish(camera(), "one", tracker="pose"),
        client.publish(camera(), "two", tracker="pose"),
    ):
        for dies in range(2):  # so that each room's has died
            before = workers(server)
            os.kill(before[dies % len(before)], signal.SIGKILL)
            for room in ("one", "two"):
                async with aclosing(client.landmarks(room)) as frames:
                    first = await anext(frames)
                    while (await anext(frames)).frame < first.frame + 3:
                        pass
            await asyncio.to_thread(wait_until, lambda: len(workers(server)) == 2)
            await asyncio.to_thread(wait_until, lambda: 'worker="1"' in metrics(server))


async def test_recordings_are_found_by_any_connection_and_after_a_worker_died(server: Server) -> None:
    async with asyncio.timeout(HANG_S), client_of(server) as client, asking() as http:
        async with client.publish(camera(), "kept", tracker="pose"):
            recording = await client.record("kept")
            await asyncio.sleep(0)
            async with aclosing(client.landmarks("kept")) as frames:
                for _ in range(10):
                    await anext(frames)
            for worker in workers(server):
                os.kill(worker, signal.SIGKILL)
            await asyncio.to_thread(wait_until, lambda: len(workers(server)) == 2)
        for _ in range(4):
            while True:
                url = f"{server.url}/v1/recordings/{recording.id}.jsonl"
                async with http.get(url, headers=HEADERS) as answer:
                    if answer.status == 200:
                        lines = (await answer.read()).splitlines()
                        break
                    assert answer.status in (404, 503), await answer.text()
                await asyncio.sleep(0.1)
            records = [orjson.loads(line) for line in lines]
            assert len(records) > 5
