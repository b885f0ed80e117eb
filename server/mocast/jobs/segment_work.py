"""The work on one segment: decode, track, draw and encode its frames, into a spool. Runs in a worker process."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

import numpy as np
import structlog

from mocast.errors import MocastError, ProcessingError
from mocast.jobs.file_task import SegmentResult, SegmentTask, TrackerChoice, VideoInfo
from mocast.jobs.picture_sequence import read_sequence
from mocast.jobs.spool import SpoolWriter
from mocast.jobs.video_encoding import SegmentEncoder
from mocast.jobs.video_file import ANY_SIDE, read_pictures
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import OfflineQuality, TrackerName
from mocast.model.pts import PTS_PER_S
from mocast.pipeline.job_driver import JobFrame, tracked_frames
from mocast.pipeline.processor import FrameProcessor
from mocast.rendering.renderer import Renderer
from mocast.tracking.engines import EngineOptions, Precision
from mocast.tracking.openvino_import import leave_out_converter
from mocast.tracking.pool import TrackerPool
from mocast.webrtc.pixels import MAX_SIDE

log = structlog.get_logger(__name__)

TOLD_EVERY: Final = 8
"""Frames between two reports of progress."""
JUMP_S: Final = 1
"""A longer gap between two pictures of a file whose times cannot be relied on may be a wrong time."""


Progress = Callable[[int], int | None]
"""Called now and then with how many more frames are done; returns the segment's number of frames where it was
shortened, else ``None``."""


class ReadPicture(Protocol):
    """A picture of a file, whose pixels are made when they are asked for."""

    @property
    def pts(self) -> int | None:
        """Its display time in the file's time base."""

    def rgb(self, max_side: int) -> RgbImage:
        """Return the pixels, upright, in a new array; no side is longer than ``max_side``."""


@dataclass(slots=True)
class _Counts:
    unreadable: int = 0
    failures: int = 0

    def missed(self) -> None:
        self.unreadable += 1

    def failed(self, error: MocastError) -> None:
        self.failures += 1


class SegmentWorker:
    """What a worker holds, wherever it runs: its networks, built once, and the work on a segment; in any thread."""

    def __init__(
        self, choice: TrackerChoice, tracker: TrackerName, quality: OfflineQuality, *, segments: int = 1
    ) -> None:
        """Build the networks, for so many segments at a time. Raises ``ProcessingError``."""
        leave_out_converter()
        try:
            self._trackers = TrackerPool(
                choice.engine,
                EngineOptions(
                    threads=1 if tracker == "holistic" else segments,  # its segments are at different networks
                    cache_folder=choice.cache_folder,
                    precision=choice.precision,
                    device=choice.device,
                ),
                warm=[(tracker, quality)],
                timeout_s=choice.timeout_s,
            )
            self._trackers.warm()
            self.precision: Precision = self._trackers.precision()
            self.engine_name = self._trackers.engine_name
        except MocastError as error:
            raise ProcessingError(f"Nothing can be tracked: {error}.") from error

    def process(self, task: SegmentTask, on_frames: Progress) -> SegmentResult:
        """Do what ``process_segment`` does; whatever goes wrong is a ``ProcessingError``."""
        try:
            return process_segment(task, self._trackers, on_frames)
        except ProcessingError:
            raise
        except Exception as error:
            log.exception("segment failed unexpectedly", file=task.file.source.name)
            raise ProcessingError(f"It failed unexpectedly: {error!r}.") from error


def process_segment(
    task: SegmentTask, trackers: TrackerPool, on_frames: Progress = lambda frames: None
) -> SegmentResult:
    """Track a segment into its spool, where the frames that ``on_frames`` is told of can be read.

    Raises ``ProcessingError``; then the spool is not whole.
    """
    began = time.monotonic()
    options = task.file.options
    counts = _Counts()
    try:
        trackers.require_people(options.tracker, options.people)
    except MocastError as error:
        raise ProcessingError(str(error)) from error
    tracker = trackers.acquire(options.tracker, options.quality, people=options.people, on_failure=counts.failed)
    try:
        processor = FrameProcessor(tracker, Renderer(), every_face=trackers.every_face())
        frames = _write(task, processor, counts, on_frames)
    except ProcessingError:
        raise
    except MocastError as error:
        raise ProcessingError(f"It cannot be tracked: {error}.") from error
    except OSError as error:
        raise ProcessingError(f"Its results cannot be kept: {error.strerror or error}.") from error
    finally:
        trackers.release(tracker)
    worker = f"{socket.gethostname()}:{os.getpid()}"
    return SegmentResult(frames, counts.unreadable, counts.failures, time.monotonic() - began, worker)


