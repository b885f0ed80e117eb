"""Events through the whole server: to a publisher, a viewer, a WebSocket and a webhook, and nobody who did not ask."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from mocast.analysis.analyser import Analyser
from mocast.client import MocastClient
from mocast.model.analysis import Analysis, Event
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from tests.integration.http_server import Running, running
from tests.peers import HANG_S, Peer
from tests.ports import free_port


class EventfulAnalyser(Analyser):
    """Notices a repetition in every fifth frame, and a gesture in every tenth."""

    made = 0

    def analyse(self, tracked: Tracked, rig: Rig | None) -> Analysis:
        type(self).made += 1
        events = [Event("rep", tracked.pts, 0)] if tracked.frame % 5 == 0 else []
        events += [Event("gesture", tracked.pts, 0, 0, {"gesture": "fist"})] if tracked.frame % 10 == 0 else []
        return Analysis(tracked.frame, tracked.pts, tracked.decoded_at_ns, events=tuple(events))


class Hook:
    """A webhook's receiver, on the test's own loop."""

    def __init__(self) -> None:
        self.port = free_port()
        self.bodies: list[dict[str, Any]] = []
        self._changed = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(orjson.loads(await request.read()))
        self._changed.set()
        return web.Response(status=204)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(HANG_S):
            while len(self.bodies) < count:
                self._changed.clear()
                await self._changed.wait()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_post("/hook", self.take)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        yield
        await runner.cleanup()


@pytest.fixture(scope="module", autouse=True)
def _eventful() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mocast.analysis.person_analysers.Analyser", EventfulAnalyser)
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running() as served:
        yield served


@asynccontextmanager
async def joined(server: Running, peer: Peer, call: str) -> AsyncIterator[str]:
    """Publish to a room, or watch it, while the context lasts; yields the session's address."""
    headers = {"Content-Type": "application/sdp"}
    answer = await asyncio.to_thread(server.ask, "POST", f"/v1/rooms/{call}", await peer.offer(), headers)
    assert answer.status == 201, answer.body
    await peer.accept(answer.body.decode())
    try:
        yield answer.location
    finally:
        await asyncio.to_thread(server.ask, "DELETE", answer.location)
        await peer.close()


def told(peer: Peer) -> list[dict[str, Any]]:
    return [message for message in peer.control_messages if message["type"] == "event"]


def kinds(peer: Peer) -> set[str]:
    return {message["event"]["type"] for message in told(peer)}


async def test_each_client_is_told_of_the_types_that_it_asks_for(server: Running) -> None:
    publisher, viewer, other = Peer(), Peer(video=False, landmarks=None), Peer(video=False, landmarks=None)
    async with (
        joined(server, publisher, "told/publish?return=none&events=rep") as session,
        joined(server, viewer, "told/subscribe?events=gesture,rep"),
        joined(server, other, "told/subscribe"),
    ):
        await publisher.until(lambda: len(told(publisher)) >= 3)
        await viewer.until(lambda: kinds(viewer) == {"gesture", "rep"})
        assert kinds(publisher) == {"rep"}
        first = told(viewer)[0]
        assert (first["room"], first["version"], first["missed"], first["event"]["person"]) == ("told", 1, 0, 0)
        pts = [message["event"]["pts"] for message in told(publisher)]
        assert pts == sorted(pts)
        publisher.command(type="settings", id=1, settings={"events": ["gesture"]})
        assert (await publisher.answer_to(1))["settings"]["events"] == ["gesture"]
        await publisher.until(lambda: "gesture" in kinds(publisher))
        state = (await asyncio.to_thread(server.ask, "GET", session)).json
        assert state["statistics"]["events_sent"] >= 4
        assert state["statistics"]["events_dropped"] == 0
        assert told(other) == []


