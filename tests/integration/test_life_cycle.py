"""How sessions begin and end, and that nothing is left of them."""

import asyncio
import math
import time
from itertools import pairwise
from typing import Any

import aioice.mdns
import pytest

from mocast.errors import Conflict, NotFound, RequestError, TrackingError, Unavailable
from mocast.model.frame import MAX_PIXELS
from mocast.model.options import PublishRequest
from mocast.pipeline.live_driver import TRACKER_FAILED
from mocast.rooms import sessions
from mocast.rooms.publisher import Publisher
from mocast.rooms.registry import Rooms
from mocast.webrtc.offer import parse_offer
from mocast.webrtc.video_decoder import TOO_LARGE
from tests.fakes import CentreTracker, FakeTrackers, GatedTrackers
from tests.peers import HANG_S, Peer, SquareTrack
from tests.rooms import DEFAULTS, Footprint, gone, open_rooms, publish, resident_kib, subscribe


async def live(rooms: Rooms, room: str = "room", **more: Any) -> tuple[Peer, Publisher]:
    """A session that has brought back pictures."""
    peer = Peer()
    session = await publish(rooms, peer, room, **more)
    await peer.until(lambda: len(peer.frames) >= 3)
    assert session.state == "live"
    return peer, session


def notices(peer: Peer) -> list[str]:
    return [message["notice"] for message in peer.control_messages if message["type"] == "notice"]


def all_released(trackers: FakeTrackers) -> bool:
    """Every tracker came back, and none twice."""
    return sorted(map(id, trackers.out)) == sorted(map(id, trackers.released))


async def settled(before: Footprint, timeout_s: float = HANG_S) -> None:
    """Wait until this process holds no more than before: goodbyes of closed connections take a moment."""
    give_up = time.monotonic() + timeout_s
    while not (now := Footprint.now()).is_within(before):
        assert time.monotonic() < give_up, (now, before)
        await asyncio.sleep(0.05)


async def test_a_client_that_leaves_is_gone_at_once() -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers) as rooms:
        peer, session = await live(rooms)
        await peer.close()
        await gone(rooms, session)
        assert all_released(trackers)
        with pytest.raises(NotFound):
            rooms.sessions.publisher(session.id)


async def test_a_picture_that_costs_too_much_memory_ends_the_session_with_a_reason() -> None:
    peer = Peer(SquareTrack(4352, 2304), codec="video/VP8")
    async with open_rooms() as rooms:
        session = await publish(rooms, peer)
        await peer.until(lambda: any(m.get("notice") == "closing" for m in peer.control_messages))
        await gone(rooms, session)
        totals = session.statistics.totals
        counts = totals.counts
        assert (counts["frames_in"], counts["frames_dropped"] > 0) == (0, True), (
            "nothing was decoded, and that was counted"
        )
        assert peer.control_messages[-1]["detail"] == TOO_LARGE.format(MAX_PIXELS / 1e6)
        await peer.close()


async def test_a_client_is_not_silent_while_its_frames_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mocast.rooms.session.BITRATE_CHECK_EVERY_S", 0.01)
    async with open_rooms() as rooms:
        peer, session = await live(rooms)
        loop = asyncio.get_running_loop()
        since_s = loop.time() - session.silent_s
        async with asyncio.timeout(HANG_S):
            while not 0 < session.silent_s < loop.time() - since_s:  # noqa: ASYNC110 (no event tells)
                await asyncio.sleep(0.001)
        await peer.close()


async def test_a_client_that_vanishes_is_dropped_and_harms_no_other() -> None:
    """How soon is told in ``test_installation.py``, by a clock that no other work moves on."""
    trackers = FakeTrackers()
    async with open_rooms(trackers) as rooms:
        peer, session = await live(rooms)
        other_peer, other = await live(rooms, "other")
        peer.vanish()
        await gone(rooms, session)
        assert other.state == "live"
        await peer.close()
        await other_peer.close()
    assert all_released(trackers)


async def test_a_client_that_never_connects_is_dropped() -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers, connect_timeout_s=0.3) as rooms:
        peer = Peer()
        offer = parse_offer((await peer.offer()).encode())
        session, _ = await rooms.publish("room", offer, PublishRequest(DEFAULTS))
        assert session.state == "connecting"
        await gone(rooms, session)
        assert "0.3 s" in session._reason
        await peer.close()
    assert all_released(trackers)


