import time

import aiortc.rtcrtpreceiver
import aiortc.rtcsctptransport
import pytest
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtpPacket

from mocast.webrtc.aiortc import installation, steady_clock


def test_jitter_is_not_moved_by_a_jump_of_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    installation.install()
    statistics = StreamStatistics(90_000)
    for number, jump_s in enumerate((0, 0, 4e8, -4e8)):
        monkeypatch.setattr(time, "time", lambda jump_s=jump_s: 1e9 + jump_s)
        statistics.add(RtpPacket(sequence_number=number, timestamp=number))
    assert statistics.jitter < 90_000, "a second"


def test_aiortc_takes_nothing_else_from_the_module_that_is_replaced() -> None:
    for module in (aiortc.rtcrtpreceiver, aiortc.rtcsctptransport):
        assert module.time is steady_clock.SteadyTime  # type: ignore[attr-defined]
    assert abs(steady_clock.SteadyTime.time() - time.time()) < 3600
