"""Traces of a live session, received by a collector that is a plain HTTP server; test_serve.py: none without it."""

import asyncio
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from mocast import cli
from tests.integration.http_server import Running, running
from tests.peers import Peer


class Collector:
    """Keeps the spans that are sent to it."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []
        collector = self

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                scopes = [scope for resource in body["resourceSpans"] for scope in resource["scopeSpans"]]
                collector.spans += [span for scope in scopes for span in scope["spans"]]
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"

    def named(self, name: str) -> list[dict[str, Any]]:
        return [span for span in self.spans if span["name"] == name]


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever)
    thread.start()
    yield collector
    collector.server.shutdown()
    thread.join()
    collector.server.server_close()


def attributes(span: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: next(iter(one["value"].values())) for one in span["attributes"]}


def milliseconds(span: dict[str, Any]) -> float:
    return (int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])) / 1e6


async def test_offers_sessions_and_some_frames_are_traced_and_no_room_is_named(collector: Collector) -> None:
    peer = Peer(rig="")
    with running(otel_endpoint=collector.url, otel_frames_every=5) as server:
        await peer.accept(await asyncio.to_thread(publish, server, await peer.offer()))
        await peer.until(lambda: sum(number % 5 == 0 for number in peer.decoded_landmarks()) >= 3)
        await peer.until(lambda: len(peer.frames) >= 20)
        await asyncio.to_thread(server.ask, "GET", "/healthz")
        assert (await asyncio.to_thread(server.ask, "GET", "/v1/sessions/none")).status == 404
    await peer.close()
    (offer,) = collector.named("POST /v1/rooms/{room}/publish")
    assert attributes(offer)["http.response.status_code"] in (201, "201")
    (missing,) = collector.named("GET /v1/sessions/{id}")
    assert attributes(missing)["http.response.status_code"] in (404, "404")
    (session,) = collector.named("publisher session")
    assert (session["traceId"], session["parentSpanId"]) == (offer["traceId"], offer["spanId"])
    assert attributes(session)["mocast.reason"] == "the server is shutting down"
    assert int(attributes(session)["mocast.frames_in"]) >= 20
    frames = collector.named("frame")
    numbers = [int(attributes(frame)["mocast.frame"]) for frame in frames]
    assert len(numbers) >= 2
    assert all(number % 5 == 0 for number in numbers)
    for frame in frames:
        stages = {span["name"]: span for span in collector.spans if span.get("parentSpanId") == frame["spanId"]}
        assert stages.keys() == {"wait", "track", "rig and draw"}
        assert sum(map(milliseconds, stages.values())) == pytest.approx(milliseconds(frame), abs=0.01)
        assert min(map(milliseconds, stages.values())) >= 0
    told = json.dumps(collector.spans)
    assert "healthz" not in told
    assert "secret-room" not in told


def publish(server: Running, offer: str) -> str:
    return server.publish("secret-room", offer).body.decode()


async def test_a_collector_that_is_gone_costs_spans_and_nothing_else() -> None:
    peer = Peer()
    with running(otel_endpoint="http://127.0.0.1:1/v1/traces", otel_frames_every=1) as server:
        await peer.accept(await asyncio.to_thread(publish, server, await peer.offer()))
        await peer.until(lambda: len(peer.frames) >= 10)
    await peer.close()


def test_where_it_is_not_installed_the_start_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr("importlib.util.find_spec", missing)
    assert cli.main(["serve", "--otel-endpoint", "http://collector:4318/v1/traces"]) == 2
    assert 'pip install "mocast[otel]"' in capsys.readouterr().err
    assert cli.main(["serve", "--otel-endpoint", "collector:4318"]) == 2
    assert "begins with http" in capsys.readouterr().err