async def test_an_ended_session_frees_its_room_before_the_call_returns() -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers, max_sessions=1) as rooms:
        for _ in range(3):
            peer, session = await live(rooms)
            await rooms.sessions.end(session.id, "the client left")
            assert (len(rooms.sessions.publishers), session.state) == (0, "closed")
            assert all_released(trackers)
            with pytest.raises(NotFound):
                await rooms.sessions.end(session.id, "again")
            await peer.close()


async def test_memory_may_be_given_back_when_the_last_session_has_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "IDLE_S", 0.05)
    async with open_rooms() as rooms:
        idle: asyncio.Queue[int] = asyncio.Queue()
        rooms.sessions._on_idle = lambda: idle.put_nowait(len(rooms.sessions.publishers))
        (first, _), (second, session) = await live(rooms, "a"), await live(rooms, "b")
        await first.close()
        await second.until(lambda: len(second.frames) >= 10)
        assert idle.empty()
        await rooms.sessions.end(session.id, "the client left")
        assert await asyncio.wait_for(idle.get(), HANG_S) == 0
        await second.close()
    assert idle.empty()


async def test_a_client_is_told_why_its_session_ends() -> None:
    async with open_rooms() as rooms:
        peer, session = await live(rooms)
        await peer.until(lambda: peer.control_messages)
        await rooms.sessions.end(session.id, "the client left")
        await peer.until(lambda: any(message["type"] == "notice" for message in peer.control_messages))
        (notice,) = [message for message in peer.control_messages if message["type"] == "notice"]
        assert (notice["notice"], notice["detail"]) == ("closing", "the client left")
        await peer.close()


async def test_a_room_has_one_publisher_who_may_be_replaced_by_id() -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers, max_sessions=1) as rooms:
        peer, session = await live(rooms)
        for wrong in (None, "", "guess"):
            with pytest.raises(Conflict):
                await publish(rooms, Peer(), replace=wrong)
        second_peer, second = await live(rooms, replace=session.id)
        await gone(rooms, session)
        assert rooms.sessions.publishers == (second,)
        with pytest.raises(Conflict):
            await publish(rooms, Peer(), replace=session.id)
        await second_peer.until(lambda: len(second_peer.frames) >= 10)
        await peer.close()
        await second_peer.close()
    assert all_released(trackers)


async def test_a_replacement_that_fails_leaves_the_publisher_in_its_room() -> None:
    async with open_rooms() as rooms:
        peer, session = await live(rooms)
        broken = parse_offer(b"v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 97\r\na=rtpmap:97 VP8/90000\r\n")
        with pytest.raises(RequestError):
            await rooms.publish("room", broken, PublishRequest(DEFAULTS, replace=session.id))
        seen = len(peer.frames)
        await peer.until(lambda: len(peer.frames) >= seen + 5)
        with pytest.raises(Conflict):
            await publish(rooms, Peer())
        assert rooms.sessions.publishers == (session,)
        await peer.close()


async def test_a_full_server_says_when_to_come_again() -> None:
    async with open_rooms(max_sessions=1) as rooms:
        peer, _ = await live(rooms)
        with pytest.raises(Unavailable) as caught:
            await publish(rooms, Peer(), "another")
        assert caught.value.retry_after_s > 0
        assert len(rooms.sessions.publishers) == 1
        await peer.close()


async def test_who_never_connects_gives_way_where_all_places_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers, max_sessions=2) as rooms:
        peer, kept = await live(rooms)
        silent = Peer()
        offer = parse_offer((await silent.offer()).encode())
        late, _ = await rooms.publish("silent", offer, PublishRequest(DEFAULTS))
        monkeypatch.setattr("mocast.rooms.sessions.CONNECT_GRACE_S", math.inf)
        with pytest.raises(Unavailable):  # it may connect yet
            await publish(rooms, Peer(), "another")
        monkeypatch.setattr("mocast.rooms.sessions.CONNECT_GRACE_S", 0)
        another, taken = await live(rooms, "another")
        assert (late.state, kept.state, taken.state) == ("closed", "live", "live")
        with pytest.raises(Unavailable):  # nobody is late any more
            await publish(rooms, Peer(), "third")
        await asyncio.gather(silent.close(), peer.close(), another.close())
    assert all_released(trackers)


