"""The writers of animations: a file's rigs at a constant rate and smoothed, as a recording's export has them."""

from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import IO, Final

import numpy as np

from mocast.errors import ProcessingError, Unprocessable
from mocast.jobs.file_task import FileTask, VideoInfo
from mocast.jobs.writers.result_writer import JoinedFrame
from mocast.model.pts import PTS_PER_S
from mocast.model.rig import Rig
from mocast.recordings.export import bvh, vmd, vrma
from mocast.recordings.export.motion import Motion, motion_of, natural_fps, resampled
from mocast.recordings.export.motion_smoothing import smoothed

RIGS_AT_ONCE: Final = 256
"""Rigs that are kept as they are before they become arrays, which take half the memory."""


class AnimationWriter:
    """Collects a file's motion and writes it at the end: 1.2 KB a frame in memory."""

    def __init__(
        self,
        path: Path,
        task: FileTask,
        video: VideoInfo,
        *,
        write: Callable[[Motion, IO[bytes]], None],
        fps: float | None = None,
    ) -> None:
        """``fps``: of a format that has but one rate; else what most of the motion has."""
        self._file = path.open("wb")
        self._write = write
        self._fps = fps
        self._rigs: list[Rig] = []
        self._motions: list[Motion] = []
        self._first_pts: int | None = None

    def write(self, frame: JoinedFrame) -> None:
        """Keep a frame's rig."""
        rig = frame.results.rig
        if rig is not None:
            self._rigs.append(rig)
            if len(self._rigs) == RIGS_AT_ONCE:
                self._pack()

    def finish(self) -> None:
        """Write the motion and close the file."""
        if self._rigs:
            self._pack()
        if not self._motions:
            raise ProcessingError("There is no motion to write: no rig was solved.")
        parts, self._motions = self._motions, []
        motion = Motion(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in _FIELDS})
        parts.clear()
        try:
            motion = smoothed(resampled(motion, self._fps or natural_fps(motion)))
        except Unprocessable as error:
            raise ProcessingError(str(error)) from error
        self._write(motion, self._file)
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _pack(self) -> None:
        first = self._rigs[0].pts
        self._first_pts = first if self._first_pts is None else self._first_pts
        motion = motion_of(self._rigs)
        self._motions.append(replace(motion, times_s=motion.times_s + (first - self._first_pts) / PTS_PER_S))
        self._rigs.clear()


_FIELDS: Final = [field.name for field in fields(Motion)]

BvhWriter: Final = partial(AnimationWriter, write=bvh.write)
VrmaWriter: Final = partial(AnimationWriter, write=vrma.write)
VmdWriter: Final = partial(AnimationWriter, write=vmd.write, fps=vmd.FPS)
