"""The stream of analyses, live: to channels and sockets that ask for it, and to nobody else."""

from typing import Any

import orjson

from mocast.analysis.analyser import Analyser
from mocast.model.analysis import Analysis
from mocast.model.options import AnalysisOptions, RigOptions, SessionOptions
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.wire import analysis_binary
from tests.fakes import CentreTracker, FakeTrackers
from tests.peers import Peer
from tests.rooms import LANDMARKS_ONLY, open_rooms, publish
from tests.unit.rigging.skeletons import posed, tracked


class WatchedAnalyser(Analyser):
    """Counts what it is asked for."""

    def __init__(self, options: AnalysisOptions) -> None:
        super().__init__(options)
        self.analysed = 0
        self.resets = 0

    def analyse(self, tracked: Tracked, rig: Rig | None) -> Analysis:
        self.analysed += 1
        return super().analyse(tracked, rig)

    def reset(self) -> None:
        self.resets += 1
        super().reset()


class SquatTracker(CentreTracker):
    """Finds somebody with bent knees in each picture."""

    def track(self, frame: Any) -> Tracked:
        body = posed(hips=(0, 90, 0), left_upper_leg=(-60, 0, 0), left_lower_leg=(60, 0, 0))
        found = tracked(body, pts=frame.pts)
        return Tracked(frame.number, frame.pts, frame.decoded_at_ns, found.size_wh, pose=found.pose)


class SquatTrackers(FakeTrackers):
    def acquire(self, *given: Any, **more: Any) -> CentreTracker:
        super().acquire(*given, **more)
        return SquatTracker()


def opened(peer: Peer, protocol: str = "") -> list[Any]:
    """The messages of a channel of analyses, as they come."""
    messages: list[Any] = []
    channel = peer.pc.createDataChannel("analysis", ordered=False, maxRetransmits=0, protocol=protocol)
    channel.on("message", lambda message: peer._keep(messages, message))
    return messages


async def test_frames_are_analysed_for_who_opens_a_channel_in_the_form_that_it_names() -> None:
    peer = Peer()
    messages = opened(peer)
    async with open_rooms(SquatTrackers(), analyser=WatchedAnalyser) as rooms:
        session = await publish(rooms, peer, options=LANDMARKS_ONLY)
        await peer.until(lambda: len(messages) >= 2 and peer.control_messages)
        decoded = analysis_binary.decode(messages[-1])
        assert decoded is not None
        assert decoded.angles is not None
        assert abs(decoded.angles.of("left_knee") - 60) < 0.1
        texts = opened(peer, "mocast.analysis.v1+json")
        await peer.until(lambda: texts)
        assert orjson.loads(texts[0])["angles"]["left_knee"]["degrees"] == 60.0
        assert session.statistics.snapshot()["analyses_sent"] >= 3
        peer.command(type="reset", id=1)
        assert await peer.answer_to(1) == {"type": "reset", "id": 1}
        assert session._analyser.resets == 1  # type: ignore[attr-defined]
        await peer.close()


async def test_nobody_s_session_is_analysed_and_a_hud_with_angles_has_it_done() -> None:
    peer = Peer()
    async with open_rooms(SquatTrackers(), analyser=WatchedAnalyser) as rooms:
        session = await publish(rooms, peer, options=SessionOptions(rig=RigOptions(field_of_view=50.0)))
        await peer.until(lambda: len(peer.frames) >= 3 and peer.control_messages)
        assert session._analyser.analysed == 0  # type: ignore[attr-defined]
        assert session._analyser.field_of_view == 50.0
        peer.command(type="settings", id=1, settings={"hud": True, "hud_angles": ["left_knee"], "field_of_view": 72})
        assert (await peer.answer_to(1))["settings"]["hud_angles"] == ["left_knee"]
        before = len(peer.frames)
        await peer.until(lambda: len(peer.frames) >= before + 3)
        assert session._analyser.analysed > 0  # type: ignore[attr-defined]
        assert session._analyser.field_of_view == 72.0
        await peer.close()