def _write(task: SegmentTask, processor: FrameProcessor, counts: _Counts, on_frames: Progress) -> int:
    """Write the spool; return how many frames it holds."""
    options = task.file.options
    draw = options.draw if "mp4" in options.formats else None
    encoder = SegmentEncoder(task.video) if draw is not None else None
    count = None if task.pts is None else len(task.pts) - task.warm_up - task.beyond
    told = 0
    with SpoolWriter(task.spool, with_packets=encoder is not None) as spool:
        frames = tracked_frames(processor, _job_frames(task, counts), draw, smooth=options.smooth)
        for item, tracked, drawn in frames:
            ordinal, source_pts = item.ordinal, item.source_pts
            del item
            if count is not None and ordinal >= count:
                break
            if ordinal < 0:
                if ordinal >= -task.lead_in:
                    spool.write_lead_in(tracked, source_pts)
                continue
            spool.write(tracked, source_pts)
            if encoder is not None and drawn is not None:
                for packet in encoder.encode(drawn):
                    spool.write_packet(bytes(packet), is_key_frame=packet.is_keyframe)
            del drawn
            if spool.whole - told >= TOLD_EVERY:
                spool.flush()
                shorter, told = on_frames(spool.whole - told), spool.whole
                count = count if shorter is None else shorter
        for packet in encoder.flush() if encoder is not None else ():
            spool.write_packet(bytes(packet), is_key_frame=packet.is_keyframe)
        spool.flush()
        on_frames(spool.whole - told)
        return spool.count


def _job_frames(task: SegmentTask, counts: _Counts) -> Iterator[JobFrame]:
    """Yield the frames that are wanted, those to warm up with first."""
    video = task.video
    chosen = _planned(task, counts) if task.pts is not None else _unplanned(task, counts)
    for place, number, pts, picture in chosen:
        time_s = (pts - video.start) * video.time_base
        rgb = picture.rgb(MAX_SIDE)
        full = rgb.copy if max(rgb.shape) < MAX_SIDE else partial(picture.rgb, ANY_SIDE)
        frame = Frame(
            number,
            round(time_s * PTS_PER_S),
            time.monotonic_ns(),
            rgb,
            only_body=place < task.far,
        )
        yield JobFrame(frame, pts, full, place - task.warm_up)
        del picture, rgb, full, frame  # or its pixels are held while those of the next one are made


def _planned(task: SegmentTask, counts: _Counts) -> Iterator[tuple[int, int, int, ReadPicture]]:
    """Yield place in the task, number, time and picture of the frames that it names."""
    assert task.pts is not None
    assert task.numbers is not None
    last = int(task.pts[-1])
    for picture in _from_the_first(task, int(task.pts[0]), counts):
        if picture.pts is None or picture.pts > last:
            return
        place = int(np.searchsorted(task.pts, picture.pts))
        if task.pts[place] == picture.pts:
            yield place, int(task.numbers[place]), picture.pts, picture


def _from_the_first(task: SegmentTask, first: int, counts: _Counts) -> Iterator[ReadPicture]:
    """Yield the pictures from where the task seeks to; from the beginning, where that led past the first one."""
    pictures = _read(task, task.seek_to, counts)
    picture = next(pictures, None)
    if task.seek_to is not None and (picture is None or picture.pts is None or picture.pts > first):
        pictures = _read(task, None, counts)
        picture = next(pictures, None)
    if picture is not None:
        yield picture
        yield from pictures


def _unplanned(task: SegmentTask, counts: _Counts) -> Iterator[tuple[int, int, int, ReadPicture]]:
    """Yield place, number, time and picture of the frames of a file that says no times before it is decoded."""
    video, options = task.video, task.file.options
    pts, said = video.start - 1, None
    taken = 0
    for number, picture in enumerate(_read(task, None, counts)):
        pts, said = _next_pts(pts, said, picture.pts, video), picture.pts
        time_s = (pts - video.start) * video.time_base
        if options.end is not None and time_s >= options.end:
            return
        if time_s < options.start:
            continue
        if taken % options.every == 0:
            yield taken // options.every, number, pts, picture
        taken += 1


def _next_pts(pts: int, said_before: int | None, said: int | None, video: VideoInfo) -> int:
    """Return when a picture is shown that follows one at ``pts``.

    ``said`` and ``said_before``: the times that the file has of it and of the one before; ``None``: none. In a damaged
    file single times are off by hours, so a jump counts only when the next picture has it, too.
    """
    if said is None:
        return pts + max(round(1 / (video.fps * video.time_base)), 1)
    if said <= pts:
        return pts + 1
    jump = JUMP_S / video.time_base
    is_believed = said - pts <= jump or (said_before is not None and 0 < said - said_before <= jump)
    return said if is_believed else _next_pts(pts, None, None, video)


def _read(task: SegmentTask, seek_to: int | None, counts: _Counts) -> Iterator[ReadPicture]:
    source = task.file.source
    if source.is_pictures:
        return read_sequence(source.paths, task.file.options.fps, seek_to, counts.missed)
    return read_pictures(source.paths[0], seek_to, counts.missed)
