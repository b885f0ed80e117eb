"""Cameras that the server opens itself: they feed their rooms, come back, and say what is wrong with them."""

import asyncio
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from mocast import retry_delays
from mocast.commands import doctor
from mocast.errors import Unavailable
from mocast.settings.settings import Settings
from mocast.sources import opened_camera, registry
from mocast.sources.camera_address import parse_sources
from tests.integration.http_server import Running, running
from tests.ip_camera import PASSWORD, film, mjpeg_camera
from tests.offers import obs_offer
from tests.peers import HANG_S, Peer
from tests.rooms import open_rooms


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a camera that is gone tried often."""
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 0.05)
    monkeypatch.setattr(registry, "LONGEST_DELAY_S", 0.1)


def room(server: Running, name: str = "studio") -> dict[str, Any]:
    answer = server.ask("GET", f"/v1/rooms/{name}")
    found: dict[str, Any] = answer.json if answer.status == 200 else {}
    return found


def wait_for(server: Running, condition: Callable[[dict[str, Any]], Any], name: str = "studio") -> dict[str, Any]:
    """Ask for a room until it is as wanted."""
    deadline = time.monotonic() + HANG_S
    while not condition(found := room(server, name)):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def is_tracked(found: dict[str, Any]) -> bool:
    return bool(found.get("statistics") and found["statistics"]["frames_tracked"] > 5)


async def test_a_film_feeds_a_room_at_its_own_pace_and_nobody_else_publishes_there(tmp_path: Path) -> None:
    path = film(tmp_path / "dance.mp4", bf="2", g="15")
    setting = f"studio={path}#loop=true&tracker=pose&quality=fast&privacy=blur"
    with running(sources=setting) as server:
        found = await asyncio.to_thread(wait_for, server, is_tracked)
        assert (found["source"], found["publisher"]["state"]) == ({"state": "live", "reason": ""}, "live")
        assert (server.pool.out[0].name, server.pool.out[0].quality) == ("pose", "fast")
        peer = Peer()
        refused = await asyncio.to_thread(server.publish, "studio", await peer.offer())
        await peer.close()
        assert refused.status == 409
        assert refused.json["detail"] == 'Room "studio" is fed by a camera of the server\'s; choose another room.'
        async with (
            ClientSession() as http,
            http.ws_connect(f"http://127.0.0.1:{server.port}/v1/rooms/studio/landmarks?send=landmarks") as socket,
            asyncio.timeout(HANG_S),
        ):
            frames = [await socket.receive_json() for _ in range(45)]
    # Over the film's end, where it begins again, time goes on.
    times_s = [frame["pts"] / 90_000 for frame in frames]
    assert all(later > earlier for earlier, later in pairwise(times_s))
    assert times_s[-1] - times_s[0] > 1.0


def test_a_film_that_ends_gives_its_room_back(tmp_path: Path) -> None:
    with running(sources=f"studio={film(tmp_path / 'short.mp4', 5)}") as server:
        wait_for(server, lambda found: server.pool.out and not found)
        assert server.sessions == 0


def test_a_camera_that_goes_comes_back_and_its_room_is_kept_for_it() -> None:
    with mjpeg_camera() as camera:
        port = camera.port
        with running(sources=f"studio={camera.url()}") as server:
            wait_for(server, is_tracked)
            camera.switch_off()
            found = wait_for(server, lambda found: found["source"]["state"] == "waiting")
            assert found["publisher"] is None
            assert 'mocast_sources{state="waiting"} 1.0' in server.ask("GET", "/metrics").body.decode()
            assert server.publish("studio", b"v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n").status == 409
            with mjpeg_camera(port):
                wait_for(server, lambda found: found["source"]["state"] == "live" and is_tracked(found))
                assert server.sessions == 1


def test_clients_that_fill_the_server_keep_no_camera_out() -> None:
    with mjpeg_camera() as camera:
        port = camera.port
        with running(sources=f"studio={camera.url()}", max_sessions=1) as server:
            wait_for(server, is_tracked)
            assert server.publish("other", obs_offer()).status == 503
            camera.switch_off()
            wait_for(server, lambda found: found["source"]["state"] == "waiting")
            taken = server.publish("other", obs_offer())
            assert taken.status == 201
            with mjpeg_camera(port):
                wait_for(server, lambda found: found["source"]["state"] == "live" and is_tracked(found))
                assert server.sessions == 2
                assert server.ask("DELETE", taken.location).status == 200


def test_a_camera_that_stalls_is_left_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with mjpeg_camera() as camera, running(sources=f"studio={camera.url()}") as server:
        with monkeypatch.context() as impatient:
            impatient.setattr(opened_camera, "READ_S", 1.0)
            wait_for(server, is_tracked)
            camera.stalls = True
            found = wait_for(server, lambda found: found["source"]["state"] == "waiting")
            assert found["source"]["reason"] == "the camera does not answer"
        camera.stalls = False
        wait_for(server, lambda found: found["source"]["state"] == "live" and is_tracked(found))


def test_what_is_wrong_with_a_camera_is_said_and_its_password_nowhere(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "no-video.mp4").write_text("this is no film")
    with mjpeg_camera() as camera:
        sources = {
            "wrong": (camera.url(f"not-{PASSWORD}"), "the camera refuses the user name or the password"),
            "gone": (f"rtsp://admin:{PASSWORD}@127.0.0.1:1/{PASSWORD}", "nothing listens at the camera's address"),
            "file": (str(tmp_path / "none.mp4"), "there is no such file or device"),
            "text": (str(tmp_path / "no-video.mp4"), "what comes from there is no video"),
            "good": (camera.url(), ""),
        }
        setting = " ".join(f"{name}={address}" for name, (address, _) in sources.items())
        with running(sources=setting, metrics_rooms=8) as server:
            for name, (_, reason) in sources.items():
                state = "waiting" if reason else "live"
                found = wait_for(server, lambda found: found["source"]["state"] == state, name)  # noqa: B023
                assert reason in found["source"]["reason"]
            paths = ("/v1/rooms", "/metrics", "/v1/info", "/v1/rooms/wrong")
            seen = [server.ask("GET", path).body.decode() for path in paths]
            assert server.ask("GET", "/v1/info").json["sessions"] == 1
        for name, check in doctor._camera_checks(Settings(sources=setting)):
            doctor._report(name, check)
    told = capsys.readouterr().out
    assert "FAIL  camera wrong       http://127.0.0.1:" in told
    assert "ok    camera good" in told
    assert "mjpeg 128x96" in told
    for text in (*seen, told):
        assert "hunter2" not in text


async def test_a_room_that_the_server_has_no_resources_for_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise Unavailable("The server has no memory left.")

    async with open_rooms() as rooms:
        monkeypatch.setattr(rooms, "_require_headroom", full)
        life = registry.Sources(rooms, parse_sources("studio=screen")).running()
        await anext(life)
        await asyncio.sleep(0)
        (feeding,) = (task for task in asyncio.all_tasks() if task.get_name() == "source studio")
        await asyncio.wait([feeding], timeout=HANG_S)
        with pytest.raises(StopAsyncIteration):
            await anext(life)


def test_a_server_that_drains_does_not_wait_for_its_cameras() -> None:
    with mjpeg_camera() as camera, running(sources=f"studio={camera.url()}", drain_s=600) as server:
        wait_for(server, is_tracked)
        server.drain()
        wait_for(server, lambda found: not found)
    names = [thread.name for thread in threading.enumerate()]
    assert "camera" not in names
