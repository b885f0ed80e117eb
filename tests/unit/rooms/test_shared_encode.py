"""One encoder for many viewers: what is encoded, when, at what rate, and with which key frames."""

import asyncio
import time

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from structlog.testing import capture_logs
from tests.fakes import SettableClock

from mocast.model.frame import RgbImage
from mocast.rooms.fair_queue import BURST_S, FairQueue
from mocast.rooms.shared_encode import KEY_FRAME_GAP_S, SharedEncode, SharedPictures
from mocast.rooms.viewer_track import MAX_WAITING, ViewerTrack
from mocast.webrtc.encoders import EncoderLimits, LiveVp8Encoder, shared_codec

LIMITS = EncoderLimits()


def picture(value: int) -> RgbImage:
    return np.full((48, 64, 3), value, np.uint8)


class Greedy:
    """Takes all the time that viewers have saved up."""

    def __init__(self) -> None:
        self.last_served = 0
        self.served = asyncio.Event()

    def flush(self) -> None:
        end = time.thread_time() + BURST_S
        while time.thread_time() < end:
            pass
        self.served.set()


class Room:
    """A shared encode with a clock that is moved by hand."""

    def __init__(self, share: float = 1.0) -> None:
        self.clock = SettableClock()
        self.codec = shared_codec("video/VP8", LIMITS)
        self.queue = FairQueue(share)
        self.encode = SharedEncode(self.codec, self.queue, self.clock.monotonic)
        self.sent = 0
        self.handed_out = asyncio.Event()
        self.made: list[tuple[int, bool]] = []
        encode = self.encode._encode

        def noting(rgb: RgbImage, pts: int, *, key_frame: bool) -> object:
            made = encode(rgb, pts, key_frame=key_frame)
            self.made.append((pts, made.is_key_frame))
            return made

        self.encode._encode = noting  # type: ignore[method-assign,assignment]

    async def join(self) -> tuple[ViewerTrack, "asyncio.Task[object]"]:
        track = self.encode.track(lambda dropped: self.handed_out.set())
        task: asyncio.Task[object] = asyncio.create_task(track.recv())
        await asyncio.sleep(0)
        return track, task

    async def show(self) -> tuple[int, bool]:
        """Send a picture and wait until it was encoded and handed out."""
        self.handed_out.clear()
        self.encode.send(picture(self.sent % 255), 3000 * self.sent)
        self.sent += 1
        await asyncio.wait_for(self.handed_out.wait(), 60)
        return self.made[-1]


async def test_nothing_is_encoded_while_nobody_watches() -> None:
    pictures = SharedPictures(LIMITS, FairQueue())
    track = pictures.track("video/VP8", lambda dropped: None)
    assert not pictures.wanted, "a viewer that is not connected yet does not watch"
    waiting = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    assert pictures.wanted
    track.stop()
    with pytest.raises(MediaStreamError):
        await waiting
    assert not pictures.wanted


def test_there_is_an_encoder_for_each_codec_and_no_other() -> None:
    async def run() -> None:
        pictures = SharedPictures(LIMITS, FairQueue())
        first = pictures.track("video/VP8", lambda dropped: None)
        second = pictures.track("video/vp8", lambda dropped: None)
        other = pictures.track("video/H264", lambda dropped: None)
        assert first._on_join == second._on_join != other._on_join
        with pytest.raises(KeyError):
            pictures.track("video/rtx", lambda dropped: None)

    asyncio.run(run())


async def test_every_viewer_gets_the_same_picture_encoded_once() -> None:
    room = Room()
    viewers = [await room.join() for _ in range(3)]
    await room.show()
    packets = [bytes(await task) for _, task in viewers]  # type: ignore[arg-type]
    assert len(room.made) == 1
    assert len(set(packets)) == 1
    for track, _ in viewers:
        track.stop()


