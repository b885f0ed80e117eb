"""One encoder for many viewers: what is encoded, when, at what rate, and with which key frames."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from structlog.testing import capture_logs
from tests.fakes import FrameSender, SettableClock
from tests.polling import until

from mocast.errors import Unprocessable
from mocast.model.frame import RgbImage
from mocast.rooms.fair_queue import BURST_S, FairQueue
from mocast.rooms.picture_subscription import MAX_WAITING, PictureSubscription
from mocast.rooms.shared_encode import (
    KEY_FRAME_GAP_S,
    MAX_FAILURES_IN_A_ROW,
    UNENCODABLE,
    SharedEncode,
    SharedPictures,
)
from mocast.webrtc.video_encoder import EncodedFrame, EncoderFactory, EncoderLimits

LIMITS = EncoderLimits()


def picture(value: int) -> RgbImage:
    return np.full((48, 64, 3), value, np.uint8)


@pytest.fixture
def encoders() -> Iterator[EncoderFactory]:
    with ThreadPoolExecutor(1) as executor:
        yield EncoderFactory(LIMITS, executor)


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

    def __init__(self, encoders: EncoderFactory, share: float = 1.0) -> None:
        self.clock = SettableClock()
        self.encoder = encoders.encoder("VP8")
        self.viewers = FairQueue(share)
        self.encode = SharedEncode(self.encoder, encoders, clock=self.clock.monotonic)
        self.sent = self.tried = 0
        self.handed_out = asyncio.Event()
        self.made: list[tuple[int, bool]] = []
        encode = self.encoder.encode

        def noting(rgb: RgbImage, pts: int, *, key_frame: bool = False) -> EncodedFrame:
            self.tried += 1
            made = encode(rgb, pts, key_frame=key_frame)
            self.made.append((pts, made.is_key_frame))
            return made

        self.encoder.encode = noting  # type: ignore[method-assign]

    def join(self) -> tuple[PictureSubscription, FrameSender]:
        subscription = PictureSubscription(
            self.encode, self.viewers, lambda dropped: self.handed_out.set(), self.clock.monotonic
        )
        sender = FrameSender()
        subscription.start(sender)
        return subscription, sender

    async def show(self) -> tuple[int, bool]:
        """Send a picture and wait until it was encoded and handed out."""
        self.handed_out.clear()
        self.encode.send(picture(self.sent % 255), 3000 * self.sent)
        self.sent += 1
        await asyncio.wait_for(self.handed_out.wait(), 60)
        return self.made[-1]


async def test_nothing_is_encoded_while_nobody_watches(encoders: EncoderFactory) -> None:
    pictures = SharedPictures(encoders, FairQueue())
    subscription = pictures.subscribe("VP8", lambda dropped: None)
    assert not pictures.encodes, "a viewer that is not connected yet does not watch"
    subscription.start(FrameSender())
    assert pictures.encodes
    subscription.stop()
    assert not pictures.encodes
    subscription.start(FrameSender())
    assert not pictures.encodes, "it has ended"


async def test_there_is_an_encoder_for_each_codec_and_no_other(encoders: EncoderFactory) -> None:
    pictures = SharedPictures(encoders, FairQueue())
    first = pictures.subscribe("VP8", lambda dropped: None)
    second = pictures.subscribe("vp8", lambda dropped: None)
    other = pictures.subscribe("H264", lambda dropped: None)
    assert first._encode is second._encode is not other._encode
    with pytest.raises(Unprocessable, match="cannot be sent as video/RTX"):
        pictures.subscribe("rtx", lambda dropped: None)


async def test_every_viewer_gets_the_same_picture_encoded_once(encoders: EncoderFactory) -> None:
    room = Room(encoders)
    viewers = [room.join() for _ in range(3)]
    await room.show()
    for _, sender in viewers:
        await sender.until(1)
    assert len(room.made) == 1
    assert len({sender.sent[0].data for _, sender in viewers}) == 1
    for subscription, _ in viewers:
        subscription.stop()


async def test_a_picture_waits_for_its_viewers_turn(encoders: EncoderFactory) -> None:
    room = Room(encoders, share=0.0)
    greedy = Greedy()
    room.viewers.push(greedy)
    await asyncio.wait_for(greedy.served.wait(), 60)
    viewer, sender = room.join()
    for _ in range(MAX_WAITING):
        await room.show()
    room.clock.now += 10
    assert not sender.sent
    assert not viewer.wants_key_frame
    await room.show()
    assert viewer.wants_key_frame, "one more was dropped"
    viewer.flush()
    assert [frame.pts for frame in sender.sent] == [3000 * n for n in range(MAX_WAITING)]
    viewer.stop()


async def test_key_frames_are_rationed_however_many_ask(encoders: EncoderFactory) -> None:
    room = Room(encoders)
    viewers = [room.join() for _ in range(3)]
    assert await room.show() == (0, True)
    for step in range(1, 20):
        room.clock.now += 1 / 30
        for viewer, _ in viewers:
            viewer.request_key_frame()
        await room.show()
        assert room.made[-1] == (3000 * step, False), "they had one less than two seconds ago"
    late, _ = room.join()
    assert room.clock.now > KEY_FRAME_GAP_S
    assert (await room.show())[1], "who comes late is not kept waiting"
    later, _ = room.join()
    assert not (await room.show())[1]
    room.clock.now += KEY_FRAME_GAP_S
    assert (await room.show())[1]
    for viewer in (*(viewer for viewer, _ in viewers), late, later):
        viewer.stop()


async def test_the_rate_is_what_the_best_line_carries(encoders: EncoderFactory) -> None:
    room = Room(encoders)
    (first, _), (second, _) = room.join(), room.join()
    first.set_bandwidth(500_000)
    second.set_bandwidth(900_000)
    await room.show()
    assert room.encoder.bitrate == 900_000
    second.stop()
    await room.show()
    assert room.encoder.bitrate == 500_000
    first.set_bandwidth(10**9)
    await room.show()
    assert room.encoder.bitrate == LIMITS.max_bitrate
    first.stop()


async def test_when_the_last_viewer_leaves_the_encoder_is_given_back_and_the_next_one_sees_no_old_picture(
    encoders: EncoderFactory,
) -> None:
    room = Room(encoders)
    viewer, _ = room.join()
    await room.show()
    assert room.encoder.codec is not None
    work = room.encode._task
    assert work is not None
    viewer.stop()
    room.encode.send(picture(9), 9)
    await asyncio.wait_for(work, 60)
    assert room.encoder.codec is None
    again, sender = room.join()
    assert (await room.show())[1]
    await sender.until(1)
    assert [frame.pts for frame in sender.sent] == [3_000]
    again.stop()


async def test_a_picture_that_cannot_be_encoded_is_skipped(encoders: EncoderFactory) -> None:
    room = Room(encoders)
    viewer, sender = room.join()
    room.encode.send(np.zeros((3, 3, 3), np.uint8), 0)  # odd sizes have no 4:2:0 form
    await until(lambda: room.tried)
    await room.show()
    await sender.until(1)
    viewer.stop()


async def test_an_encoder_that_keeps_failing_does_not_fill_the_log(encoders: EncoderFactory) -> None:
    room, tried = Room(encoders), asyncio.Queue[int]()
    loop = asyncio.get_running_loop()

    def failing(rgb: RgbImage, pts: int, *, key_frame: bool = False) -> EncodedFrame:
        loop.call_soon_threadsafe(tried.put_nowait, pts)
        raise ValueError("told to fail")

    room.encoder.encode = failing  # type: ignore[method-assign]
    viewer, _ = room.join()
    with capture_logs() as logs:
        for number in range(5):
            room.encode.send(picture(0), number)
            assert await asyncio.wait_for(tried.get(), 60) == number
        room.clock.now += 2
        room.encode.send(picture(0), 5)
        await asyncio.wait_for(tried.get(), 60)
        viewer.stop()
        assert room.encode._task is not None
        await asyncio.wait_for(room.encode._task, 60)
    assert len(logs) == 2


async def test_an_encoder_that_fails_is_opened_anew_at_a_key_frame_and_counted(encoders: EncoderFactory) -> None:
    room = Room(encoders)
    subscription, _ = room.join()
    assert (await room.show())[1], "the first one"
    assert not (await room.show())[1]
    assert room.encoder.codec is not None
    broken, encode = room.encoder.codec, room.encoder.encode
    failed = asyncio.Event()

    def fail(*_: object, **__: object) -> EncodedFrame:
        loop.call_soon_threadsafe(failed.set)
        raise OSError("told to fail")

    loop = asyncio.get_running_loop()
    room.encoder.encode = fail  # type: ignore[method-assign]
    room.encode.send(picture(0), 90_000)
    await asyncio.wait_for(failed.wait(), 60)
    room.encoder.encode = encode  # type: ignore[method-assign]
    assert (await room.show())[1], "a new encoder begins with a key frame"
    assert room.encoder.codec is not broken
    assert encoders.faults["encoders_failed"] == 1
    subscription.stop()


async def test_who_watches_is_told_when_pictures_cannot_be_encoded_any_more(encoders: EncoderFactory) -> None:
    pictures = SharedPictures(encoders, FairQueue())
    told: asyncio.Queue[str] = asyncio.Queue()
    subscription = pictures.subscribe("VP8", lambda dropped: None, told.put_nowait)
    subscription.start(FrameSender())
    encode = pictures.encode_for("VP8")
    assert encode is not None
    failed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def fail(*_: object, **__: object) -> EncodedFrame:
        loop.call_soon_threadsafe(failed.set)
        raise OSError("told to fail")

    encode._encoder.encode = fail  # type: ignore[method-assign]
    for number in range(MAX_FAILURES_IN_A_ROW):
        failed.clear()
        encode.send(picture(0), 3000 * number)
        await asyncio.wait_for(failed.wait(), 60)
    assert await asyncio.wait_for(told.get(), 60) == UNENCODABLE
    assert told.empty()
    subscription.stop()
