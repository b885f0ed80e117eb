"""Whether bf16 pays on this machine: networks must be faster with it, and near enough to f32.

OpenVINO's list of a processor's capabilities does not tell. It has bf16 also for processors without instructions for
it, where a network takes 2.7 times as long as with f32, or does not run at all (measured).
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.tracking.openvino.networks.conversion import NetworkName, NetworkPrecision
from mocast.tracking.openvino.runtime import probe_images
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.compiler import machine
from mocast.tracking.openvino.runtime.inference_request import Outputs

log = structlog.get_logger(__name__)

RUNS: Final = 12
"""Of each precision, in turns. The shortest time counts."""
MAX_TIME_SHARE: Final = 0.9
"""Of the time with f32: for less gain, f32 is the better choice."""
_ANSWERS: Final = {b"no": False, b"yes": True}
_CACHE_NAME: Final = "bf16-pays"


class Probe(NamedTuple):
    """A network, an image for it, and how far its outputs with bf16 may be from those with f32."""

    name: NetworkName
    draw: Callable[[], RgbImage]
    max_px: float
    "Of the landmarks' median distance, pixels of the crop."
    max_m: float
    "Of the worst world landmark, metres along one axis."


# Bounds are about three times what processors with bf16 instructions give (measured): 0.25 px and 4 mm, 0.7 px and 27
# mm. With all of the pose's network at bf16 the world would be off by 181 mm.
PROBES: Final = (
    Probe("hand_landmark", probe_images.hand, 0.75, 0.012),
    Probe("pose_landmark", probe_images.person, 2, 0.08),
)


class ProbeRequest(Protocol):
    """The part of ``InferenceRequest`` that is needed here."""

    picture: NDArray[np.uint8]

    def run(self) -> Outputs:
        """Return the outputs for ``picture``. Raises ``TrackingError``."""


MakeRequest = Callable[[NetworkName, NetworkPrecision], ProbeRequest]
"""Raises ``TrackingError`` where the network does not run with that precision."""


def bf16_pays(make_request: MakeRequest, cache: CompiledCache) -> bool:
    """Return the cached answer, or else measure and cache it. Raises ``TrackingError`` where f32 does not run."""
    origin = machine()
    answer = _ANSWERS.get(cache.read(_CACHE_NAME, origin) or b"")
    if answer is None:
        answer = measure(make_request)
        if answer is not None:
            cache.write(_CACHE_NAME, origin, b"yes" if answer else b"no")
    return bool(answer)


def measure(
    make_request: MakeRequest, probes: Sequence[Probe] = PROBES, clock: Callable[[], float] = time.thread_time
) -> bool | None:
    """Return whether all probes are near enough with bf16, and the first of them is faster.

    ``clock``: seconds of processor time of this thread, in which networks run, so that other threads and programs
    hardly change the answer. ``None``: bf16 does not run, for a reason that may be gone at the next start (memory, disk
    space).
    """
    for number, probe in enumerate(probes):
        f32, bf16 = _both(make_request, probe)
        if bf16 is None:
            return None
        if number == 0 and (share := _time_share(f32, bf16, clock)) > MAX_TIME_SHARE:
            log.info("bf16 is not used: it is not faster here", share_of_time=round(share, 2))
            return False
        off_px, off_m = distance(f32.run(), bf16.run())
        if not (off_px <= probe.max_px and off_m <= probe.max_m):
            log.info("bf16 is not used: it is not near enough", network=probe.name, px=off_px, m=off_m)
            return False
    return True


def distance(one: Outputs, other: Outputs) -> tuple[float, float]:
    """Return how far landmarks are apart: the first outputs, median, pixels; the last ones, maximum, metres.

    May be NaN.
    """
    apart_px = np.linalg.norm(one[0][:, :2] - other[0][:, :2], axis=1)
    return float(np.median(apart_px)), float(np.abs(one[-1] - other[-1]).max())


def _both(make_request: MakeRequest, probe: Probe) -> tuple[ProbeRequest, ProbeRequest | None]:
    """Return requests with f32 and bf16, their picture drawn; ``None`` in place of one that does not run with bf16."""
    with ThreadPoolExecutor(2) as threads:
        making = threads.submit(make_request, probe.name, "bf16")
        f32 = make_request(probe.name, "f32")
        bf16: ProbeRequest | None
        try:
            bf16 = making.result()
            bf16.picture[:] = probe.draw()
            bf16.run()
        except TrackingError as error:
            log.warning("bf16 is not used: it does not run here", network=probe.name, reason=str(error))
            bf16 = None
    f32.picture[:] = probe.draw()
    f32.run()
    return f32, bf16


def _time_share(f32: ProbeRequest, bf16: ProbeRequest, clock: Callable[[], float]) -> float:
    times: NDArray[np.float64] = np.array([[_time(f32, clock), _time(bf16, clock)] for _ in range(RUNS)])
    of_f32, of_bf16 = times.min(axis=0)
    return float(of_bf16 / of_f32)


def _time(request: ProbeRequest, clock: Callable[[], float]) -> float:
    started_at = clock()
    request.run()
    return clock() - started_at
