"""Networks between a program and the server, in one process: what the transport does with them, without a browser.

The client receives as the server does; each picture has a whole body's landmarks: four messages, 0.9 Mbit/s.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from mocast.model.frame import Frame
from mocast.model.tracked import Face, Hand, Landmarks, Pose, Tracked
from mocast.rooms.publisher import Publisher
from mocast.webrtc.aiortc.gathering import Gathering
from mocast.webrtc.ice import IceOptions
from tests.fakes import CentreTracker, FakeTrackers
from tests.network import Conditions, UdpNetwork, publish_through
from tests.peers import Peer, SquareTrack
from tests.rooms import open_rooms

SECONDS = float(os.environ.get("NETWORK_SECONDS", "20"))

CLEAR = Conditions()

TABLE = [
    "| network | tracked/s | pictures/s | gap p95, ms | longest gap, s | landmarks, of those tracked | whole "
    "| lost up, down |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
]


def some(count: int) -> Landmarks:
    return np.random.default_rng(count).random((count, 3)).astype(np.float32)


HAND, FACE, POSE = Hand(some(21), some(21), 0.9), Face(some(478)), Pose(some(33), some(33), np.ones(33, np.float32))


class WholeBody(CentreTracker):
    """Finds everything, always."""

    def track(self, frame: Frame) -> Tracked:
        return replace(super().track(frame), pose=POSE, face=FACE, left_hand=HAND, right_hand=HAND)


class WholeBodies(FakeTrackers):
    def acquire(self, *options: Any, **more: Any) -> CentreTracker:
        super().acquire(*options, **more)
        self.out[-1] = WholeBody(*options)
        return self.out[-1]


class Watched(Peer):
    """A client that notes when what comes."""

    def __init__(self) -> None:
        super().__init__(SquareTrack(), tuned=True)
        self.shown: list[float] = []
        self.messages: dict[int, list[float]] = {}
        "By frame: when its messages came."
        self.whole = 0
        "Frames of which all messages came."

    def _keep(self, where: list[Any], what: Any) -> None:
        if where is self.landmark_messages:
            came = self.messages.setdefault(int.from_bytes(what[4:8], "little"), [])
            came.append(time.monotonic())
            self.whole += len(came) == what[3] >> 4
            return
        if where is self.frames:
            self.shown.append(time.monotonic())
        super()._keep(where, what)


@dataclass(frozen=True)
class Row:
    name: str
    conditions: Conditions = CLEAR
    longest_gap_s: float = 10
    least_landmarks: float = 0.2
    "The share of the frames tracked of which landmarks came."
    happens: Callable[[UdpNetwork], Awaitable[None]] | None = None


async def pause(network: UdpNetwork) -> None:
    network.cut(is_cut=True)
    await asyncio.sleep(5)
    network.cut(is_cut=False)


async def rebind(network: UdpNetwork) -> None:
    network.rebind()


ROWS = [
    Row("clear", CLEAR, 1, 0.95),
    Row("random loss 1%", Conditions(loss=0.01), 1, 0.9),
    Row("random loss 5%", Conditions(loss=0.05), 1, 0.8),
    Row("random loss 10%", Conditions(loss=0.10), 3, 0.7),
    Row("delay 100 ± 30 ms", Conditions(delay_s=0.1, jitter_s=0.03), 3, 0.7),
    Row("delay 50 ms, random loss 5%", Conditions(delay_s=0.05, loss=0.05), 3, 0.6),
    Row("delay 100 ± 30 ms, random loss 5%", Conditions(delay_s=0.1, jitter_s=0.03, loss=0.05)),
    Row("capacity 1 Mbit/s", Conditions(bits_per_s=1_000_000)),
    Row("capacity 300 kbit/s", Conditions(bits_per_s=300_000), least_landmarks=0.1),
    Row("pause of 5 s", happens=pause),
    Row("address change", happens=rebind),
]


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    yield
    print("\n" + "\n".join(TABLE))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_a_session_goes_on(row: Row) -> None:
    network = UdpNetwork(CLEAR, CLEAR)
    await network.open()
    gathering = Gathering(IceOptions(interfaces=("127.0.0.0/8",)))
    async with open_rooms(WholeBodies(), gathering=gathering) as rooms:
        peer = Watched()
        session = await publish_through(rooms, peer, network)
        await peer.until(lambda: len(peer.frames) >= 30)
        await asyncio.sleep(1)
        gap_s, share = await measured(peer, session, network, row)
        assert session.state == "live"
        await peer.close()
    network.close()
    assert gap_s <= row.longest_gap_s
    assert share >= row.least_landmarks


async def measured(peer: Watched, session: Publisher, network: UdpNetwork, row: Row) -> tuple[float, float]:
    """Let it run under these conditions; return the longest gap between pictures, and the share of landmarks."""
    counts = session.statistics.totals.counts
    tracked, whole, frames, began = counts["frames_tracked"], peer.whole, len(peer.messages), time.monotonic()
    network.up.conditions = network.down.conditions = row.conditions
    lost = network.up.lost, network.down.lost
    if row.happens is not None:
        await row.happens(network)
    await asyncio.sleep(SECONDS)
    ended = time.monotonic()
    tracked, whole, frames = counts["frames_tracked"] - tracked, peer.whole - whole, len(peer.messages) - frames
    shown = [at for at in peer.shown if began <= at <= ended]
    gaps = np.diff([began, *shown, ended])
    seconds = ended - began
    cells = [
        row.name,
        f"{tracked / seconds:.1f}",
        f"{len(shown) / seconds:.1f}",
        f"{1000 * np.quantile(gaps, 0.95):.0f}",
        f"{gaps.max():.2f}",
        f"{100 * frames / tracked:.0f}%",
        f"{100 * whole / tracked:.0f}%",
        f"{network.up.lost - lost[0]}, {network.down.lost - lost[1]}",
    ]
    TABLE.append(f"| {' | '.join(cells)} |")
    print("\n" + TABLE[-1], flush=True)
    return float(gaps.max()), frames / tracked
