"""The whole server: pictures and live rooms are tracked in turn."""

import asyncio
import io
import threading
from typing import Any

import aiohttp
import pytest
from PIL import Image

from mocast import composition
from mocast.app import Server
from mocast.model.frame import Frame
from mocast.model.tracked import Tracked
from mocast.settings.settings import Settings
from tests.fakes import CentreTracker
from tests.integration.http_server import FakePool
from tests.peers import Peer

TAKES_S = 0.02
CLIENTS = 4
EACH = 4


class Work:
    """Who is at work, and who was."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0
        "At a time."
        self.pictures = 0

    def begin(self, *, still: bool) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.pictures += still

    def end(self) -> None:
        with self._lock:
            self._now -= 1


class NotedTracker(CentreTracker):
    """Takes a moment for each frame and notes that it does."""

    def __init__(self, work: Work, *, still: bool) -> None:
        super().__init__(takes_s=TAKES_S)
        self._work = work
        self._still = still

    def track(self, frame: Frame) -> Tracked:
        self._work.begin(still=self._still)
        try:
            return super().track(frame)
        finally:
            self._work.end()


class NotingPool(FakePool):
    """Gives out trackers that note their work."""

    def __init__(self) -> None:
        super().__init__()
        self.may_warm.set()
        self.work = Work()

    def acquire(self, *_: Any, still: bool = False, **__: Any) -> CentreTracker:
        return NotedTracker(self.work, still=still)


async def test_pictures_and_rooms_share_the_places(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = NotingPool()
    monkeypatch.setattr(composition, "TrackerPool", lambda *_, **__: pool)
    content = io.BytesIO()
    Image.new("RGB", (64, 48)).save(content, "PNG")
    settings = Settings(port=0, tracking_threads=1, image_workers=CLIENTS)  # type: ignore[call-arg]

    async with Server(settings).running() as port, aiohttp.ClientSession(f"http://127.0.0.1:{port}") as http:

        async def post_pictures() -> None:
            for _ in range(EACH):
                async with http.post("/v1/images", data=content.getvalue()) as response:
                    assert response.status == 200

        peer = Peer()
        headers = {"Content-Type": "application/sdp"}
        async with http.post("/v1/rooms/a/publish", data=await peer.offer(), headers=headers) as response:
            assert response.status == 201
            await peer.accept(await response.text())
        await peer.until(lambda: len(peer.frames) >= 3)
        async with asyncio.TaskGroup() as clients:
            for _ in range(CLIENTS):
                clients.create_task(post_pictures())
        returned = len(peer.frames)
        await peer.until(lambda: len(peer.frames) >= returned + 3)
        assert pool.work.pictures == CLIENTS * EACH
        assert pool.work.most == 1, "two were tracked at a time"
        await peer.close()
