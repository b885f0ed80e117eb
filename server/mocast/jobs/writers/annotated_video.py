"""The writer of the annotated video: encoded segments one after the other, at the file's own times, and its sound."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av import AudioFrame, Packet
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import InvalidDataError
from av.video.stream import VideoStream

from mocast.jobs.file_task import FileTask, VideoInfo
from mocast.jobs.video_encoding import CODEC, configure
from mocast.jobs.video_file import OPTIONS
from mocast.jobs.writers.result_writer import JoinedFrame

COPIED: Final = frozenset({"aac", "mp3", "opus", "ac3", "eac3", "flac", "alac"})
"""Codecs of sound that are put into the video as they are; what players would not play there becomes AAC."""
AAC: Final = "aac"
AAC_BITRATE: Final = 160_000
AAC_RATES: Final = (48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
"""Samples a second; sound of another rate gets the first one."""

JUMP_S: Final = 1
BELIEVED: Final = 64
"""A gap of more than ``JUMP_S`` in a sound is believed when this many packets come after it. In a damaged file the
times of some packets are wrong (in MPEG-TS of all that share one header), and those of the next ones go back again."""


class AnnotatedVideoWriter:
    """Writes an MP4. Picture and sound keep their times, less that of the first second that is wanted."""

    def __init__(self, path: Path, task: FileTask, video: VideoInfo) -> None:
        self._video = video
        self._last_duration = max(round(task.options.every / (video.fps * video.time_base)), 1)
        self._container = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"})
        self._stream = _video_stream(self._container, video)
        begin_s = Fraction(task.options.start).limit_denominator(1_000_000)
        self._origin = video.start + round(begin_s / video.time_base)
        origin_s = video.start * video.time_base + begin_s
        end_s = None if task.options.end is None else video.start * video.time_base + Fraction(task.options.end)
        self._sound = [
            _Sound(self._container, task.source.paths[0], number, origin_s, end_s, is_cut=begin_s > 0)
            for number in range(len(video.audio))
        ]
        self._held: Packet[Any] | None = None
        "The last picture, whose duration is known when the next one is there."
        self._is_open = True

    def write(self, frame: JoinedFrame) -> None:
        """Add a picture, and the sound up to it."""
        if frame.packet is None:
            raise ValueError("a picture was not encoded")
        packet = Packet(frame.packet)
        packet.stream = self._stream
        packet.time_base = self._video.time_base
        packet.pts = packet.dts = frame.source_pts - self._origin
        packet.is_keyframe = frame.is_key_frame
        self._mux_held(packet.pts)
        self._held = packet

    def finish(self) -> None:
        """Write the last picture and what is left of the sound."""
        self._mux_held(None)
        for sound in self._sound:
            sound.write_until(None)
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._is_open:
            self._is_open = False
            for sound in self._sound:
                sound.close()
            self._container.close()

    def _mux_held(self, next_pts: int | None) -> None:
        held = self._held
        if held is None or held.pts is None:
            return
        held.duration = self._last_duration if next_pts is None else next_pts - held.pts
        for sound in self._sound:
            sound.write_until(held.pts * self._video.time_base)
        self._container.mux(held)


def _video_stream(container: OutputContainer, video: VideoInfo) -> VideoStream:
    stream = container.add_stream(CODEC, rate=video.fps)
    configure(stream.codec_context, video)
    stream.time_base = video.time_base
    return stream


class _Sound:
    """One of the file's sounds, on its way into the annotated video."""

    def __init__(
        self,
        output: OutputContainer,
        path: Path,
        number: int,
        origin_s: Fraction,
        end_s: Fraction | None,
        *,
        is_cut: bool,
    ) -> None:
        """``origin_s``: the file's time that is 0 in the video; ``end_s``: where that ends. ``is_cut``: whether what is
        before the origin is not wanted."""
        self._output = output
        self._input = av.open(str(path), "r", options=OPTIONS)
        self._source = self._input.streams.audio[number]
        self._origin_s, self._end_s = origin_s, end_s
        self._begin_s = origin_s if is_cut else None
        copies = self._source.codec_context.name in COPIED
        self._stream = output.add_stream_from_template(self._source) if copies else _aac_stream(output, self._source)
        self._packets = self._copied() if copies else self._encoded()
        self._next: Packet[Any] | None = None
        self._has_begun = False

    def write_until(self, time_s: Fraction | None) -> None:
        """Write the sound up to a time of the video; ``None``: all that is left."""
        if not self._has_begun:
            self._has_begun, self._next = True, next(self._packets, None)
        while (packet := self._next) is not None and packet.pts is not None:
            if time_s is not None and packet.time_base is not None and packet.pts * packet.time_base > time_s:
                return
            packet.stream = self._stream
            with suppress(InvalidDataError):  # a damaged header of AAC's
                self._output.mux(packet)
            self._next = next(self._packets, None)

    def close(self) -> None:
        """Close the file that it is read from."""
        self._input.close()

    def _wanted(self) -> "Iterator[Packet[AudioStream]]":
        """Yield the packets between begin and end. What is before 0 in the first one, players leave out."""
        for packet in _in_order(self._input.demux(self._source)):
            time_s = (packet.pts or 0) * packet.time_base
            if self._end_s is not None and time_s >= self._end_s:
                return
            # From a file's beginning on all are taken: codecs have packets before the first sound, which they need.
            if self._begin_s is None or time_s + (packet.duration or 0) * packet.time_base > self._begin_s:
                yield packet

    def _copied(self) -> "Iterator[Packet[Any]]":
        for packet in self._wanted():
            shift = round(self._origin_s / packet.time_base)
            packet.pts = packet.dts = (packet.pts or 0) - shift
            yield packet

    def _encoded(self) -> "Iterator[Packet[Any]]":
        codec = self._stream.codec_context
        resampler = AudioResampler(format=codec.format, layout=codec.layout, rate=codec.sample_rate)
        shift = round(self._origin_s * codec.sample_rate)
        for packet in self._wanted():
            for decoded in _decoded(packet):
                for frame in resampler.resample(decoded):
                    frame.pts = frame.pts - shift if frame.pts is not None else None
                    yield from codec.encode(frame)
        for frame in resampler.resample(None):
            yield from codec.encode(frame)
        yield from codec.encode(None)


def _in_order(packets: "Iterable[Packet[AudioStream]]") -> "Iterator[Packet[AudioStream]]":
    """Yield the packets whose times grow: MP4 takes no others."""
    last: int | None = None
    jumped: list[Packet[AudioStream]] = []
    "Those after a gap that is not believed yet."
    for packet in packets:
        pts = packet.pts
        if pts is None:
            continue
        if jumped and pts < (jumped[0].pts or 0):
            jumped.clear()
        before = jumped[-1].pts if jumped else last
        if before is not None and pts <= before:
            continue
        jumped.append(packet)
        is_near = last is None or Fraction(pts - last) * packet.time_base <= JUMP_S
        if is_near or len(jumped) == BELIEVED:
            yield from jumped
            jumped.clear()
            last = pts
    yield from jumped


def _decoded(packet: "Packet[AudioStream]") -> "Sequence[AudioFrame]":
    """Return a packet's sound; nothing where it is damaged."""
    try:
        return packet.decode()
    except InvalidDataError:
        return ()


def _aac_stream(output: OutputContainer, source: AudioStream) -> AudioStream:
    context = source.codec_context
    rate = context.sample_rate if context.sample_rate in AAC_RATES else AAC_RATES[0]
    stream = output.add_stream(AAC, rate=rate, layout="mono" if context.channels == 1 else "stereo")
    stream.codec_context.bit_rate = AAC_BITRATE
    return stream
