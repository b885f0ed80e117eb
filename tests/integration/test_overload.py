"""What a publisher is told whose frames there is no time for."""

from typing import Any

import pytest

from mocast.model.options import Quality, TrackerName
from mocast.rooms import camera_rate
from mocast.rooms.client_limits import CAMERA_BITRATE
from tests.fakes import CentreTracker, FakeTrackers
from tests.peers import Peer
from tests.rooms import open_rooms, publish


class SlowTrackers(FakeTrackers):
    """Trackers that manage three frames a second."""

    def acquire(self, tracker: TrackerName, quality: Quality, **_: Any) -> CentreTracker:
        self.out.append(CentreTracker(tracker, quality, takes_s=0.3))
        return self.out[-1]


async def test_a_publisher_is_told_how_many_frames_are_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    # Also on a busy machine, where slots are free while frames are late: the rate falls, and does not rise again.
    for name, value in {"WINDOW_S": 0.7, "ROOM_SATURATED": 0.9, "ROOM_SPARE": 2.0, "SPARE": 2.0}.items():
        monkeypatch.setattr(camera_rate, name, value)
    async with open_rooms(SlowTrackers()) as rooms:
        peer = Peer()
        session = await publish(rooms, peer)
        await peer.until(lambda: [m for m in peer.control_messages if m["type"] == "frame_rate"])
        told = [m["fps"] for m in peer.control_messages if m["type"] == "frame_rate"]
        assert told[0] == camera_rate.LEAST_FPS
        assert session.state == "live"
        assert session.hello()[-1] == {"type": "frame_rate", "fps": told[-1]}, "of a later channel, too"
        assert session._driver is not None
        assert session._driver.under_load, "the tracker knows"
        size_wh = session.statistics.size_wh
        asked = session._camera.most_bits_per_s()
        assert asked == camera_rate.bitrate(told[-1], size_wh, CAMERA_BITRATE) < CAMERA_BITRATE
        await peer.close()
