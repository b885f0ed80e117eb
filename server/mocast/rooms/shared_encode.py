"""The annotated picture, encoded once per codec for all of its viewers."""

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from mocast.model.frame import RgbImage
from mocast.pipeline.failure_log import FailureLog
from mocast.pipeline.slot import LatestSlot, in_loop
from mocast.rooms.fair_queue import FairQueue
from mocast.rooms.picture_subscription import PictureSubscription
from mocast.webrtc.video_encoder import EncodedFrame, EncoderFactory, VideoEncoder

MAX_FAILURES_IN_A_ROW = 30
"""About a second of pictures, each tried with a new encoder: what fails for so long will not recover."""

UNENCODABLE = "the picture could not be encoded"
"""What clients are told; the log says more."""

KEY_FRAME_GAP_S = 0.5
"""Least interval between key frames, however many viewers ask: one costs the bits of some ten other pictures."""


class PictureSubscriber(Protocol):
    """A client that gets the encoded pictures. On the loop only."""

    @property
    def bits_per_s(self) -> int | None:
        """Its link's estimated bandwidth; ``None`` where unknown."""

    @property
    def wants_key_frame(self) -> bool:
        """Whether the next picture should be a key frame."""

    def key_frame_made(self) -> None:
        """Note that the next picture is a key frame."""

    def put(self, picture: EncodedFrame) -> None:
        """Take the next picture."""

    def failed(self, reason: str) -> None:
        """Note that there will be no more pictures."""


class SharedEncode:
    """One encoder and its subscribers. It takes the newest picture only, and works only while there are any.

    After a failure the encoder is opened anew, which makes a key frame; after ``MAX_FAILURES_IN_A_ROW`` the subscribers
    are told.
    """

    def __init__(
        self,
        encoder: VideoEncoder,
        factory: EncoderFactory,
        key_frame_gap_s: float = KEY_FRAME_GAP_S,
        clock: Callable[[], float] = time.monotonic,
        on_encoded: Callable[[int], None] = lambda pts: None,
    ) -> None:
        """``on_encoded`` is called with the pts of each picture, before the subscribers get it."""
        self._on_encoded = on_encoded
        self._encoder = encoder
        self._factory = factory
        self._key_frame_gap_s = key_frame_gap_s
        self._clock = clock
        self.subscribers: tuple[PictureSubscriber, ...] = ()
        "Read from any thread."
        self._ready = asyncio.Event()
        self._newest: LatestSlot[tuple[RgbImage, int]] = LatestSlot(in_loop(self._ready.set))
        "The picture and its pts."
        self._failures = FailureLog(__name__, clock)
        self._failures_in_a_row = 0
        self._key_frame_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    @property
    def wanted(self) -> bool:
        """Whether there are subscribers. From any thread."""
        return bool(self.subscribers)

    @property
    def bitrate(self) -> int:
        """The encoder's target, bits per second."""
        return self._encoder.bitrate

    def send(self, rgb: RgbImage, pts: int) -> bool:
        """Take a picture from the room's thread; return whether one that was not encoded yet is dropped for it."""
        return self._newest.put((rgb, pts))

    def join(self, subscriber: PictureSubscriber) -> None:
        """Add a subscriber."""
        self.subscribers = (*self.subscribers, subscriber)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work(), name="shared encode")

    def leave(self, subscriber: PictureSubscriber) -> None:
        """Remove a subscriber. Doing it again does nothing."""
        self.subscribers = tuple(other for other in self.subscribers if other is not subscriber)
        self._ready.set()

    async def _work(self) -> None:
        """Encode until there is no subscriber. Not to be cancelled, as the encoder may be busy in its thread."""
        while self.subscribers:
            await self._ready.wait()
            self._ready.clear()
            newest = self._newest.take()
            if newest is None or not self.subscribers:
                continue
            asking = self._asking()
            self._encoder.bitrate = self._bitrate()
            try:
                picture = await self._factory.encode(self._encoder, *newest, key_frame=bool(asking))
            except Exception:
                self._encoding_failed()
                continue
            self._failures_in_a_row = 0
            if picture.is_key_frame:
                self._key_frame_at = self._clock()
                for subscriber in asking:
                    subscriber.key_frame_made()
            self._on_encoded(picture.pts)
            for subscriber in self.subscribers:
                subscriber.put(picture)
        self._newest.take()
        self._encoder.close()

    def _encoding_failed(self) -> None:
        self._failures.exception("picture could not be encoded")
        self._factory.faults.count("encoders_failed")
        self._encoder.close()
        self._failures_in_a_row += 1
        if self._failures_in_a_row == MAX_FAILURES_IN_A_ROW:
            for subscriber in self.subscribers:
                subscriber.failed(UNENCODABLE)

    def _asking(self) -> list[PictureSubscriber]:
        """Those for whom the next picture is to be a key frame."""
        if self._clock() - self._key_frame_at < self._key_frame_gap_s:
            return []
        return [subscriber for subscriber in self.subscribers if subscriber.wants_key_frame]

    def _bitrate(self) -> int:
        """The highest bandwidth among the subscribers; those with less are sent fewer pictures."""
        start = self._encoder.start_bitrate
        return max(start if one.bits_per_s is None else one.bits_per_s for one in self.subscribers)


class SharedPictures:
    """A room's encoders, one for each codec that a viewer has asked for."""

    def __init__(
        self,
        encoders: EncoderFactory,
        viewers: FairQueue,
        clock: Callable[[], float] = time.monotonic,
        on_encoded: Callable[[int], None] = lambda pts: None,
    ) -> None:
        """``on_encoded``: see ``SharedEncode``."""
        self._on_encoded = on_encoded
        self._encoders = encoders
        self._viewers = viewers
        self._clock = clock
        self._encodes: dict[str, SharedEncode] = {}

    @property
    def encodes(self) -> tuple[SharedEncode, ...]:
        """Those with subscribers: none while nobody watches. From any thread."""
        return tuple(encode for encode in tuple(self._encodes.values()) if encode.wanted)

    def encode_for(self, codec_name: str) -> SharedEncode | None:
        """Return a codec's encode, if there is one with subscribers."""
        encode = self._encodes.get(codec_name.upper())
        return encode if encode is not None and encode.wanted else None

    def subscribe(
        self, codec_name: str, count: Callable[[bool], None], on_failure: Callable[[str], None] = lambda reason: None
    ) -> PictureSubscription:
        """Return a new viewer's subscription; for ``count`` and ``on_failure`` see there.

        Raises ``Unprocessable`` for a codec without encoder.
        """
        name = codec_name.upper()
        if name not in self._encodes:
            self._encodes[name] = SharedEncode(
                self._encoders.encoder(name), self._encoders, clock=self._clock, on_encoded=self._on_encoded
            )
        return PictureSubscription(self._encodes[name], self._viewers, count, self._clock, on_failure)
