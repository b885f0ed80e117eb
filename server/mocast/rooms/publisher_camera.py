"""A publisher's camera: its video is decoded, kept within its rate, and put on the room's clock, frame by frame."""

import asyncio
import functools
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

import structlog
from av import VideoFrame

from mocast.model.wrapping import wrapped
from mocast.pipeline.stats import PublisherStats
from mocast.rooms.camera_rate import CameraRate, CameraRates, Turns, bitrate
from mocast.rooms.client_limits import FLOOD, RateLimit
from mocast.rooms.room import Room
from mocast.rooms.session import SessionDependencies
from mocast.webrtc.received_frame import ReceivedFrame
from mocast.webrtc.transport import VideoLine
from mocast.webrtc.video_decoder import VideoDecoder

B_FRAMES: Final = "the camera's video has B-frames, which delay each picture by {} frames: turn them off in its encoder"


class CameraTurns(Turns, Protocol):
    """The turns of the camera's room: a ``LiveDriver``."""

    under_load: bool
    "Whether the camera is asked for fewer frames than it has."


class CameraSession(Protocol):
    """The session of a camera."""

    @property
    def is_controlled(self) -> bool:
        """Whether the client has a control channel."""

    @property
    def statistics(self) -> PublisherStats:
        """What is counted; from any thread."""

    def offer(self, frame: ReceivedFrame) -> bool:
        """Have a frame tracked, from any thread; return whether one that still waited was dropped for it."""

    def send(self, message: dict[str, Any]) -> object:
        """Send the client a control message."""

    def notice(self, notice: str, detail: str) -> None:
        """Tell the client something that it did not ask for."""

    def break_off(self, limit: str, reason: str) -> None:
        """End the session as its client has reached a limit."""

    def end(self, reason: str) -> None:
        """End the session."""


class PublisherCamera:
    """The camera of one publisher. On the event loop, but for what the decoder's thread calls."""

    def __init__(
        self,
        session: CameraSession,
        room: Room,
        dependencies: SessionDependencies,
        decoder_threads: int,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self.decoder = VideoDecoder(
            self._take_frame,
            self._frame_dropped,
            self._unusable,
            functools.partial(dependencies.encoders.faults.count, "decoders_failed"),
            on_b_frames=self._b_frames_found,
            threads=decoder_threads,
            max_pixels=dependencies.limits.input_pixels,
        )
        self._rate: CameraRate | None = None
        self._rates: CameraRates | None = None
        self._turns: CameraTurns | None = None
        self._session = session
        self._limits = dependencies.limits
        self._refused = dependencies.refused
        self._picture_delay = room.audio.picture_delay
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._allowed = RateLimit(self._limits.input_fps)
        self._is_above_rate = False
        self._decoded_at_s = float("-inf")
        "When the last frame was decoded, on the monotonic clock."
        self._segment = room.clock.begin()
        self._told_offset: int | None = None

    def receive(self, video: VideoLine, turns: CameraTurns, rates: CameraRates) -> None:
        """Take the frames that come on a line of the client's offer."""
        self._turns, self._rates = turns, rates
        self._rate = rates.add(turns, functools.partial(self._in_loop, self._ask_for_rate))
        turns.under_load = self.fps is not None
        on_end = functools.partial(self._session.end, "the camera's track ended")
        video.receive(self.decoder, on_end, self.most_bits_per_s)

    def end(self) -> None:
        """Take no more frames."""
        self.decoder.end()
        if self._rates is not None and self._rate is not None:
            self._rates.remove(self._rate)

    @property
    def fps(self) -> float | None:
        """Frames a second that the client is asked for at most; ``None``: all that the camera has."""
        return None if self._rate is None else self._rate.fps

    def most_bits_per_s(self) -> int:
        """Return what the client is asked for at most: where it cannot be asked for fewer frames, as much as ever."""
        most = min(self._limits.camera_bitrate, self._limits.input_bitrate)
        return bitrate(self.fps if self._session.is_controlled else None, self._session.statistics.size_wh, most)

    def hello(self) -> list[dict[str, Any]]:
        """Return messages: the room's clock once a frame has come, and the frame rate where it is bounded."""
        return [*self._clock(), *([] if self.fps is None else [self._wanted_rate()])]

    async def watch(self, timeout_s: float) -> None:
        """End a session that has sent no decodable picture for so long: since this was called, or since its last one.

        To be called when the client has connected.
        """
        connected_at_s = time.monotonic()
        while (left_s := max(connected_at_s, self._decoded_at_s) + timeout_s - time.monotonic()) > 0:  # noqa: ASYNC110 (an event for each frame is dearer)
            await asyncio.sleep(left_s)
        self._session.break_off("media_timeout", f"no picture within {timeout_s:g} s")

    def _take_frame(self, frame: VideoFrame) -> None:
        """Called in the decoder's thread."""
        self._decoded_at_s = time.monotonic()
        if not self._allowed.take():
            self._session.statistics.received(evicted=True)
            self._in_loop(self._above_rate, self._allowed.is_flooded)
            return
        placed = self._segment.map(frame.pts or 0)
        if placed is None:
            return
        self._picture_delay.arrived(placed[1])
        dropped = self._session.offer(ReceivedFrame(frame, *placed))
        if self._rate is not None:
            self._rate.received(dropped=dropped)
        if self._told_offset != self._segment.offset:
            self._told_offset = self._segment.offset
            self._in_loop(self._tell_clock)

    def _above_rate(self, is_flooded: bool) -> None:
        """Tell the client, once, that frames are dropped; a flood of them ends the session."""
        most = self._limits.input_fps
        if is_flooded:
            self._session.break_off("input_fps", f"the camera sends more than {FLOOD * most:g} frames a second")
            return
        self._refused["input_fps"] += 1
        if not self._is_above_rate:
            self._is_above_rate = True
            self._session.notice("frames-dropped", f"more than {most:g} frames a second are not tracked")

    def _ask_for_rate(self) -> None:
        if self._turns is not None:
            self._turns.under_load = self.fps is not None
        self._session.send(self._wanted_rate())

    def _wanted_rate(self) -> dict[str, Any]:
        """The message that asks the camera for ``fps`` frames a second at most; ``None``: for all that it has."""
        return {"type": "frame_rate", "fps": self.fps}

    def _clock(self) -> list[dict[str, Any]]:
        """The message with the RTP timestamp of the client's video that is pts 0; none before its first frame."""
        offset = self._segment.offset
        return [] if offset is None else [{"type": "clock", "rtp": wrapped(-offset)}]

    def _tell_clock(self) -> None:
        for message in self._clock():
            self._session.send(message)

    def _b_frames_found(self, delay: int) -> None:
        """Called in the decoder's thread. ``delay``: in frames."""
        self._log.warning("video has B-frames", delay_frames=delay)
        self._in_loop(self._session.notice, "b-frames", B_FRAMES.format(delay))

    def _unusable(self, reason: str) -> None:
        """Called from any thread."""
        if reason == self.decoder.too_large:
            self._in_loop(self._session.break_off, "input_pixels", reason)
        else:
            self._in_loop(self._session.end, reason)

    def _frame_dropped(self) -> None:
        """Called from any thread."""
        self._session.statistics.dropped()

    def _in_loop(self, call: Callable[..., object], *args: Any) -> None:
        self._loop.call_soon_threadsafe(call, *args)
