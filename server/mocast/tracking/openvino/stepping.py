"""Looks at the body in some frames only, and foretells it in those between."""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.tracking.openvino.body import Body, FoundBody
from mocast.tracking.openvino.networks import Networks
from mocast.tracking.openvino.plans import Plan

TRUST: Final = 0.75
"""How much of the measured velocity is believed. Of 0, 0.25, 0.5, 0.75 and 1 it has the smallest errors and the
smoothest motion; see docs/tracking.md."""


HORIZON_US: Final = 100_000
"""Nothing is foretold for longer than this after the last look."""


class BodyFinder(Protocol):
    """Finds the body of one frame in two steps; see ``body.Body``."""

    def start(self, rgb: RgbImage, time_us: int) -> None:
        """Begin to look at the next picture, which came ``time_us`` after the stream's start."""

    def read(self) -> FoundBody | None:
        """Return its body."""

    def forget(self) -> None:
        """Start afresh with the next picture; leave no network running."""


class SteppingBody:
    """Leaves out every second look at a body that is followed: there it moves on in a straight line.

    It looks at every frame where there is no body to foretell, and where frames are further apart than ``HORIZON_US``.
    """

    def __init__(self, body: BodyFinder) -> None:
        self._body = body
        self._before: tuple[int, FoundBody] | None = None
        "The last look but one: its time and what it saw."
        self._last: tuple[int, FoundBody] | None = None
        self._time_us = 0
        self._foretold: FoundBody | None = None
        "The body of this frame, where it is not looked at."

    def start(self, rgb: RgbImage, time_us: int) -> None:
        """See ``BodyFinder``."""
        self._time_us = time_us
        was_foretold, self._foretold = self._foretold is not None, None
        if self._before is not None and self._last is not None and not was_foretold:
            self._foretold = _foretold(self._before, self._last, time_us)
        if self._foretold is None:
            self._body.start(rgb, time_us)

    def read(self) -> FoundBody | None:
        """See ``BodyFinder``."""
        if self._foretold is not None:
            return self._foretold
        body = self._body.read()
        self._before, self._last = (None, None) if body is None else (self._last, (self._time_us, body))
        return body

    def forget(self) -> None:
        """See ``BodyFinder``."""
        self._body.forget()
        self._before = self._last = self._foretold = None


def _foretold(before: tuple[int, FoundBody], last: tuple[int, FoundBody], time_us: int) -> FoundBody | None:
    (then_us, one), (now_us, two) = before, last
    if time_us - now_us > HORIZON_US:
        return None
    step = np.float32(TRUST * (time_us - now_us) / (now_us - then_us))

    def on(was: NDArray[np.float32], became: NDArray[np.float32]) -> NDArray[np.float32]:
        return became + step * (became - was)

    return FoundBody(on(one.points, two.points), on(one.world, two.world), two.visibility)


def follow_body(networks: Networks, plan: Plan, *, still: bool) -> BodyFinder:
    """Return what follows a body as the plan has it; in still pictures, which share no motion, each is looked at."""
    body = Body(networks, plan, still=still)
    return SteppingBody(body) if plan.steps and not still else body