async def test_a_picture_waits_for_its_viewers_turn() -> None:
    room = Room(share=0.0)
    greedy = Greedy()
    room.queue.push(greedy)
    await asyncio.wait_for(greedy.served.wait(), 60)
    track, task = await room.join()
    for _ in range(MAX_WAITING):
        await room.show()
    room.clock.now += 10
    assert not task.done()
    assert not track.wants_key_frame
    await room.show()
    assert track.wants_key_frame, "one more was dropped"
    track.flush()
    assert await task
    track.stop()


async def test_key_frames_are_rationed_however_many_ask() -> None:
    room = Room()
    viewers = [await room.join() for _ in range(3)]
    assert await room.show() == (0, True)
    for step in range(1, 20):
        room.clock.now += 1 / 30
        for track, _ in viewers:
            track.ask_for_key_frame()
        await room.show()
        assert room.made[-1] == (3000 * step, False), "they had one less than two seconds ago"
    late, _ = await room.join()
    assert room.clock.now > KEY_FRAME_GAP_S
    assert (await room.show())[1], "who comes late is not kept waiting"
    later, _ = await room.join()
    assert not (await room.show())[1]
    room.clock.now += KEY_FRAME_GAP_S
    assert (await room.show())[1]
    for track in (*(track for track, _ in viewers), late, later):
        track.stop()


async def test_the_rate_is_what_the_best_line_carries() -> None:
    room = Room()
    (first, _), (second, _) = await room.join(), await room.join()
    first.link.estimate(500_000)
    second.link.estimate(900_000)
    await room.show()
    assert room.codec.bitrate == 900_000
    second.stop()
    await room.show()
    assert room.codec.bitrate == 500_000
    first.link.estimate(10**9)
    await room.show()
    assert room.codec.bitrate == LIMITS.max_bitrate
    first.stop()


async def test_when_the_last_viewer_leaves_the_encoder_is_given_back_and_the_next_one_sees_no_old_picture() -> None:
    room = Room()
    track, _ = await room.join()
    await room.show()
    assert room.codec.codec is not None
    work = room.encode._task
    assert work is not None
    track.stop()
    room.encode.send(picture(9), 9)
    await asyncio.wait_for(work, 60)
    assert room.codec.codec is None
    again, task = await room.join()
    await asyncio.sleep(0.01)
    assert not task.done()
    assert (await room.show())[1]
    assert (await task).pts == 3_000  # type: ignore[attr-defined]
    again.stop()


async def test_a_picture_that_cannot_be_encoded_is_skipped() -> None:
    room = Room()
    track, task = await room.join()
    room.encode.send(np.zeros((3, 3, 3), np.uint8), 0)  # odd sizes have no 4:2:0 form
    await asyncio.sleep(0.05)
    await room.show()
    assert await task
    track.stop()


async def test_an_encoder_that_keeps_failing_does_not_fill_the_log() -> None:
    room, tried = Room(), asyncio.Queue[int]()
    loop = asyncio.get_running_loop()

    def failing(rgb: RgbImage, pts: int, *, key_frame: bool) -> object:
        loop.call_soon_threadsafe(tried.put_nowait, pts)
        raise ValueError("told to fail")

    room.encode._encode = failing  # type: ignore[method-assign,assignment]
    track, _ = await room.join()
    with capture_logs() as logs:
        for number in range(5):
            room.encode.send(picture(0), number)
            assert await asyncio.wait_for(tried.get(), 60) == number
        room.clock.now += 2
        room.encode.send(picture(0), 5)
        await asyncio.wait_for(tried.get(), 60)
        track.stop()
        assert room.encode._task is not None
        await asyncio.wait_for(room.encode._task, 60)
    assert len(logs) == 2


async def test_packets_carry_the_pictures_own_time_to_the_wire() -> None:
    room = Room()
    track, task = await room.join()
    room.sent = 7
    await room.show()
    payloads, timestamp = LiveVp8Encoder(LIMITS).pack(await task)  # type: ignore[arg-type]
    assert payloads
    assert timestamp == 21_000
    track.stop()
