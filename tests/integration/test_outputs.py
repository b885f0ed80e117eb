"""Outputs of a running server: set over HTTP, refused outside the operator's networks, and started by a setting."""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.integration.http_server import Answer, Running, running
from tests.peers import Peer
from tests.polling import wait_until
from tests.vmc_receiver import VmcReceiver


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(output_networks="127.0.0.0/8") as server:
        yield server


def put(server: Running, room: str, *outputs: object, **headers: str) -> Answer:
    body = json.dumps({"outputs": outputs})
    return server.ask("PUT", f"/v1/rooms/{room}/outputs", body, {"Content-Type": "application/json", **headers})


def vmc(port: int = 39539, host: str = "127.0.0.1", **options: object) -> dict[str, object]:
    return {"kind": "vmc", "host": host, "port": port, **options}


def output_where(server: Running, is_wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The stage's output, as soon as it is as wanted: an app may have what is not counted yet."""

    def look() -> dict[str, Any] | None:
        (output,) = server.ask("GET", "/v1/rooms/stage/outputs").json["outputs"]
        return output if is_wanted(output) else None

    return wait_until(look)  # type: ignore[return-value]


async def publish(server: Running, room: str, peer: Peer, http: ClientSession) -> None:
    headers = {"Content-Type": "application/sdp"}
    url = f"http://127.0.0.1:{server.port}/v1/rooms/{room}/publish?return=none"
    async with http.post(url, data=await peer.offer(), headers=headers) as answer:
        assert answer.status == 201
        await peer.accept(await answer.text())


async def test_a_camera_moves_the_app_and_the_figures_say_so(server: Running) -> None:
    with VmcReceiver() as receiver:
        asked = await asyncio.to_thread(put, server, "stage", vmc(receiver.port, names="vrm1"))
        assert asked.status == 200
        (output,) = asked.json["outputs"]
        assert (output["state"], output["sent"], output["fixed"], output["names"]) == ("idle", 0, False, "vrm1")
        peer = Peer(landmarks=None, control=False)
        async with ClientSession() as http:
            await publish(server, "stage", peer, http)
            frames = await asyncio.to_thread(receiver.wait_for, lambda frames: len(frames) >= 5)
            output = await asyncio.to_thread(output_where, server, lambda output: output["sent"] >= 5)
            room = (await asyncio.to_thread(server.ask, "GET", "/v1/rooms/stage")).json
            await peer.close()
    assert (output["state"], output["errors"]) == ("sending", 0)
    assert room["outputs"] == 1
    assert all(len(frame.bones) == 55 and "happy" in frame.blends for frame in frames)
    times = [frame.all("/VMC/Ext/T")[0][0] for frame in frames]
    assert times == sorted(times)
    await asyncio.to_thread(put, server, "stage")


def test_outputs_keep_their_room_until_they_are_taken_out(server: Running) -> None:
    assert put(server, "hall", vmc()).status == 200
    assert server.ask("GET", "/v1/rooms/hall").json["outputs"] == 1
    assert put(server, "hall").json == {"outputs": []}
    assert server.ask("GET", "/v1/rooms/hall").status == 404


def test_a_room_without_outputs_has_an_empty_list(server: Running) -> None:
    assert server.ask("GET", "/v1/rooms/nobody/outputs").json == {"outputs": []}


@pytest.mark.parametrize("host", ["192.168.1.20", "8.8.8.8", "::1"])
def test_addresses_outside_the_operator_s_networks_are_refused(server: Running, host: str) -> None:
    answer = put(server, "hall", vmc(), vmc(host=host))
    assert answer.status == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert "output_networks" in answer.json["detail"]
    assert server.ask("GET", "/v1/rooms/hall/outputs").json == {"outputs": []}


def test_a_server_that_allows_nothing_says_so() -> None:
    with running() as server:
        answer = put(server, "hall", vmc())
        assert answer.status == 403
        assert "output_networks" in answer.json["detail"]
        assert put(server, "hall").status == 200


def test_an_unknown_host_is_told(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def knows_numbers(host: Any, *arguments: Any, **options: Any) -> Any:
        if host == "stage.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return look_up(host, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", knows_numbers)
    answer = put(server, "hall", vmc(host="stage.invalid"))
    assert answer.status == 422
    assert "unknown" in answer.json["detail"]


def test_pages_of_other_origins_may_not_set_outputs(server: Running) -> None:
    assert put(server, "hall", vmc(), Origin="https://elsewhere.example").status == 403


def test_bodies_are_checked(server: Running) -> None:
    path = "/v1/rooms/hall/outputs"
    assert server.ask("PUT", path, "{}", {"Content-Type": "text/plain"}).status == 415
    assert server.ask("PUT", path, "{", {"Content-Type": "application/json"}).status == 400
    assert server.ask("PUT", path, " " * 20_000, {"Content-Type": "application/json"}).status == 413
    assert put(server, "hall", *[vmc(port) for port in range(1, 6)]).status == 422
    assert put(server, "a%2Fb").status == 400


async def test_the_operator_s_output_starts_with_the_server_and_cannot_be_taken_out() -> None:
    with VmcReceiver() as receiver:
        url = f"vmc://127.0.0.1:{receiver.port}?room=stage&names=arkit&parts=head,face"
        with running(outputs=f"{url} ifacialmocap://127.0.0.1:1?room=other") as server:
            (output,) = put(server, "stage").json["outputs"]
            assert output["fixed"]
            peer = Peer(landmarks=None, control=False)
            async with ClientSession() as http:
                await publish(server, "stage", peer, http)
                frames = await asyncio.to_thread(receiver.wait_for, lambda frames: len(frames) >= 2)
                await peer.close()
    assert set(frames[0].bones) == {"Neck", "Head", "LeftEye", "RightEye", "Jaw"}
    assert "EyeBlinkLeft" in frames[0].blends
