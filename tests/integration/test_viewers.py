"""Viewers and their room over real WebRTC: what they get, what outlives the publisher, and that nobody hurts others."""

import asyncio
import time
from typing import Any

import orjson
import pytest
from aiortc.rtp import RTCP_PSFB_PLI, RTCP_RTPFB_NACK, RtcpPsfbPacket, RtcpRtpfbPacket

from mocast.errors import Conflict, NotFound, Unavailable
from mocast.model.options import DrawOptions, SessionOptions, SubscribeRequest
from mocast.rooms import sessions
from mocast.rooms.data_channel import MAX_CHANNELS
from mocast.rooms.picture_subscription import KEY_FRAME_GAP_S
from mocast.webrtc.aiortc.video_sender import RESENDS_AT_ONCE
from mocast.webrtc.offer import parse_offer
from mocast.webrtc.video_encoder import VideoEncoder
from tests.fakes import FakeTrackers
from tests.peers import Peer, SquareTrack
from tests.rooms import LANDMARKS_ONLY, gone, open_rooms, publish, subscribe


def watcher(**more: Any) -> Peer:
    """A client that gets video and rigs, and sends nothing."""
    return Peer(direction="recvonly", tuned=True, **{"landmarks": None, "rig": "", **more})


def data_only(**more: Any) -> Peer:
    """A client without video."""
    return Peer(video=False, **{"landmarks": None, "rig": "", **more})


async def close(*peers: Peer) -> None:
    await asyncio.gather(*(peer.close() for peer in peers))


async def test_a_viewer_gets_the_picture_and_the_rig_and_their_times_match() -> None:
    async with open_rooms() as rooms:
        publisher, viewer = Peer(), watcher(landmarks="")
        await publish(rooms, publisher)
        side = await subscribe(rooms, viewer)

        def match() -> bool:
            """A picture's RTP timestamp is the pts of its rig and its landmarks."""
            times = {packet.timestamp for packet in viewer.packets}
            found = {frame.pts for frame in viewer.decoded_landmarks().values()}
            return len(times & found & {rig.pts for rig in viewer.rigs()}) >= 3

        await viewer.until(lambda: len(viewer.frames) >= 5 and match())
        assert side.snapshot()["role"] == "viewer"
        assert side.snapshot()["video"] is True
        await publisher.until(lambda: publisher.frames)
        await close(publisher, viewer)


async def test_a_viewer_without_video_costs_no_encoding() -> None:
    async with open_rooms() as rooms:
        publisher, viewer = Peer(), data_only(landmarks="")
        await publish(rooms, publisher, options=LANDMARKS_ONLY)
        side = await subscribe(rooms, viewer)
        await viewer.until(lambda: len(viewer.rigs()) >= 5 and viewer.decoded_landmarks())
        assert not rooms.room("room").pictures.encodes
        assert "m=video" not in viewer.pc.remoteDescription.sdp
        assert side.snapshot()["video"] is False
        await close(publisher, viewer)


async def test_a_video_viewer_gets_pictures_from_a_publisher_that_wants_none_back() -> None:
    async with open_rooms() as rooms:
        publisher, viewer = Peer(), watcher()
        session = await publish(rooms, publisher, options=LANDMARKS_ONLY)
        await subscribe(rooms, viewer)
        await viewer.until(lambda: len(viewer.frames) >= 3)
        assert session.statistics.totals.counts["frames_sent"] == 0
        assert publisher.frames == []
        await close(publisher, viewer)


async def test_nothing_is_drawn_or_solved_while_nobody_wants_it() -> None:
    async with open_rooms() as rooms:
        publisher, viewer = Peer(), watcher()
        session = await publish(rooms, publisher, options=LANDMARKS_ONLY)
        await publisher.until(lambda: publisher.landmark_messages)
        room = rooms.room("room")
        assert (len(room.streams["rig"].fanout), bool(room.pictures.encodes)) == (0, False)
        await subscribe(rooms, viewer)
        await viewer.until(lambda: viewer.frames and viewer.rigs())
        assert (len(room.streams["rig"].fanout), bool(room.pictures.encodes)) == (1, True)
        (side,) = rooms.sessions.viewers
        await viewer.close()
        await gone(rooms, side)
        assert (len(room.streams["rig"].fanout), bool(room.pictures.encodes)) == (0, False)
        assert sum(session.statistics.totals.rigging.counts) > 0
        await publisher.close()


