"""A segment that an executor was asked to process, from the call to its result."""

from concurrent.futures import Future
from dataclasses import dataclass, field

import structlog

from mocast.errors import ProcessingError
from mocast.jobs.file_task import OnFrames, SegmentResult, SegmentTask

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class SegmentOrder:
    """One call of ``SegmentExecutor.submit``. A worker that is lost leaves it to another one."""

    task: SegmentTask
    on_frames: OnFrames
    future: "Future[SegmentResult]" = field(default_factory=Future)
    frames: int | None = None
    "How many of its frames are to be done, where it was shortened."
    told: int = 0
    "Frames that ``on_frames`` was told of."

    def tell(self, frames: int) -> None:
        """Tell that this many more frames are done."""
        self.told += frames
        self.on_frames(frames)

    def take_back(self) -> None:
        """Tell that all frames that are done were lost with their worker."""
        lost, self.told = self.told, 0
        self.on_frames(-lost)

    def fail(self, error: Exception) -> None:
        """End it with an error: whoever waits must be told. One that is no ``ProcessingError`` is a fault of ours."""
        if not isinstance(error, ProcessingError):
            log.error("segment failed unexpectedly", file=self.task.file.source.name, exc_info=error)
            error = ProcessingError(f"It failed unexpectedly: {error!r}.")
        self.future.set_exception(error)
