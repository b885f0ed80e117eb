"""Region inference: a network run on one region of a frame after another."""

from functools import partial

from mocast.tracking.openvino.regions.crop import Border, crop
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Region
from mocast.tracking.openvino.runtime.inference_request import InferenceRequest, Outputs
from mocast.tracking.openvino.runtime.inference_workers import InferenceTask, InferenceWorkers


class RegionInference:
    """Crops a region and runs a network on it, on a worker or on the thread that asks for the result.

    Used from one thread at a time.
    """

    def __init__(
        self,
        request: InferenceRequest,
        workers: InferenceWorkers,
        border: Border = "replicate",
        *,
        is_short: bool = False,
    ) -> None:
        """``border``: the pixels outside the picture, as the network was trained.

        ``is_short``: the network takes less time than others, so the thread that waits for it runs nothing else.
        """
        self._request = request
        self._workers = workers
        self._border = border
        self._is_short = is_short
        self._region: Region | None = None
        self._task: InferenceTask | None = None

    @property
    def size(self) -> int:
        """Width and height of the network's input, pixels."""
        return self._request.picture.shape[0]

    @property
    def region(self) -> Region | None:
        """The submitted region, until ``result`` or ``cancel``."""
        return self._region

    def submit(self, frame: FrameView, region: Region) -> None:
        """Queue an inference; one that was submitted before is cancelled."""
        self.cancel()
        self._region = region
        self._task = self._workers.submit(partial(self._infer, frame, region))

    def wait(self) -> None:
        """Return when the network has run, if a region was submitted. Raises ``TrackingError``."""
        task, self._task = self._task, None
        if task is not None:
            self._workers.join(task, runs_others=not self._is_short)

    def result(self) -> Outputs:
        """Return the network's outputs, which the next inference overwrites. Raises ``TrackingError``."""
        self._region = None
        self.wait()
        return self._request.outputs

    def run(self, frame: FrameView, region: Region) -> Outputs:
        """Submit a region and return its result."""
        self.submit(frame, region)
        return self.result()

    def cancel(self) -> None:
        """Cancel what was submitted, or wait for it where it has begun."""
        task, self._task, self._region = self._task, None, None
        if task is not None:
            self._workers.cancel(task)

    def _infer(self, frame: FrameView, region: Region) -> None:
        crop(frame.rgb, frame.in_rgb(region), self._request.picture, self._border)
        self._request.run()
