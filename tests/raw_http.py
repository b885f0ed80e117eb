"""HTTP as no library would send it."""

import asyncio
import ssl
from dataclasses import dataclass

import orjson

from tests.peers import HANG_S


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An answer as it came."""

    status: int
    headers: dict[str, str]
    "Names in lower case; of several with the same name the last."
    body: bytes

    def is_problem(self, status: int) -> bool:
        """Whether it is a problem of that status, in one sentence."""
        if (self.status, self.headers.get("content-type")) != (status, "application/problem+json"):
            return False
        problem = orjson.loads(self.body)
        return bool(problem["status"] == status and problem["title"] and problem["detail"].endswith("."))


async def raw_answer(port: int, data: bytes, *, tls: ssl.SSLContext | None = None) -> bytes:
    """Send bytes to this machine; return all that comes until the other side closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    try:
        async with asyncio.timeout(HANG_S):
            writer.write(data)
            return await reader.read(-1)
    except ConnectionError:
        return b""
    finally:
        writer.close()


def parse(answer: bytes) -> RawAnswer:
    """Return the first answer in these bytes."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status_line, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", len(body)))
    return RawAnswer(int(status_line.split()[1]), headers, body[:length])
