"""The way in and the way out: no frame ever waits in a queue."""

import asyncio
import threading

import numpy as np
import pytest
from aiortc.mediastreams import VIDEO_TIME_BASE, MediaStreamError
from av import VideoFrame

from mocast.rooms.video_out import AnnotatedTrack
from mocast.webrtc.video_in import Decoded, FrameInlet


def picture(value: int) -> np.ndarray:
    return np.full((48, 64, 3), value, np.uint8)


def decoded_frame(pts: int) -> VideoFrame:
    frame = VideoFrame(64, 48, "yuv420p")
    frame.pts, frame.time_base = pts, VIDEO_TIME_BASE
    return frame


def test_a_frame_is_handed_on_at_once_in_the_decoders_own_thread() -> None:
    taken: list[tuple[Decoded, int]] = []
    inlet = FrameInlet(lambda frame: taken.append((frame, threading.get_ident())), lambda: None)
    decoder = threading.Thread(target=lambda: [inlet.take(decoded_frame(3000 * n)) for n in range(3)])
    decoder.start()
    decoder.join()
    assert [(frame.number, frame.pts) for frame, _ in taken] == [(0, 0), (1, 3000), (2, 6000)]
    assert {thread for _, thread in taken} == {decoder.ident}
    assert inlet.decoded == 3
    assert taken[0][0].to_rgb().shape == (48, 64, 3)


async def test_the_encoder_gets_the_newest_picture_only() -> None:
    sent: list[int] = []
    track = AnnotatedTrack(lambda: sent.append(1))
    evicted = [track.send(picture(n), 3000 * n) for n in range(5)]
    frame = await track.recv()
    assert evicted == [False, True, True, True, True]
    assert (frame.pts, frame.time_base, len(sent)) == (12_000, VIDEO_TIME_BASE, 1)
    assert frame.format.name == "yuv420p"
    waiting = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    assert not waiting.done()
    assert not await asyncio.to_thread(track.send, picture(9), 99)
    assert (await waiting).pts == 99


async def test_stopping_wakes_whoever_waits() -> None:
    track = AnnotatedTrack(lambda: None)
    waiting = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    track.stop()
    with pytest.raises(MediaStreamError):
        await waiting
    with pytest.raises(MediaStreamError):
        await track.recv()
    track.send(picture(1), 1)
    with pytest.raises(MediaStreamError):
        await track.recv()
