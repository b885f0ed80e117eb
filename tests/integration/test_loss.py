"""Lost packets, by patterns that are the same each time: video comes back and is never rubbish."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from aiortc.rtp import RTCP_PSFB_PLI, AnyRtcpPacket, RtcpPsfbPacket

from mocast.rooms.publisher import Publisher
from mocast.webrtc.pixels import to_rgb
from tests.peers import Peer, SquareTrack, lose
from tests.rooms import open_rooms, publish

CLOCK_HZ = 90_000
RECOVERS_WITHIN_S = 1.5
"""Of stream time: a gap is given up after 0.3 s, then a key frame is asked for; what carries that may be lost, too."""

LAST_LOST = 160
"""The patterns end before, but for the one that loses packets all the time."""


def five_percent(seed: int) -> Callable[[int], bool]:
    lost = np.random.default_rng(seed).random(20_000) < 0.05
    return lambda number: bool(lost[number])


def a_burst_of_30(seed: int) -> Callable[[int], bool]:
    # One way after the other: otherwise what asks for the lost packets would be the second burst.
    return lambda number: 70 * seed - 50 <= number < 70 * seed - 20


def thirty_percent_for_a_while(seed: int) -> Callable[[int], bool]:
    choose = random.Random(seed)
    lost = [choose.random() < 0.3 for _ in range(100)]
    return lambda number: number < 100 and lost[number]


PATTERNS = [five_percent, a_burst_of_30, thirty_percent_for_a_while]


def longest_gap_s(pts: list[int]) -> float:
    return float(np.diff(sorted(pts)).max()) / CLOCK_HZ


def off_by(peer: Peer) -> list[float]:
    """How far the square in each returned picture is from where its timestamp says, in pixels."""
    track = peer.track
    assert isinstance(track, SquareTrack)
    found = []
    for frame in peer.frames:
        assert frame.pts is not None
        columns = np.nonzero(to_rgb(frame)[..., 1] > 127)[1]
        found.append(abs(float(columns.mean()) + 0.5 - track.centre(frame.pts // 3000)[0]))
    return found


async def stream(peer: Peer, session: Publisher, to_server: Callable[[int], bool], back: Callable[[int], bool]) -> None:
    """Let it run, lose packets, and wait until it has had the time to recover."""
    await peer.until(lambda: len(peer.frames) >= 10 and len(peer.landmark_messages) >= 10)
    lost_in = lose(peer.sender.transport.transport, to_server)
    lost_out = lose(session._transport.pc.getSenders()[0].transport.transport, back)
    await peer.until(lambda: min(lost_in(), lost_out()) > LAST_LOST)
    last = peer.frames[-1].pts
    assert last is not None
    await peer.until(lambda: (peer.frames[-1].pts or 0) > last + RECOVERS_WITHIN_S * CLOCK_HZ)


@pytest.mark.parametrize("codec", ["video/VP8", "video/H264"])
@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.__name__)
async def test_video_recovers_both_ways_and_no_broken_picture_is_shown(
    codec: str, pattern: Callable[[int], Callable[[int], bool]]
) -> None:
    peer = Peer(codec=codec, tuned=True)
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await stream(peer, session, pattern(1), pattern(2))
        assert session.state == "live"
        await peer.close()
    assert longest_gap_s([frame.pts for frame in peer.frames if frame.pts is not None]) < RECOVERS_WITHIN_S
    assert longest_gap_s([frame.pts for frame in peer.decoded_landmarks().values()]) < RECOVERS_WITHIN_S
    assert max(off_by(peer)) < 4


def drops_before_decoding(session: Publisher) -> list[None]:
    """A list that grows by one for each frame that does not reach the decoder."""
    decoder, drops = session._camera.decoder, []
    on_drop = decoder._on_drop
    decoder._on_drop = lambda: (drops.append(None), on_drop())
    return drops


@pytest.mark.parametrize("codec", ["video/VP8", "video/H264"])
async def test_what_is_never_resent_is_skipped_with_a_new_key_frame(codec: str) -> None:
    peer = Peer(codec=codec, tuned=True)

    async def resend_nothing(_: int) -> None:
        """As an encoder that keeps no packets."""

    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        for sender in (peer.sender, session._transport.pc.getSenders()[0]):
            sender._retransmit = resend_nothing  # type: ignore[method-assign]
        drops = drops_before_decoding(session)
        await stream(peer, session, lambda number: number in (20, 60, 61), lambda number: number in (100, 101, 150))
        assert drops
        await peer.close()
    assert longest_gap_s([frame.pts for frame in peer.frames if frame.pts is not None]) < RECOVERS_WITHIN_S
    assert max(off_by(peer)) < 4


async def test_without_any_loss_nothing_is_dropped_and_no_key_frame_is_asked_for() -> None:
    peer = Peer(tuned=True)
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: len(peer.frames) >= 20)  # until the first comes through, key frames are asked for
        drops = drops_before_decoding(session)
        asked = [key_frame_requests(sender) for sender in (peer.sender, session._transport.pc.getSenders()[0])]
        await peer.until(lambda: len(peer.frames) >= 40)
        assert (drops, asked) == ([], [[], []])
        await peer.close()


def key_frame_requests(sender: Any) -> list[RtcpPsfbPacket]:
    """A list that grows by each request for a key frame (PLI) that comes to a sender."""
    asked: list[RtcpPsfbPacket] = []
    handle = sender._handle_rtcp_packet

    async def noting(packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_PLI:
            asked.append(packet)
        await handle(packet)

    sender._handle_rtcp_packet = noting
    return asked
