"""The server's sources: cameras that the operator names, each kept open and feeding its room."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Final

import structlog

from mocast.errors import MocastError, NotFound, Unavailable
from mocast.model.options import PublishRequest
from mocast.retry_delays import RetryDelays
from mocast.rooms.registry import Rooms
from mocast.rooms.room import Room, SourceStatus
from mocast.sources.camera_address import CameraSource
from mocast.sources.camera_reader import FILE_ENDED, LONGEST_DELAY_S, CameraReader
from mocast.sources.opened_camera import CameraError
from mocast.sources.source_transport import NO_OFFER, SourceTransport

LIVE: Final = SourceStatus("live")

log = structlog.get_logger(__name__)


class Sources:
    """Owns every source of the server, and a task for each. Used on the event loop."""

    def __init__(self, rooms: Rooms, sources: Sequence[CameraSource] = ()) -> None:
        self._rooms = rooms
        self._sources = sources

    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Feed the rooms as long as the context of an app's life lasts, or until the server drains."""
        feeding = asyncio.create_task(self._feed_all(), name="sources")
        yield
        feeding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await feeding

    async def _feed_all(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            feeding = [tasks.create_task(self._feed(source), name=f"source {source.room}") for source in self._sources]
            await self._rooms.draining.wait()
            for task in feeding:
                task.cancel()

    async def _feed(self, source: CameraSource) -> None:
        """Keep a camera's room for it, and feed it."""
        try:
            with self._rooms.lease(source.room, "source") as room:
                try:
                    await self._publish_always(source, room)
                finally:
                    room.source = None
        except Unavailable as error:  # it is to stop before it has begun
            log.warning("source left out", room=source.room, reason=str(error))

    async def _publish_always(self, source: CameraSource, room: Room) -> None:
        """Publish a camera again and again, a file once."""
        said, delays = "", RetryDelays(LONGEST_DELAY_S)
        while True:
            began_at_s = time.monotonic()
            reason = await self._publish(source, room)
            if reason == FILE_ENDED:
                log.info("source ended", room=room.name, reason=reason)
                return
            was_live, room.source = room.source is LIVE, SourceStatus("waiting", reason)
            if was_live or reason != said:
                log.warning("source waits", room=room.name, camera=source.camera.name, reason=reason)
                said = reason
            if was_live and time.monotonic() - began_at_s > LONGEST_DELAY_S:
                delays.reset()
            await asyncio.sleep(delays.next_s())

    async def _publish(self, source: CameraSource, room: Room) -> str:
        """Publish a camera until it or its session ends; return why, in a sentence."""
        reader = CameraReader(source.camera)
        room.source = SourceStatus("connecting")
        try:
            video = await reader.open()
            transport = partial(SourceTransport, reader=reader, video=video)
            request = PublishRequest(source.session)
            session, _ = await self._rooms.publish(room.name, NO_OFFER, request, transport=transport)
            try:
                log.info("source live", room=room.name, camera=source.camera.name, video=str(video))
                room.source = LIVE
                reason = await reader.ended()
                with contextlib.suppress(NotFound):  # it has ended first
                    await self._rooms.sessions.end(session.id, reason)
                return reason or session.reason
            finally:
                session.end("the source is stopped")
        except (CameraError, MocastError) as error:
            return str(error)
        except Exception:
            log.exception("source failed", room=room.name)
            return "the server failed; its log says why"
        finally:
            reader.stop()
