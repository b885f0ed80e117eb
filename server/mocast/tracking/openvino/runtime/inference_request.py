"""Inference requests: a network's input and outputs, and the compiled models that it may run on."""

from collections.abc import Callable, Collection, Sequence
from threading import Lock, Semaphore
from typing import Final, NamedTuple

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.joined_outputs import Shape, split_outputs
from mocast.tracking.openvino.networks.openvino_core import reason

Outputs = tuple[NDArray[np.float32], ...]
"""A network's outputs. One of a single number has the shape ()."""

_UNWRITTEN: Final = np.finfo(np.float32).min
"""Sentinel for outputs that were not written: no network returns this value."""
_FAILED: Final[list[ov.InferRequest]] = []
"""Failed requests, which are leaked on purpose: OpenVINO aborts the process when it frees a request that failed in its
caller's thread."""


def infer_here(infer_request: ov.InferRequest, first_values: Collection[NDArray[np.float32]]) -> None:
    """Run a request in this thread, which saves two switches between threads. Raises ``RuntimeError`` where it failed.

    OpenVINO raises nothing there, so a failure is recognised by outputs that are not written. ``first_values`` holds
    the first value of each output, (1,), in the output's own memory.
    """
    for value in first_values:
        value[0] = _UNWRITTEN
    infer_request.infer(share_outputs=True)  # otherwise it copies them
    if any(value[0] == _UNWRITTEN for value in first_values):
        _FAILED.append(infer_request)
        raise RuntimeError("an output was not written")


class RequestSlot(NamedTuple):
    """An infer request of one copy of a network."""

    infer_request: ov.InferRequest
    free: "Lock | Semaphore"
    "How many more requests may run on the copy now; shared by all its slots."
    compiled: ov.CompiledModel | None = None
    "The copy, where it has memory that the request reads."


class InferenceRequest:
    """A network's input and outputs, and slots to run it in. Used from one thread at a time.

    After a ``TrackingError`` it must be replaced.
    """

    picture: NDArray[np.uint8]
    """(size, size, 3): the input. Write it, then run."""

    def __init__(
        self,
        slots: Sequence[RequestSlot],
        on_failure: Callable[[], None] = lambda: None,
        on_busy: Callable[[], None] = lambda: None,
        shapes: Sequence[Shape] | None = None,
    ) -> None:
        """``slots``: one on each copy of the network. They share the input and the outputs.

        ``shapes``: of the outputs that were joined by ``join_outputs``; ``None``: none were.

        ``on_failure`` is called when a run fails: OpenVINO may not be able to run that copy again. ``on_busy``: when a
        run has to wait, as all copies are busy.
        """
        self._on_failure = on_failure
        self._on_busy = on_busy
        first = slots[0].infer_request
        tensor, count = first.get_input_tensor(), len(first.model_outputs)
        found = [first.get_output_tensor(number) for number in range(count)]
        self._input, self._output_tensors = tensor, found
        self._slots: tuple[RequestSlot, ...] = (slots[0],)
        for slot in slots[1:]:
            self.add_slot(slot)
        self.picture = tensor.data[0]
        self.picture[:] = 0
        written = [one.data for one in found]
        outputs = written if shapes is None else split_outputs(written, shapes)
        self._outputs = tuple(output.reshape(()) if output.size == 1 else output for output in outputs)
        self._first_values = tuple(output.reshape(-1)[:1] for output in written)

    def add_slot(self, slot: RequestSlot) -> None:
        """Run on another copy, too. From any thread, also while it runs, but from one at a time."""
        slots = self._slots
        if not slots:
            return  # closed, or failed
        slot.infer_request.set_input_tensor(self._input)
        for number, one in enumerate(self._output_tensors):
            slot.infer_request.set_output_tensor(number, one)
        self._slots = (*slots, slot)

    @property
    def outputs(self) -> Outputs:
        """The outputs of the last run; overwritten by the next one."""
        return self._outputs

    def run(self) -> Outputs:
        """Run on ``picture``, in this thread; return ``outputs``. Raises ``TrackingError``."""
        slot = self._acquire()
        try:
            infer_here(slot.infer_request, self._first_values)
        except RuntimeError as error:
            raise self._failed(reason(error)) from error
        finally:
            slot.free.release()
        return self._outputs

    def close(self) -> None:
        """Free it; runs fail from now on."""
        self._slots = ()

    def _failed(self, why: str) -> TrackingError:
        self._slots = ()
        self._on_failure()
        return TrackingError(f"OpenVINO failed on a picture: {why}")

    def _acquire(self) -> RequestSlot:
        """Return a slot whose ``free`` this thread has acquired; wait for one where all copies are busy."""
        slots = self._slots
        if not slots:
            raise TrackingError("the engine is closed, or failed before")
        for slot in slots:
            if slot.free.acquire(blocking=False):
                return slot
        self._on_busy()
        slots[0].free.acquire()
        return slots[0]
