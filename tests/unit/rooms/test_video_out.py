"""The way out of a publisher's pictures: none ever waits in a queue."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import numpy as np
import pytest
from tests.fakes import FrameSender, SettableClock

from mocast.rooms.fair_queue import FairQueue
from mocast.rooms.shared_encode import SharedPictures
from mocast.rooms.video_out import ReturnedPicture, VideoOut
from mocast.webrtc.video_encoder import EncodedFrame, EncoderFactory, EncoderLimits, VideoEncoder


def picture(value: int) -> np.ndarray:
    return np.full((48, 64, 3), value, np.uint8)


@pytest.fixture
def encoders() -> Iterator[EncoderFactory]:
    with ThreadPoolExecutor(1) as executor:
        yield EncoderFactory(EncoderLimits(), executor)


def alone(encoders: EncoderFactory, on_sent: Callable[[], None] = lambda: None) -> ReturnedPicture:
    """A publisher's picture in a room without viewers."""
    return ReturnedPicture("VP8", encoders, SharedPictures(encoders, FairQueue()), on_sent)


async def test_the_encoder_gets_the_newest_picture_only(encoders: EncoderFactory) -> None:
    counted: list[int] = []
    returned, sender = alone(encoders, lambda: counted.append(1)), FrameSender()
    assert not returned.send(picture(0), 0), "nobody is connected yet"
    returned.start(sender)
    assert [returned.send(picture(n), 3000 * n) for n in range(5)] == [False, True, True, True, True]
    await sender.until(1)
    assert [(frame.pts, frame.is_key_frame) for frame in sender.sent] == [(12_000, True)]
    assert not await asyncio.to_thread(returned.send, picture(9), 15_000)
    await sender.until(2)
    assert (sender.sent[1].pts, sender.sent[1].is_key_frame, len(counted)) == (15_000, False, 2)
    returned.stop()


