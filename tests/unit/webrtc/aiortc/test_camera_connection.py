import asyncio
import time

import pytest
from av import VideoFrame

from mocast.webrtc.aiortc.camera_connection import CameraTrack


@pytest.mark.parametrize(("most_fps", "sent"), [(None, 60), (30.0, 60), (16.5, 33), (7.0, 14)])
async def test_a_camera_sends_no_more_frames_than_are_of_use(
    monkeypatch: pytest.MonkeyPatch, most_fps: float | None, sent: int
) -> None:
    now_s = 100.0

    async def sleep(seconds: float) -> None:
        nonlocal now_s
        now_s += max(0.0, seconds)

    async def next_frame() -> VideoFrame:
        """Of a camera with 30 a second: the next one that comes."""
        nonlocal now_s
        now_s = (int(now_s * 30 + 1e-6) + 1) / 30
        return VideoFrame(16, 16, "yuv420p")

    monkeypatch.setattr(asyncio, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    track = CameraTrack(next_frame)
    track.most_fps = most_fps
    until_s, count = now_s + 2, 0
    while now_s < until_s - 1e-6:
        await track.recv()
        count += 1
    assert abs(count - sent) <= 2


async def test_a_server_that_takes_all_frames_again_while_one_waits_ends_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def sleep(_: float) -> None:
        track.most_fps = None

    async def next_frame() -> VideoFrame:
        return VideoFrame(16, 16, "yuv420p")

    monkeypatch.setattr(asyncio, "sleep", sleep)
    track = CameraTrack(next_frame)
    track.most_fps = 16.5
    assert await track.recv()
    assert await track.recv()
