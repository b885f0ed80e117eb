"""Settings and commands of a live session, by its control channel and by calls."""

import asyncio
from typing import Any

import pytest

from mocast.errors import NotFound, TrackingError, Unprocessable
from mocast.model.options import PublishRequest, Quality, SessionOptions, TrackerName
from mocast.rooms.client_limits import ClientLimits
from mocast.webrtc.aiortc.chunks_in import ENDLESS_MESSAGE, MAX_UNFINISHED_BYTES
from mocast.webrtc.aiortc.data_messages import MAX_MESSAGE_BYTES
from mocast.webrtc.offer import MAX_CANDIDATES, parse_offer
from tests.fakes import CentreTracker, FakeTrackers, GatedTrackers
from tests.peers import Peer
from tests.rooms import gone, open_rooms, publish


async def test_a_client_is_greeted_with_the_settings_and_told_figures_each_second() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)

        def told() -> list[dict[str, Any]]:
            """Statistics, since the first frame."""
            every = [m["statistics"] for m in peer.control_messages if m["type"] == "statistics"]
            return [stats for stats in every if stats["frames_in"]]

        await peer.until(lambda: told() and told()[-1]["frames_in"] > told()[0]["frames_in"])
        first = peer.control_messages[0]
        assert first == {"type": "settings", "settings": session.settings}
        assert first["settings"]["tracker"] == "holistic"
        stats = told()[-1]
        assert stats["fps_in"] > 0
        assert (stats["width"], stats["height"]) == peer.track.size
        await peer.close()


async def test_a_ping_is_answered() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages)
        peer.command(type="ping", id="seven")
        assert await peer.answer_to("seven") == {"type": "pong", "id": "seven"}
        await peer.close()


async def test_settings_change_while_live_and_the_tracker_with_them() -> None:
    trackers = FakeTrackers()
    peer = Peer()
    async with open_rooms(trackers) as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages and len(peer.frames) >= 3)
        peer.command(type="settings", id=1, settings={"mirror": True, "overlay": ["mesh"], "pace": "smooth"})
        answer = await peer.answer_to(1)
        assert answer["settings"] == session.settings
        assert (answer["settings"]["mirror"], answer["settings"]["overlay"]) == (True, ["mesh"])
        assert len(trackers.out) == 1, "the tracker did not change"
        await peer.until(lambda: any(frame.mirrored for frame in peer.decoded_landmarks().values()))
        peer.command(type="settings", id=2, settings={"tracker": "face", "quality": "fast"})
        assert (await peer.answer_to(2))["settings"]["tracker"] == "face"
        old, new = trackers.out
        assert (new.name, new.quality) == ("face", "fast")
        assert trackers.released == [old]
        seen = len(new.frames)
        await peer.until(lambda: len(new.frames) > seen + 5)
        await peer.close()
    assert trackers.released == [old, new]


async def test_every_wrong_setting_is_pointed_at() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages)
        peer.command(type="settings", id=1, settings={"opacity": -1, "mirror": True, "colour": "red"})
        answer = await peer.answer_to(1)
        assert [error["pointer"] for error in answer["errors"]] == ["#/opacity", "#/colour"]
        await peer.close()


@pytest.mark.parametrize(
    "settings",
    [
        None,
        [],
        {"colour": "red"},
        {"opacity": 2},
        {"opacity": "1"},
        {"mirror": 1},
        {"tracker": "elbow"},
        {"overlay": "mesh"},
        {"mirror": True, "opacity": -1},
    ],
)
async def test_impossible_settings_change_nothing(settings: object) -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages)
        before = session.settings
        peer.command(type="settings", id=1, settings=settings)
        answer = await peer.answer_to(1)
        assert (answer["type"], answer["status"]) == ("problem", 422)
        assert answer["detail"]
        assert session.settings == before
        with pytest.raises(Unprocessable):
            await session.change(settings)
        assert session.settings == before
        await peer.close()


async def test_what_failed_inside_is_not_told_to_clients() -> None:
    class Breaking(FakeTrackers):
        def acquire(self, tracker: TrackerName, quality: Quality, **more: Any) -> CentreTracker:
            if tracker == "face":
                raise TrackingError("no file /secret/face.tflite")
            self.on_failure = more["on_failure"]
            return super().acquire(tracker, quality, **more)

    trackers, peer = Breaking(), Peer()
    async with open_rooms(trackers) as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages and len(peer.frames) >= 3)
        peer.command(type="settings", id=1, settings={"tracker": "face"})
        assert (await peer.answer_to(1))["status"] == 500
        trackers.on_failure(TrackingError("the graph at /secret/graph broke"))
        await peer.until(lambda: any(m.get("notice") == "tracker-restarted" for m in peer.control_messages))
        trackers.out[0].fail_on = set(range(10_000))
        await peer.until(lambda: any(m.get("notice") == "closing" for m in peer.control_messages))
        assert not any("secret" in str(m) or "told to fail" in str(m) for m in peer.control_messages)
        await peer.close()


async def test_malformed_messages_are_answered_and_the_session_lives_on() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages and peer.control and peer.control.readyState == "open")
        assert peer.control is not None
        sent = [
            "not json",
            b"\xff\xfe\x00",
            "[]",
            "{}",
            '{"type": "dance", "id": 1}',
            "x" * (ClientLimits().message_bytes + 1),
        ]
        sent.append('{"type": "ping", "id": ' + "[" * 500 + "]" * 500 + "}")
        for message in sent:
            peer.control.send(message)
        await peer.until(lambda: sum(m["type"] == "problem" for m in peer.control_messages) == len(sent))
        statuses = [message["status"] for message in peer.control_messages if message["type"] == "problem"]
        assert sorted(statuses) == [400, 400, 400, 400, 400, 413, 422]
        peer.command(type="ping", id=2)
        await peer.answer_to(2)
        assert session.state == "live"
        await peer.close()


