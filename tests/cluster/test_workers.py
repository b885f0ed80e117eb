"""``mocast serve --workers 2``: one port, rooms that keep to one process, and a process that dies.

How long the rooms of a worker that is killed were without a frame is printed with ``-s``.
"""

import asyncio
import contextlib
import itertools
import os
import signal
import socket
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp
import orjson
import pytest

from mocast.client import MocastClient
from tests.cluster.films import write_film
from tests.cluster.nodes import asking, camera, faked, wait_until, watching
from tests.e2e.server import Server
from tests.peers import HANG_S, Peer
from tests.stand_in_worker import video

ROOMS = tuple(f"room-{number}" for number in range(6))
FED = "fed"
"""The room of the operator's own camera, a film."""

MOST_SOCKETS = 12
"""Of one address, at both workers together."""

TUS = {"Tus-Resumable": "1.0.0"}
CHUNK = TUS | {"Content-Type": "application/offset+octet-stream"}

IMPATIENT = "from mocast.workers import watchdog as dog; dog.ASK_EVERY_S, dog.ANSWER_S = 0.5, 1.5"
"""For its parent, so that a worker that hangs is noticed after six seconds."""

UNKNOWN = ssl.create_default_context()
UNKNOWN.check_hostname, UNKNOWN.verify_mode = False, ssl.CERT_NONE


def free_ports(count: int) -> int:
    """Return the first of some UDP ports in a row that nobody has."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as first:
            first.bind(("0.0.0.0", 0))
            port: int = first.getsockname()[1]
            try:
                for more in range(1, count):
                    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as next_one:
                        next_one.bind(("0.0.0.0", port + more))
            except OSError:
                continue
            return port


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two workers with all that they share: a certificate, tokens, files, a camera, ports."""
    folder = tmp_path_factory.mktemp("workers")
    settings = {"workers": "2", "max_sessions": "16", "recordings_folder": str(folder / "recordings"), "auth": "token"}
    secret = {"token": "a-secret-of-the-operator", "jobs_folder": str(folder / "jobs"), "log_format": "json"}
    tls = {"tls_self_signed": "true", "tls_cert": str(folder / "cert.pem"), "tls_key": str(folder / "key.pem")}
    film = f"{FED}={write_film(folder / 'film.mp4', seconds=10)}#loop=true&tracker=pose"
    shares = {"max_sockets_per_address": str(MOST_SOCKETS)}
    media = {"udp_port": str(free_ports(2)), "sources": film}
    server = faked(Server(folder / "log", prologue=IMPATIENT, **settings, **secret, **tls, **media, **shares))
    server.start()
    wait_until(lambda: both_serve(server))
    yield server
    if server.runs:
        server.stop()
        log = server.log_tail(100_000)
        assert "Traceback" not in log, log
        assert not workers(server)


HEADERS = {"Authorization": "Bearer a-secret-of-the-operator"}


def client_of(server: Server) -> MocastClient:
    return MocastClient(server.url, token="a-secret-of-the-operator", tls=UNKNOWN, on_connection=lambda _: None)


def workers(server: Server) -> list[int]:
    """Numbers of the processes that serve."""
    if not server.runs:
        return []
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return [int(child) for child in children if b"mocast.workers.worker" in command_of(child)]


