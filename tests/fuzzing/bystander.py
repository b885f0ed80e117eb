"""A client that does nothing wrong, in a process of its own; it keeps what it was sent.

``python -m tests.fuzzing.bystander URL``: publishes until its standard input has ended, which holds a frame's number,
and landmarks of that frame or a later one have come.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from tests.integration.http_server import Running
from tests.peers import HANG_S, Peer

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Received:
    """What came of a session."""

    frames: int
    "Frames whose landmarks came."
    lost: int
    "Frames that were tracked meanwhile and whose landmarks did not come, although they were sent."
    dropped: int
    "Frames whose landmarks were not sent, as the client had not taken earlier ones: it, too, wants a processor."
    longest_gap_s: float


class Bystander:
    """Publishes and takes landmarks, from ``start`` to ``stop``."""

    def __init__(self, server: Running, room: str) -> None:
        self._server = server
        url = f"http://127.0.0.1:{server.port}/v1/rooms/{room}/publish?return=none&tracker=pose"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzzing.bystander", url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "live\n"
        self._tracker = self._server.pool.out[-1]

    def stop(self) -> Received:
        tracked = list(self._tracker.frames)
        answer, _ = self._process.communicate(str(tracked[-1]), timeout=HANG_S)
        received = json.loads(answer)
        arrivals, dropped = received["arrivals"], received["dropped"]
        came = {number for _, number in arrivals}
        due = {number for number in tracked if number >= min(came)}
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(arrivals)]
        return Received(len(came), max(0, len(due - came) - dropped), dropped, max(gaps))


def _arrival(message: Any) -> tuple[float, int]:
    """When a frame's landmarks come, and its number."""
    return time.monotonic(), int.from_bytes(message[4:8], "little")


async def _publish(url: str) -> None:
    peer = Peer(landmarks=None)
    landmarks = peer.pc.createDataChannel("landmarks")  # ordered and reliable: what is sent must come
    arrivals: list[tuple[float, int]] = []

    landmarks.on("message", lambda message: peer._keep(arrivals, _arrival(message)))
    async with aiohttp.ClientSession(raise_for_status=True) as http:
        headers = {"Content-Type": "application/sdp"}
        async with http.post(url, data=await peer.offer(), headers=headers) as answer:
            session = answer.url.join(URL(answer.headers["Location"]))
            await peer.accept(await answer.text())
        await peer.until(lambda: len(peer.control_messages) > 0 and len(arrivals) >= 10)
        print("live", flush=True)
        last = int(await asyncio.to_thread(sys.stdin.read))
        await peer.until(lambda: arrivals[-1][1] >= last)  # they come in order
        async with http.get(session) as answer:
            dropped = (await answer.json())["statistics"]["landmarks_dropped"]
    print(json.dumps({"arrivals": arrivals, "dropped": dropped}), flush=True)
    await peer.close()


if __name__ == "__main__":
    asyncio.run(_publish(sys.argv[1]))