async def test_a_message_without_end_ends_the_session_and_is_not_kept() -> None:
    peer, other = Peer(), Peer()
    async with open_rooms() as rooms:
        session, other_session = await publish(rooms, peer), await publish(rooms, other, "other")
        await peer.until(lambda: peer.control_messages)
        assert peer.control is not None
        transport = session._transport.pc.sctp
        peer.pc.sctp._remote_max_message_size = 0  # a client that heeds no limit
        peer.control.send("x" * 24_000_000)
        await peer.until(lambda: any(m.get("notice") == "closing" for m in peer.control_messages))
        assert peer.control_messages[-1]["detail"] == ENDLESS_MESSAGE
        kept = sum(len(c.user_data) for stream in transport._inbound_streams.values() for c in stream.reassembly)
        assert kept < 2.1 * MAX_UNFINISHED_BYTES
        await gone(rooms, session)
        assert other_session.state != "closed"
        await asyncio.gather(peer.close(), other.close())


async def test_messages_as_long_as_we_say_are_answered() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages)
        assert peer.control is not None
        assert f"a=max-message-size:{MAX_MESSAGE_BYTES}" in peer.pc.remoteDescription.sdp
        for _ in range(20):
            peer.control.send("x" * MAX_MESSAGE_BYTES)
        await peer.until(lambda: sum(m.get("status") == 413 for m in peer.control_messages) == 20)
        await peer.close()


async def test_a_flood_of_commands_is_refused_and_the_session_lives_on() -> None:
    trackers = GatedTrackers()
    trackers.gate.set()
    peer = Peer()
    async with open_rooms(trackers) as rooms:
        await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages and len(peer.frames) >= 3)
        trackers.wanted.clear()
        trackers.gate.clear()
        peer.command(type="settings", id="slow", settings={"tracker": "face"})
        await asyncio.to_thread(trackers.wanted.wait)
        for number in range(40):
            peer.command(type="ping", id=number)
        await peer.until(lambda: sum(m.get("status") == 429 for m in peer.control_messages) == 40 - 16)
        seen = len(peer.frames)
        await peer.until(lambda: len(peer.frames) >= seen + 5)
        trackers.gate.set()
        assert (await peer.answer_to("slow"))["settings"]["tracker"] == "face"
        await peer.until(lambda: sum(m["type"] == "pong" for m in peer.control_messages) == 16)
        await peer.close()


async def test_a_change_made_elsewhere_is_told_to_the_client() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages)
        await session.change({"hud": True})
        await peer.until(lambda: any(m["type"] == "settings" and m["settings"]["hud"] for m in peer.control_messages))
        await peer.close()


async def test_what_is_changed_before_the_connection_holds_for_the_landmarks_too() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        session, answer = await rooms.publish(
            "room", parse_offer((await peer.offer()).encode()), PublishRequest(SessionOptions())
        )
        await session.change({"mirror": True})
        await peer.accept(answer)
        await peer.until(peer.decoded_landmarks)
        assert all(frame.mirrored for frame in peer.decoded_landmarks().values())
        await peer.close()


async def test_changes_made_at_once_are_carried_out_one_after_the_other() -> None:
    trackers = FakeTrackers()
    peer = Peer()
    async with open_rooms(trackers) as rooms:
        session = await publish(rooms, peer)
        await asyncio.gather(*(session.change({"tracker": name}) for name in ("pose", "face", "hands", "pose")))
        assert session.settings["tracker"] == "pose"
        await session.change({"quality": "fast", "mirror": True})
        assert trackers.released == trackers.out[:-1]
        await peer.close()
    assert trackers.released == trackers.out


async def test_candidates_are_taken_up_to_a_number_and_nonsense_is_ignored() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        used = session._transport._candidates.count
        nonsense = [
            ("candidate:", "0", None),
            ("candidate:1 1 udp x 192.0.2.1 5000 typ host", "0", None),
            ("candidate:1 1 udp 1 not-an-address 5000 typ host", "0", None),
            ("candidate:1 1 udp 1 192.0.2.1 99999999 typ host", "0", None),
            ("candidate:1 1 udp 1 192.0.2.1 5000 typ alien", "0", None),
            ("candidate:1 1 udp 1 192.0.2.1 5000 typ host", "no such line", None),
            ("candidate:1 1 udp 1 192.0.2.1 5000 typ host", None, None),
            ("candidate:1 1 udp 1 192.0.2.1 5000 typ host", None, 0),
            ("candidate:1 1 udp 1 192.0.2.1 5000 typ host tcptype", None, 0),
        ]
        await session.add_candidates(nonsense)
        with pytest.raises(Unprocessable):
            await session.add_candidates([nonsense[-2]] * (MAX_CANDIDATES - used))
        await peer.until(lambda: len(peer.frames) >= 5)
        assert session.state == "live"
        await peer.close()


async def test_a_session_that_has_ended_takes_nothing_any_more() -> None:
    peer = Peer()
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: peer.frames)
        await rooms.sessions.end(session.id, "the client left")
        with pytest.raises(NotFound):
            await session.change({"mirror": True})
        with pytest.raises(NotFound):
            await session.add_candidates([("candidate:1 1 udp 1 192.0.2.1 5000 typ host", "0", None)])
        await peer.close()
