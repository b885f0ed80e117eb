"""Every call, made at a node that has not what it is about: it answers as the one would that has."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from tests.cluster.nodes import Cluster, asking, own_rooms
from tests.offers import obs_offer
from tests.peers import HANG_S, Peer

SDP = {"Content-Type": "application/sdp"}


class Call:
    """Requests that are made at one node after the other, never at the one that has the room."""

    def __init__(self, cluster: Cluster, http: aiohttp.ClientSession) -> None:
        self._cluster = cluster
        self._http = http
        self._turn = 0
        self.owner: int | None = None
        "The node that nothing is asked of."

    def url(self, path: str) -> str:
        """An address at the next node."""
        self._turn += 1
        others = [node for index, node in enumerate(self._cluster.nodes) if index != self.owner]
        return others[self._turn % len(others)].url + path

    async def __call__(self, method: str, path: str, **more: Any) -> tuple[int, Any, bytes]:
        async with self._http.request(method, self.url(path), **more) as answer:
            return answer.status, answer.headers, await answer.read()

    async def json(self, method: str, path: str, **more: Any) -> Any:
        status, _, body = await self(method, path, **more)
        assert status in (200, 201), (method, path, status, body)
        return orjson.loads(body)


@pytest.fixture
async def call(cluster: Cluster) -> AsyncIterator[Call]:
    async with asyncio.timeout(HANG_S), asking() as http:
        yield Call(cluster, http)


async def published(
    call: Call, cluster: Cluster, room: str, path: str = "/v1/rooms/{room}/publish"
) -> tuple[Peer, str]:
    """A publisher that is live, and the path of its session; from then on its node is asked nothing."""
    peer = Peer(direction="sendrecv" if "v1" in path else "sendonly")
    query = "?tracker=pose&return=none"
    status, headers, body = await call("POST", path.format(room=room) + query, data=await peer.offer(), headers=SDP)
    assert status == 201, body
    await peer.accept(body.decode())
    await peer.until(lambda: peer.control_messages)
    call.owner = await asyncio.to_thread(cluster.owner_of, room)
    location = headers["Location"]
    return peer, location if location.startswith("/") else f"/v1/sessions/{location.rpartition('/')[2]}"


async def test_a_session_is_shown_changed_and_ended_by_any_node(cluster: Cluster, call: Call) -> None:
    peer, session = await published(call, cluster, "session")
    assert (await call.json("GET", session))["room"] == "session"
    assert (await call.json("PATCH", session, json={"tracker": "pose", "confidence": 0.7}))["confidence"] == 0.7
    status, _, body = await call("PATCH", session, json={"confidence": 7})
    assert (status, orjson.loads(body)["errors"][0]["pointer"]) == (422, "#/confidence")
    assert (await call.json("GET", f"{session}/calibration"))["calibration"] is None
    assert (await call.json("GET", f"{session}/reference"))["reference"] is None
    assert (await call("POST", f"{session}/reset"))[0] == 204
    assert (await call.json("GET", "/v1/rooms/session"))["publisher"]["state"] == "live"
    assert "sources" in await call.json("PATCH", "/v1/rooms/session/mixer", json={})
    assert (await call.json("PUT", "/v1/rooms/session/outputs", json={"outputs": []}))["outputs"] == []
    fragment = {"Content-Type": "application/trickle-ice-sdpfrag"}
    assert (await call("PATCH", session, data="a=mid:0\r\n", headers=fragment))[0] == 204
    assert (await call("DELETE", session))[0] == 200
    assert (await call("GET", session))[0] == 404
    await peer.close()


async def test_whip_and_whep_work_by_any_node(cluster: Cluster, call: Call) -> None:
    assert (await call("OPTIONS", "/whip/stage"))[0] == 200
    peer, session = await published(call, cluster, "stage", "/whip/{room}")
    assert re.fullmatch(r"/whip/stage/[\w-]{24}", session)
    viewer = Peer(direction="recvonly", control=False, landmarks=None)
    status, headers, body = await call("POST", "/whep/stage", data=await viewer.offer(), headers=SDP)
    assert status == 201, body
    await viewer.accept(body.decode())
    await viewer.until(lambda: viewer.frames)
    assert (await call("DELETE", headers["Location"]))[0] == 200
    assert (await call("DELETE", session))[0] == 200
    assert (await call("POST", "/whep/stage", data=await Peer(direction="recvonly").offer(), headers=SDP))[0] == 409
    await peer.close()
    await viewer.close()


async def test_sockets_are_passed_on_both_ways(cluster: Cluster, call: Call) -> None:
    peer, session = await published(call, cluster, "socket")
    async with asking() as http:
        async with http.ws_connect(call.url("/v1/rooms/socket/landmarks?send=landmarks,rig")) as reader:
            kinds = {orjson.loads((await reader.receive()).data)["type"] for _ in range(20)}
            assert kinds == {"landmarks", "rig"}
        async with http.ws_connect(call.url("/v1/rooms/socket/input?source=vmc")) as feeder:
            await feeder.send_str('{"no": "pose"}')
            assert orjson.loads((await feeder.receive()).data)["type"] == "problem"
            assert "vmc" in str(await call.json("GET", "/v1/rooms/socket/mixer"))
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(call.url("/v1/rooms/socket/landmarks?send=nothing"))
        assert refused.value.status == 422
    assert (await call("GET", "/v1/rooms/socket/landmarks"))[0] == 400, "it speaks WebSocket alone"
    await call("DELETE", session)
    await peer.close()


async def test_recordings_are_started_stopped_had_and_deleted_by_any_node(cluster: Cluster, call: Call) -> None:
    peer, session = await published(call, cluster, "record")
    recording = f"/v1/recordings/{(await call.json('POST', '/v1/rooms/record/recordings'))['id']}"
    seen = len(peer.landmark_messages)
    await peer.until(lambda: len(peer.landmark_messages) >= seen + 10)
    assert (await call.json("POST", f"{recording}/stop"))["state"] != "recording"
    status, headers, body = await call("GET", f"{recording}.jsonl")
    assert (status, headers["Content-Type"]) == (200, "application/jsonl")
    assert int(headers["Content-Length"]) == len(body)
    assert len(body.splitlines()) > 5
    status, headers, part = await call("GET", f"{recording}.jsonl", headers={"Range": "bytes=10-19"})
    assert (status, part) == (206, body[10:20])
    assert (await call("GET", f"{recording}.bvh"))[0] == 200
    assert (await call("DELETE", recording))[0] == 204
    assert (await call("GET", recording))[0] == 404
    await call("DELETE", session)
    await peer.close()


async def test_jobs_are_shown_had_and_deleted_by_any_node(call: Call) -> None:
    video = b"\x00\x00\x00\x18ftypmp42" + bytes(100_000)  # a container with nothing in it
    job = await call.json("POST", "/v1/jobs?tracker=pose", data=video, headers={"Content-Type": "video/mp4"})
    for _ in range(3):
        assert (await call.json("GET", f"/v1/jobs/{job['id']}"))["id"] == job["id"]
        assert [one["id"] for one in (await call.json("GET", "/v1/jobs"))["jobs"]] == [job["id"]]
    async with asking() as http, http.get(call.url(f"/v1/jobs/{job['id']}/events")) as events:
        assert events.content_type == "text/event-stream"
        assert await events.content.readline() == b"retry: 2000\n"
    for _ in range(2):
        assert (await call("DELETE", f"/v1/jobs/{job['id']}"))[0] in (204, 404)
    started = {"Tus-Resumable": "1.0.0", "Upload-Length": "200000"}
    status, headers, _ = await call("POST", "/v1/jobs", headers=started)
    assert status == 201
    upload = "/v1/jobs/" + headers["Location"].rpartition("/")[2]
    piece = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    for _ in range(2):  # the second at another node: what it says it has is what the first took
        status, headers, body = await call("PATCH", upload, data=video + bytes(1), headers=piece)
        assert status in (204, 409), body
    status, headers, _ = await call("HEAD", upload, headers={"Tus-Resumable": "1.0.0"})
    assert (status, headers["Upload-Offset"]) == (200, str(len(video) + 1))
    assert (await call("DELETE", upload, headers={"Tus-Resumable": "1.0.0"}))[0] == 204


async def test_rooms_are_placed_on_all_nodes_and_seen_by_each(cluster: Cluster, call: Call) -> None:
    names = [f"placed-{number}" for number in range(9)]
    async with asking() as http:
        sockets = [await http.ws_connect(call.url(f"/v1/rooms/{name}/landmarks")) for name in names]
        for _ in cluster.nodes:
            listed = [room["room"] for room in (await call.json("GET", "/v1/rooms"))["rooms"]]
            assert sorted(listed) == names, "each once"
        placed = await asyncio.to_thread(lambda: [own_rooms(node) & set(names) for node in cluster.nodes])
        assert sum(map(len, placed)) == len(names)
        assert all(placed), "each node has some"
        for socket in sockets:
            await socket.close()


async def test_a_client_has_its_share_whichever_nodes_it_asks(cluster: Cluster, call: Call) -> None:
    address = {"X-Forwarded-For": "203.0.113.9"}  # believed of this machine, as of a front door
    async with asking() as http:
        refused, sockets = 0, []
        for _ in range(5):  # max_sockets_per_address is 3
            try:
                sockets.append(await http.ws_connect(call.url("/v1/rooms/shared/landmarks"), headers=address))
            except aiohttp.WSServerHandshakeError as error:
                refused += error.status == 429
        assert (len(sockets), refused) == (3, 2)
        for socket in sockets:
            await socket.close()


async def test_what_a_client_says_of_a_node_is_not_believed(cluster: Cluster, call: Call) -> None:
    made_up = {"Mocast-Forwarded": "2.1700000000.00", "X-Forwarded-For": "198.51.100.1"}
    peer, session = await published(call, cluster, "asked")
    status, _, body = await call("GET", "/v1/rooms/asked", headers=made_up)
    assert (status, b"Misdirected" in body) == (421, True), "it might have been round already"
    await call("DELETE", session)
    await peer.close()


async def test_an_offer_that_is_refused_is_refused_in_the_same_words(cluster: Cluster, call: Call) -> None:
    peer, session = await published(call, cluster, "words")
    owner = cluster.nodes[call.owner or 0]
    for path, body, headers in (
        ("/v1/rooms/words/publish", "no offer", SDP),
        ("/v1/rooms/words/publish", obs_offer(), SDP),  # the room is taken
        ("/v1/rooms/words/publish?tracker=x", "", SDP),
        ("/v1/rooms/words/publish", "x", {"Content-Type": "text/plain"}),
        ("/v1/rooms/words/publish", b"a" * 70_000, SDP),
    ):
        async with asking() as http, http.post(owner.url + path, data=body, headers=headers) as direct:
            expected = direct.status, await direct.read()
        status, _, told = await call("POST", path, data=body, headers=headers)
        assert (status, told) == expected
    await call("DELETE", session)
    await peer.close()