async def test_many_viewers_of_one_codec_share_one_encode(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int] = []
    encode = VideoEncoder.encode

    def counting(self: VideoEncoder, rgb: Any, pts: int, *, key_frame: bool = False) -> Any:
        encoded.append(pts)
        return encode(self, rgb, pts, key_frame=key_frame)

    monkeypatch.setattr(VideoEncoder, "encode", counting)
    async with open_rooms() as rooms:
        publisher, viewers = Peer(), [watcher(rig=None) for _ in range(4)]
        await publish(rooms, publisher, options=LANDMARKS_ONLY)
        for viewer in viewers:
            await subscribe(rooms, viewer)
        for viewer in viewers:
            await viewer.until(lambda viewer=viewer: len(viewer.frames) >= 8)
        assert len(encoded) == len(set(encoded)), "no picture is encoded twice"
        await close(publisher, *viewers)


@pytest.mark.parametrize("codec", ["video/VP8", "video/H264"])
async def test_a_viewer_that_comes_late_sees_a_picture_soon(codec: str) -> None:
    async with open_rooms() as rooms:
        publisher, first, late = Peer(), watcher(codec=codec), watcher(codec=codec)
        await publish(rooms, publisher)
        await subscribe(rooms, first)
        await first.until(lambda: len(first.frames) >= 5)
        await subscribe(rooms, late)
        await late.until(lambda: len(late.frames) >= 3)
        assert first.frames[-1].width == late.frames[-1].width == 320
        await close(publisher, first, late)


async def test_a_viewer_may_come_before_the_publisher_and_is_told_when_it_comes_and_goes() -> None:
    async with open_rooms() as rooms:
        viewer, publisher = watcher(), Peer()
        await subscribe(rooms, viewer)

        def publisher_states() -> list[Any]:
            told = [message["room"] for message in viewer.control_messages if message["type"] == "room"]
            return [room["publisher"] and room["publisher"]["state"] for room in told]

        await viewer.until(lambda: publisher_states() == [None])
        session = await publish(rooms, publisher)
        await viewer.until(lambda: publisher_states()[-1] == "live" and viewer.frames and viewer.rigs())
        await rooms.sessions.end(session.id, "the client left")
        await viewer.until(lambda: publisher_states()[-1] is None)
        assert session.id not in orjson.dumps(viewer.control_messages).decode(), "an id is its holder's secret"
        await close(viewer, publisher)


async def test_viewers_stay_when_the_publisher_reconnects_and_frames_go_on_counting() -> None:
    async with open_rooms() as rooms:
        first, second, viewer = Peer(), Peer(), watcher(landmarks="")
        session = await publish(rooms, first)
        side = await subscribe(rooms, viewer)
        await viewer.until(lambda: len(viewer.rigs()) >= 5 and len(viewer.frames) >= 3)
        before = len(viewer.rigs())
        other = await publish(rooms, second, replace=session.id)
        await gone(rooms, session)
        await viewer.until(lambda: len(viewer.rigs()) >= before + 10)
        pictures, packets = len(viewer.frames), len(viewer.packets)
        await viewer.until(lambda: len(viewer.frames) >= pictures + 5)
        numbers, times = [rig.frame for rig in viewer.rigs()], [rig.pts for rig in viewer.rigs()]
        assert numbers == sorted(set(numbers))
        assert times == sorted(set(times))
        came = {packet.timestamp for packet in viewer.packets[packets:]}
        await viewer.until(lambda: came & {rig.pts for rig in viewer.rigs()})
        assert (side.state, rooms.sessions.publishers) == ("live", (other,))
        assert rooms.room("room").snapshot()["viewers"] == 1
        await close(first, second, viewer)


async def test_a_room_is_forgotten_when_the_last_one_leaves() -> None:
    async with open_rooms() as rooms:
        viewer = data_only()
        side = await subscribe(rooms, viewer)
        with rooms.lease("room", "recording") as room:
            assert room.snapshot()["recording"] is True
            await rooms.sessions.end(side.id, "the client left")
            assert rooms.room("room") is room
        with pytest.raises(NotFound):
            rooms.room("room")
        await viewer.close()


