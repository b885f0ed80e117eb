"""``POST /v1/images``: a picture in; what was found in it out, as JSON or drawn on it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from typing import Any, Final, Literal, Protocol

from aiohttp import BodyPartReader, web

from mocast.api.accept import choose
from mocast.api.image_codec import decode_image, encode_image
from mocast.errors import BodyTooLarge, NotAcceptable, RequestError, TrackingError, Unavailable, UnsupportedMedia
from mocast.model.canvas import HudStats
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions, ImageOptions, Quality, TrackerName
from mocast.model.tracked import Tracked
from mocast.pipeline.frame_scheduler import FrameScheduler
from mocast.validation import read_query
from mocast.wire import picture_json

BODY_LIMIT: Final = 16 * 1024 * 1024
BODY_TIMEOUT_S: Final = 120
"""For a whole body: 16 MB at about 1 Mbit/s. A slower client would hold its share of the memory for too long."""

ANSWER_TIMEOUT_S: Final = 50
"""For a picture that waits and is worked on: less than the minute after which reverse proxies give up (nginx's
``proxy_read_timeout``), so that the client is told why."""

AnswerType = Literal["application/json", "image/jpeg", "image/png"]
ANSWER_TYPES: Final[tuple[AnswerType, ...]] = ("application/json", "image/jpeg", "image/png")
PICTURE_TYPES: Final = frozenset(
    {"image/jpeg", "image/jpg", "image/png", "image/bmp", "image/x-ms-bmp", "image/webp", "application/octet-stream"}
)


class ImageTracker(Protocol):
    """Finds people in one picture."""

    def track(self, frame: Frame) -> Tracked:
        """Return what is in the picture."""


class ImageTrackers(Protocol):
    """Lends trackers for still pictures. Both calls come from worker threads."""

    def acquire(
        self,
        tracker: TrackerName,
        quality: Quality,
        *,
        still: bool,
        on_failure: Callable[[TrackingError], None] | None,
    ) -> ImageTracker:
        """Return a tracker for this caller alone; it may have to be built.

        ``on_failure`` is called where it failed on a picture and then took it for an empty one.
        """

    def release(self, tracker: Any) -> None:
        """Take it back; also one that failed, which must not be lent again."""


class ImageRenderer(Protocol):
    """Draws on one picture."""

    def render(self, rgb: RgbImage, tracked: Tracked, options: DrawOptions, stats: HudStats | None) -> RgbImage:
        """Return the finished picture; ``rgb`` may be drawn on."""


class Pictures:
    """Tracks still pictures in worker threads, a bounded number at a time and a bounded number waiting.

    They take turns with the rooms, and one of them at most waits among the rooms, the others behind it. So from when a
    room asks for its turn until it has it, one picture begins at most.
    """

    def __init__(
        self,
        trackers: ImageTrackers,
        renderer: Callable[[], ImageRenderer],
        executor: Executor,
        turns: FrameScheduler,
        *,
        most_pending: int = 8,
        most_body_bytes: int = 8 * BODY_LIMIT,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> None:
        """``renderer`` makes one for each picture. ``executor``'s threads bound how many are worked on at a time.

        ``turns`` are those of the rooms.
        """
        self._trackers = trackers
        self._renderer = renderer
        self._executor = executor
        self._turns = turns
        self._next = FrameScheduler(1)
        "Who of the pictures may wait among the rooms."
        self._most_pending = most_pending
        self._most_body_bytes = most_body_bytes
        self._answer_timeout_s = answer_timeout_s
        self._pending = 0
        self._body_bytes = 0

    @contextmanager
    def upload(self) -> Iterator["Upload"]:
        """Collect a body in here: all bodies together have a bound, and this one counts until the end of the block."""
        if self._pending >= self._most_pending:
            raise _busy()
        upload = Upload(self)
        try:
            yield upload
        finally:
            self._body_bytes -= len(upload.body)

    def take(self, length: int) -> None:
        """Count bytes that a body grew by."""
        if self._body_bytes + length > self._most_body_bytes:
            raise _busy()
        self._body_bytes += length

    async def answer(self, picture: bytes | bytearray, options: ImageOptions, answer_type: AnswerType) -> bytes:
        """Return the body of the answer. Raises ``Unavailable`` where too many wait already, or it takes too long."""
        if self._pending >= self._most_pending:
            raise _busy()
        loop = asyncio.get_running_loop()
        held = [picture]  # by the executor, too, until it comes to it, wanted or not
        work = self._executor.submit(lambda: self._answer(held.pop(), options, answer_type))
        self._pending += 1
        # The concurrent future, not asyncio's: where the client went away or time is up, work that has begun counts
        # until it is done, and work that has not is dropped, with its body.
        work.add_done_callback(lambda _: loop.call_soon_threadsafe(self._done))
        try:
            async with asyncio.timeout(self._answer_timeout_s):
                return await asyncio.wrap_future(work)
        except TimeoutError:
            raise _busy() from None
        finally:
            held.clear()

    def _done(self) -> None:
        self._pending -= 1

    def _answer(self, picture: bytes | bytearray, options: ImageOptions, answer_type: AnswerType) -> bytes:
        still = decode_image(picture)
        tracked = self._tracked(still.rgb, options)
        if answer_type == "application/json":
            return picture_json.encode(tracked, tracker=options.tracker, source_size_wh=still.source_size_wh)
        drawn = self._renderer().render(still.rgb, tracked, options.draw, None)
        return encode_image(drawn, "jpeg" if answer_type == "image/jpeg" else "png")

    def _tracked(self, rgb: RgbImage, options: ImageOptions) -> Tracked:
        failures: list[TrackingError] = []
        tracker = self._trackers.acquire(options.tracker, options.quality, still=True, on_failure=failures.append)
        try:
            with self._turn():
                tracked = tracker.track(Frame(number=0, pts=0, decoded_at_ns=time.monotonic_ns(), rgb=rgb))
        finally:
            self._trackers.release(tracker)
        if failures:
            # A live session goes on after a failure as if nobody was there; whoever sent a picture must be told.
            raise failures[0]
        return tracked

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with ExitStack() as turn:
            with self._next.turn():
                turn.enter_context(self._turns.turn())
            yield


class Upload:
    """A body on its way in."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self.body = bytearray()
        "What came so far."

    def add(self, chunk: bytes) -> None:
        """Take the next bytes. Raises ``BodyTooLarge`` above ``BODY_LIMIT``."""
        if len(self.body) + len(chunk) > BODY_LIMIT:
            raise _too_large()
        self._pictures.take(len(chunk))
        self.body += chunk


