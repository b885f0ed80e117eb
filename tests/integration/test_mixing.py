"""A room that takes several sources: of real senders, over UDP, a bridge, WebSockets, channels, cameras."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import numpy as np
import orjson
import pytest
from pythonosc.udp_client import SimpleUDPClient

from mocast.commands import room_link
from mocast.commands.bridge import Bridge, parse_arguments
from mocast.model.blendshapes import Shape
from mocast.outputs.ifacialmocap import IFacialMocapEncoder
from mocast.outputs.vts_tokens import Tokens
from tests import fakes
from tests.fuzzing.loop_hold import LoopHold
from tests.integration.http_server import Answer, Running, running
from tests.integration.remote_room import Told
from tests.peers import HANG_S, Peer
from tests.ports import free_port

HALF = float(np.sqrt(0.5))
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def phone_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(phone_port: int) -> Iterator[Running]:
    with running(inputs=f"ifacialmocap://127.0.0.1:{phone_port}?room=phone") as server:
        yield server


async def asked(server: Running, method: str, path: str, body: object = None) -> Answer:
    data = None if body is None else orjson.dumps(body)
    return await asyncio.to_thread(server.ask, method, path, data, JSON)


async def led(server: Running, room: str, **leaders: str) -> None:
    """Wait until these parts have these leaders: a source lives while its poses come in time."""
    async with asyncio.timeout(HANG_S):
        while True:
            parts = (await asked(server, "GET", f"/v1/rooms/{room}/mixer")).json["parts"]
            if all(parts[part]["leader"] == leader for part, leader in leaders.items()):
                return


async def lively(server: Running, room: str, names: set[str]) -> None:
    """Wait until these sources live, and no others."""
    async with asyncio.timeout(HANG_S):
        live = None
        while live != names:
            sources = (await asked(server, "GET", f"/v1/rooms/{room}/mixer")).json["sources"]
            live = {source["source"] for source in sources if source["live"]}


@asynccontextmanager
async def repeating(send: Callable[[], object]) -> AsyncIterator[None]:
    """Send again and again, as a phone or a performer does."""

    async def keep() -> None:
        while True:
            send()
            await asyncio.sleep(0.02)

    task = asyncio.create_task(keep())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def rig_where(server: Running, room: str, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the first of a room's rigs that is wanted."""
    url = f"http://127.0.0.1:{server.port}/v1/rooms/{room}/landmarks?send=rig"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as reader, asyncio.timeout(HANG_S):
        while True:
            rig: dict[str, Any] = orjson.loads(await reader.receive_str())
            if is_wanted(rig):
                return rig


async def published(server: Running, room: str, query: str = "") -> tuple[Peer, Answer]:
    peer = Peer(landmarks=None)
    answer = await asyncio.to_thread(server.publish, room, await peer.offer(), f"?return=none{query}")
    if answer.status == 201:
        await peer.accept(answer.body.decode())
    return peer, answer


async def test_a_vmc_performer_moves_a_room_elsewhere_through_the_bridge(server: Running) -> None:
    port = free_port()
    words = [f"http://127.0.0.1:{server.port}/?room=stage", "--vmc-in", f"127.0.0.1:{port}", "--take", "arms,mouth"]
    told = Told()
    bridge = asyncio.create_task(Bridge(parse_arguments(words), told, Tokens()).run())
    performer = SimpleUDPClient("127.0.0.1", port)

    def send() -> None:
        for bone in ("LeftUpperArm", "LeftUpperLeg"):
            performer.send_message("/VMC/Ext/Bone/Pos", [bone, 0.0, 0.0, 0.0, 0.0, 0.0, -HALF, HALF])
        performer.send_message("/VMC/Ext/Blend/Val", ["A", 0.75])
        performer.send_message("/VMC/Ext/Blend/Apply", [])
        performer.send_message("/VMC/Ext/OK", [1, 3, 0, 1])

    try:
        async with repeating(send):
            rig = await rig_where(server, "stage", lambda rig: rig["expressions"]["aa"] > 0.7)
            await told.says("motion comes in")
            await led(server, "stage", arms="vmc", mouth="vmc")
        assert rig["rotations"]["leftUpperArm"] == pytest.approx([0, 0, HALF, HALF], abs=1e-4)
        assert rig["rotations"]["leftUpperLeg"] == [0, 0, 0, 1]
        assert rig["shapes"]["jawOpen"] > 0.3
    finally:
        bridge.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await bridge


