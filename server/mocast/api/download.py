"""Files that clients download, within the operator's limits."""

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from mocast.limiter import Client, Limiter


class Download(web.FileResponse):
    """A file, which counts while it is being sent. Raises where it would be one too many, before anything is sent."""

    def __init__(self, path: Path, headers: Mapping[str, str], limiter: Limiter, client: Client) -> None:
        super().__init__(path, headers=dict(headers))
        limiter.require("downloads", client)
        self._limiter = limiter
        self._client = client

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send it. The handler has asked for the place, and nothing ran since."""
        with self._limiter.lease("downloads", self._client):
            return await super().prepare(request)