def _busy() -> Unavailable:
    return Unavailable("All trackers for pictures are busy; try again in a moment.", retry_after_s=2)


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(f"A picture must have at most {BODY_LIMIT // 2**20} MB.")


def image_routes(pictures: Pictures) -> list[web.RouteDef]:
    """Return the routes of the picture API."""

    async def post_image(request: web.Request) -> web.Response:
        options = read_query(ImageOptions, request.query)
        answer_type = choose(",".join(request.headers.getall("Accept", [])), ANSWER_TYPES)
        if answer_type is None:
            raise NotAcceptable(f"The answer can be {', '.join(ANSWER_TYPES)}; Accept names none of them.")
        with pictures.upload() as upload:
            try:
                async with asyncio.timeout(BODY_TIMEOUT_S):
                    await _receive(request, upload)
            except TimeoutError:
                raise RequestError(f"The picture did not arrive within {BODY_TIMEOUT_S} s.") from None
            body = await pictures.answer(upload.body, options, answer_type)
        return web.Response(body=body, content_type=answer_type)

    return [web.post("/v1/images", post_image)]


async def _receive(request: web.Request, upload: Upload) -> None:
    """Read the picture, raw or out of a form, and refuse as early as can be what is too large or of another type."""
    is_form = request.content_type == "multipart/form-data"
    if not is_form:
        _check_type(request.content_type)
    # The form's own lines come on top of the picture.
    if (request.content_length or 0) > BODY_LIMIT + (64 * 1024 if is_form else 0):
        raise _too_large()
    async for chunk in _form_picture(request) if is_form else request.content.iter_any():
        upload.add(chunk)
    if not upload.body:
        raise RequestError("There is no picture in the body.")


async def _form_picture(request: web.Request) -> AsyncIterator[bytes]:
    """The chunks of the form's ``image`` part; what comes before it is read over, within the same limit."""
    skipped = 0
    try:
        parts = await request.multipart()
        while part := await parts.next():
            is_image = isinstance(part, BodyPartReader) and part.name == "image"
            if not isinstance(part, BodyPartReader):
                raise RequestError("A form within a form is not taken.")
            if is_image:
                _check_type(part.headers.get("Content-Type", "application/octet-stream").partition(";")[0].strip())
            while chunk := await part.read_chunk():
                if is_image:
                    yield chunk
                elif (skipped := skipped + len(chunk)) > BODY_LIMIT:
                    raise _too_large()
            if is_image:
                return
    except (ValueError, AssertionError):
        raise RequestError("The form is malformed.") from None
    raise RequestError('The form has no part named "image".')


def _check_type(content_type: str) -> None:
    if content_type.lower() not in PICTURE_TYPES:
        raise UnsupportedMedia(
            f"A picture must be a JPEG, PNG, BMP or WebP, not {content_type[:60]}: "
            'say which in the Content-Type header, such as "Content-Type: image/jpeg".'
        )
