"""Memory of the server with 0, 1, 2 and 3 holistic sessions: ``python -m bench.memory [--clip FILE] [--seconds 8]``."""

import asyncio
from contextlib import AsyncExitStack

from bench import processes
from bench.clips import YuvPicture, yuv_pictures
from bench.peers import Camera, connected
from bench.report import Figure, parser, save, table

SESSIONS = 3
PICTURES = 90
KINDS = ("Rss", "Pss", "Anonymous")
NAIVE = "naive server, 1"
LONG_S = 3_600.0
"""Cameras send until their peer leaves."""


def main() -> None:
    arguments = parser(__doc__, seconds=8).parse_args()
    processes.pin_client()
    pictures = yuv_pictures(arguments.clip, PICTURES)
    with processes.mocast_server(arguments.out / "mocast.log", "--max-sessions", str(SESSIONS)) as server:
        memory = asyncio.run(memory_by_sessions(server, pictures, SESSIONS, arguments.seconds))
    with processes.server(["-m", "bench.naive_server"], arguments.out / "naive.log") as server:
        naive = asyncio.run(memory_by_sessions(server, pictures, 1, arguments.seconds))[1]
    resident = [each["Rss"] for each in memory]
    more = (resident[-1] - resident[1]) / (SESSIONS - 1)
    figures = [
        Figure("resident memory, one holistic session", resident[1], "MB", at_most=400),
        Figure(f"resident memory, each more (mean of {SESSIONS - 1})", more, "MB", at_most=25),
        Figure("resident memory, naive server, one session", naive["Rss"], "MB"),
    ]
    rows = [
        [name, *(f"{each[kind]:.0f}" for kind in KINDS)]
        for name, each in [*((str(count), each) for count, each in enumerate(memory)), (NAIVE, naive)]
    ]
    text = table(["sessions", "resident MB", "proportional MB", "anonymous MB"], rows)
    save(arguments.out, "memory", figures, text, {"mocast": memory, "naive": naive})


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


if __name__ == "__main__":
    main()