async def test_a_key_frame_is_made_when_the_publisher_asks_and_once(encoders: EncoderFactory) -> None:
    returned, sender = alone(encoders), FrameSender()
    returned.start(sender)
    for number in range(6):
        if number in (2, 3):
            returned.request_key_frame()
        returned.send(picture(number), 3000 * number)
        await sender.until(number + 1)
    assert [frame.pts // 3000 for frame in sender.sent if frame.is_key_frame] == [0, 2, 3]
    returned.stop()


async def test_the_bitrate_is_what_the_publishers_line_carries(encoders: EncoderFactory) -> None:
    returned, sender = alone(encoders), FrameSender()
    returned.start(sender)
    for bits_per_s, expected in ((None, 2_000_000), (700_000, 700_000), (10**9, 4_000_000), (1, 150_000)):
        if bits_per_s is not None:
            returned.set_bandwidth(bits_per_s)
        count = len(sender.sent)
        returned.send(picture(1), 3000 * count)
        await sender.until(count + 1)
        assert returned._encoder.bitrate == expected
    returned.stop()


async def test_what_is_encoded_when_it_stops_is_not_sent(encoders: EncoderFactory) -> None:
    is_encoding, may_go_on = threading.Event(), threading.Event()
    returned, sender = alone(encoders), FrameSender()
    encoder = returned._encoder
    encode = encoder.encode

    def slow(rgb: np.ndarray, pts: int, *, key_frame: bool = False) -> EncodedFrame:
        is_encoding.set()
        may_go_on.wait(60)
        return encode(rgb, pts, key_frame=key_frame)

    encoder.encode = slow  # type: ignore[method-assign]
    returned.start(sender)
    returned.send(picture(1), 0)
    assert await asyncio.to_thread(is_encoding.wait, 60)
    returned.stop()
    may_go_on.set()
    work = returned._own.encode._task
    assert work is not None
    await asyncio.wait_for(work, 60)
    assert (sender.sent, returned.wanted) == ([], False)
    returned.start(sender)
    assert not returned.wanted, "it has ended"


async def test_nothing_is_encoded_while_it_is_paused_and_it_goes_on_with_a_key_frame(encoders: EncoderFactory) -> None:
    returned, sender = alone(encoders), FrameSender()
    returned.pause()
    returned.start(sender)
    assert not returned.wanted
    assert not returned.send(picture(0), 0)
    for number in (1, 3):
        returned.resume()
        returned.resume()
        assert returned.wanted
        for pts in (3_000 * number, 3_000 * number + 3_000):
            returned.send(picture(number), pts)
            await sender.until(pts // 3_000)
        returned.pause()
        assert not returned.wanted
    assert [(frame.pts, frame.is_key_frame) for frame in sender.sent] == [
        (3_000, True),
        (6_000, False),
        (9_000, True),
        (12_000, False),
    ]
    returned.stop()
    returned.resume()
    assert not returned.wanted, "it has ended"


async def test_pictures_are_wanted_by_the_publisher_or_by_a_viewer(encoders: EncoderFactory) -> None:
    shared = SharedPictures(encoders, FairQueue())
    returned = ReturnedPicture("VP8", encoders, shared, lambda: None)
    both, viewers_only = VideoOut(returned, shared), VideoOut(None, shared)
    assert not both.wanted
    returned.start(FrameSender())
    assert both.wanted
    assert not viewers_only.wanted
    viewer = shared.subscribe("VP8", lambda dropped: None)
    viewer.start(FrameSender())
    assert viewers_only.wanted
    assert not viewers_only.send(picture(0), 0)
    viewer.stop()
    returned.stop()


class Encodings(EncoderFactory):
    """Counts the encodings of each picture."""

    __slots__ = ()
    counts: ClassVar[Counter[int]] = Counter()

    async def encode(self, encoder: VideoEncoder, rgb: np.ndarray, pts: int, *, key_frame: bool) -> EncodedFrame:
        self.counts[pts] += 1
        return await super().encode(encoder, rgb, pts, key_frame=key_frame)


async def test_one_encode_serves_publisher_and_viewers_while_their_bitrates_agree(encoders: EncoderFactory) -> None:
    encoders = Encodings(encoders.limits, encoders.executor)
    encoders.counts.clear()
    clock = SettableClock()
    shared = SharedPictures(encoders, FairQueue(1.0), clock.monotonic)
    returned = ReturnedPicture("VP8", encoders, shared, lambda: None)
    viewer, out = shared.subscribe("VP8", lambda dropped: None), VideoOut(returned, shared)
    publishers, viewers = FrameSender(), FrameSender()
    returned.start(publishers)
    viewer.start(viewers)
    number = 0

    async def send(count: int) -> int:
        """Send pictures one after the other; return how many encodings the last one took."""
        nonlocal number
        for _ in range(count):
            number += 1
            clock.now += 0.3  # key frames for viewers have a least interval
            out.send(picture(number), 3000 * number)
            await viewers.until(number)
            await publishers.until(number - 1)  # one may be held while encodes change
        return encoders.counts[3000 * number]

    assert await send(1) == 2, "each begins with an encode of its own"
    assert await send(4) == 1
    returned.set_bandwidth(500_000)
    assert await send(4) == 2, "the publisher's link is much slower"
    viewer.set_bandwidth(520_000)
    await send(12)
    sent = [frame.pts // 3000 for frame in publishers.sent]
    assert sent[: number - 1] == list(range(1, number)), "every picture once, in order"
    assert encoders.counts[3000 * number] == 1, "they agree again"
    viewer.stop()
    count = len(sent)
    while returned._current is not returned._own:
        number, count = number + 1, count + 1
        out.send(picture(number), 3000 * number)
        await publishers.until(count - 1)
    assert [frame.pts for frame in publishers.sent] == sorted({frame.pts for frame in publishers.sent})
    returned.stop()
    assert not out.wanted
