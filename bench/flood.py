"""Requests at a rate, from a process of its own: ``python -m bench.flood URL RATE SECONDS``.

The last line is JSON: requests answered a second, how many were not answered with 200, and their times.
"""

import argparse
import asyncio
import json
import time
from urllib.parse import urlsplit

from bench.report import percentiles

CONNECTIONS = 8


async def ask(url: str, rate: float, until_s: float, took_ms: list[float], failed: list[int]) -> None:
    """Ask on one connection, at even times; what is late is asked for at once."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    due_s = time.monotonic()
    while due_s < until_s:
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        began_s = time.monotonic()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        took_ms.append(1e3 * (time.monotonic() - began_s))
        failed.append(not head.startswith(b"HTTP/1.1 200"))
        due_s += 1 / rate
    writer.close()


async def flood(url: str, rate: float, seconds: float) -> dict[str, float]:
    """Ask on all connections; return what came of it."""
    took_ms: list[float] = []
    failed: list[int] = []
    began_s = time.monotonic()
    asking = [ask(url, rate / CONNECTIONS, began_s + seconds, took_ms, failed) for _ in range(CONNECTIONS)]
    await asyncio.gather(*asking)
    p50_ms, p95_ms, most_ms = percentiles(took_ms)
    per_s = len(took_ms) / (time.monotonic() - began_s)
    return {"per_s": per_s, "failed": sum(failed), "p50_ms": p50_ms, "p95_ms": p95_ms, "max_ms": most_ms}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("rate", type=float)
    parser.add_argument("seconds", type=float)
    arguments = parser.parse_args()
    print(json.dumps(asyncio.run(flood(arguments.url, arguments.rate, arguments.seconds))))


if __name__ == "__main__":
    main()
