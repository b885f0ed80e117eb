"""Parts that fail or hang in a live session: it goes on, and so do the others. Long forms: ``make test-faults``."""

import threading
import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from mocast.errors import TrackingError
from mocast.model.frame import Frame
from mocast.model.options import Quality, TrackerName
from mocast.model.tracked import Tracked
from mocast.pipeline.live_driver import TRACKER_FAILED
from mocast.tracking.pool import MOST_HUNG, TrackerPool
from mocast.tracking.resilient import MAX_FAILURES
from mocast.webrtc.video_encoder import EncodedFrame
from tests.fakes import CallLimit, CentreTracker
from tests.integration.http_server import running
from tests.peers import Peer
from tests.rooms import gone, open_rooms, publish


class HangingEngine:
    """Its trackers hang on the next frames, so many in all as ``hangs`` says, until ``may_return`` is set."""

    def __init__(self) -> None:
        self.hangs = self.begun = 0
        self.may_return = threading.Event()

    def build(self, tracker: TrackerName, quality: Quality, *, still: bool, **live: object) -> CentreTracker:
        engine = self

        class HangingTracker(CentreTracker):
            def track(self, frame: Frame) -> Tracked:
                if engine.begun < engine.hangs:
                    engine.begun += 1
                    engine.may_return.wait()
                return super().track(frame)

        return HangingTracker(tracker, quality)

    def face_finder(self, reach: object) -> Any:
        raise TrackingError("there is none")

    def close(self) -> None: ...


async def test_a_tracker_that_hangs_in_a_live_session_is_replaced_and_three_in_a_row_end_it() -> None:
    class Limit(CallLimit):
        def __truediv__(self, parts: float) -> float:
            self.is_short = engine.hangs > pool.hung
            return super().__truediv__(parts)

    engine = HangingEngine()
    pool = TrackerPool(engine, timeout_s=Limit())
    async with open_rooms(pool) as rooms:
        peer = Peer()
        session = await publish(rooms, peer, "room")
        await peer.until(lambda: len(peer.frames) >= 3 and peer.control_messages)
        engine.hangs = 1
        await peer.until(lambda: any(m.get("notice") == "tracker-restarted" for m in peer.control_messages))
        seen = len(peer.frames)
        await peer.until(lambda: len(peer.frames) >= seen + 5)
        assert (pool.hung, pool.hanging, session.statistics.totals.counts["tracker_failures"]) == (1, 1, 1)

        engine.hangs += MAX_FAILURES
        await gone(rooms, session)
        assert session._reason == TRACKER_FAILED
        assert pool.hung == 1 + MAX_FAILURES
        engine.may_return.set()
        await peer.close()


async def test_an_encoder_that_fails_in_a_live_session_is_opened_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_rooms() as rooms:
        peer = Peer()
        session = await publish(rooms, peer)
        await peer.until(lambda: len(peer.frames) >= 3)
        assert session._returned is not None
        encoder, failed = session._returned._encoder, threading.Event()
        encode, broken = encoder.encode, encoder.codec

        def fail_once(*args: Any, **options: Any) -> EncodedFrame:
            if not failed.is_set():
                failed.set()
                raise MemoryError
            return encode(*args, **options)

        monkeypatch.setattr(encoder, "encode", fail_once)
        seen = len(peer.frames)
        await peer.until(lambda: len(peer.frames) >= seen + 10)
        assert failed.is_set()
        assert encoder.codec is not broken
        assert session.state == "live"
        await peer.close()


async def test_the_wall_clock_is_not_looked_at_by_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_rooms() as rooms:
        peer = Peer()
        session = await publish(rooms, peer)
        await peer.until(lambda: len(peer.frames) >= 3)
        real = time.time
        for jump_s in (1e8, -1e8):
            monkeypatch.setattr(time, "time", lambda jump_s=jump_s: real() + jump_s)
            seen = len(peer.frames)
            await peer.until(lambda seen=seen: len(peer.frames) >= seen + 10)
        assert session.state == "live"
        assert 0 < session.stats()["delay_ms"] < 10_000
        with capture_logs() as logged:
            await rooms.sessions.end(session.id, "the client left")
        assert "connection did not close in time" not in [entry["event"] for entry in logged]
        await peer.close()


def test_a_server_with_too_many_hung_trackers_asks_to_be_started_again() -> None:
    with running() as server:
        assert server.ask("GET", "/healthz").status == 200
        server.pool.hanging = MOST_HUNG
        answer = server.ask("GET", "/healthz")
        assert (answer.status, "hang" in answer.json["detail"]) == (503, True)
        server.pool.hanging = MOST_HUNG - 1
        assert server.ask("GET", "/healthz").status == 200
