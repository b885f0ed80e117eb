"""FFmpeg's own WHIP client, as PyAV has it, against the whole server."""

import asyncio
import json
from collections.abc import Iterator
from itertools import pairwise

import aiohttp
import orjson
import pytest

from tests.ffmpeg_whip import publishing
from tests.integration.http_server import Running, running


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running() as served:
        yield served


async def tracked(server: Running, room: str, count: int = 15) -> list[int]:
    """The pts of the landmarks that a reader of the room gets."""
    url = f"http://127.0.0.1:{server.port}/v1/rooms/{room}/landmarks?send=landmarks"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as reader:
        return [orjson.loads(await reader.receive_str(timeout=60))["pts"] for _ in range(count)]


@pytest.mark.parametrize(
    "encoder",
    [{"profile": "baseline"}, {"profile": "main", "bf": "0"}, {"profile": "high", "bf": "0"}],
    ids=lambda encoder: encoder["profile"],
)
async def test_what_it_sends_is_tracked_frame_by_frame(server: Running, encoder: dict[str, str]) -> None:
    room = encoder["profile"]
    url = f"http://127.0.0.1:{server.port}/whip/{room}?tracker=pose"
    with publishing(url, json.dumps({"encoder": encoder})):
        pts = await tracked(server, room)
    assert all(later > earlier and (later - earlier) % 3_000 == 0 for earlier, later in pairwise(pts))
    assert await asyncio.to_thread(lambda: server.ask("GET", f"/v1/rooms/{room}").status) == 404, "it said goodbye"


async def test_audio_beside_the_video_hinders_nothing(server: Running) -> None:
    url = f"http://127.0.0.1:{server.port}/whip/loud?tracker=pose"
    with publishing(url, json.dumps({"audio": True})):
        assert len(await tracked(server, "loud")) == 15