async def test_clients_that_ask_at_once_for_a_place_that_is_given_up_share_no_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trackers = FakeTrackers()
    monkeypatch.setattr("mocast.rooms.sessions.CONNECT_GRACE_S", 0)
    async with open_rooms(trackers, max_sessions=2) as rooms:
        peers = [Peer() for _ in range(6)]
        offers = [parse_offer((await peer.offer()).encode()) for peer in peers]
        for wave in (offers[:2], offers[2:]):
            asked = [rooms.publish(f"room{id(offer)}", offer, PublishRequest(DEFAULTS)) for offer in wave]
            results = await asyncio.gather(*asked, return_exceptions=True)
            assert all(isinstance(result, tuple | Unavailable) for result in results), results
            assert len(rooms.sessions.publishers) == 2
        await asyncio.gather(*(peer.close() for peer in peers))
    assert all_released(trackers)


async def test_no_more_than_the_places_there_are_go_to_clients_that_come_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mocast.rooms.sessions.CONNECT_GRACE_S", math.inf)
    async with open_rooms(max_sessions=2) as rooms:
        peers = [Peer() for _ in range(6)]
        results = await asyncio.gather(
            *(publish(rooms, peer, f"room{n}") for n, peer in enumerate(peers)), return_exceptions=True
        )
        assert sum(isinstance(result, Publisher) for result in results) == 2
        assert sum(isinstance(result, Unavailable) for result in results) == 4
        await asyncio.gather(*(peer.close() for peer in peers))


async def test_a_server_that_stops_ends_live_sessions_and_tells_them() -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers) as rooms:
        (first, _), (second, _) = await live(rooms, "a"), await live(rooms, "b")
        await rooms.close()
        assert len(rooms.sessions.publishers) == 0
        with pytest.raises(Unavailable):
            await publish(rooms, Peer(), "c")
        for peer in (first, second):
            await peer.until(lambda peer=peer: any(m.get("notice") == "draining" for m in peer.control_messages))
            await peer.close()
    assert all_released(trackers)


async def test_a_server_that_drains_lets_its_publishers_go_on_until_they_leave() -> None:
    async with open_rooms() as rooms:
        peer, _ = await live(rooms)
        viewer = Peer()
        await subscribe(rooms, viewer)
        draining = asyncio.create_task(rooms.drain(HANG_S))
        await peer.until(lambda: any(m.get("notice") == "draining" for m in peer.control_messages))
        with pytest.raises(Unavailable):
            await publish(rooms, Peer(), "another")
        with pytest.raises(Unavailable):
            await subscribe(rooms, Peer())
        seen = len(viewer.frames)
        await viewer.until(lambda: len(viewer.frames) >= seen + 5)
        assert not draining.done()
        await peer.close()
        async with asyncio.timeout(HANG_S):
            await draining
        assert len(rooms.sessions.viewers) == 1, "viewers alone hold up no stop"
        await rooms.close()
        await viewer.close()


async def test_a_server_that_drains_waits_for_its_publishers_no_longer_than_it_may() -> None:
    async with open_rooms() as rooms:
        peer, session = await live(rooms)
        await rooms.drain(0.05)
        assert session.state == "live"
        await rooms.close()
        assert session.state == "closed"
        await peer.until(lambda: notices(peer) == ["draining", "closing"])
        await peer.close()


async def test_a_server_that_stops_waits_for_a_session_that_is_being_accepted() -> None:
    trackers = GatedTrackers()
    async with open_rooms(trackers) as rooms:
        peer = Peer()
        publishing = asyncio.create_task(publish(rooms, peer))
        await asyncio.to_thread(trackers.wanted.wait)
        closing = asyncio.create_task(rooms.close())
        await asyncio.sleep(0)
        assert not closing.done()
        trackers.gate.set()
        with pytest.raises(Unavailable):
            await publishing
        await closing
        assert len(rooms.sessions.publishers) == 0
        assert all_released(trackers)
        await peer.close()


async def test_a_client_that_gives_up_while_its_tracker_is_built_leaves_none_behind() -> None:
    trackers = GatedTrackers()
    async with open_rooms(trackers) as rooms:
        peer = Peer()
        publishing = asyncio.create_task(publish(rooms, peer))
        await asyncio.to_thread(trackers.wanted.wait)
        publishing.cancel()
        await asyncio.sleep(0)
        trackers.gate.set()
        with pytest.raises(asyncio.CancelledError):
            await publishing
        assert len(rooms.sessions.publishers) == 0
        assert len(trackers.out) == 1
        assert all_released(trackers)
        await peer.close()


