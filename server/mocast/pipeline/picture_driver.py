"""The driver of still pictures: a bounded queue of jobs, in worker threads that take turns with the rooms."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from typing import Final, Literal

from mocast.errors import TrackingError
from mocast.limiter import NOBODY, Client, Limiter
from mocast.model.frame import Frame
from mocast.model.options import ImageOptions
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.pipeline.processor import FrameProcessor
from mocast.rendering.renderer import Renderer
from mocast.tracking.pool import TrackerPool
from mocast.wire import picture_json

ANSWER_TIMEOUT_S: Final = 50
"""Limit of a picture's queueing and processing: below the minute after which reverse proxies give up (nginx's
``proxy_read_timeout``), so that the client is told why."""

AnswerType = Literal["application/json", "image/jpeg", "image/png"]
ANSWER_TYPES: Final[tuple[AnswerType, ...]] = ("application/json", "image/jpeg", "image/png")


class PictureDriver:
    """Processes still pictures in worker threads, a bounded number at a time and a bounded number waiting.

    They take turns with the rooms. At most one picture waits in the rooms' queue, the others in a queue of their own,
    so at most one picture begins while a room waits for its turn.
    """

    def __init__(
        self,
        trackers: TrackerPool,
        renderer: Callable[[], Renderer],
        executor: Executor,
        scheduler: FrameScheduler,
        limiter: Limiter,
        *,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        """``renderer`` makes one for each picture. ``executor``'s threads bound how many are worked on at a time.

        ``scheduler`` is the rooms'. ``limiter`` bounds how many are worked on or wait.
        """
        self._trackers = trackers
        self._renderer = renderer
        self._executor = executor
        self._scheduler = scheduler
        self._next = FrameScheduler(1)
        "Admits one picture at a time to the rooms' queue."
        self._limiter = limiter
        self._answer_timeout_s = answer_timeout_s

    async def answer(
        self, picture: bytes | bytearray, options: ImageOptions, answer_type: AnswerType, client: Client = NOBODY
    ) -> bytes:
        """Return the body of the answer.

        Raises ``TooManyRequests`` or ``Unavailable`` where too many wait already, ``Unavailable`` where it takes too
        long.
        """
        self._limiter.take("pictures", client)
        loop = asyncio.get_running_loop()
        held = [picture]  # by the executor, too, until it comes to it, wanted or not
        work = self._executor.submit(lambda: self._answer(held.pop(), options, answer_type))
        # The concurrent future, not asyncio's: where the client went away or time is up, work that has begun counts
        # until it is done, and work that has not is dropped, with its body.
        work.add_done_callback(lambda _: loop.call_soon_threadsafe(self._limiter.release, "pictures", client))
        try:
            async with asyncio.timeout(self._answer_timeout_s):
                return await asyncio.wrap_future(work)
        except TimeoutError:
            raise self._limiter.refusal("pictures") from None
        finally:
            held.clear()

    def _answer(self, picture: bytes | bytearray, options: ImageOptions, answer_type: AnswerType) -> bytes:
        # Late: Pillow takes 6 MB, and most servers are sent no picture.
        from mocast.pipeline.image_codec import decode_image, encode_image  # noqa: PLC0415

        image = decode_image(picture)
        frame = Frame(number=0, pts=0, decoded_at_ns=time.monotonic_ns(), rgb=image.rgb)
        with self._processor(options) as processor, self._slot():
            tracked = processor.process(frame)
        if answer_type == "application/json":
            return picture_json.encode(
                tracked, tracker=options.tracker, source_size_wh=image.source_size_wh, people=options.people
            )
        drawn = processor.draw(frame, tracked, options.draw)
        return encode_image(drawn, "jpeg" if answer_type == "image/jpeg" else "png")

    @contextmanager
    def _processor(self, options: ImageOptions) -> Iterator[FrameProcessor]:
        """Yield a processor; its tracker is released at the end of the block.

        Raises ``TrackingError`` there where the tracker failed: a live session goes on as if nobody was there, but
        whoever sent a picture must be told.
        """
        failures: list[TrackingError] = []
        self._trackers.require_people(options.tracker, options.people)
        tracker = self._trackers.acquire(
            options.tracker, options.quality, still=True, people=options.people, on_failure=failures.append
        )
        try:
            yield FrameProcessor(tracker, self._renderer(), every_face=self._trackers.every_face(still=True))
        finally:
            self._trackers.release(tracker)
        if failures:
            raise failures[0]

    @contextmanager
    def _slot(self) -> Iterator[None]:
        """Wait for a slot, first among the pictures and then among the rooms, and hold it during the block."""
        with ExitStack() as slot:
            with self._next.ticket():
                slot.enter_context(self._scheduler.ticket())
            yield
