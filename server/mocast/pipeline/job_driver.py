"""The driver of files: every frame in order, none dropped; landmarks first, and what follows from them in one pass."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

import numpy as np

from mocast.errors import TrackingError
from mocast.model.analysis import Analysis
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions
from mocast.model.rig import Rig
from mocast.model.tracked import NO_FACES, FaceBoxes, Tracked
from mocast.pipeline.fanout import Fanout
from mocast.pipeline.landmark_smoothing import smoothed
from mocast.pipeline.processor import FrameProcessor
from mocast.pipeline.protocols import FrameAnalyser, Rigger
from mocast.rendering.renderer import Renderer

T = TypeVar("T", Rig, Analysis)


@dataclass(frozen=True, slots=True)
class JobFrame:
    """A frame of a file, in the size that is tracked."""

    frame: Frame
    source_pts: int
    "Its display time in the file's own time base."
    full: Callable[[], RgbImage]
    "Returns the picture in its own size, in an array that may be drawn on."
    ordinal: int
    """Its place in the result. Frames below 0, and those after the last that counts, are only tracked so that the
    others are tracked and smoothed as if nothing had been cut."""


def tracked_frames(
    processor: FrameProcessor, frames: Iterable[JobFrame], draw: DrawOptions | None, *, smooth: bool = False
) -> Iterator[tuple[JobFrame, Tracked, RgbImage | None]]:
    """Yield each frame, what is in it, and the annotated picture where one is asked for and the frame counts.

    Frames come one at a time: nothing waits in between but for those that smoothing needs. Raises ``TrackingError``
    where the tracker gave up, and where privacy is on and it cannot be told where faces are.
    """
    found = ((processor.process(item.frame), item) for item in frames)
    for tracked, item in smoothed(found) if smooth else found:
        # Covered faces are remembered for a moment, so with privacy the frames before must be drawn, too.
        is_remembered = draw is not None and draw.privacy != "off" and not item.frame.only_body
        is_drawn = item.ordinal >= 0 or is_remembered
        drawn = processor.draw(replace(item.frame, rgb=item.full()), tracked, draw) if draw and is_drawn else None
        yield item, tracked, drawn if item.ordinal >= 0 else None
        del item, drawn  # or its pixels are held while those of the next one are made


@dataclass(frozen=True, slots=True)
class FrameResults:
    """What there is of a person in a frame."""

    tracked: Tracked
    rig: Rig | None
    "``None`` where solving it failed."
    analysis: Analysis | None
    "``None`` where that failed."


class Replay:
    """Goes over a file's landmarks in order and makes what follows from them, by the stages of a live room."""

    def __init__(self, rigger: Rigger, analyser: FrameAnalyser) -> None:
        self._tracker = _Known()
        self._rigs: _ByPerson[Rig] = _ByPerson()
        self._analyses: _ByPerson[Analysis] = _ByPerson()
        rigs: Fanout[Rig] = Fanout()
        rigs.add(self._rigs)
        analyses: Fanout[Analysis] = Fanout()
        analyses.add(self._analyses)
        self._processor = FrameProcessor(
            self._tracker,
            Renderer(),
            every_face=_NoFaces(),
            rigger=rigger,
            rigs=rigs,
            analyser=analyser,
            analyses=analyses,
        )

    def results(self, tracked: Tracked) -> list[FrameResults]:
        """Return what there is of each person in the next frame."""
        self._tracker.tracked = tracked
        self._processor.process(Frame(tracked.frame, tracked.pts, tracked.decoded_at_ns, _NO_PICTURE))
        rigs, analyses = self._rigs.take(), self._analyses.take()
        return [FrameResults(person, rigs.get(person.person), analyses.get(person.person)) for person in tracked.people]


_NO_PICTURE: Final = np.zeros((0, 0, 3), np.uint8)


class _Known:
    """A tracker that is told what it finds."""

    tracked: Tracked | None = None

    def track(self, frame: Frame) -> Tracked:
        """Return what it was told."""
        if self.tracked is None:
            raise TrackingError("nothing is known of this frame")
        return self.tracked

    def close(self) -> None:
        """Do nothing: it holds nothing."""


class _ByPerson(Generic[T]):
    """The sink that keeps each person's newest item of a stream until they are taken."""

    def __init__(self) -> None:
        self._items: dict[int, T] = {}

    def send(self, item: T) -> None:
        """Keep the item."""
        self._items[item.person] = item

    def take(self) -> dict[int, T]:
        """Return the items that came since the last call, by the index of the person."""
        items, self._items = self._items, {}
        return items

    def close(self) -> None:
        """Do nothing."""


class _NoFaces:
    """Finds no faces, as nothing is drawn."""

    def find(self, rgb: RgbImage, pts: int) -> FaceBoxes:
        """Return no face."""
        return NO_FACES