def command_of(pid: str) -> bytes:
    """Return a process's command line; empty: it has ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


async def kill(server: Server, *killed: int) -> None:
    """Kill workers, and return when others have taken their places."""
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    await asyncio.to_thread(wait_until, lambda: len(set(workers(server)) - set(killed)) == 2)


def metrics(server: Server) -> str:
    request = urllib.request.Request(f"{server.url}/metrics", headers=HEADERS)
    with urllib.request.urlopen(request, timeout=HANG_S, context=UNKNOWN) as answer:
        body: bytes = answer.read()
    return body.decode()


def both_serve(server: Server) -> bool:
    """Return whether both workers do."""
    found = metrics(server)
    return 'worker="0"' in found and 'worker="1"' in found


def rooms_of(server: Server, worker: int) -> float:
    (line,) = (one for one in metrics(server).splitlines() if one.startswith(f'mocast_rooms{{worker="{worker}"}} '))
    return float(line.split()[-1])


async def test_rooms_are_shared_out_and_every_connection_reaches_each_of_them(server: Server) -> None:
    async with asking(UNKNOWN) as http:
        sockets = [await http.ws_connect(f"{server.url}/v1/rooms/{room}/landmarks", headers=HEADERS) for room in ROOMS]
        for _ in range(4):  # by connections that either worker may have accepted
            async with http.get(f"{server.url}/v1/rooms", headers=HEADERS) as answer:
                assert {room["room"] for room in (await answer.json())["rooms"]} == {*ROOMS, FED}
        assert 1 < rooms_of(server, 0) < 1 + len(ROOMS)
        assert rooms_of(server, 0) + rooms_of(server, 1) == 1 + len(ROOMS)
        async with http.get(f"{server.url}/v1/info") as answer:
            info = await answer.json()
            assert (info["max_sessions"], info["max_sockets"]) == (16, 64)
        first, second = (os.sched_getaffinity(worker) for worker in workers(server))
        assert not first & second or len(first | second) == 1, "each has cores of its own, where there are two"
        for socket in sockets:
            await socket.close()


async def test_a_share_of_an_address_is_one_of_both_workers(server: Server) -> None:
    """And what it held at a worker that dies is free."""
    rooms = [f"many-{number}" for number in range(MOST_SOCKETS)]
    async with asyncio.timeout(HANG_S), asking(UNKNOWN) as http:

        async def opened(room: str) -> aiohttp.ClientWebSocketResponse:
            headers = HEADERS | {"X-Forwarded-For": "192.0.2.1"}
            return await http.ws_connect(f"{server.url}/v1/rooms/{room}/landmarks", headers=headers)

        sockets = [await opened(room) for room in rooms]
        assert rooms_of(server, 1) > 0
        assert rooms_of(server, 0) > 1
        for room in ("another", *rooms):  # at either worker
            with pytest.raises(aiohttp.WSServerHandshakeError, match="429"):
                await opened(room)
        await kill(server, workers(server)[0])
        await opened("another")
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
        watching(client, ("one", "two")) as watched,
    ):
        await asyncio.to_thread(wait_until, lambda: watched.seen_since(0))
        for _ in range(2):  # the one that has served for longer, so that each room's has died
            await kill(server, workers(server)[0])
            again_at = time.monotonic()
            await asyncio.to_thread(wait_until, lambda at=again_at: watched.seen_since(at))
            await asyncio.to_thread(wait_until, lambda: 'worker="1"' in metrics(server))
        print("longest without a frame, by room:", watched.longest_pauses())


async def test_recordings_are_found_by_any_connection_and_after_a_worker_died(server: Server) -> None:
    async with asyncio.timeout(HANG_S), client_of(server) as client, asking(UNKNOWN) as http:
        async with client.publish(camera(), "kept", tracker="pose"):
            recording = await client.record("kept")
            await asyncio.sleep(0)
            async with aclosing(client.landmarks("kept")) as frames:
                for _ in range(10):
                    await anext(frames)
            await kill(server, *workers(server))
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


async def test_media_of_each_worker_come_by_a_port_of_its_own(server: Server) -> None:
    await asyncio.to_thread(wait_until, lambda: both_serve(server))
    first = int(server.environment["MOCAST_UDP_PORT"])
    ports = {first, first + 1}
    found: set[int] = set()
    async with asyncio.timeout(HANG_S), asking(UNKNOWN) as http:
        rooms = itertools.count()
        while found != ports:  # which worker has a room is chance
            peer = Peer()
            sdp = await peer.offer()
            url = f"{server.url}/v1/rooms/port-{next(rooms)}/publish?tracker=pose"
            async with http.post(url, data=sdp, headers=HEADERS | {"Content-Type": "application/sdp"}) as answer:
                assert answer.status == 201, await answer.text()
                lines = [line.split() for line in (await answer.text()).splitlines() if "a=candidate" in line]
                its = {int(words[5]) for words in lines if words[2].lower() == "udp"}
                async with http.delete(urljoin(url, answer.headers["Location"]), headers=HEADERS) as gone:
                    assert gone.status == 200, await gone.text()
            await peer.close()
            assert len(its) == 1, "each has one port"
            assert its < ports
            found |= its


async def reaches(http: aiohttp.ClientSession, url: str, condition: Callable[[dict[str, Any]], object]) -> None:
    """Wait until a job is in a state, by whichever worker takes the connection, whether or not its own is there."""
    while True:
        async with http.get(url, headers=HEADERS) as answer:
            assert answer.status in (200, 503), await answer.text()
            if answer.status == 200 and condition(await answer.json()):
                return
        await asyncio.sleep(0.1)


async def uploaded(http: aiohttp.ClientSession, server: Server, data: bytes) -> str:
    """Send a video by tus, in pieces over connections of their own; return the job's path."""
    url, headers = f"{server.url}/v1/jobs?name=clip.gif", HEADERS | TUS | {"Upload-Length": str(len(data))}
    async with http.post(url, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        job = answer.headers["Location"].removeprefix(server.url)
    job = job if job.startswith("/") else f"/v1/{job}"
    for at in range(0, len(data), 2_000):
        headers = HEADERS | CHUNK | {"Upload-Offset": str(at)}
        async with http.patch(f"{server.url}{job}", data=data[at : at + 2_000], headers=headers) as answer:
            assert answer.status == 204, await answer.text()
    return job


async def test_jobs_come_in_pieces_by_any_connection_and_run_once(server: Server) -> None:
    async with asyncio.timeout(HANG_S), asking(UNKNOWN) as http:
        jobs = [await uploaded(http, server, video(size=9_000)) for _ in range(4)]
        for job in jobs:
            async with http.get(f"{server.url}{job}/events", headers=HEADERS) as answer:
                told = (await answer.text()).split("data: ")[-1]
                assert orjson.loads(told.split("\n")[0])["state"] == "done"
            async with http.get(f"{server.url}{job}", headers=HEADERS) as answer:
                (*_, name) = [result["name"] for result in (await answer.json())["results"]]
            for _ in range(2):
                async with http.get(f"{server.url}{job}/results/{name}", headers=HEADERS) as answer:
                    assert answer.status == 200
        async with http.get(f"{server.url}/v1/jobs", headers=HEADERS) as answer:
            listed = [one["id"] for one in (await answer.json())["jobs"]]
        assert sorted(listed) == sorted(job.rpartition("/")[2] for job in jobs)
        async with http.get(f"{server.url}{jobs[0]}") as answer:
            assert answer.status == 401


async def test_a_job_whose_worker_dies_is_run_again_when_that_is_back(server: Server) -> None:
    async with asyncio.timeout(HANG_S), asking(UNKNOWN) as http:
        job = await uploaded(http, server, video("hang-once", size=3_000))
        await reaches(http, f"{server.url}{job}", lambda state: state["progress"])
        working = stand_ins()
        assert len(working) == 1
        for worker in workers(server):
            os.kill(worker, signal.SIGKILL)
        await reaches(http, f"{server.url}{job}", lambda state: state["state"] == "done")
        assert not working & stand_ins(), "the first attempt has ended with its worker"


def stand_ins() -> set[str]:
    """The processes that work on jobs."""
    commands = ((path.parent.name, path.read_bytes()) for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists())
    return {pid for pid, command in commands if b"stand_in_worker.py" in command}


async def test_the_operators_camera_comes_back_with_its_worker(server: Server) -> None:
    async with asyncio.timeout(HANG_S), client_of(server) as client, aclosing(client.landmarks(FED)) as frames:
        await anext(frames)
        await kill(server, *workers(server))
        async with aclosing(client.landmarks(FED)) as again:
            await anext(again)


async def test_a_worker_whose_event_loop_hangs_is_started_again(server: Server) -> None:
    await asyncio.to_thread(wait_until, lambda: both_serve(server))
    stopped = workers(server)[-1]
    os.kill(stopped, signal.SIGSTOP)
    await asyncio.to_thread(wait_until, lambda: stopped not in workers(server) and len(workers(server)) == 2)
    await asyncio.to_thread(wait_until, lambda: both_serve(server))
    log = server.log_tail(100_000)
    assert "its event loop has hung" in log
    assert "most recent call first" in log, "what it did is told"
