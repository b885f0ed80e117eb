"""Rooms with fakes in them, clients in them, and what a process holds before and after."""

import asyncio
import gc
import os
import threading
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from mocast.analysis.analyser import Analyser
from mocast.limiter import Limiter
from mocast.model.options import PublishRequest, SessionOptions, SubscribeRequest
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.rooms.camera_rate import CameraRates
from mocast.rooms.publisher import Publisher, PublisherDependencies
from mocast.rooms.registry import Rooms
from mocast.rooms.session import Session as AnyPeer
from mocast.rooms.viewer import Viewer
from mocast.webrtc.aiortc import installation
from mocast.webrtc.aiortc.aiortc_transport import AiortcTransport
from mocast.webrtc.aiortc.gathering import Gathering
from mocast.webrtc.offer import parse_offer
from mocast.webrtc.video_encoder import EncoderFactory, EncoderLimits
from tests.fakes import CountingRigger, FakeTrackers, PlainRenderer, make_limiter
from tests.peers import HANG_S, Peer

DEFAULTS = SessionOptions()
LANDMARKS_ONLY = SessionOptions(return_="none")


@asynccontextmanager
async def open_rooms(
    trackers: FakeTrackers | None = None,
    *,
    max_sessions: int = 4,
    max_viewers: int = 32,
    renderer: Any = PlainRenderer,
    rigger: Any = CountingRigger,
    analyser: Any = Analyser,
    codecs: tuple[str, ...] = (),
    limiter: Limiter | None = None,
    gathering: Gathering | None = None,
    **parts: Any,
) -> AsyncIterator[Rooms]:
    """Rooms that are closed in the end, however that comes."""
    installation.install()
    scheduler = FrameScheduler(4)
    with ThreadPoolExecutor(4, "worker") as workers, ThreadPoolExecutor(2, "worker-encoder") as encoders:
        rooms = Rooms(
            PublisherDependencies(
                trackers=trackers or FakeTrackers(),
                rigger=rigger,
                analyser=analyser,
                renderer=renderer,
                scheduler=scheduler,
                camera_rates=CameraRates(scheduler),
                workers=workers,
                transport=partial(AiortcTransport, codecs=codecs, gathering=gathering),
                encoders=EncoderFactory(EncoderLimits(), encoders),
                **{"connect_timeout_s": HANG_S, "media_timeout_s": HANG_S, **parts},
            ),
            limiter or make_limiter(sessions=max_sessions, viewers=max_viewers, sockets=max_viewers),
        )
        try:
            yield rooms
        finally:
            await rooms.close()


async def publish(
    rooms: Rooms, peer: Peer, room: str = "room", options: SessionOptions = DEFAULTS, **request: Any
) -> Publisher:
    """Let a client publish to a room; return the server's side of it."""
    offer = parse_offer((await peer.offer()).encode())
    session, answer = await rooms.publish(room, offer, PublishRequest(options, **request))
    await peer.accept(answer)
    return session


async def subscribe(rooms: Rooms, peer: Peer, room: str = "room", **request: Any) -> Viewer:
    """Let a client watch a room; return the server's side of it."""
    offer = parse_offer((await peer.offer()).encode(), needs_video=False)
    viewer, answer = await rooms.subscribe(room, offer, SubscribeRequest(**request))
    await peer.accept(answer)
    return viewer


async def gone(rooms: Rooms, session: AnyPeer, timeout_s: float = HANG_S) -> None:
    """Wait until nothing is left of a session or a viewer."""
    task = rooms.sessions._tasks.get(session.id)
    if task is not None:
        async with asyncio.timeout(timeout_s):
            await asyncio.wait([task])
    assert session.state == "closed"
    assert session not in (*rooms.sessions.publishers, *rooms.sessions.viewers)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What this process holds that a session could leave behind."""

    sockets: int
    threads: tuple[str, ...]
    tasks: int

    @classmethod
    def now(cls) -> "Footprint":
        """Count, after what nobody refers to is collected. Threads of executors stay by design and do not count."""
        gc.collect()
        names = sorted(thread.name for thread in threading.enumerate())
        own = tuple(name for name in names if not name.startswith(("worker", "asyncio", "ThreadPool", "mocast-")))
        rooms = tuple(name for name in names if name in ("mocast-room", "mocast-tracking"))
        return cls(open_sockets(), own + rooms, len(asyncio.all_tasks()))

    def is_within(self, before: "Footprint") -> bool:
        """Whether nothing is held that was not before; what a test before that one left may have gone since."""
        threads = Counter(self.threads) <= Counter(before.threads)
        return threads and self.sockets <= before.sockets and self.tasks <= before.tasks


def open_sockets() -> int:
    """Sockets that this process has open."""
    count = 0
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            count += os.readlink(f"/proc/self/fd/{descriptor}").startswith("socket:")
        except FileNotFoundError:
            continue  # the one that lists them
    return count


def resident_kib() -> int:
    """Resident memory of this process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
