"""What happens to a client that sends too much, or stays for too long: it is told, and nobody else notices."""

import asyncio
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest
from av import VideoFrame

from mocast.rooms import publisher_camera
from mocast.rooms import session as module
from mocast.rooms.client_limits import ClientLimits, RateLimit
from tests.peers import HANG_S, Peer, SquareTrack
from tests.rooms import gone, open_rooms, publish, subscribe


class StoppingTrack(SquareTrack):
    """A camera that is there and sends nothing after its first frames."""

    async def recv(self) -> VideoFrame:
        if self.sent == 10:
            await asyncio.get_running_loop().create_future()
        return await super().recv()


def closing(peer: Peer) -> list[str]:
    return [m["detail"] for m in peer.control_messages if m.get("notice") == "closing"]


async def test_a_publisher_whose_pictures_stop_loses_its_place() -> None:
    refused: Counter[str] = Counter()
    async with open_rooms(refused=refused) as rooms:
        peer, other = Peer(StoppingTrack()), Peer()
        session, live = await publish(rooms, peer), await publish(rooms, other, "other")
        await peer.until(lambda: peer.frames and peer.control_messages)
        await other.until(lambda: other.frames)
        session._dependencies = replace(session._dependencies, media_timeout_s=0.2)
        async with asyncio.timeout(HANG_S):
            await session._watch_media()
        await peer.until(lambda: closing(peer))
        notices = [m["notice"] for m in peer.control_messages if m["type"] == "notice"]
        assert notices == ["limit", "closing"]
        await gone(rooms, session)
        assert session.statistics.totals.counts["frames_in"] > 0
        assert session._reason == "no picture within 0.2 s"
        assert refused == {"media_timeout": 1}
        assert live.state == "live"
        await peer.close()
        await other.close()


@pytest.fixture(autouse=True)
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """What came once within a rate counts for ever: a slow machine sends no less than is needed."""
    for each in (publisher_camera, module):
        monkeypatch.setattr(each, "RateLimit", partial(RateLimit, clock=lambda: 0.0))


@pytest.mark.parametrize(
    ("limits", "limit", "reason"),
    [
        (ClientLimits(session_s=0.5), "session_length", "its time is over: 0.5 s"),
        (ClientLimits(input_bitrate=1_000), "input_bitrate", "the client sends more than 0.001 Mbit/s"),
        (
            ClientLimits(input_pixels=50_000),
            "input_pixels",
            "the camera's picture is too large: it may have 0.1 million pixels",
        ),
        (ClientLimits(input_fps=1), "input_fps", "the camera sends more than 4 frames a second"),
    ],
)
async def test_a_publisher_that_breaks_a_limit_is_told_which(
    monkeypatch: pytest.MonkeyPatch, limits: ClientLimits, limit: str, reason: str
) -> None:
    monkeypatch.setattr(module, "BITRATE_CHECK_EVERY_S", 0.1)
    refused: Counter[str] = Counter()
    async with open_rooms(limits=limits, refused=refused) as rooms:
        peer = Peer()
        session = await publish(rooms, peer)
        await gone(rooms, session)
        assert session._reason == reason
        assert refused[limit] > 0
        await peer.close()


async def test_frames_above_the_rate_are_dropped_and_the_client_is_told_once() -> None:
    refused: Counter[str] = Counter()
    async with open_rooms(limits=ClientLimits(input_fps=10), refused=refused) as rooms:
        peer = Peer()
        session = await publish(rooms, peer)
        await peer.until(lambda: refused["input_fps"] >= 10)
        counts = session.statistics.totals.counts
        assert counts["frames_dropped"] >= 10
        assert session.state == "live"
        notices = [m["detail"] for m in peer.control_messages if m.get("notice") == "frames-dropped"]
        assert notices == ["more than 10 frames a second are not tracked"]
        await peer.close()


async def test_messages_above_the_rate_are_refused_and_a_flood_of_them_ends_the_session() -> None:
    refused: Counter[str] = Counter()
    async with open_rooms(limits=ClientLimits(message_rate=5), refused=refused) as rooms:
        flooding, other = Peer(), Peer(video=False)
        session = await publish(rooms, flooding)
        viewer = await subscribe(rooms, other)
        await flooding.until(lambda: bool(flooding.control_messages))
        assert flooding.control is not None
        for number in range(10):
            flooding.control.send(f'{{"type": "ping", "id": {number}}}')
        await flooding.until(lambda: len(answers(flooding)) == 10)
        assert {m["status"] for m in answers(flooding) if m["type"] == "problem"} == {429}
        assert len([m for m in answers(flooding) if m["type"] == "pong"]) >= 5
        for _ in range(1_000):
            flooding.control.send('{"type": "ping", "id": 0}')
        await gone(rooms, session)
        assert session._reason == "a client may send 5 messages a second"
        # Its notice is behind a thousand answers, and may be lost with them.
        assert refused["message_rate"] > 10
        assert viewer.state != "closed"
        await flooding.close()
        await other.close()


def notices(peer: Peer) -> list[tuple[str, str]]:
    return [(m["notice"], m["detail"]) for m in peer.control_messages if m["type"] == "notice"]


def answers(peer: Peer) -> list[dict[str, object]]:
    return [message for message in peer.control_messages if message["type"] in ("pong", "problem")]