async def test_viewers_and_readers_have_places_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CONNECT_GRACE_S", float("inf"))
    async with open_rooms(max_sessions=1, max_viewers=1) as rooms:
        publisher, viewer, other = Peer(), data_only(), data_only()
        await publish(rooms, publisher)
        await subscribe(rooms, viewer)
        with pytest.raises(Unavailable):
            await subscribe(rooms, other)
        with rooms.lease_reader("room"), pytest.raises(Unavailable), rooms.lease_reader("room"):
            pass
        (side,) = rooms.sessions.viewers
        await rooms.sessions.end(side.id, "the client left")
        await subscribe(rooms, other)
        await close(publisher, viewer, other)


async def test_a_viewer_changes_nothing() -> None:
    async with open_rooms() as rooms:
        publisher, viewer = Peer(), data_only()
        session = await publish(rooms, publisher, options=SessionOptions(draw=DrawOptions(mirror=True)))
        side = await subscribe(rooms, viewer)
        await viewer.until(lambda: viewer.control_messages)
        viewer.command(type="settings", id=1, settings={"mirror": False})
        viewer.command(type="ping", id=2)
        assert (await viewer.answer_to(1))["status"] == 422
        assert (await viewer.answer_to(2))["type"] == "pong"
        assert session.settings["mirror"] is True
        with pytest.raises(Conflict):
            rooms.sessions.publisher(side.id)
        await close(publisher, viewer)


async def test_what_a_viewer_sends_does_not_reach_the_publisher() -> None:
    async with open_rooms(FakeTrackers()) as rooms:
        publisher, viewer = Peer(), Peer(SquareTrack(), rig="")
        session = await publish(rooms, publisher)
        side = await subscribe(rooms, viewer)
        await viewer.until(lambda: viewer.control_messages and viewer.frames)
        assert viewer.control is not None
        for message in ("not json", b"\xff\x00", "[" * 5_000, "x" * 60_000):
            viewer.control.send(message)
        for number in range(MAX_CHANNELS):
            viewer.pc.createDataChannel(f"more {number}")
        await gone(rooms, side)
        assert "data channels" in side._reason
        sent = session.statistics.totals.counts["frames_sent"]
        pictures = len(publisher.frames)
        await publisher.until(lambda: len(publisher.frames) >= pictures + 10)
        assert session.state == "live"
        assert session.statistics.totals.counts["frames_sent"] > sent
        await close(publisher, viewer)


async def test_a_viewer_that_reads_nothing_loses_its_own_frames_only() -> None:
    async with open_rooms() as rooms:
        publisher, deaf, quick = Peer(rig=""), data_only(landmarks=""), data_only()
        await publish(rooms, publisher)
        side = await subscribe(rooms, deaf)
        await subscribe(rooms, quick)
        await deaf.until(deaf.rigs)
        deaf.vanish()  # its packets go nowhere: nothing of what is sent is acknowledged
        sent = side.statistics.counts["rigs_sent"]
        await quick.until(lambda: side.statistics.counts["rigs_dropped"] or side.state == "closed")
        assert side.statistics.counts["rigs_sent"] < sent + 200
        for other in (quick, publisher):
            rigs = len(other.rigs())
            await other.until(lambda other=other, rigs=rigs: len(other.rigs()) >= rigs + 10)
        await close(publisher, deaf, quick)


async def test_a_viewer_that_takes_only_short_messages_hurts_nobody() -> None:
    async with open_rooms() as rooms:
        publisher, odd, other = Peer(), data_only(), data_only()
        session = await publish(rooms, publisher)
        await publisher.until(lambda: publisher.frames)
        offer = (await odd.offer()).replace("a=max-message-size:65536", "a=max-message-size:20")
        side, answer = await rooms.subscribe("room", parse_offer(offer.encode(), needs_video=False), SubscribeRequest())
        await odd.accept(answer)
        await subscribe(rooms, other)
        await other.until(lambda: len(other.rigs()) >= 5 and side.statistics.counts["rigs_dropped"] >= 5)
        await rooms.sessions.end(session.id, "the client left")
        assert (odd.control_messages, odd.rig_messages) == ([], [])
        assert (side.state, rooms.sessions.publishers, rooms.room("room").publisher) == ("live", (), None)
        await other.until(
            lambda: any(m["type"] == "room" and not m["room"]["publisher"] for m in other.control_messages)
        )
        await close(publisher, odd, other)


