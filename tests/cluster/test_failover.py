"""What clients notice of nodes that die, drain, stop answering, or lose Redis: their rooms come back by themselves.

How long the rooms of a rolling restart were without a frame is printed with ``-s``.
"""

import asyncio
import signal
import time
from contextlib import AsyncExitStack, aclosing

import aiohttp
import orjson

from mocast.client import MocastClient
from tests.cluster.nodes import Cluster, Front, asking, camera, is_ready, own_rooms, wait_until, watching
from tests.peers import HANG_S
from tests.stand_in_worker import video

ROOMS = tuple(f"live-{number}" for number in range(6))


def client_of(front: Front) -> MocastClient:
    return MocastClient(front.url, on_connection=lambda _: None)


async def moves(client: MocastClient, room: str) -> None:
    """Wait until frames of a room come, and more of them."""
    async with aclosing(client.landmarks(room)) as frames:
        first = (await anext(frames)).frame
        async for frame in frames:
            if frame.frame >= first + 3:
                return


async def posted(http: aiohttp.ClientSession, node: str) -> str:
    """Send a job to a node; return the job's path."""
    headers = {"Content-Type": "image/gif"}
    async with http.post(f"{node}/v1/jobs?name=clip.gif", data=video("hang-once"), headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        return f"/v1/jobs/{(await answer.json())['id']}"


async def until(condition) -> None:  # type: ignore[no-untyped-def]
    await asyncio.to_thread(wait_until, condition)


async def test_a_room_of_a_node_that_is_killed_goes_on_at_another(cluster: Cluster, front: Front) -> None:
    async with asyncio.timeout(HANG_S), client_of(front) as client, client.publish(camera(), "killed", tracker="pose"):
        await moves(client, "killed")
        owner = await asyncio.to_thread(cluster.owner_of, "killed")
        cluster.nodes[owner].kill()
        await moves(client, "killed")
        assert await asyncio.to_thread(cluster.owner_of, "killed") != owner
        await asyncio.to_thread(cluster.nodes[owner].start)


async def test_files_of_a_killed_node_are_found_or_said_to_wait_for_it(cluster: Cluster, front: Front) -> None:
    """A recording, whose disk all share, is whole to the last line; a job is its node's alone."""
    async with asyncio.timeout(HANG_S), client_of(front) as client, asking() as http:
        async with client.publish(camera(), "recorded", tracker="pose"):
            recording = await client.record("recorded")
            async with aclosing(client.landmarks("recorded")) as frames:
                for _ in range(10):
                    await anext(frames)
            owner = await asyncio.to_thread(cluster.owner_of, "recorded")
            job = await posted(http, cluster.nodes[owner].url)
            cluster.nodes[owner].kill()
        url = f"/v1/recordings/{recording.id}.jsonl"
        others = [node for node in cluster.nodes if node.runs]

        async def lines(base: str) -> list[bytes]:
            while True:
                async with http.get(f"{base}{url}") as answer:
                    if answer.status == 200:
                        return (await answer.read()).splitlines()
                    assert answer.status in (404, 503), await answer.text()  # until the killed node's lease has ended
                await asyncio.sleep(0.1)

        found = [await lines(node.url) for node in others]
        for node in others:
            async with http.get(f"{node.url}{job}") as answer:
                assert answer.status == 503
                assert "goes on when that server is back" in await answer.text()
        await asyncio.to_thread(cluster.nodes[owner].start)
        found += [await lines(node.url) for node in cluster.nodes]
        while True:  # until the other one has seen that it is back
            async with http.get(f"{cluster.nodes[owner - 1].url}{job}") as answer:
                if answer.status == 200:
                    break
                assert answer.status == 503
            await asyncio.sleep(0.1)
        for one in found:
            records = [orjson.loads(line) for line in one]
            assert len(records) > 8
            assert records == [orjson.loads(line) for line in found[-1]]


async def test_a_rolling_restart_loses_no_room(cluster: Cluster, front: Front) -> None:
    async with asyncio.timeout(HANG_S), client_of(front) as client, AsyncExitStack() as stack:
        for room in ROOMS:
            await stack.enter_async_context(client.publish(camera(5), room, tracker="pose"))
        watched = await stack.enter_async_context(watching(client, ROOMS))
        for node in cluster.nodes:
            stopping = asyncio.create_task(asyncio.to_thread(node.stop))
            await asyncio.gather(*(moves(client, room) for room in ROOMS))
            await stopping
            stopped_at = time.monotonic()
            await asyncio.to_thread(node.start)
            await until(lambda at=stopped_at: watched.seen_since(at))
        print("longest without a frame, by room:", watched.longest_pauses())
        await until(lambda: sum(len(own_rooms(node)) for node in cluster.nodes) == len(ROOMS))  # each at one node


async def test_rooms_go_on_without_redis_and_nodes_come_back_to_it(cluster: Cluster, front: Front) -> None:
    async with asyncio.timeout(HANG_S), client_of(front) as client, client.publish(camera(), "before", tracker="pose"):
        await moves(client, "before")
        owner = await asyncio.to_thread(cluster.owner_of, "before")
        cluster.redis.kill()
        async with MocastClient(cluster.nodes[owner].url) as direct:
            await moves(direct, "before")
        async with MocastClient(cluster.nodes[0].url) as direct, direct.publish(camera(), "alone", tracker="pose"):
            await moves(direct, "alone")
            await asyncio.to_thread(cluster.redis.start)
            for node in cluster.nodes:  # as soon as each has found Redis, and with it the room, again
                async with MocastClient(node.url, on_connection=lambda _: None) as by_node:
                    await moves(by_node, "alone")
                    await moves(by_node, "before")
            assert await asyncio.to_thread(cluster.owner_of, "before") == owner
            await asyncio.to_thread(cluster.owner_of, "alone")  # one node has it, whichever was the first to ask


async def test_a_node_that_was_stopped_gives_up_rooms_of_others(cluster: Cluster, front: Front) -> None:
    async with asyncio.timeout(HANG_S), client_of(front) as client, client.publish(camera(), "split", tracker="pose"):
        await moves(client, "split")
        owner = await asyncio.to_thread(cluster.owner_of, "split")
        cluster.nodes[owner].send_signal(signal.SIGSTOP)
        with front.without(owner):  # as a front door does that asks for /readyz
            async with asking() as http, http.get(f"{cluster.nodes[owner - 1].url}/v1/rooms/split") as answer:
                assert answer.status in (200, 404, 503), "nobody waits for what does not answer"
            await moves(client, "split")
            cluster.nodes[owner].send_signal(signal.SIGCONT)
            await until(lambda: is_ready(cluster.nodes[owner]))
            await until(lambda: "split" not in own_rooms(cluster.nodes[owner]))
            await moves(client, "split")
        assert await asyncio.to_thread(cluster.owner_of, "split") != owner


async def test_a_node_that_drains_takes_no_new_rooms(cluster: Cluster, front: Front) -> None:
    async with asyncio.timeout(HANG_S), client_of(front) as client, client.publish(camera(), "drained", tracker="pose"):
        await moves(client, "drained")
        owner = await asyncio.to_thread(cluster.owner_of, "drained")
        stopping = asyncio.create_task(asyncio.to_thread(cluster.nodes[owner].stop))
        async with client.publish(camera(), "fresh", tracker="pose"):
            await asyncio.gather(moves(client, "fresh"), moves(client, "drained"))
            await stopping
            await asyncio.gather(moves(client, "fresh"), moves(client, "drained"))  # at nodes that run
            assert await asyncio.to_thread(cluster.owner_of, "fresh") != owner
            assert await asyncio.to_thread(cluster.owner_of, "drained") != owner
        await asyncio.to_thread(cluster.nodes[owner].start)