@pytest.mark.parametrize("by", ["control", "call"])
async def test_a_session_that_ends_while_its_new_tracker_is_built_leaves_none_behind(by: str) -> None:
    trackers = GatedTrackers()
    trackers.gate.set()
    change = {"tracker": "face", "overlay": ["mesh"]}
    async with open_rooms(trackers) as rooms:
        peer, session = await live(rooms)
        await peer.until(lambda: peer.control_messages)
        draw = session.room.draw
        trackers.gate.clear()
        trackers.wanted.clear()
        changing = None
        if by == "control":
            peer.command(type="settings", id=1, settings=change)
        else:
            changing = asyncio.create_task(session.change(change))
        await asyncio.to_thread(trackers.wanted.wait)
        ending = asyncio.create_task(rooms.sessions.end(session.id, "the client left"))
        await asyncio.sleep(0)
        trackers.gate.set()
        await ending
        if changing is not None:
            await asyncio.gather(changing, return_exceptions=True)
        assert len(trackers.out) == 2
        assert all_released(trackers)
        assert session.room.draw == draw, "the room may be another publisher's by then"
        await peer.close()


async def test_a_change_whose_client_gives_up_late_is_made_wholly() -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers) as rooms:
        peer, session = await live(rooms)
        assert session._driver is not None
        with session._driver._processing:  # the frame that the new tracker waits for
            changing = asyncio.create_task(session.change({"tracker": "face"}))
            async with asyncio.timeout(HANG_S):
                while len(trackers.out) < 2 or session._building:  # noqa: ASYNC110 (no event tells)
                    await asyncio.sleep(0.001)
            changing.cancel()
            for _ in range(10):
                await asyncio.sleep(0)
            assert session._changing.locked(), "another change would put its tracker in before this one"
        await asyncio.wait([changing])
        assert changing.cancelled()
        assert trackers.released == trackers.out[:1]
        assert session.settings["tracker"] == "face"
        await peer.until(lambda: any(m.get("settings") == session.settings for m in peer.control_messages))
        await peer.close()
    assert all_released(trackers)


async def test_a_session_whose_tracker_fails_ends_and_harms_no_other() -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers) as rooms:
        peer, session = await live(rooms)
        other_peer, other = await live(rooms, "other")
        trackers.out[0].fail_on = set(range(10_000))
        await gone(rooms, session)
        assert session._reason == TRACKER_FAILED
        seen = len(other_peer.frames)
        await other_peer.until(lambda: len(other_peer.frames) >= seen + 10)
        assert other.state == "live"
        await peer.close()
        await other_peer.close()
    assert all_released(trackers)


async def test_a_session_that_crashes_harms_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers) as rooms:
        peer, session = await live(rooms)
        other_peer, other = await live(rooms, "other")

        async def crash(_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(session._control, "_carry_out", crash)
        peer.command(type="ping", id=1)
        await gone(rooms, session)
        seen = len(other_peer.frames)
        await other_peer.until(lambda: len(other_peer.frames) >= seen + 10)
        assert other.state == "live"
        replacement_peer, _ = await live(rooms)
        for one in (peer, other_peer, replacement_peer):
            await one.close()
    assert all_released(trackers)


async def test_a_tracker_that_cannot_be_built_is_a_refusal_and_leaves_nothing() -> None:
    class NoTrackers(FakeTrackers):
        def acquire(self, *_: object, **__: object) -> CentreTracker:
            raise TrackingError("no such model")

    before = Footprint.now()
    async with open_rooms(NoTrackers()) as rooms:
        peer = Peer()
        with pytest.raises(TrackingError):
            await publish(rooms, peer)
        assert len(rooms.sessions.publishers) == 0
        await peer.close()
    await settled(before)


async def test_a_tracker_that_cannot_be_built_for_a_change_leaves_the_session_as_it_was() -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers) as rooms:
        peer, session = await live(rooms)
        build = trackers.acquire

        def fail(*_: object, **__: object) -> CentreTracker:
            raise TrackingError("no such model")

        trackers.acquire = fail  # type: ignore[method-assign]
        peer.command(type="settings", id=1, settings={"tracker": "face", "mirror": True})
        answer = await peer.answer_to(1)
        assert (answer["type"], answer["status"]) == ("problem", 500)
        assert (session.settings["tracker"], session.settings["mirror"]) == ("holistic", False)
        trackers.acquire = build  # type: ignore[method-assign]
        peer.command(type="settings", id=2, settings={"tracker": "face"})
        assert (await peer.answer_to(2))["settings"]["tracker"] == "face"
        await peer.close()
    assert all_released(trackers)


