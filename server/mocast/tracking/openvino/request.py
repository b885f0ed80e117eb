"""One place to run a network from."""

from collections.abc import Callable, Collection
from typing import Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.tracking.openvino.core import reason

Outputs = tuple[NDArray[np.float32], ...]
"""What a network finds. What is one number has the shape ()."""

_UNWRITTEN: Final = np.finfo(np.float32).min
"""No network puts this out."""
_BROKEN: Final[list[ov.InferRequest]] = []
"""Never freed: when OpenVINO frees a request that failed in the thread of its caller, it ends the process."""


def run_here(running: ov.InferRequest, first_values: Collection[NDArray[np.float32]]) -> None:
    """Run it in this thread, which saves two switches between threads. Raises ``RuntimeError`` where it failed.

    OpenVINO does not tell that there, so it is seen by outputs that are not written: each has one of ``first_values``,
    (1,) of the output's own memory.
    """
    for value in first_values:
        value[0] = _UNWRITTEN
    running.infer(share_outputs=True)  # else it copies them
    if any(value[0] == _UNWRITTEN for value in first_values):
        _BROKEN.append(running)
        raise RuntimeError("an output was not written")


class Request:
    """A network's input and output and what it needs to run once. Used from one thread at a time.

    After a ``TrackingError`` it is of no use any more; another one takes its place.
    """

    picture: NDArray[np.uint8]
    """(size, size, 3): what to look at. Write it, then start."""

    def __init__(
        self, running: ov.InferRequest, *, is_shared: bool, on_failure: Callable[[], None] = lambda: None
    ) -> None:
        """``is_shared``: it runs on one of several streams, beside others, and not in the thread that waits.

        ``on_failure`` is called where a run fails: OpenVINO may not be able to run that network again.
        """
        self._on_failure = on_failure
        self.picture = running.get_input_tensor().data[0]
        self.picture[:] = 0
        outputs = (running.get_output_tensor(number).data for number in range(len(running.model_outputs)))
        self._outputs = tuple(output.reshape(()) if output.size == 1 else output for output in outputs)
        self._first_values = tuple(output.reshape(-1)[:1] for output in self._outputs)
        self._running: ov.InferRequest | None = running
        self._is_shared = is_shared

    def start(self) -> None:
        """Begin to run on ``picture``, which must stay as it is until ``wait`` returns. Raises ``TrackingError``."""
        if self._is_shared:
            try:
                self._open().start_async()
            except RuntimeError as error:
                raise self._failed(reason(error)) from error

    def wait(self) -> Outputs:
        """Return what was found; valid until the next start. Raises ``TrackingError``."""
        running = self._open()
        try:
            if self._is_shared:
                running.wait()
            else:
                run_here(running, self._first_values)
        except RuntimeError as error:
            raise self._failed(reason(error)) from error
        return self._outputs

    def _failed(self, why: str) -> TrackingError:
        self._running = None
        self._on_failure()
        return TrackingError(f"OpenVINO failed on a picture: {why}")

    def run(self) -> Outputs:
        """Start and wait."""
        self.start()
        return self.wait()

    def give_up(self) -> None:
        """Leave nothing running; what was begun is of no interest any more. If it failed, the next start tells."""
        running = self._running
        if self._is_shared and running is not None:
            try:
                running.wait()
            except RuntimeError as error:
                self._failed(reason(error))

    def close(self) -> None:
        """Free it; it fails from now on."""
        self._running = None

    def _open(self) -> ov.InferRequest:
        running = self._running
        if running is None:
            raise TrackingError("the engine is closed, or failed before")
        return running