async def test_nothing_is_analysed_where_nobody_asks(server: Running) -> None:
    publisher = Peer()
    async with joined(server, publisher, "hall/publish?return=none"):
        made = EventfulAnalyser.made
        await publisher.until(lambda: len(publisher.landmark_messages) > 10)
        assert EventfulAnalyser.made == made
        publisher.command(type="settings", id=1, settings={"events": ["rep"]})
        await publisher.until(lambda: told(publisher))
        publisher.command(type="settings", id=2, settings={"events": []})
        await publisher.answer_to(2)
        made, seen = EventfulAnalyser.made, len(publisher.landmark_messages)
        await publisher.until(lambda: len(publisher.landmark_messages) > seen + 10)
        assert EventfulAnalyser.made <= made + 1


async def test_a_websocket_has_each_event_in_order(server: Running) -> None:
    publisher = Peer(landmarks=None)
    url = f"http://127.0.0.1:{server.port}/v1/rooms/hall/landmarks?send=events,rig"
    async with (
        joined(server, publisher, "hall/publish?return=none"),
        aiohttp.ClientSession() as http,
        http.ws_connect(url) as reader,
    ):
        texts = [orjson.loads(await reader.receive_str(timeout=HANG_S)) for _ in range(40)]
    events = [text["event"]["pts"] for text in texts if text["type"] == "event"]
    assert len(events) >= 3
    assert events == sorted(events)
    assert all(text["missed"] == 0 for text in texts if text["type"] == "event")
    assert {text["type"] for text in texts} == {"event", "rig"}


async def test_a_python_program_has_each_event(server: Running) -> None:
    publisher = Peer(landmarks=None)
    async with (
        MocastClient(f"http://127.0.0.1:{server.port}") as client,
        aclosing(client.events("python")) as events,
        joined(server, publisher, "python/publish?return=none"),
    ):
        came = [await asyncio.wait_for(anext(events), HANG_S) for _ in range(4)]
    assert {event.type for event in came} == {"rep", "gesture"}
    assert [event.pts for event in came] == sorted(event.pts for event in came)
    assert {(event.room, event.missed, event.at.year) for event in came} == {("python", 0, 1970)}


async def test_a_recording_has_no_stream_of_events(server: Running) -> None:
    answer = await asyncio.to_thread(server.ask, "POST", "/v1/rooms/hall/recordings?record=events")
    assert answer.status == 422


async def test_webhooks_have_the_events_of_their_room_and_a_dead_one_holds_up_nothing() -> None:
    hook = Hook()
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and never answers
        dead = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        webhooks = f"http://127.0.0.1:{hook.port}/hook#room=hall&events=rep {dead}"
        with running(webhooks=webhooks) as server:
            publisher, elsewhere = Peer(), Peer()
            async with (
                hook.listening(),
                joined(server, publisher, "hall/publish?return=none"),
                joined(server, elsewhere, "other/publish?return=none"),
            ):
                await hook.until(3)
                metrics = (await asyncio.to_thread(server.ask, "GET", "/metrics")).body.decode()
                await publisher.until(lambda: len(publisher.landmark_messages) > 30)
    assert {(body["type"], body["data"]["room"]) for body in hook.bodies} == {("rep", "hall")}
    delivered = re.findall(r'^mocast_target_events_delivered_total\{target="(\S+)"\} (\S+)', metrics, re.MULTILINE)
    assert [(name, float(count) > 0) for name, count in delivered] == [("webhook-1", True), ("webhook-2", False)]
    assert 'mocast_target_events_waiting{target="webhook-2"}' in metrics
    assert str(hook.port) not in metrics


async def test_a_client_cannot_name_a_target(server: Running) -> None:
    publisher = Peer(video=True)
    for query in ("webhooks=http://127.0.0.1:1/", "mqtt=mqtt://127.0.0.1/", "mapping=/etc/passwd"):
        answer = await asyncio.to_thread(server.publish, "hall", await publisher.offer(), f"?{query}")
        assert answer.status == 422
    with contextlib.suppress(ConnectionError):
        await publisher.close()
    output = {"kind": "vts", "host": "127.0.0.1", "mapping": "/etc/passwd"}
    headers = {"Content-Type": "application/json"}
    answer = await asyncio.to_thread(
        server.ask, "PUT", "/v1/rooms/hall/outputs", orjson.dumps({"outputs": [output]}), headers
    )
    assert answer.status == 422