async def test_an_exception_while_closing_the_peer_does_not_keep_its_tracker() -> None:
    trackers = FakeTrackers()
    async with open_rooms(trackers) as rooms:
        peer, session = await live(rooms)
        close = session._transport.pc.close

        async def close_badly() -> None:
            await close()
            raise OSError("told to fail")

        session._transport.pc.close = close_badly  # type: ignore[method-assign]
        await rooms.sessions.end(session.id, "the client left")
        assert len(rooms.sessions.publishers) == 0
        assert all_released(trackers)
        await peer.close()


async def test_a_session_may_end_at_any_point_of_its_connecting() -> None:
    trackers = FakeTrackers()
    before = Footprint.now()
    async with open_rooms(trackers, max_sessions=50) as rooms:
        peers = []
        for turns in (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512):
            peer = Peer()
            peers.append(peer)
            session = await publish(rooms, peer, f"after {turns} turns of the loop")
            for _ in range(turns):
                await asyncio.sleep(0)
            await rooms.sessions.end(session.id, "the client left")
            assert session.state == "closed"
        assert all_released(trackers)
        for peer in peers:
            await peer.close()
    await settled(before)


async def test_a_session_leaves_nothing_behind() -> None:
    trackers = FakeTrackers()
    before = Footprint.now()
    async with open_rooms(trackers) as rooms:
        peer, _ = await live(rooms)
        during = Footprint.now()
        assert during.sockets > before.sockets
        assert during.tasks > before.tasks
        assert {"mocast-room", "mocast-tracking", "video-decoder"} <= set(during.threads)
        await peer.close()
    await settled(before)
    assert all_released(trackers)


async def test_names_in_an_offer_are_resolved_while_it_connects_and_end_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    unanswered = asyncio.Event()

    async def resolve(_: object, name: str) -> None:
        asked.append(name)
        await unanswered.wait()

    monkeypatch.setattr(aioice.mdns.MDnsProtocol, "resolve", resolve)
    before = Footprint.now()
    async with open_rooms() as rooms:
        peer = Peer()
        names = "".join(f"a=candidate:{n} 1 udp 1 name{n}.local {5000 + n} typ host\r\n" for n in range(3))
        head, _, tail = (await peer.offer()).partition("a=candidate:")
        offer = parse_offer(f"{head}{names}a=candidate:{tail}".encode())
        session, answer = await rooms.publish("room", offer, PublishRequest(DEFAULTS))
        await peer.accept(answer)
        await peer.until(lambda: len(peer.frames) >= 3)
        assert sorted(asked) == ["name0.local", "name1.local", "name2.local"]
        await rooms.sessions.end(session.id, "the client left")
        await peer.close()
    await settled(before)


async def test_a_hundred_and_twenty_clients_one_after_the_other_leave_nothing_behind() -> None:
    trackers = FakeTrackers()
    before = Footprint.now()
    resident: list[int] = []
    async with open_rooms(trackers, max_sessions=4) as rooms:
        for cycle in range(120):
            peer = Peer(landmarks=None, control=cycle % 2 == 0)
            session = await publish(rooms, peer)
            await peer.until(lambda peer=peer: peer.frames)
            if cycle % 2:
                await peer.close()
                await gone(rooms, session)
            else:
                await rooms.sessions.end(session.id, "the client left")
                await peer.close()
            if cycle in (39, 79, 119):
                await settled(before)
                resident.append(resident_kib())
        assert rooms.sessions.publishers_started == 120
    await settled(before)
    assert len(trackers.out) == 120
    assert all_released(trackers)
    # What a session leaves is left by each; what else the process takes, for its tests before, comes at once.
    grown_kib = min(later - sooner for sooner, later in pairwise(resident))
    assert grown_kib < 40 * 60, f"{grown_kib / 40:.0f} KiB for each session"
