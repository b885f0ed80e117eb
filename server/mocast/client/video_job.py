"""A video that a server processes."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import aiohttp
import orjson
from aiohttp import hdrs
from yarl import URL

from mocast.client.refusals import translated
from mocast.client.room_recording import write_answer
from mocast.errors import NotFound

if TYPE_CHECKING:
    from mocast.client.mocast_client import MocastClient

ENDED: Final = frozenset({"done", "failed"})


class VideoJob:
    """A job on the server, where it stays until it is deleted or the server's operator lets it go."""

    def __init__(self, client: "MocastClient", url: URL) -> None:
        self._client = client
        self._url = url

    def __repr__(self) -> str:
        return f"VideoJob({self.id!r})"

    @property
    def id(self) -> str:
        """Its id; who has it may see and delete the job, where no token is asked for."""
        return self._url.name

    async def state(self) -> Mapping[str, Any]:
        """Return its state as the API tells it: ``state``, ``progress``, ``results`` and others."""
        return await self._client.get_json(self._url)

    async def progress(self) -> AsyncIterator[Mapping[str, Any]]:
        """Yield its state whenever it changes, until it is ``done`` or ``failed``.

        Raises ``NotFound`` where it is deleted, ``Unreachable`` where the connection is lost: it may be asked again.
        """
        async with self._client.call(hdrs.METH_GET, self._url / "events") as answer:
            async for state in _states(answer):
                yield state
                if state["state"] in ENDED:
                    return

    async def finished(self) -> Mapping[str, Any]:
        """Wait until it is ``done`` or ``failed``, and return its state. Raises what ``progress`` raises."""
        async for state in self.progress():
            if state["state"] in ENDED:
                return state
        return await self.state()

    async def download(self, name: str, path: str | Path) -> None:
        """Write one of its results, by its name, into a file. Raises ``MocastError`` and ``OSError``."""
        url = (self._url / "results").joinpath(quote(name), encoded=True)
        async with self._client.call(hdrs.METH_GET, url) as answer:
            await write_answer(answer, Path(path))

    async def delete(self) -> None:
        """Delete it and its results from the server; one that runs is ended."""
        async with self._client.call(hdrs.METH_DELETE, self._url):
            pass


async def _states(answer: aiohttp.ClientResponse) -> AsyncIterator[Mapping[str, Any]]:
    """The states in a stream of server-sent events."""
    event = ""
    with translated():
        async for line in answer.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "event":
                event = value
            elif name == "data" and event == "job":
                yield orjson.loads(value)
            elif event == "deleted":
                raise NotFound("The job has been deleted.")
