"""Decides whether lower precision pays on this machine: it must be faster, and near enough.

What OpenVINO says of a processor does not tell: it lists bf16 for those without instructions for it too, where it takes
2.7 times as long as f32, or does not run at all.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple, Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.tracking.openvino import drawings
from mocast.tracking.openvino.cache import Cache
from mocast.tracking.openvino.compiling import machine
from mocast.tracking.openvino.convert import NetworkName
from mocast.tracking.openvino.request import Outputs

log = structlog.get_logger(__name__)

RUNS: Final = 12
"""Of each precision, in turns. The shortest counts, in processor time, so that it hardly matters what else runs."""
MOST_TIME: Final = 0.9
"""Of what f32 takes: for less gain, f32 is the better choice."""
_ANSWERS: Final = {b"no": False, b"yes": True}
_KEPT: Final = "reduced-pays"


class Sample(NamedTuple):
    """A picture, and how far what a network finds in it may be from what it finds at full precision."""

    name: NetworkName
    draw: Callable[[], RgbImage]
    most_px: float
    "Of landmarks, half of which are nearer, in pixels of the crop."
    most_m: float
    "Of the worst world landmark, along one axis."


# Bounds are about three times what bf16 instructions give: 0.25 px and 4 mm, 0.7 px and 27 mm. With all of the
# body's network at bf16 the world would be off by 181 mm.
SAMPLES: Final = (
    Sample("hand_landmark", drawings.hand, 0.75, 0.012),
    Sample("pose_landmark", drawings.person, 2, 0.08),
)


class Runs(Protocol):
    """Runs a network; see ``Request``."""

    picture: NDArray[np.uint8]
    "What it looks at."

    def run(self) -> Outputs:
        """Return what it finds. Raises ``TrackingError``."""


class Requests(Protocol):
    """Where requests come from; see ``Networks``."""

    def request(self, name: NetworkName, *, reduced: bool) -> Runs:
        """Return a new place to run a network from. Raises ``TrackingError``."""


def reduced_pays(networks: Requests, kept: Cache) -> bool:
    """Return the answer that was kept, else measure and keep it. Raises ``TrackingError`` where f32 does not run."""
    origin = machine() + Path(__file__).read_bytes()
    answer = _ANSWERS.get(kept.read(_KEPT, origin) or b"")
    if answer is None:
        answer = measure(networks)
        if answer is not None:
            kept.write(_KEPT, origin, b"yes" if answer else b"no")
    return bool(answer)


def measure(
    networks: Requests, samples: Sequence[Sample] = SAMPLES, clock: Callable[[], float] = time.process_time
) -> bool | None:
    """Return whether all samples are near enough, and the first of them faster, at lower precision.

    ``None``: it does not run, which the next start may find otherwise (memory, or a folder for files of the moment).
    """
    for number, sample in enumerate(samples):
        precise, reduced = _both(networks, sample)
        if reduced is None:
            return None
        if number == 0 and (share := _share_of_time(precise, reduced, clock)) > MOST_TIME:
            log.info("lower precision is not used: it is not faster here", share_of_time=round(share, 2))
            return False
        off_px, off_m = distance(precise.run(), reduced.run())
        if not (off_px <= sample.most_px and off_m <= sample.most_m):
            log.info("lower precision is not used: it is not near enough", network=sample.name, px=off_px, m=off_m)
            return False
    return True


def distance(precise: Outputs, reduced: Outputs) -> tuple[float, float]:
    """Return how far landmarks are apart: (0) in crop pixels in the median, (-1) in metres at the worst. May be NaN."""
    apart_px = np.linalg.norm(precise[0][:, :2] - reduced[0][:, :2], axis=1)
    return float(np.median(apart_px)), float(np.abs(precise[-1] - reduced[-1]).max())


def _both(networks: Requests, sample: Sample) -> tuple[Runs, Runs | None]:
    """Return a request of each precision, their picture drawn; no second one where lower precision does not run."""
    with ThreadPoolExecutor(2) as threads:
        reducing = threads.submit(networks.request, sample.name, reduced=True)
        precise = networks.request(sample.name, reduced=False)
        try:
            reduced = reducing.result()
            reduced.picture[:] = sample.draw()
            reduced.run()
        except TrackingError as error:
            log.warning("lower precision is not used: it does not run here", network=sample.name, reason=str(error))
            reduced = None
    precise.picture[:] = sample.draw()
    precise.run()
    return precise, reduced


def _share_of_time(precise: Runs, reduced: Runs, clock: Callable[[], float]) -> float:
    times: NDArray[np.float64] = np.array([[_time(precise, clock), _time(reduced, clock)] for _ in range(RUNS)])
    of_precise, of_reduced = times.min(axis=0)
    return float(of_reduced / of_precise)


def _time(request: Runs, clock: Callable[[], float]) -> float:
    started_at = clock()
    request.run()
    return clock() - started_at