async def test_a_server_that_takes_nothing_is_told_of_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_link, "REFUSED_DELAY_S", 0.01)
    with running(auth="token", token="a-secret-of-the-operator") as closed:
        words = [f"http://127.0.0.1:{closed.port}/?room=stage", "--vmc-in", f"127.0.0.1:{free_port()}"]
        told = Told()
        bridge = asyncio.create_task(Bridge(parse_arguments(words), told, Tokens()).run())
        await told.says("VMC at 127.0.0.1")
        assert "(--token TOKEN) Trying again." in await told.says("VMC at 127.0.0.1")
        bridge.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await bridge


async def test_our_own_ifacialmocap_moves_the_operator_s_input_beside_a_camera(
    server: Running, phone_port: int
) -> None:
    rig = fakes.rig()
    rig.shapes[[Shape.TONGUE_OUT, Shape.CHEEK_PUFF]] = 0.8, 0.6
    (packet,) = IFacialMocapEncoder().encode(replace(rig))
    peer, _ = await published(server, "phone")
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            async with repeating(lambda: phone.sendto(packet, ("127.0.0.1", phone_port))):
                shown = await rig_where(server, "phone", lambda rig: rig["shapes"]["tongueOut"] > 0.79)
                assert shown["shapes"]["cheekPuff"] == pytest.approx(0.6, abs=0.01)
                assert shown["found"]["face"]
                reading = asyncio.create_task(rig_where(server, "phone", lambda rig: rig["shapes"]["tongueOut"] == 0))
                await lively(server, "phone", {"camera", "phone"})
                answer = await asked(server, "PATCH", "/v1/rooms/phone/mixer", {"mouth": ["camera"]})
                assert answer.json["parts"]["mouth"]["order"] == ["camera"]
                await led(server, "phone", mouth="camera")
                await reading
        metrics = (await asked(server, "GET", "/metrics")).body.decode()
        assert 'mocast_input_broken_total{input="ifacialmocap-1"} 0.0' in metrics
        assert 'mocast_input_poses_total{input="ifacialmocap-1"} 0.0' not in metrics
    finally:
        await peer.close()


async def test_a_second_camera_has_a_place_of_its_own_beside_the_publisher(server: Running) -> None:
    first, answer = await published(server, "hall")
    face, face_answer = await published(server, "hall", "&part=face")
    try:
        assert (answer.status, face_answer.status) == (201, 201)
        for query in ("", "&part=face"):
            other, refused = await published(server, "hall", query)
            assert refused.status == 409
            await other.close()
        shown = await asked(server, "GET", face_answer.location)
        assert (shown.json["room"], shown.json["role"]) == ("hall", "publisher")
        await lively(server, "hall", {"face_camera"})
        await rig_where(server, "hall", lambda _: True)
        other, replaced = await published(server, "hall", f"&part=face&replace={face_answer.location.split('/')[-1]}")
        assert replaced.status == 201
        await asked(server, "DELETE", replaced.location)
        await other.close()
    finally:
        await first.close()
        await face.close()
    await asyncio.to_thread(server.wait_gone, "/v1/rooms/hall")


async def test_a_microphone_s_vowels_come_by_a_channel_of_the_publisher(server: Running) -> None:
    peer = Peer(landmarks=None)
    microphone, is_open = peer.pc.createDataChannel("microphone"), asyncio.Event()
    microphone.on("open", is_open.set)
    answer = await asyncio.to_thread(server.publish, "song", await peer.offer(), "?return=none")
    await peer.accept(answer.body.decode())
    try:
        await peer.until(lambda: peer.control_messages)
        await asyncio.wait_for(is_open.wait(), HANG_S)
        microphone.send('{"type": "pose", "shapes": {"jawOpen": "wide"}}')
        await peer.until(lambda: [one for one in peer.control_messages if one.get("notice") == "pose-refused"])
        async with repeating(lambda: microphone.send('{"type": "pose", "expressions": {"oh": 0.9}}')):
            shown = await rig_where(server, "song", lambda rig: rig["expressions"]["oh"] > 0.89)
            assert shown["shapes"]["mouthFunnel"] > 0.6
    finally:
        await peer.close()


