"""Measurement of a network's forms: how long each takes beside f32 on the processor, and how far off it is.

Lists of capabilities do not tell. OpenVINO's has bf16 also for processors without instructions for it, where a network
takes up to four times as long as with f32, or does not run at all (measured).
"""

import time
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.tracking.openvino.networks.conversion import SPECS, NetworkName
from mocast.tracking.openvino.runtime import probe_images
from mocast.tracking.openvino.runtime.inference_request import Outputs
from mocast.tracking.openvino.runtime.network_form import CPU, NetworkForm

RUNS: Final = 12
"""Of each form, in turns. The shortest time counts."""
MOST_RUNS: Final = 60
"""On a busy machine: until each form's three shortest times agree, or so many."""
AGREEMENT: Final = 1.03
"""Of the third shortest time with the shortest, at most: runs that something disturbed differ by more."""
MAX_RESOLUTION_S: Final = 1e-5
"""Of a clock: networks take 0.3 to 30 ms."""
MAX_TIME_SHARE: Final = 0.9
"""Of the time of a form that is nearer to f32: for less gain, that is the better choice."""


class Probe(NamedTuple):
    """An image for a network, and how far its outputs may be from those with f32."""

    draw: Callable[[], RgbImage]
    max_px: float
    "Of the landmarks' median distance, pixels of the crop."
    max_m: float
    "Of the worst world landmark, metres along one axis."


# Bounds are about three times what processors give (measured): a hand at int8 0.2 px and 1 mm, a body at bf16 0.7 px
# and 27 mm, at int8 0.64 px and 41 mm. With all of the pose's network at bf16 the world would be off by 181 mm. A hand
# at bf16, or at int8 with bf16 for the rest, is 4 mm off, and its fingers are turned by degrees that an avatar shows.
PROBES: Final[dict[NetworkName, Probe]] = {
    "hand_landmark": Probe(probe_images.hand, 0.75, 0.0025),
    "pose_landmark": Probe(probe_images.person, 2, 0.08),
}
"""Networks that a quality may reduce: those that gain from it. The others are too small (measured)."""
F32_PROBE: Final = Probe(probe_images.person, 0.1, 0.1)
"""For any other network, with f32 on another device: it shows whether that computes at all. ``max_px`` and ``max_m``
are of the first two columns of the first output, and of the last output."""


class ProbeRequest(Protocol):
    """The part of ``InferenceRequest`` that is needed here."""

    picture: NDArray[np.uint8]

    def run(self) -> Outputs:
        """Return the outputs for ``picture``. Raises ``TrackingError``."""


MakeRequest = Callable[[NetworkName, NetworkForm], ProbeRequest]
"""Raises ``TrackingError`` where the network does not run in that form."""


class Measured(NamedTuple):
    """What was measured of a form."""

    form: NetworkForm
    share: float
    "Of the time with f32 on the processor; infinite where it was not timed."
    off_px: float
    off_m: float
    failure: str = ""
    "Why it does not run, for a reason that may be gone at the next start (memory, disk space)."
    is_near: bool = False

    def __str__(self) -> str:
        """Return it in words."""
        if self.failure:
            return f"{self.form} does not run"
        off = f"{self.off_px:.2g} px and {1e3 * self.off_m:.2g} mm off"
        return f"{self.form} takes {self.share:.2f} of f32's time, {off}" if self.is_near else f"{self.form} is {off}"


def processor_clock(resolution_s: float = time.get_clock_info("thread_time").resolution) -> Callable[[], float]:
    """Return the clock of this thread's processor time; Windows has one of 16 ms, too coarse, and gets the wall's."""
    return time.thread_time if resolution_s < MAX_RESOLUTION_S else time.perf_counter


class Clocks(NamedTuple):
    """Seconds, for forms on the processor alone and for all others."""

    processor: Callable[[], float] = processor_clock()
    "Of processor time of this thread, in which networks run, so that other threads and programs hardly count."
    wall: Callable[[], float] = time.perf_counter


class FormMeter:
    """Measures the forms of one network beside f32 on the processor."""

    def __init__(self, name: NetworkName, make_request: MakeRequest, clocks: Clocks) -> None:
        """Raises ``TrackingError`` where f32 does not run."""
        self._name = name
        self._make_request = make_request
        self._clocks = clocks
        self._probe = PROBES.get(name, F32_PROBE)
        self._reference = self._drawn(NetworkForm())

    def measured(self, form: NetworkForm) -> Measured:
        """Return the form's error, and its time where that is small enough."""
        nothing = Measured(form, float("inf"), float("nan"), float("nan"))
        try:
            request = self._drawn(form)
            off_px, off_m = distance(self._reference.run(), request.run())
            found = nothing._replace(off_px=off_px, off_m=off_m)
            if not (off_px <= self._probe.max_px and off_m <= self._probe.max_m):
                return found
            clock = self._clocks.processor if form.device == CPU else self._clocks.wall
            return found._replace(share=time_share(request, self._reference, clock), is_near=True)
        except TrackingError as error:
            return nothing._replace(failure=str(error))

    def _drawn(self, form: NetworkForm) -> ProbeRequest:
        """Return a request that ran once on the probe's image. Raises ``TrackingError``."""
        request = self._make_request(self._name, form)
        size = SPECS[self._name].size
        request.picture[:] = cv2.resize(self._probe.draw(), (size, size), interpolation=cv2.INTER_AREA)
        request.run()
        return request


def distance(one: Outputs, other: Outputs) -> tuple[float, float]:
    """Return how far landmarks are apart: the first outputs, median, pixels; the last ones, maximum, metres.

    May be NaN.
    """
    apart_px = np.linalg.norm(one[0][:, :2] - other[0][:, :2], axis=1)
    return float(np.median(apart_px)), float(np.abs(one[-1] - other[-1]).max())


def time_share(one: ProbeRequest, other: ProbeRequest, clock: Callable[[], float]) -> float:
    """Return the shortest time of one over that of the other, which run in turns. Raises ``TrackingError``."""
    times: tuple[list[float], list[float]] = ([], [])
    while len(times[0]) < RUNS or (len(times[0]) < MOST_RUNS and not all(map(_have_settled, times))):
        for request, spent in zip((one, other), times, strict=True):
            started_at = clock()
            request.run()
            spent.append(clock() - started_at)
    return min(times[0]) / min(times[1])


def _have_settled(times: list[float]) -> bool:
    return sorted(times)[2] <= AGREEMENT * min(times)