async def test_key_frames_for_one_lossy_viewer_are_rare() -> None:
    async with open_rooms() as rooms:
        publisher, lossy = Peer(), watcher(rig=None)
        await publish(rooms, publisher, options=LANDMARKS_ONLY)
        side = await subscribe(rooms, lossy)
        await lossy.until(lambda: len(lossy.frames) >= 3)
        assert side._pictures is not None
        pictures: list[bool] = []
        put = side._pictures.put
        side._pictures.put = lambda picture: (pictures.append(picture.is_key_frame), put(picture))  # type: ignore[method-assign]
        sender = side._transport.pc.getSenders()[0]
        pli = RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=1, media_ssrc=sender._ssrc)
        count, began = len(lossy.frames), time.monotonic()
        while len(lossy.frames) < count + 40:
            await sender._handle_rtcp_packet(pli)
            await asyncio.sleep(0.01)
        took_s = time.monotonic() - began
        assert sum(pictures) <= 2 + took_s / KEY_FRAME_GAP_S, f"asked for a hundred times a second, for {took_s:.1f} s"
        await close(publisher, lossy)


async def test_a_viewer_cannot_have_the_same_packets_sent_without_end() -> None:
    async with open_rooms() as rooms:
        publisher, greedy = Peer(), watcher(rig=None)
        await publish(rooms, publisher, options=LANDMARKS_ONLY)
        side = await subscribe(rooms, greedy)
        await greedy.until(lambda: len(greedy.frames) >= 3)
        sender = side._transport.pc.getSenders()[0]
        known = greedy.packets[-1].sequence_number
        flood = RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=1, media_ssrc=sender._ssrc, lost=[known] * 5_000)
        before = sender.transport._RTCDtlsTransport__tx_packets
        await sender._handle_rtcp_packet(flood)
        assert 0 < sender.transport._RTCDtlsTransport__tx_packets - before < 2 * RESENDS_AT_ONCE
        await close(publisher, greedy)


async def test_a_viewer_on_a_thin_line_is_given_fewer_pictures_and_others_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with open_rooms() as rooms:
        publisher, thin, good = Peer(), watcher(rig=None), watcher(rig=None)
        await publish(rooms, publisher, options=LANDMARKS_ONLY)
        side = await subscribe(rooms, thin)
        other = await subscribe(rooms, good)
        await thin.until(lambda: len(thin.frames) >= 3)
        assert side._pictures is not None
        side._pictures.set_bandwidth(8_000)
        # What these clients themselves estimate depends on how busy this machine is.
        for viewer in (side, other):
            monkeypatch.setattr(viewer._pictures.link, "estimate", lambda _: None)  # type: ignore[union-attr]
        await good.until(lambda: len(good.frames) >= 3)  # who joins loses what comes before the next key frame
        shown, lost, others_lost = (
            len(good.frames),
            *(viewer.statistics.counts["frames_dropped"] for viewer in (side, other)),
        )
        await good.until(
            lambda: side.statistics.counts["frames_dropped"] >= lost + 10 and len(good.frames) >= shown + 10
        )
        assert other.statistics.counts["frames_dropped"] == others_lost
        await close(publisher, thin, good)


async def test_twenty_viewers_and_their_publisher_are_all_served() -> None:
    async with open_rooms() as rooms:
        publisher, viewers = Peer(), [data_only(control=False) for _ in range(20)]
        session = await publish(rooms, publisher)
        for viewer in viewers:
            await subscribe(rooms, viewer)
        for viewer in viewers:
            await viewer.until(lambda viewer=viewer: len(viewer.rigs()) >= 20)
        sent = session.statistics.totals.counts["frames_sent"]
        await publisher.until(lambda: session.statistics.totals.counts["frames_sent"] >= sent + 10)
        assert rooms.room("room").snapshot()["viewers"] == 20
        await close(publisher, *viewers)
