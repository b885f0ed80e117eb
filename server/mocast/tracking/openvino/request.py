"""One place to run a network from."""

from collections.abc import Callable, Collection, Sequence
from threading import Semaphore
from typing import Final, NamedTuple

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


class Place(NamedTuple):
    """Where a request may run."""

    running: ov.InferRequest
    "Of one copy of the network."
    free: Semaphore
    "How many more requests may run on that copy now."


class Request:
    """A network's input and output and what it needs to run once. Used from one thread at a time.

    After a ``TrackingError`` it is of no use any more; another one takes its place.
    """

    picture: NDArray[np.uint8]
    """(size, size, 3): what to look at. Write it, then start."""

    def __init__(self, places: Sequence[Place], on_failure: Callable[[], None] = lambda: None) -> None:
        """``places``: where it may run, each a copy of the network.

        ``on_failure`` is called where a run fails: OpenVINO may not be able to run that network again.
        """
        self._on_failure = on_failure
        first = places[0].running
        tensor, count = first.get_input_tensor(), len(first.model_outputs)
        found = [first.get_output_tensor(number) for number in range(count)]
        for place in places[1:]:
            place.running.set_input_tensor(tensor)
            for number, one in enumerate(found):
                place.running.set_output_tensor(number, one)
        self.picture = tensor.data[0]
        self.picture[:] = 0
        outputs = (one.data for one in found)
        self._outputs = tuple(output.reshape(()) if output.size == 1 else output for output in outputs)
        self._first_values = tuple(output.reshape(-1)[:1] for output in self._outputs)
        self._places = tuple(places)

    @property
    def outputs(self) -> Outputs:
        """What was found; valid until the next run."""
        return self._outputs

    def run(self) -> Outputs:
        """Run on ``picture``, in this thread; return ``outputs``. Raises ``TrackingError``."""
        place = self._free()
        try:
            run_here(place.running, self._first_values)
        except RuntimeError as error:
            raise self._failed(reason(error)) from error
        finally:
            place.free.release()
        return self._outputs

    def _failed(self, why: str) -> TrackingError:
        self._places = ()
        self._on_failure()
        return TrackingError(f"OpenVINO failed on a picture: {why}")

    def close(self) -> None:
        """Free it; it fails from now on."""
        self._places = ()

    def _free(self) -> Place:
        """Return a place that is occupied from now on."""
        places = self._places
        if not places:
            raise TrackingError("the engine is closed, or failed before")
        for place in places:
            if place.free.acquire(blocking=False):
                return place
        places[0].free.acquire()
        return places[0]
