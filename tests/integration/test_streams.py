"""A stream that is added in one place is everywhere: data channel, WebSocket, recording, statistics, metrics."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson
import pytest

from mocast import validation
from mocast.model.tracked import Tracked
from mocast.rooms.room import Room
from mocast.wire.stream_kinds import STREAMS, Messages, StreamKind
from tests.integration.http_server import Answer, Running, running
from tests.peers import Peer


@dataclass(frozen=True, slots=True)
class Toy:
    """An item of the stream."""

    frame: int
    person: int = 0


def _text(toy: Toy, _: object) -> Messages:
    return [orjson.dumps({"type": "toy", "number": toy.frame}).decode()]


TOY: StreamKind[Toy] = StreamKind(
    name="toy",
    counter="toys",
    encoders={
        "binary": lambda toy, _: [toy.frame.to_bytes(4, "little")],
        "json": _text,
        "socket": _text,
        "socket mirrored": _text,
    },
    protocols={"toy+json": "json"},
)


class ToyMaker:
    """Sends a toy with each frame that is tracked, as a stage of the pipeline would."""

    def __init__(self, room: Room) -> None:
        self._toys = room.streams["toy"].fanout

    def send(self, tracked: Tracked) -> None:
        self._toys.send(Toy(tracked.frame))

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setitem(STREAMS, "toy", TOY)
    made = Room.__init__

    def make(room: Room, *args: object) -> None:
        made(room, *args)  # type: ignore[arg-type]
        room.streams["landmarks"].fanout.add(ToyMaker(room))

    monkeypatch.setattr(Room, "__init__", make)
    with running(recordings_folder=tmp_path) as server:
        yield server
    validation.schema_of.cache_clear()  # or a later test finds the toy among the defaults


async def asked(server: Running, method: str, path: str) -> Answer:
    return await asyncio.to_thread(server.ask, method, path)


async def test_a_stream_added_in_one_place_is_everywhere(server: Running) -> None:
    peer = Peer(landmarks=None)
    toys: list[bytes | str] = []
    peer.pc.createDataChannel("toy").on("message", lambda message: peer._keep(toys, message))
    answer = await asyncio.to_thread(server.publish, "hall", await peer.offer(), "?return=none")
    await peer.accept(answer.body.decode())
    await peer.until(lambda: len(toys) >= 5)
    assert all(isinstance(message, bytes) and len(message) == 4 for message in toys)

    recording = (await asked(server, "POST", "/v1/rooms/hall/recordings?record=toy")).location
    url = f"http://127.0.0.1:{server.port}/v1/rooms/hall/landmarks?send=toy"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as socket:
        texts = [orjson.loads(await socket.receive_str(timeout=60)) for _ in range(5)]
    assert [text["type"] for text in texts] == ["toy"] * 5
    assert [text["number"] for text in texts] == sorted({text["number"] for text in texts})

    stopped = (await asked(server, "POST", f"{recording}/stop")).json
    # The text of a frame may be here before its line is queued.
    assert (stopped["record"], stopped["toys"] >= 4) == (["toy"], True)
    lines = [json.loads(line) for line in (await asked(server, "GET", f"{recording}.jsonl")).body.splitlines()]
    assert (lines[0]["record"], len(lines) - 2, lines[-1]["toys"]) == (["toy"], stopped["toys"], stopped["toys"])
    assert lines[1].keys() == {"type", "number"}

    statistics = (await asked(server, "GET", answer.location)).json["statistics"]
    assert statistics["toys_sent"] >= 5
    assert "toys_dropped" in statistics
    metrics = (await asked(server, "GET", "/metrics")).body.decode()
    assert "mocast_toys_sent_total " in metrics
    assert "mocast_viewer_toys_sent_total " in metrics
    await peer.close()
