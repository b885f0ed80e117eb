"""A recording that a server makes of a room."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp import hdrs
from yarl import URL

from mocast.client.refusals import translated
from mocast.errors import RequestError

if TYPE_CHECKING:
    from mocast.client.mocast_client import MocastClient

CHUNK_BYTES: Final = 2**18
KINDS: Final = (".jsonl", ".bvh", ".vrma", ".vmd", ".trc", ".c3d")


class RoomRecording:
    """A recording on the server, where it stays until it is deleted or the server's operator lets it go."""

    def __init__(self, client: "MocastClient", url: URL) -> None:
        self._client = client
        self._url = url

    def __repr__(self) -> str:
        return f"RoomRecording({self.id!r})"

    @property
    def id(self) -> str:
        """Its id; who has it may download and delete the recording, where no token is asked for."""
        return self._url.name

    async def state(self) -> Mapping[str, Any]:
        """Return its state as the API tells it: ``seconds``, ``frames``, ``state`` and others."""
        return await self._client.get_json(self._url)

    async def stop(self) -> None:
        """End it, and return when all of it is written."""
        async with self._client.call(hdrs.METH_POST, self._url / "stop"):
            pass

    async def download(self, path: str | Path, **options: object) -> None:
        """Write a recording that was stopped into a file; the suffix says as what: ``.jsonl``, ``.bvh``,
        ``.vrma``, ``.vmd``, ``.trc`` or ``.c3d``.

        ``options``: of an animation, ``fps`` and ``smooth``. Raises ``MocastError`` and ``OSError``.
        """
        path = Path(path)
        if path.suffix not in KINDS:
            raise RequestError(f"{path.name}: a recording is written as {', '.join(KINDS)}.")
        url = self._url.with_name(f"{self.id}{path.suffix}")
        async with self._client.call(hdrs.METH_GET, url, options) as answer:
            await write_answer(answer, path)

    async def delete(self) -> None:
        """Delete it from the server; one that runs is stopped first."""
        async with self._client.call(hdrs.METH_DELETE, self._url):
            pass


async def write_answer(answer: aiohttp.ClientResponse, path: Path) -> None:
    """Write an answer's body into a file. Raises ``MocastError`` and ``OSError``."""
    file = await asyncio.to_thread(path.open, "wb")
    try:
        with translated():
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)
