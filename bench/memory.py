"""Memory of the server with 0, 1, 2 and 3 holistic sessions: ``python -m bench.memory [--clip FILE] [--seconds 8]``.

The first session then uses every tracker in every quality, and is left alone until unused networks were given back.
"""

import asyncio
from contextlib import AsyncExitStack
from typing import get_args

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.peers import Camera, Peer, connected
from bench.report import Figure, parser, save, table
from mocast.model.options import Quality, TrackerName

SESSIONS = 3
PICTURES = 90
KINDS = ("Rss", "Pss", "Anonymous")
NAIVE = "naive server, 1"
USED, GIVEN_BACK = "1, every tracker and quality used", "1, a minute later"
GIVEN_BACK_S = 75.0
"""Twice ``NetworkRegistry``'s interval, the time after which a body's detector is not held any more, and some."""
USE_S = 2.0
"""Of each tracker and quality."""
LONG_S = 3_600.0
"""Cameras send until their peer leaves."""


def main() -> None:
    arguments = parser(__doc__, seconds=8).parse_args()
    processes.pin_client()
    pictures = yuv_pictures(arguments.clip, PICTURES)
    with processes.mocast_server(arguments.out / "mocast.log", "--max-sessions", str(SESSIONS)) as server:
        memory = asyncio.run(memory_by_sessions(server, pictures, SESSIONS, arguments.seconds))
        used, given_back = asyncio.run(memory_of_all(server, pictures, arguments.seconds))
    with processes.server(["-m", "bench.naive_server"], arguments.out / "naive.log") as server:
        naive = asyncio.run(memory_by_sessions(server, pictures, 1, arguments.seconds))[1]
    resident = [each["Rss"] for each in memory]
    more = (resident[-1] - resident[1]) / (SESSIONS - 1)
    figures = [
        Figure("resident memory, one holistic session", resident[1], "MB", at_most=400),
        Figure("the same when every quality was used, a minute later", given_back["Rss"], "MB", at_most=300),
        Figure(f"resident memory, each more (mean of {SESSIONS - 1})", more, "MB", at_most=25),
        Figure("resident memory, naive server, one session", naive["Rss"], "MB"),
    ]
    rows = [
        [name, *(f"{each[kind]:.0f}" for kind in KINDS)]
        for name, each in [
            *((str(count), each) for count, each in enumerate(memory)),
            *((USED, used), (GIVEN_BACK, given_back), (NAIVE, naive)),
        ]
    ]
    text = table(["sessions", "resident MB", "proportional MB", "anonymous MB"], rows)
    data = {"mocast": memory, "used": used, "given_back": given_back, "naive": naive}
    save(arguments.out, "memory", figures, text, data)


async def memory_by_sessions(
    server: processes.Served, pictures: list[YuvPicture], most: int, settle_s: float
) -> list[dict[str, float]]:
    """Return the server's memory with 0 to ``most`` sessions, each time when it has settled."""
    memory = [server.memory_mb()]
    async with AsyncExitStack() as peers:
        for number in range(most):
            camera = Camera(pictures, seconds=LONG_S)
            await peers.enter_async_context(connected(server.url, camera, room=f"bench-{number}"))
            await asyncio.sleep(settle_s)
            memory.append(server.memory_mb())
    return memory


async def memory_of_all(
    server: processes.Served, pictures: list[YuvPicture], settle_s: float
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the memory with one session that has used everything, at once and when unused networks were given back."""
    async with connected(server.url, Camera(pictures, seconds=LONG_S), room="bench-all") as peer:
        await use_all(peer)
        await asyncio.sleep(settle_s)
        used = server.memory_mb()
        await asyncio.sleep(GIVEN_BACK_S)
        return used, server.memory_mb()


async def use_all(peer: Peer) -> None:
    """Track with each tracker in each quality, and end as a session begins."""
    for tracker in get_args(TrackerName):
        for quality in get_args(Quality):
            await peer.change(tracker=tracker, quality=quality)
            await asyncio.sleep(USE_S)
    await peer.change(tracker="holistic", quality="balanced")


if __name__ == "__main__":
    main()
