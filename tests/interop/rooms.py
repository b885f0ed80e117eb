"""What a room says while a foreign client is in it."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import aiohttp
import orjson

from tests.e2e.server import Server

HANG_S = 120


def room(server: Server, name: str) -> dict[str, Any]:
    """The room's state; empty where it has none."""
    try:
        with urllib.request.urlopen(f"{server.url}/v1/rooms/{name}", timeout=HANG_S) as answer:
            found: dict[str, Any] = orjson.loads(answer.read())
            return found
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return {}


def wait_for(server: Server, name: str, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Return the room's state when it meets a condition."""
    give_up = time.monotonic() + HANG_S
    while not condition(found := room(server, name)):
        assert time.monotonic() < give_up, f"{found}\n{server.log_tail()}"
        time.sleep(0.1)
    return found


async def landmarks(server: Server, name: str, count: int) -> list[dict[str, Any]]:
    """The next landmarks of a room."""
    url = f"{server.url}/v1/rooms/{name}/landmarks?send=landmarks"
    async with aiohttp.ClientSession() as http, http.ws_connect(url) as reader:
        return [orjson.loads(await reader.receive_str(timeout=HANG_S)) for _ in range(count)]


def whip(server: Server, name: str) -> str:
    """Where a WHIP client publishes to a room."""
    return f"{server.url}/whip/{name}?tracker=pose"


def whep(server: Server, name: str) -> str:
    """Where a WHEP player watches it."""
    return f"{server.url}/whep/{name}"