async def test_a_broken_pose_is_answered_and_the_next_is_taken(server: Running) -> None:
    url = f"http://127.0.0.1:{server.port}/v1/rooms/socket/input?source=phone"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as phone:
        await phone.send_str("nonsense")
        problem = orjson.loads(await phone.receive_str(timeout=HANG_S))
        assert (problem["status"], problem["detail"]) == (422, "A pose is one JSON object.")
        await phone.send_str('{"type": "pose", "shapes": {"jawOpen": 1}}')
        leading = asyncio.create_task(led(server, "socket", mouth="phone"))
        while not leading.done():
            await phone.send_str('{"type": "pose", "shapes": {"jawOpen": 1}}')
            await asyncio.wait([leading], timeout=0.05)
        await leading
    await asyncio.to_thread(server.wait_gone, "/v1/rooms/socket")


async def test_poses_that_a_network_held_back_come_all_at_once(server: Running) -> None:
    url = f"http://127.0.0.1:{server.port}/v1/rooms/burst/input?source=phone"
    pose = orjson.dumps({"type": "pose", "shapes": {"jawOpen": 1}, "held": "x" * 4000}).decode()
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as phone:
        await asyncio.gather(*(phone.send_str(pose) for _ in range(40)))
        await phone.send_str("the last")
        problem = orjson.loads(await phone.receive_str(timeout=HANG_S))
    assert problem["status"] == 422


async def test_poses_that_come_all_at_once_have_their_own_turns_of_the_loop(server: Running) -> None:
    url = f"http://127.0.0.1:{server.port}/v1/rooms/turns/input?source=phone"
    text, hold = b'{"type":"pose","shapes":{"jawOpen":1}}', LoopHold()
    frame = bytes([0x81, 0x80 | len(text)]) + bytes(4) + text  # of a client, its mask being 0
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as phone:
        transport = phone._response.connection.transport  # type: ignore[union-attr]
        with hold.measured(server.loop):
            transport.write(frame * 100)  # type: ignore[union-attr]
            await phone.send_str("the last")
            await phone.receive_str(timeout=HANG_S)
    assert hold.worst_s < 0.005, hold.worst_step


async def test_a_flood_of_poses_ends_its_socket(server: Running) -> None:
    url = f"http://127.0.0.1:{server.port}/v1/rooms/flood/input?source=vmc"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as sender:
        for _ in range(3000):
            if sender.closed:
                break
            with contextlib.suppress(ConnectionError):
                await sender.send_str('{"type": "pose"}')
        async with asyncio.timeout(HANG_S):
            while not sender.closed:
                await sender.receive()
    metrics = (await asked(server, "GET", "/metrics")).body.decode()
    assert 'mocast_refused_total{limit="message_rate"} 1.0' in metrics


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/rooms/nobody/mixer", None, 404),
        ("PATCH", "/v1/rooms/nobody/mixer", {}, 404),
        ("PATCH", "/v1/rooms/phone/mixer", {"tail": ["camera"]}, 422),
        ("PATCH", "/v1/rooms/phone/mixer", {"mouth": ["radio"]}, 422),
        ("PATCH", "/v1/rooms/phone/mixer", {"mouth": "phone"}, 422),
        ("GET", "/v1/rooms/phone/input?source=camera", None, 422),
        ("GET", "/v1/rooms/phone/input?source=phone", None, 400),
    ],
)
async def test_what_is_impossible_is_refused(
    server: Running, method: str, path: str, body: object, status: int
) -> None:
    answer = await asked(server, method, path, body)
    assert (answer.status, answer["Content-Type"].partition(";")[0]) == (status, "application/problem+json")


def test_what_the_bridge_takes_needs_no_app() -> None:
    plan = parse_arguments(
        ["http://h/?room=x", "--ifacialmocap-in", "--phone", "192.168.1.20", "--from", "192.168.1.0/24"]
    )
    ((options,), outputs) = (plan.inputs, plan.outputs)
    assert (options.kind, options.host, options.port, options.phone) == (
        "ifacialmocap",
        "0.0.0.0",
        49983,
        "192.168.1.20",
    )
    assert [str(network) for network in options.networks] == ["192.168.1.0/24"]
    assert not outputs


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--vmc-in", "--vmc"], "would come in again"),
        (["--vmc-in", "--take", "tail"], 'there is no part "tail"'),
        (["--vmc-in", "--phone", "192.168.1.20"], "name its app"),
        (["--vmc-in", "nowhere:99999"], "An input listens at"),
        (["--vmc-in", "--from", "here"], "here"),
        ([], "name an app"),
    ],
)
def test_what_the_bridge_cannot_take_is_told_in_a_sentence(words: list[str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_arguments(["http://h/?room=x", *words])
