"""What forwarding adds to signaling: ``python -m bench.forwarding [--requests 400]``.

Two servers that are one by a Redis of this machine. An offer to watch a room in which nobody publishes is read, parsed
and refused by the node that has the room; it is sent there, and to the other node, in turns. So are requests for its
state. Nothing of media is forwarded: they go between a client and the node that has the room.
"""

import asyncio
import time
from contextlib import ExitStack

import aiohttp
from aiortc import RTCPeerConnection

from bench import processes
from bench.cluster_day import redis_url
from bench.report import Figure, parser, percentiles, save, table

SECRET = "what the two nodes of this bench share"
MOST_ADDED_MS = 3.0
WARM_UP = 20


def main() -> None:
    options = parser(__doc__, seconds=0)
    options.add_argument("--requests", type=int, default=400, help="of each kind to each node (default: %(default)s)")
    arguments = options.parse_args()
    with ExitStack() as stack:
        redis = stack.enter_context(redis_url())
        urls = [
            stack.enter_context(
                processes.mocast_server(
                    arguments.out / f"node-{name}.log",
                    *("--redis-url", redis, "--cluster-secret", SECRET, "--node-name", name),
                    *("--warm", "", "--precision", "f32"),
                    *("--node-url", f"http://127.0.0.1:{port}"),
                    cores=processes.ALL_CORES,
                    port=port,
                )
            ).url
            for name, port in (("a", processes.free_port()), ("b", processes.free_port()))
        ]
        found = asyncio.run(_measured(urls, arguments.requests))
    rows, figures = [], []
    for kind, (own_ms, forwarded_ms) in found.items():
        p50, other = percentiles(own_ms), percentiles(forwarded_ms)
        rows.append([kind, *(f"{ms:.2f}" for ms in (p50[0], p50[1], other[0], other[1]))])
        added_ms = other[0] - p50[0]
        figures.append(Figure(f"forwarding adds to {kind}, p50", added_ms, "ms", at_most=MOST_ADDED_MS))
    head = ["", "p50 ms at its node", "p95", "p50 ms at the other node", "p95"]
    save(arguments.out, "forwarding", figures, table(head, rows), {})


async def _measured(urls: list[str], count: int) -> dict[str, tuple[list[float], list[float]]]:
    """Return milliseconds of each kind of request at the node that has the room, and at the other one."""
    pc = RTCPeerConnection()
    pc.addTransceiver("video", direction="recvonly")
    offer = (await pc.createOffer()).sdp
    calls = {"an offer": ("POST", "/whep/bench", offer), "a request": ("GET", "/v1/rooms/bench", None)}
    taken: dict[str, dict[str, list[float]]] = {kind: {url: [] for url in urls} for kind in calls}
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{urls[0]}/v1/rooms/bench/landmarks"):
        for turn in range(count + WARM_UP):
            for kind, (method, path, body) in calls.items():
                for url in urls:
                    began_s = time.perf_counter()
                    headers = {"Content-Type": "application/sdp"} if body else {}
                    async with http.request(method, url + path, data=body, headers=headers) as answer:
                        await answer.read()
                    if turn >= WARM_UP:
                        taken[kind][url].append(1e3 * (time.perf_counter() - began_s))
                await asyncio.sleep(0.012)  # below what one address may ask for in a second
    await pc.close()
    # The node that has the room is the faster one: the other does the same and more.
    return {kind: tuple(sorted(of.values(), key=lambda ms: percentiles(ms)[0])) for kind, of in taken.items()}  # type: ignore[misc]


if __name__ == "__main__":
    main()
